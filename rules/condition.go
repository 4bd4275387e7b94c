package rules

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// condition decides about the values of one field.
type condition struct {
	matches func(leaf) bool // nil: no value matches
	absent  bool            // matches where the event has no such field
	// wildcards are what the condition costs EventBridge; see complexity. Those of one anything-but are one condition.
	wildcards []wildcard
	apart     bool // event-ruler misreads it beside a wildcard
}

func parseCondition(v any) (condition, error) {
	operator, ok := v.(object)
	if !ok {
		return exactly(v)
	}
	if len(operator) != 1 {
		return condition{}, fmt.Errorf("a condition has one operator, this has %d", len(operator))
	}
	switch op, arg := operator[0].key, operator[0].value; op {
	case "exists":
		want, ok := arg.(bool)
		if !ok {
			return condition{}, errors.New("exists: want true or false")
		}
		return condition{absent: !want, matches: func(leaf) bool { return want }}, nil
	case "anything-but":
		return anythingBut(arg)
	default:
		return textCondition(op, arg)
	}
}

// exactly matches a text, number, boolean or null. Numbers are compared by what they are worth.
func exactly(want any) (condition, error) {
	switch v := want.(type) {
	case []any:
		return condition{}, errors.New("nested array")
	case object:
		return condition{}, errors.New("an operator where a value belongs")
	case json.Number:
		return condition{matches: func(l leaf) bool { return sameNumber(l.text, string(v)) }}, nil
	case string:
		if likeAddress(v) {
			return condition{}, fmt.Errorf("%q: EventBridge compares IP addresses as such, which is not supported here", v)
		}
	}
	text := textOf(want)
	return condition{matches: func(l leaf) bool { return l.text == text }}, nil
}

// likeAddress reports whether event-ruler would try to read a text as an IP address.
func likeAddress(s string) bool {
	const hex = "0123456789abcdefABCDEF"
	return strings.Trim(s, hex[:10]+".") == "" && strings.Count(s, ".") == 3 ||
		strings.Trim(s, hex+":") == "" && strings.Contains(s, ":")
}

// anythingBut matches a value that is none of these. What is no text is none of the texts.
func anythingBut(arg any) (condition, error) {
	parse, values := excluded, []any{arg}
	switch arg := arg.(type) {
	case []any:
		values = arg
	case object:
		if len(arg) != 1 {
			return condition{}, fmt.Errorf("anything-but: one operator, this has %d", len(arg))
		}
		op := arg[0].key
		parse = func(v any) (condition, error) {
			if v == "" && (op == "prefix" || op == "suffix") {
				return condition{}, fmt.Errorf("%s: want a text that is not empty", op)
			}
			return textCondition(op, v)
		}
		values = []any{arg[0].value}
		if list, ok := arg[0].value.([]any); ok {
			values = list
		}
	}
	var whole condition
	var inner []condition
	for _, v := range values {
		c, err := parse(v)
		if err != nil {
			return condition{}, fmt.Errorf("anything-but: %w", err)
		}
		if fmt.Sprintf("%T", v) != fmt.Sprintf("%T", values[0]) {
			return condition{}, errors.New("anything-but: want only texts or only numbers")
		}
		inner, whole.wildcards, whole.apart = append(inner, c), append(whole.wildcards, c.wildcards...), c.apart
	}
	if len(inner) == 0 {
		return condition{}, errors.New("anything-but: nothing to exclude")
	}
	whole.matches = func(l leaf) bool {
		return !slices.ContainsFunc(inner, func(c condition) bool { return c.matches(l) })
	}
	return whole, nil
}

// excluded is a value that anything-but can exclude.
func excluded(v any) (condition, error) {
	switch v := v.(type) {
	case string:
		return condition{matches: func(l leaf) bool { return l.text == quoted(v) }}, nil
	case json.Number:
		if _, ok := comparable64(string(v)); !ok {
			return condition{}, fmt.Errorf("%s cannot be compared exactly", v)
		}
		return exactly(v)
	case object, []any:
		return condition{}, errors.New("an operator where a value belongs")
	default:
		return condition{}, errors.New("want values or an operator: texts or numbers")
	}
}

var textOperators = []string{"prefix", "suffix", "equals-ignore-case", "wildcard"}

// textCondition is an operator on texts. It compares with the quotation marks, as event-ruler does.
func textCondition(op string, arg any) (condition, error) {
	if !slices.Contains(textOperators, op) {
		return condition{}, fmt.Errorf("operator %q is not supported here", op)
	}
	want, ok := arg.(string)
	if !ok {
		return condition{}, fmt.Errorf("%s: want a text", op)
	}
	switch op {
	case "prefix":
		return condition{matches: func(l leaf) bool { return strings.HasPrefix(l.text, `"`+want) }}, nil
	case "suffix":
		return condition{matches: func(l leaf) bool { return strings.HasSuffix(l.text, want+`"`) }, apart: true}, nil
	case "wildcard":
		w, err := parseWildcard(quoted(want))
		if err != nil {
			return condition{}, err
		}
		return condition{matches: func(l leaf) bool { return w.match(l.text) }, wildcards: []wildcard{w}}, nil
	default:
		matches, err := ignoreCase(quoted(want))
		return condition{matches: matches, apart: true}, err
	}
}
