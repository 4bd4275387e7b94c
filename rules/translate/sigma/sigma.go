// Package sigma translates Sigma rules (Sigma specification 2) for AWS CloudTrail, and correlations of them.
//
// It knows what Sigma means over a record of CloudTrail, in which fields are objects and lists; of other log sources it
// knows that they are others.
package sigma

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"trailkeeper/rules/translate"
)

// rule is a document that has a detection.
type rule struct {
	translate.Rule

	name, id string // by which correlations call it
	// counted says that a correlation counts its matches, and generated that one of those wants it reported, too.
	counted, generated bool
}

// importer collects what the sources say.
type importer struct {
	set          *translate.Set
	rules        []rule
	correlations []document
	unusable     map[string]bool // names and IDs of rules that could not be translated
}

// Translate translates sources, each of one or several documents. Correlations may be of rules in other sources.
func Translate(sources []translate.Source) *translate.Set {
	i := &importer{set: &translate.Set{}, unusable: map[string]bool{}}
	for _, s := range sources {
		i.source(s)
	}
	for _, c := range i.correlations {
		i.correlation(c)
	}
	for _, r := range i.rules {
		r.Silent = r.counted && !r.generated
		i.set.Rules = append(i.set.Rules, r.Rule)
	}
	slices.SortStableFunc(i.set.Rules, func(a, b translate.Rule) int {
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		return a.Line - b.Line
	})
	return i.set
}

// source reads the documents of a source, of which a broken one hides those behind it.
func (i *importer) source(s translate.Source) {
	decoder := yaml.NewDecoder(strings.NewReader(s.Text))
	found := 0
	for {
		var node yaml.Node
		err := decoder.Decode(&node)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			i.set.Refuse(translate.Place{File: s.Name, Line: lineOf(err)}, "not YAML: %s",
				strings.TrimPrefix(err.Error(), "yaml: "))
			return
		}
		if len(node.Content) == 0 || node.Content[0].Tag == "!!null" {
			continue
		}
		found++
		root := node.Content[0]
		d := document{Place: translate.Place{File: s.Name, Line: root.Line}, root: root}
		d.head = node.HeadComment + "\n" + root.HeadComment
		if len(root.Content) > 0 {
			d.head += "\n" + root.Content[0].HeadComment
		}
		i.document(d)
	}
	if found == 0 {
		i.set.Refuse(translate.Place{File: s.Name, Line: 1}, "there is no document in it")
	}
}

func lineOf(err error) int {
	_, rest, _ := strings.Cut(err.Error(), "line ")
	digits, _, _ := strings.Cut(rest, ":")
	line, _ := strconv.Atoi(digits)
	return max(1, line)
}

func (i *importer) document(d document) {
	switch {
	case d.root.Kind != yaml.MappingNode:
		i.set.Refuse(d.Place, "the document is no Sigma rule, which is an object with a title and a detection")
	case d.get("correlation") != nil:
		i.correlations = append(i.correlations, d)
	case d.get("filter") != nil:
		i.set.Refuse(d.Place, "%s: a filter of other rules cannot be translated; write an ignore rule", d.title())
	case d.get("action") != nil:
		i.set.Refuse(d.Place, "%s: action cannot be translated; write what it repeats into each rule", d.title())
	default:
		i.rule(d)
	}
}

func (i *importer) rule(d document) {
	r := rule{Rule: d.rule(), name: d.text("name"), id: d.text("id")}
	condition, err := i.detection(d)
	if err != nil {
		i.unusable[r.name], i.unusable[r.id] = true, true
		i.set.Refuse(d.at(err), "%s: %v", d.title(), err)
		return
	}
	r.Match = condition
	i.rules = append(i.rules, r)
}

// detection is the condition of a rule.
func (i *importer) detection(d document) (translate.Condition, error) {
	source := document{root: d.get("logsource")}
	if product, service := source.text("product"), source.text("service"); !strings.EqualFold(product, "aws") ||
		!strings.EqualFold(service, "cloudtrail") {
		said := strings.Join(slices.DeleteFunc([]string{product, source.text("category"), service}, func(s string) bool {
			return s == ""
		}), "/")
		return nil, fmt.Errorf("the logsource is %q; only that with product aws and service cloudtrail is translated", said)
	}
	of := document{root: d.get("detection")}
	if of.root == nil || of.root.Kind != yaml.MappingNode {
		return nil, errors.New("the detection is missing; it has selections and a condition")
	}
	s := selections{
		set:  i.set,
		file: d.File,
		of:   of,
		done: map[string]translate.Condition{},
	}
	var conditions []translate.Condition
	for _, text := range of.texts("condition") {
		c, err := s.condition(text)
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, c)
	}
	if len(conditions) == 0 {
		return nil, errors.New("the condition is missing")
	}
	c := translate.Or(conditions...)
	if _, constant := c.(translate.Constant); constant {
		return nil, errors.New("the condition is the same for every record")
	}
	return c, nil
}

