package translate

import (
	"archive/zip"
	"bytes"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"trailkeeper/rules/detect"
)

// Written is one file of the folder that rules are translated to.
type Written struct {
	Path    string // from the folder, with slashes
	Content []byte
	// ID and Place are of the rule or ignore rule; a file with something else has none.
	ID string
	Place
}

// Files writes the folder: detections, ignore, lists and events.yaml. Rules get IDs that are not in taken, which are
// those of the rules that the folder will be added to. Every rule is loaded and its tests are run; one that fails is
// refused, which the set's notes then say, and the rest is written.
func Files(s *Set, taken []string) []Written {
	s.short()
	s.name(taken)
	var files []Written
	for _, r := range s.Rules {
		files = append(files, r.file())
	}
	for _, i := range s.Ignores {
		files = append(files, i.file())
	}
	lists := map[string]bool{}
	for _, l := range s.Lists {
		if !lists[l.Name] {
			files = append(files, l.file())
			s.Remark(l.Place, "the values of %s are not known; write them into lists/%s.yaml, which is empty until then",
				l.Name, l.Name)
		}
		lists[l.Name] = true
	}
	if len(s.Events) > 0 {
		files = append(files, Written{Path: "events.yaml", Content: encoded(texts(s.Events))})
	}
	files = s.checked(files)
	slices.SortStableFunc(s.Refused, func(a, b Note) int {
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		return a.Line - b.Line
	})
	return files
}

// MaxSize is the longest condition that a rule can have, in bytes, and maxRules how many rules are written at once.
const (
	MaxSize  = 16 << 10
	maxRules = 5000
)

// short leaves out the rules that are longer than any can be, and those that are too many.
func (s *Set) short() {
	if len(s.Rules) > maxRules {
		s.Refuse(s.Rules[maxRules].Place, "this rule and those behind it were left out; import at most %d at once", maxRules)
		s.Rules = s.Rules[:maxRules]
	}
	if len(s.Ignores) > maxRules {
		s.Refuse(s.Ignores[maxRules].Place, "this rule and those behind it were left out; import at most %d at once",
			maxRules)
		s.Ignores = s.Ignores[:maxRules]
	}
	long := func(at Place, c Condition) bool {
		if Size(c) <= MaxSize {
			return false
		}
		s.Refuse(at, "the condition has more than %d bytes; split it into several rules", MaxSize)
		return true
	}
	s.Rules = slices.DeleteFunc(s.Rules, func(r Rule) bool { return long(r.Place, r.Match) })
	s.Ignores = slices.DeleteFunc(s.Ignores, func(i Ignore) bool { return long(i.Place, i.Match) })
}

// checked leaves out the files that are not as they should be.
func (s *Set) checked(files []Written) []Written {
	wrong := map[string]string{}
	set, problems := detect.Load(detect.Options{All: true}, folder(files))
	for _, p := range problems {
		if wrong[p.File] == "" {
			wrong[p.File] = p.Reason
		}
	}
	for _, result := range set.Test() {
		file := path.Join("detections", result.Rule+".yaml")
		if result.Failure.Reason != "" && wrong[file] == "" {
			wrong[file] = "the translation fails a test made from its own clauses, which is a fault of this command; " +
				result.Failure.Reason
		}
	}
	return slices.DeleteFunc(files, func(f Written) bool {
		reason := wrong[f.Path]
		if reason != "" {
			s.Refuse(f.Place, "%s", reason)
		}
		return reason != ""
	})
}

// folder has the files in memory: an archive, which is a file system that the loader can read.
func folder(files []Written) detect.Source {
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	for _, f := range files {
		if w, err := archive.CreateHeader(&zip.FileHeader{Name: f.Path}); err == nil {
			_, _ = w.Write(f.Content) // to memory
		}
	}
	_ = archive.Close()
	read, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		read = &zip.Reader{}
	}
	return detect.Source{Files: read}
}

