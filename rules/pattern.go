package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
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

func name(path string) string {
	if path == "" {
		return "pattern"
	}
	return path[1:]
}