// document is one document, or an object in it.
type document struct {
	translate.Place

	root *yaml.Node
	head string // the comments before it
}

// get is the value of a key, and nil where there is none.
func (d document) get(key string) *yaml.Node {
	if d.root == nil || d.root.Kind != yaml.MappingNode {
		return nil
	}
	for n := 0; n+1 < len(d.root.Content); n += 2 {
		if value := d.root.Content[n+1]; d.root.Content[n].Value == key && value.Tag != "!!null" {
			return value
		}
	}
	return nil
}

func (d document) text(key string) string {
	if node := d.get(key); node != nil && node.Kind == yaml.ScalarNode {
		return strings.TrimSpace(node.Value)
	}
	return ""
}

// texts are the texts of a list, or the one text.
func (d document) texts(key string) []string {
	node := d.get(key)
	if node == nil {
		return nil
	}
	if node.Kind == yaml.ScalarNode {
		return []string{strings.TrimSpace(node.Value)}
	}
	var all []string
	for _, one := range node.Content {
		if node.Kind == yaml.SequenceNode && one.Kind == yaml.ScalarNode {
			all = append(all, strings.TrimSpace(one.Value))
		}
	}
	return all
}

func (d document) title() string {
	if title := d.text("title"); title != "" {
		return strconv.Quote(title)
	}
	return "a rule without a title"
}

// at is the place that an error is about.
func (d document) at(err error) translate.Place {
	if e, ok := errors.AsType[*lineError](err); ok {
		return translate.Place{File: d.File, Line: e.line}
	}
	return d.Place
}

// lineError is an error of a line.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return e.err.Error() }
func (e *lineError) Unwrap() error { return e.err }

func failAt(node *yaml.Node, format string, args ...any) error {
	return &lineError{node.Line, fmt.Errorf(format, args...)}
}

// severities are Sigma's levels.
var severities = map[string]string{
	"informational": "low",
	"low":           "low",
	"medium":        "medium",
	"high":          "high",
	"critical":      "critical",
}

var (
	technique = regexp.MustCompile(`^attack\.t[0-9]{4}(\.[0-9]{3})?$`)
	licence   = regexp.MustCompile(`(?mi)^#\s*licen[sc]e\s*:?\s*(\S.*)$`)
)

// rule is what a document says beside its condition.
func (d document) rule() translate.Rule {
	title := d.text("title")
	r := translate.Rule{
		Place:      d.Place,
		ID:         translate.Slug(title),
		Title:      translate.Plain(title),
		Severity:   severities[strings.ToLower(d.text("level"))],
		References: d.texts("references"),
		Author:     strings.Join(d.texts("author"), ", "),
		License:    d.text("license"),
	}
	if r.ID == "" {
		r.ID = "sigma-rule"
	}
	if r.Title == "" {
		r.Title = "{{ record.eventName }} by {{ record.userIdentity.arn }}"
	}
	if found := licence.FindStringSubmatch(d.head); r.License == "" && found != nil {
		r.License = strings.TrimSpace(found[1])
	}
	for _, tag := range d.texts("tags") {
		switch {
		case technique.MatchString(tag):
			r.References = append(r.References, strings.ToUpper(strings.TrimPrefix(tag, "attack.")))
		case strings.HasPrefix(tag, "attack."):
			r.References = append(r.References, tag)
		}
	}
	r.Description = d.description()
	return r
}

// description is the rule's own, and what else of it has no key in a rule file.
func (d document) description() string {
	parts := []string{d.text("description")}
	if positives := d.texts("falsepositives"); len(positives) > 0 {
		parts = append(parts, "False positives: "+strings.Join(positives, "; ")+".")
	}
	var origin []string
	for _, key := range []string{"id", "status", "date", "modified"} {
		if text := d.text(key); text != "" {
			origin = append(origin, key+" "+text)
		}
	}
	if len(origin) > 0 {
		parts = append(parts, "Sigma rule: "+strings.Join(origin, ", ")+".")
	}
	return strings.TrimSpace(strings.Join(parts, "\n"))
}