func (r Rule) file() Written {
	severity := r.Severity
	if severity == "" {
		severity = "medium"
	}
	o := object{}
	o.add("id", text(r.ID))
	o.add("title", text(r.Title))
	o.add("summary", text("{{ record.eventName }} by {{ record.userIdentity.arn }}"))
	o.add("severity", text(severity))
	o.addText("description", r.Description)
	if r.Silent {
		o.add("enabled", &yaml.Node{Kind: yaml.ScalarNode, Value: "false"})
	}
	o.add("match", text(CEL(r.Match)))
	o.addTexts("references", r.References)
	o.addText("author", r.Author)
	o.addText("license", r.License)
	if d := r.Dedupe; d != nil {
		inner := object{}
		inner.addTexts("by", fields(d.By))
		inner.addText("within", d.Within)
		o.add("dedupe", inner.node())
	}
	if t := r.Threshold; t != nil {
		inner := object{}
		inner.add("count", &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.Itoa(t.Count)})
		inner.addText("within", t.Within)
		inner.addTexts("by", fields(t.By))
		if t.Distinct != nil {
			inner.addText("distinct", t.Distinct.CEL())
		}
		o.add("threshold", inner.node())
	}
	if tests := Tests(r.Match); len(tests) > 0 {
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for _, t := range tests {
			list.Content = append(list.Content, t.node())
		}
		o.add("tests", list)
	}
	return r.written(path.Join("detections", r.ID+".yaml"), r.ID, o)
}

func (p Place) written(file, id string, o object) Written {
	from := path.Base(strings.ReplaceAll(p.File, `\`, "/"))
	head := "# Translated by trailkeeper rules import from " + short(strconv.Quote(from)) + ", line " +
		strconv.Itoa(p.Line) + ".\n"
	return Written{
		Path:    file,
		Content: append([]byte(head), encoded(o.node())...),
		ID:      id,
		Place:   p,
	}
}

func (i Ignore) file() Written {
	o := object{}
	o.add("id", text(i.ID))
	o.add("match", text(CEL(i.Match)))
	o.addText("reason", i.Reason)
	o.addText("owner", "not named yet")
	return i.written(path.Join("ignore", i.ID+".yaml"), i.ID, o)
}

func (l List) file() Written {
	o := object{}
	o.addText("description", "The values of "+l.Name+", which the imported rules ask for. Write them here.")
	o.add("values", &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle})
	return l.written(path.Join("lists", l.Name+".yaml"), "", o)
}

func (t Test) node() *yaml.Node {
	expect := object{style: yaml.FlowStyle}
	expect.add("match", &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatBool(t.Match)})
	o := object{}
	o.add("name", text(t.Name))
	o.add("record", value(t.Record))
	o.add("expect", expect.node())
	return o.node()
}

// object is a mapping of YAML in its order.
type object struct {
	content []*yaml.Node
	style   yaml.Style
}

func (o *object) node() *yaml.Node {
	return &yaml.Node{Kind: yaml.MappingNode, Content: o.content, Style: o.style}
}

func (o *object) add(key string, value *yaml.Node) { o.content = append(o.content, text(key), value) }

func (o *object) addText(key, value string) {
	if value != "" {
		o.add(key, text(value))
	}
}

func (o *object) addTexts(key string, values []string) {
	if len(values) > 0 {
		o.add(key, texts(values))
	}
}

// text is a scalar that is read as a text, whatever stands in it.
func text(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(strings.ToValidUTF8(s, "�"))
	// The first line of a literal block tells its indentation: YAML refuses a tab there and reads spaces as a part of it.
	if n.Style == yaml.LiteralStyle && strings.ContainsAny(n.Value[:1], " \t\n") {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

func texts(values []string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode}
	for _, v := range values {
		n.Content = append(n.Content, text(v))
	}
	return n
}

func fields(paths []Path) []string {
	var all []string
	for _, p := range paths {
		all = append(all, p.CEL())
	}
	return all
}

// value is a value of a record.
func value(of any) *yaml.Node {
	switch of := of.(type) {
	case string:
		return text(of)
	case map[string]any:
		o := object{}
		for _, key := range slices.Sorted(maps.Keys(of)) {
			o.add(key, value(of[key]))
		}
		return o.node()
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for _, one := range of {
			n.Content = append(n.Content, value(one))
		}
		return n
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Value: asText(of)}
}

func encoded(n *yaml.Node) []byte {
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	_ = encoder.Encode(n) // to memory, and a node that this file has made
	_ = encoder.Close()
	return b.Bytes()
}

// Plain is a text as a title, without what a template would take for an expression.
func Plain(title string) string {
	for strings.Contains(title, "{{") { // three of them have a pair left after the first time
		title = strings.ReplaceAll(title, "{{", "{ {")
	}
	return strings.TrimSpace(title)
}
