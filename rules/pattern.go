// Package rules says which events count: the EventBridge patterns, as data, and the Slack messages that EventBridge
// itself makes of them. It evaluates both as EventBridge does, so that the deployed app, the tests and the local run
// use one definition.
//
// It is pure: no network, clock, environment or goroutine. It does not know what is done about an event.
package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// MaxPatternLength is EventBridge's limit on an event pattern, in characters (EventBridge quotas).
const MaxPatternLength = 2048

// Pattern is an EventBridge event pattern that this package can evaluate as EventBridge does. Its judge is AWS's own
// matcher, event-ruler (github.com/aws/event-ruler), which .ci/event-ruler asks about every pattern that is deployed.
type Pattern struct {
	raw    json.RawMessage
	fields []field // by name
}

// field is what a pattern asks of one field of the event. Its name is the path with dots.
type field struct {
	name       string
	conditions []condition
}

// ParsePattern reads an event pattern, and refuses what EventBridge would refuse in PutRule: what is no pattern, is too
// long, or has wildcards that are too complex. It knows exact values, prefix, suffix, equals-ignore-case, wildcard,
// exists, and anything-but with values, prefix, suffix, equals-ignore-case or wildcard; any other operator is an error,
// because a pattern that is only half understood would prove nothing (EventBridge User Guide, "Comparison operators for
// use in event patterns").
func ParsePattern(raw []byte) (Pattern, error) {
	v, err := decode(raw)
	if err != nil {
		return Pattern{}, fmt.Errorf("event pattern: %w", err)
	}
	root, ok := v.(object)
	if !ok {
		return Pattern{}, errors.New("event pattern: want an object")
	}
	fields, err := parseFields("", root)
	if err != nil {
		return Pattern{}, fmt.Errorf("event pattern: %w", err)
	}
	if n := patternLength(raw); n > MaxPatternLength {
		return Pattern{}, fmt.Errorf("event pattern: %d characters; want at most %d", n, MaxPatternLength)
	}
	slices.SortStableFunc(fields, func(a, b field) int { return strings.Compare(a.name, b.name) })
	for i, f := range fields {
		if i > 0 && fields[i-1].name == f.name {
			return Pattern{}, fmt.Errorf("event pattern: %s is there twice", f.name)
		}
		if err := f.check(); err != nil {
			return Pattern{}, fmt.Errorf("event pattern: %s: %w", f.name, err)
		}
	}
	return Pattern{raw: bytes.Clone(raw), fields: fields}, nil
}

// check refuses what EventBridge would refuse, or misread: event-ruler matches too much or too little where wildcards
// stand beside suffix or equals-ignore-case.
func (f field) check() error {
	if f.complexity() > maxPatternComplexity {
		return fmt.Errorf(
			"its wildcards have a complexity over %d, and EventBridge would refuse the rule; spread them over more rules",
			maxPatternComplexity,
		)
	}
	apart := slices.ContainsFunc(f.conditions, func(c condition) bool { return c.apart })
	if wild := slices.ContainsFunc(f.conditions, func(c condition) bool { return len(c.wildcards) > 0 }); apart && wild {
		return errors.New("EventBridge misreads wildcard beside suffix or equals-ignore-case; spread them over more rules")
	}
	return nil
}

// patternLength counts the characters of the pattern without what is there for people only.
func patternLength(raw []byte) int {
	var b bytes.Buffer
	_ = json.Compact(&b, raw) // it was decoded before
	return len([]rune(b.String()))
}

// JSON returns the pattern as it was read. The caller must not change it.
func (p Pattern) JSON() json.RawMessage { return p.raw }

// Complexity is that of the field whose wildcards are the most complex; see maxPatternComplexity.
func (p Pattern) Complexity() int {
	maximum := 0
	for _, f := range p.fields {
		maximum = max(maximum, f.complexity())
	}
	return maximum
}

// Match reports whether EventBridge would match the event: every field of the pattern must match, and a field with
// several conditions matches if one does. Of an array one element is enough, but all fields must match in the same
// element of an array of objects. Keys are compared exactly. The error says that the event is no JSON object.
func (p Pattern) Match(event []byte) (bool, error) {
	e, err := ReadEvent(event)
	return err == nil && p.Matches(e), err
}

// Event is an event that several patterns are asked about.
type Event struct{ root object }

// ReadEvent reads an event. The error says that it is no JSON object.
func ReadEvent(event []byte) (Event, error) {
	v, err := decode(event)
	if err != nil {
		return Event{}, fmt.Errorf("event: %w", err)
	}
	root, ok := v.(object)
	if !ok {
		return Event{}, errors.New("event: want a JSON object")
	}
	return Event{root}, nil
}

// Matches is Match of an event that has been read.
func (p Pattern) Matches(e Event) bool { return p.match(leavesOf(e.root, p.fields)) }

// match looks for places in the event's arrays in which all fields match: one field after the other by name, as
// event-ruler does, since what does not exist depends on the places that the fields before it have taken.
func (p Pattern) match(event leaves) bool {
	taken := places{"": nil}
	for _, f := range p.fields {
		next := places{}
		for _, so := range taken {
			f.match(so, event[f.name], next)
		}
		taken = next
	}
	return len(taken) > 0
}

// match adds the places in which this field matches as well.
func (f field) match(taken place, values []leaf, next places) {
	absent := true
	for _, l := range values {
		both, ok := taken.with(l.at)
		if !ok {
			continue
		}
		absent = false
		if taken.beside(l.at, values) {
			continue
		}
		if slices.ContainsFunc(f.conditions, func(c condition) bool { return c.matches != nil && c.matches(l) }) {
			next.add(both)
		}
	}
	if absent && slices.ContainsFunc(f.conditions, func(c condition) bool { return c.absent }) {
		next.add(taken)
	}
}

func parseFields(path string, o object) ([]field, error) {
	if len(o) == 0 {
		return nil, fmt.Errorf("%s: empty object", name(path))
	}
	var fields []field
	for _, m := range o {
		if strings.HasPrefix(m.key, "$") {
			return nil, fmt.Errorf("%s: operator %q is not supported here", name(path), m.key)
		}
		if strings.Contains(m.key, ".") {
			return nil, fmt.Errorf("%s: the key %q has a dot, which EventBridge takes for a key in an object", name(path), m.key)
		}
		below := path + "." + m.key
		var made []field
		var err error
		switch v := m.value.(type) {
		case object:
			made, err = parseFields(below, v)
		case []any:
			made, err = parseLeaf(below, v)
		default:
			err = fmt.Errorf("%s: want an object or an array of conditions", name(below))
		}
		if err != nil {
			return nil, err
		}
		fields = append(fields, made...)
	}
	return fields, nil
}

func parseLeaf(path string, list []any) ([]field, error) {
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: empty array matches nothing", name(path))
	}
	f := field{name: name(path)}
	for _, v := range list {
		c, err := parseCondition(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name(path), err)
		}
		f.conditions = append(f.conditions, c)
	}
	return []field{f}, nil
}

func name(path string) string {
	if path == "" {
		return "pattern"
	}
	return path[1:]
}
