package filterpattern

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
)

// Selector is where a value stands in an event, from the event's root.
type Selector []Step

// Step is one step into a value: a member of an object by its name, or an element of a list by its index.
type Step struct {
	Name  string
	Index int
	Kind  Kind
}

// Kind is what a Step goes into.
type Kind int

// The kinds of step.
const (
	Member       Kind = iota // $.name and $.['name']
	Element                  // $.list[0]
	EveryElement             // $.list[*]
	EveryMember              // $.*
)

// Wild reports whether the step goes to more than one value, which the guide calls a wildcard selector.
func (s Step) Wild() bool { return s.Kind == EveryElement || s.Kind == EveryMember }

var (
	selected = regexp.MustCompile(`^\$(?:\.?\['[^'\]]+'\]|\.?\["[^"\]]+"\]|\.[A-Za-z0-9_:@/-]+|\.\*|\[[0-9]{1,4}\]|\[\*\])+`)
	step     = regexp.MustCompile(`^(?:\.?\['([^'\]]+)'\]|\.?\["([^"\]]+)"\]|\.([A-Za-z0-9_:@/-]+)|(\.\*)|\[([0-9]+|\*)\])`)
)

// selector reads a property selector. A list stands behind a property, never at the root.
func (p *parser) selector() (Selector, error) {
	written := selected.FindString(p.space())
	if written == "" {
		return nil, p.unexpected()
	}
	p.rest = p.rest[len(written):]
	var of Selector
	for rest := written[1:]; rest != ""; {
		found := step.FindStringSubmatch(rest)
		rest = rest[len(found[0]):]
		of = append(of, stepOf(found))
	}
	if of[0].Kind != Member && of[0].Kind != EveryMember {
		return nil, fmt.Errorf("%q is no property of an event; a list stands behind one", written)
	}
	return of, nil
}

// stepOf is a step as the expression step has found it.
func stepOf(found []string) Step {
	switch {
	case found[4] != "":
		return Step{Kind: EveryMember}
	case found[5] == "*":
		return Step{Kind: EveryElement}
	case found[5] != "":
		index, _ := strconv.Atoi(found[5]) // at most four digits
		return Step{Kind: Element, Index: index}
	}
	return Step{Name: found[1] + found[2] + found[3]}
}

// values are what a selector leads to; none where the event has no such property.
func (s Selector) values(event any) []any {
	level := []any{event}
	for _, step := range s {
		var next []any
		for _, value := range level {
			next = step.into(next, value)
		}
		level = next
	}
	return level
}

// into adds what a step leads to from one value.
func (s Step) into(found []any, value any) []any {
	switch v := value.(type) {
	case map[string]any:
		if s.Kind == EveryMember {
			for _, inner := range v {
				found = append(found, inner)
			}
		} else if inner, there := v[s.Name]; there && s.Kind == Member {
			found = append(found, inner)
		}
	case []any:
		if s.Kind == EveryElement {
			found = append(found, v...)
		} else if s.Kind == Element && s.Index < len(v) {
			found = append(found, v[s.Index])
		}
	}
	return found
}

// textOf is the text of a value node, which is a text or a number; false for anything else.
func textOf(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	}
	return "", false
}
