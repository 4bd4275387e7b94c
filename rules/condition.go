package rules

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// condition decides about one leaf value; present is false where the event has no such field.
type condition func(value any, present bool) bool

func parseCondition(v any) (condition, error) {
	object, ok := v.(map[string]any)
	if !ok {
		return exactly(v)
	}
	if len(object) != 1 {
		return nil, fmt.Errorf("a condition has one operator, this has %d", len(object))
	}
	for op, arg := range object {
		switch op {
		case "exists":
			want, ok := arg.(bool)
			if !ok {
				return nil, errors.New("exists: want true or false")
			}
			return func(_ any, present bool) bool { return present == want }, nil
		case "anything-but":
			return anythingBut(arg)
		default:
			return textCondition(op, arg)
		}
	}
	return nil, errors.New("unreachable")
}

// exactly matches a text, number, boolean or null.
func exactly(want any) (condition, error) {
	switch want.(type) {
	case []any:
		return nil, errors.New("nested array")
	case map[string]any:
		return nil, errors.New("an operator where a value belongs")
	}
	return func(v any, present bool) bool { return present && equal(v, want) }, nil
}

func equal(a, b any) bool {
	x, xok := a.(json.Number)
	y, yok := b.(json.Number)
	if !xok || !yok {
		return a == b
	}
	f, err1 := strconv.ParseFloat(string(x), 64)
	g, err2 := strconv.ParseFloat(string(y), 64)
	return x == y || (err1 == nil && err2 == nil && f == g)
}

// anythingBut matches a field that is present and is none of the values.
func anythingBut(arg any) (condition, error) {
	parse, values := exactly, []any{arg}
	switch arg := arg.(type) {
	case nil:
		return nil, errors.New("anything-but: want values or an operator")
	case []any:
		values = arg
	case map[string]any:
		if len(arg) != 1 {
			return nil, fmt.Errorf("anything-but: one operator, this has %d", len(arg))
		}
		for op, operand := range arg {
			parse = func(v any) (condition, error) { return textCondition(op, v) }
			if list, ok := operand.([]any); ok {
				values = list
			} else {
				values = []any{operand}
			}
		}
	}
	var inner []condition
	for _, v := range values {
		c, err := parse(v)
		if err != nil {
			return nil, fmt.Errorf("anything-but: %w", err)
		}
		inner = append(inner, c)
	}
	if len(inner) == 0 {
		return nil, errors.New("anything-but: nothing to exclude")
	}
	return func(v any, present bool) bool {
		return present && !slices.ContainsFunc(inner, func(c condition) bool { return c(v, present) })
	}, nil
}

var textOperators = []string{"prefix", "suffix", "equals-ignore-case", "wildcard"}

// textCondition is an operator on texts.
func textCondition(op string, arg any) (condition, error) {
	if !slices.Contains(textOperators, op) {
		return nil, fmt.Errorf("operator %q is not supported here", op)
	}
	want, ok := arg.(string)
	if !ok {
		return nil, fmt.Errorf("%s: want a text", op)
	}
	var test func(string) bool
	switch op {
	case "prefix":
		test = func(s string) bool { return strings.HasPrefix(s, want) }
	case "suffix":
		test = func(s string) bool { return strings.HasSuffix(s, want) }
	case "equals-ignore-case":
		test = func(s string) bool { return strings.EqualFold(s, want) }
	case "wildcard":
		w, err := parseWildcard(want)
		if err != nil {
			return nil, err
		}
		test = w.match
	}
	return func(v any, present bool) bool {
		s, ok := v.(string)
		return present && ok && test(s)
	}, nil
}
