package sigma

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"trailkeeper/rules/translate"
)

// selections are the parts of a detection that its condition names.
type selections struct {
	set  *translate.Set
	file string
	of   document
	done map[string]translate.Condition // what has been translated
}

// maxDepth bounds how deep a condition is nested, and maxWords how many words it has.
const (
	maxDepth = 40
	maxWords = 2000
)

var word = regexp.MustCompile(`[()|]|[^\s()|]+`)

// reader reads a condition.
type reader struct {
	in    selections
	words []string
	at    int
}

// condition translates the text of a condition.
func (s selections) condition(text string) (translate.Condition, error) {
	r := reader{in: s, words: word.FindAllString(text, maxWords+1)}
	if len(r.words) > maxWords {
		return nil, fmt.Errorf("the condition has more than %d words", maxWords)
	}
	c, err := r.or(0)
	if err != nil {
		return nil, err
	}
	if next := r.peek(); next == "|" {
		return nil, fmt.Errorf("the condition counts after \"|\", which Sigma has given up; write a correlation")
	} else if next != "" {
		return nil, fmt.Errorf("the condition is not understood at %.40q", next)
	}
	return c, nil
}

func (r *reader) peek() string {
	if r.at == len(r.words) {
		return ""
	}
	return r.words[r.at]
}

func (r *reader) accept(wanted string) bool {
	if !strings.EqualFold(r.peek(), wanted) {
		return false
	}
	r.at++
	return true
}

// chain reads parts that an operator stands between.
func (r *reader) chain(
	depth int, operator string, part func(int) (translate.Condition, error),
	joined func(...translate.Condition) translate.Condition,
) (translate.Condition, error) {
	var all []translate.Condition
	for {
		c, err := part(depth)
		if err != nil {
			return nil, err
		}
		if all = append(all, c); !r.accept(operator) {
			return joined(all...), nil
		}
	}
}

func (r *reader) or(depth int) (translate.Condition, error) {
	return r.chain(depth, "or", r.and, translate.Or)
}

func (r *reader) and(depth int) (translate.Condition, error) {
	return r.chain(depth, "and", r.not, translate.And)
}

func (r *reader) not(depth int) (translate.Condition, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("the condition is nested more than %d levels deep", maxDepth)
	}
	if r.accept("not") {
		c, err := r.not(depth + 1)
		if err != nil {
			return nil, err
		}
		return translate.Negate(c), nil
	}
	if r.accept("(") {
		c, err := r.or(depth + 1)
		if err == nil && !r.accept(")") {
			err = fmt.Errorf("a parenthesis of the condition is not closed")
		}
		return c, err
	}
	return r.named()
}

// named is a selection, or several: 1 of them, all of them, 1 of selection*.
func (r *reader) named() (translate.Condition, error) {
	name := r.peek()
	if name == "" || name == ")" || name == "|" {
		return nil, fmt.Errorf("the condition lacks the name of a selection at its word %d", r.at+1)
	}
	r.at++
	if !r.accept("of") {
		return r.in.selection(name)
	}
	pattern := r.peek()
	r.at = min(r.at+1, len(r.words))
	joined := translate.Or
	switch strings.ToLower(name) {
	case "all":
		joined = translate.And
	case "1", "any":
	default:
		return nil, fmt.Errorf("%q of several selections cannot be translated; 1, any and all can", name)
	}
	var all []translate.Condition
	for i := 0; i+1 < len(r.in.of.root.Content); i += 2 {
		key := r.in.of.root.Content[i].Value
		if !meant(pattern, key) {
			continue
		}
		c, err := r.in.selection(key)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("there is no selection %.40q", pattern)
	}
	return joined(all...), nil
}

// meant reports whether a selection is one of those of a pattern.
func meant(pattern, key string) bool {
	if key == "condition" || key == "timeframe" {
		return false
	}
	if strings.EqualFold(pattern, "them") {
		return !strings.HasPrefix(key, "_")
	}
	is, err := path.Match(strings.NewReplacer(`[`, `\[`, `?`, `\?`).Replace(pattern), key)
	return err == nil && is
}

// selection translates a selection.
func (s selections) selection(name string) (translate.Condition, error) {
	if c := s.done[name]; c != nil {
		return c, nil
	}
	node := s.of.get(name)
	if node == nil || name == "condition" {
		return nil, fmt.Errorf("there is no selection %.40q", name)
	}
	c, err := s.part(node)
	if err == nil && translate.Size(c) > translate.MaxSize {
		err = failAt(node, "the selection %.40q has more than %d bytes; write a list", name, translate.MaxSize)
	}
	if err != nil {
		return nil, err
	}
	s.done[name] = c
	return c, nil
}

// part is an object, of which all fields must be as it says, a list of which one is enough, or a keyword.
func (s selections) part(node *yaml.Node) (translate.Condition, error) {
	switch node.Kind {
	case yaml.MappingNode:
		var all []translate.Condition
		for i := 0; i+1 < len(node.Content); i += 2 {
			c, err := s.item(node.Content[i], node.Content[i+1])
			if err != nil {
				return nil, err
			}
			all = append(all, c)
		}
		if len(all) > 0 {
			return translate.And(all...), nil
		}
	case yaml.SequenceNode:
		var any []translate.Condition
		for _, one := range node.Content {
			c, err := s.part(one)
			if err != nil {
				return nil, err
			}
			any = append(any, c)
		}
		if len(any) > 0 {
			return translate.Or(any...), nil
		}
	case yaml.ScalarNode:
		return s.keyword(node)
	case yaml.AliasNode:
		return nil, failAt(node, "an alias cannot be translated; write the value out")
	}
	return nil, failAt(node, "a selection has nothing in it")
}
