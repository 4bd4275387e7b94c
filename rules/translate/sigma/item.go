package sigma

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"trailkeeper/rules/translate"
)

// modifiers are what stands behind the name of a field.
type modifiers struct {
	place     string // contains, startswith or endswith
	operator  string // re, cidr, exists, fieldref, lt, lte, gt, gte
	flags     string // of re
	all       bool
	cased     bool
	expand    bool
	fieldName string
}

// single are the fields in which there is no list.
var single = regexp.MustCompile(`^(userIdentity(\..*)?|[^.]+)$`)

func fieldOf(name string) translate.Field {
	p := translate.Dotted(strings.NewReplacer("{}", "", "[]", "").Replace(name))
	if translate.IsText(name) {
		return translate.Field{Path: p, Fold: true}
	}
	p.Through = !single.MatchString(name) || name == "resources"
	return translate.Field{Path: p, Fold: true, AsText: true}
}

// maxValues bounds the values of a field. No rule has the length for more.
const maxValues = 4096

// item translates a field with its modifiers and its values, or keywords where the name is empty.
func (s selections) item(key, value *yaml.Node) (translate.Condition, error) {
	m, err := modifiersOf(key)
	if err != nil {
		return nil, err
	}
	nodes := []*yaml.Node{value}
	if value.Kind == yaml.SequenceNode {
		nodes = value.Content
	}
	if len(nodes) == 0 || len(nodes) > maxValues {
		return nil, failAt(value, "%.80q has %d values; it must have 1 to %d", key.Value, len(nodes), maxValues)
	}
	if m.plain() {
		return s.plain(m, nodes)
	}
	var all []translate.Condition
	for _, node := range nodes {
		c, err := s.value(m, node)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	if m.all {
		return translate.And(all...), nil
	}
	return translate.Or(all...), nil
}

func modifiersOf(key *yaml.Node) (modifiers, error) {
	parts := strings.Split(key.Value, "|")
	m := modifiers{fieldName: parts[0]}
	for _, part := range parts[1:] {
		switch part {
		case "contains", "startswith", "endswith":
			m.place = part
		case "re", "cidr", "exists", "fieldref", "lt", "lte", "gt", "gte":
			if m.operator != "" {
				return m, failAt(key, "the modifiers %s and %s cannot be translated together", m.operator, part)
			}
			m.operator = part
		case "i", "m", "s":
			m.flags += part
		case "all":
			m.all = true
		case "cased":
			m.cased = true
		case "expand":
			m.expand = true
		default:
			return m, failAt(key, "the modifier %.40q cannot be translated", part)
		}
	}
	return m, m.checked(key)
}

// checked says which modifiers do not go together.
func (m modifiers) checked(key *yaml.Node) error {
	switch {
	case m.flags != "" && m.operator != "re":
		return failAt(key, "the modifier %q is one of re", m.flags)
	case m.place != "" && m.operator != "" && m.operator != "fieldref", m.expand && m.operator != "":
		return failAt(key, "the modifiers of %.80q cannot be translated together", key.Value)
	case m.fieldName == "" && (m.operator != "" || m.expand):
		return failAt(key, "the modifiers of %.80q need a field", key.Value)
	case m.fieldName != "" && slices.Contains(strings.Split(m.fieldName, "."), ""):
		return failAt(key, "%.80q is no name of a field", key.Value)
	}
	return nil
}

// plain reports whether values are texts that the field is compared with, so that one list has them all.
func (m modifiers) plain() bool {
	return m.fieldName != "" && m.place == "" && m.operator == "" && !m.all && !m.expand
}

func (m modifiers) field() translate.Field {
	f := fieldOf(m.fieldName)
	if m.cased {
		f.Fold = false
	}
	return f
}

// plain compares a field with values: those without wildcards are a list.
func (s selections) plain(m modifiers, nodes []*yaml.Node) (translate.Condition, error) {
	var exact []string
	var typed []any // numbers, true and false, which the texts stand for
	var others []translate.Condition
	f := m.field()
	for _, node := range nodes {
		pattern, err := patternOf(node)
		switch {
		case err != nil:
			return nil, err
		case node.Tag == "!!null":
			others = append(others, translate.Negate(f.Exists()))
			continue
		case node.Tag != "!!str":
			f.AsText = true
			var v any
			if node.Decode(&v) == nil && node.Tag == "!!bool" {
				typed = append(typed, v)
			}
			if n, isNumber := v.(int); isNumber {
				typed = append(typed, float64(n))
			}
		}
		if slices.ContainsFunc(pattern, func(r rune) bool { return r < 0 }) {
			others = append(others, translate.Like(f, pattern))
			continue
		}
		exact = append(exact, string(pattern))
	}
	if len(exact) > 0 {
		equals := f.Equals(exact...)
		if a, ok := equals.(*translate.Atom); ok {
			a.Yes = append(typed, a.Yes...)
		}
		others = append([]translate.Condition{equals}, others...)
	}
	return translate.Or(others...), nil
}

// patternOf is a value with its wildcards. A backslash takes the meaning from a wildcard or a backslash behind it.
func patternOf(node *yaml.Node) ([]rune, error) {
	if node.Kind != yaml.ScalarNode {
		return nil, failAt(node, "a value is a list or an object; it must be a text, a number, true, false or null")
	}
	if node.Tag != "!!str" {
		return []rune(strings.ToLower(node.Value)), nil
	}
	var pattern []rune
	runes := []rune(node.Value)
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case r == '\\' && i+1 < len(runes) && strings.ContainsRune(`*?\`, runes[i+1]):
			i++
			pattern = append(pattern, runes[i])
		case r == '*':
			pattern = append(pattern, translate.Star)
		case r == '?':
			pattern = append(pattern, translate.One)
		default:
			pattern = append(pattern, r)
		}
	}
	return pattern, nil
}

// value compares a field with one value, as the modifiers say.
func (s selections) value(m modifiers, node *yaml.Node) (translate.Condition, error) {
	if node.Kind != yaml.ScalarNode {
		return nil, failAt(node, "a value of %s is a list or an object", m.fieldName)
	}
	f := m.field()
	switch m.operator {
	case "exists":
		switch strings.ToLower(node.Value) {
		case "true", "yes", "on": // the latter are true in YAML 1.1, which Sigma's tools read
			return f.Exists(), nil
		case "false", "no", "off":
			return translate.Negate(f.Exists()), nil
		}
		return nil, failAt(node, "exists takes true or false")
	case "re":
		return matched(m, f, node)
	case "cidr":
		c, err := translate.InNetwork(f, node.Value)
		if err != nil {
			return nil, &lineError{node.Line, err}
		}
		return c, nil
	case "fieldref":
		return m.related(f, node)
	case "lt", "lte", "gt", "gte":
		return ordered(m, f, node)
	}
	if m.expand {
		return s.expanded(m, f, node)
	}
	if m.fieldName == "" {
		return s.keyword(node)
	}
	if node.Tag == "!!null" {
		return nil, failAt(node, "null cannot be translated with the modifiers of %s", m.fieldName)
	}
	pattern, err := patternOf(node)
	if err != nil {
		return nil, err
	}
	return translate.Like(f, m.placed(pattern)), nil
}

// placed is a pattern that may stand at the start, at the end or anywhere.
func (m modifiers) placed(pattern []rune) []rune {
	if m.place == "contains" || m.place == "endswith" {
		pattern = append([]rune{translate.Star}, pattern...)
	}
	if m.place == "contains" || m.place == "startswith" {
		pattern = append(pattern, translate.Star)
	}
	return pattern
}

// matched is re: a regular expression that is found anywhere, with regard to case unless the flag i says otherwise.
func matched(m modifiers, f translate.Field, node *yaml.Node) (translate.Condition, error) {
	text := node.Value
	if m.flags != "" {
		text = "(?" + m.flags + ")" + text
	}
	c, err := translate.Matches(f, text)
	if err != nil {
		return nil, failAt(node, "the regular expression is none of RE2, which has no lookaround and no references: %v", err)
	}
	return c, nil
}

var operators = map[string]string{
	"lt":  "<",
	"lte": "<=",
	"gt":  ">",
	"gte": ">=",
}

// ordered compares numbers.
func ordered(m modifiers, f translate.Field, node *yaml.Node) (translate.Condition, error) {
	c, err := translate.Compare(f, operators[m.operator], node.Value)
	if err != nil {
		return nil, &lineError{node.Line, err}
	}
	return c, nil
}

// related is fieldref: the value is another field.
func (m modifiers) related(f translate.Field, node *yaml.Node) (translate.Condition, error) {
	other := modifiers{fieldName: node.Value, cased: m.cased}.field()
	if slices.Contains(other.Path.Steps, "") {
		return nil, failAt(node, "%.80q is no name of a field", node.Value)
	}
	operator := map[string]string{
		"contains":   "contains",
		"startswith": "startsWith",
		"endswith":   "endsWith",
	}[m.place]
	if operator == "" {
		return translate.SameText(f, other), nil
	}
	return translate.Related(f, other, operator), nil
}

var placeholder = regexp.MustCompile(`^%([A-Za-z0-9_-]{1,60})%$`)

// expanded is expand: a placeholder stands for the values of a list.
func (s selections) expanded(m modifiers, f translate.Field, node *yaml.Node) (translate.Condition, error) {
	found := placeholder.FindStringSubmatch(node.Value)
	if found == nil {
		if strings.Contains(node.Value, "%") {
			return nil, failAt(node, "%.80q has more than a placeholder, which cannot be translated; %%name%% can", node.Value)
		}
		pattern, err := patternOf(node)
		return translate.Like(f, m.placed(pattern)), err
	}
	name := found[1]
	at := translate.Place{File: s.file, Line: node.Line}
	s.set.Lists = append(s.set.Lists, translate.List{Place: at, Name: name})
	return translate.Listed(f, name, m.place), nil
}

// keyword is a text anywhere in the record.
func (s selections) keyword(node *yaml.Node) (translate.Condition, error) {
	pattern, err := patternOf(node)
	if err != nil {
		return nil, err
	}
	if len(pattern) == 0 || node.Tag == "!!null" {
		return nil, failAt(node, "a keyword is empty")
	}
	// As the record's text has it, which is JSON.
	var written []rune
	for _, r := range pattern {
		if r < 0 {
			written = append(written, r)
			continue
		}
		quoted, err := json.Marshal(string(r))
		if err != nil || len(quoted) < 2 || strings.ContainsRune("<>&", r) {
			quoted = []byte(`"` + string(r) + `"`)
		}
		written = append(written, []rune(string(quoted[1:len(quoted)-1]))...)
	}
	anywhere := append(append([]rune{translate.Star}, written...), translate.Star)
	return translate.Like(translate.Field{Fold: true, AsText: true}, anywhere), nil
}
