package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// MaxPatternLength is EventBridge's limit on an event pattern, in characters (EventBridge quotas).
const MaxPatternLength = 2048

// Pattern is an EventBridge event pattern that this package can evaluate as EventBridge does.
type Pattern struct {
	raw  json.RawMessage
	root node
}

// ParsePattern reads an event pattern. It knows exact values, prefix, suffix, equals-ignore-case, wildcard, exists, and anything-but
// with values, prefix, suffix or wildcard; any other operator is an error, because a pattern that is only half understood would prove
// nothing (EventBridge User Guide, "Comparison operators for use in event patterns").
func ParsePattern(raw []byte) (Pattern, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return Pattern{}, fmt.Errorf("event pattern: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Pattern{}, errors.New("event pattern: there is text behind the pattern")
	}
	root, err := parseNode("", v)
	if err != nil {
		return Pattern{}, fmt.Errorf("event pattern: %w", err)
	}
	if root.fields == nil {
		return Pattern{}, errors.New("event pattern: want an object")
	}
	if n := len([]rune(encode(v))); n > MaxPatternLength {
		return Pattern{}, fmt.Errorf("event pattern: %d characters; want at most %d", n, MaxPatternLength)
	}
	return Pattern{raw: bytes.Clone(raw), root: root}, nil
}

// JSON returns the pattern as it was read. The caller must not change it.
func (p Pattern) JSON() json.RawMessage { return p.raw }

// Match reports whether EventBridge would match the event: every field of the pattern must match, a field with several conditions
// matches if one does, and an array in the event matches if one of its elements does. The error says that the event is no JSON object.
func (p Pattern) Match(event []byte) (bool, error) {
	dec := json.NewDecoder(bytes.NewReader(event))
	dec.UseNumber()
	var v map[string]any
	if err := dec.Decode(&v); err != nil {
		return false, fmt.Errorf("event: %w", err)
	}
	return p.root.match(v, true), nil
}

// node is one level of a pattern: either fields, or the conditions of a leaf.
type node struct {
	fields     map[string]node
	conditions []condition
}

// condition decides about one leaf value; present is false where the event has no such field.
type condition func(value any, present bool) bool

func (n node) match(v any, present bool) bool {
	if list, ok := v.([]any); ok && present {
		return n.matchList(list)
	}
	if n.fields == nil {
		if _, isObject := v.(map[string]any); isObject {
			v, present = nil, false // conditions look at leaf values only
		}
		return slices.ContainsFunc(n.conditions, func(c condition) bool { return c(v, present) })
	}
	object, _ := v.(map[string]any)
	for name, child := range n.fields {
		value, ok := object[name]
		if !child.match(value, ok) {
			return false
		}
	}
	return true
}

func (n node) matchList(list []any) bool {
	if len(list) == 0 {
		return n.match(nil, false)
	}
	return slices.ContainsFunc(list, func(v any) bool { return n.match(v, true) })
}

func parseNode(path string, v any) (node, error) {
	switch v := v.(type) {
	case map[string]any:
		return parseFields(path, v)
	case []any:
		return parseLeaf(path, v)
	default:
		return node{}, fmt.Errorf("%s: want an object or an array of conditions", name(path))
	}
}

func parseFields(path string, object map[string]any) (node, error) {
	if len(object) == 0 {
		return node{}, fmt.Errorf("%s: empty object", name(path))
	}
	n := node{fields: make(map[string]node, len(object))}
	for key, v := range object {
		if strings.HasPrefix(key, "$") {
			return node{}, fmt.Errorf("%s: operator %q is not supported here", name(path), key)
		}
		child, err := parseNode(path+"."+key, v)
		if err != nil {
			return node{}, err
		}
		n.fields[key] = child
	}
	return n, nil
}

func parseLeaf(path string, list []any) (node, error) {
	if len(list) == 0 {
		return node{}, fmt.Errorf("%s: empty array matches nothing", name(path))
	}
	var n node
	for _, v := range list {
		c, err := parseCondition(v)
		if err != nil {
			return node{}, fmt.Errorf("%s: %w", name(path), err)
		}
		n.conditions = append(n.conditions, c)
	}
	return n, nil
}

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

// wildcard is a text with its stars taken out: "a*b" is {"a","b"}.
type wildcard []string

// parseWildcard reads EventBridge's wildcard syntax: '*' is any run of characters, '\*' a star, '\\' a backslash; two stars in a row
// are refused, as EventBridge does.
func parseWildcard(s string) (wildcard, error) {
	w := wildcard{""}
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			if i++; i == len(s) || (s[i] != '\\' && s[i] != '*') {
				return nil, fmt.Errorf("wildcard %q: a backslash escapes only '*' and itself", s)
			}
			w[len(w)-1] += s[i : i+1]
		case s[i] == '*' && i > 0 && s[i-1] == '*' && w[len(w)-1] == "" && len(w) > 1:
			return nil, fmt.Errorf("wildcard %q: two stars in a row", s)
		case s[i] == '*':
			w = append(w, "")
		default:
			w[len(w)-1] += s[i : i+1]
		}
	}
	return w, nil
}

func (w wildcard) match(s string) bool {
	if len(w) == 1 {
		return s == w[0]
	}
	rest, ok := strings.CutPrefix(s, w[0])
	if !ok {
		return false
	}
	for _, part := range w[1 : len(w)-1] {
		at := strings.Index(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return strings.HasSuffix(rest, w[len(w)-1])
}

func name(path string) string {
	if path == "" {
		return "pattern"
	}
	return path[1:]
}
