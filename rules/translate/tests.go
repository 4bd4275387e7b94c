package translate

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Test is a record, and whether the rule matches it.
type Test struct {
	Name   string
	Record map[string]any
	Match  bool
}

// The most tests of a rule.
const (
	maxMatches = 4
	maxMisses  = 10
)

// Tests makes tests of a condition from its parts: records that meet it, each in another way, and records that differ
// from the first in one field and do not.
func Tests(c Condition) []Test {
	s := suite{of: c, known: map[string]bool{}, count: map[bool]int{}}
	var first []literal
	var from assignment
	for _, all := range conjunctions(c, true) {
		values, ok := solve(all)
		if ok && s.add(nameOf(values), values, true) && s.count[true] == 1 {
			first, from = all, values
		}
	}
	for _, l := range first {
		s.near(l, from)
	}
	for _, all := range conjunctions(c, false) {
		if values, ok := solve(all); ok && s.count[false] == 0 {
			s.add(nameOf(values), values, false)
		}
	}
	if s.count[false] == 0 {
		s.add("another event", assignment{}.with(Dotted("eventName"), "SomethingElse"), false)
	}
	return s.tests
}

// suite is the tests of a condition.
type suite struct {
	of    Condition
	tests []Test
	known map[string]bool // the records
	count map[bool]int    // of tests that match, and that do not
}

// add adds a test unless there are enough. It reports false where it does not: the record is known, or not as wanted.
func (s *suite) add(name string, values assignment, match bool) bool {
	record, ok := values.record()
	text := asText(record)
	limit := maxMisses
	if match {
		limit = maxMatches
	}
	if !ok || s.known[text] || s.count[match] == limit || s.of.holds(record) != match {
		return false
	}
	s.known[text] = true
	s.count[match]++
	s.tests = append(s.tests, Test{name, record, match})
	return true
}

// near adds records that differ from a given one so that a literal of it does not hold.
func (s *suite) near(l literal, from assignment) {
	switch c := l.of.(type) {
	case *pair:
		second := "bob"
		if !l.want {
			second = "alice"
		}
		s.add(saying(c.A, "alice")+", "+saying(c.B, second), from.with(c.A, "alice").with(c.B, second), false)
	case *Atom:
		values := c.No
		if !l.want {
			values = c.Yes
		}
		for _, value := range append(slices.Clip(values), nil) {
			s.add(saying(c.place(), value), from.with(c.place(), value), false)
		}
	}
}

// literal is a condition without parts that must hold, or must not.
type literal struct {
	of   Condition
	want bool
}

// maxConjunctions bounds the ways to meet a condition that are tried.
const maxConjunctions = 48

// conjunctions are ways in which a condition holds, or does not.
func conjunctions(c Condition, want bool) [][]literal {
	switch c := c.(type) {
	case Constant:
		if bool(c) == want {
			return [][]literal{nil}
		}
		return nil
	case negation:
		return conjunctions(c.Of, !want)
	case allOf:
		if want {
			return product(c, want)
		}
		return union(c, want)
	case anyOf:
		if want {
			return union(c, want)
		}
		return product(c, want)
	}
	return [][]literal{{{c, want}}}
}

// union takes in turn one of each part.
func union(parts []Condition, want bool) [][]literal {
	var each [][][]literal
	longest := 0
	for _, one := range parts[:min(len(parts), maxConjunctions)] {
		found := conjunctions(one, want)
		each, longest = append(each, found), max(longest, len(found))
	}
	var all [][]literal
	for i := range longest {
		for _, found := range each {
			if i < len(found) && len(all) < maxConjunctions {
				all = append(all, found[i])
			}
		}
	}
	return all
}

func product(parts []Condition, want bool) [][]literal {
	all := [][]literal{nil}
	for _, one := range parts {
		var next [][]literal
		for _, more := range conjunctions(one, want) {
			for _, before := range all {
				if len(next) < maxConjunctions {
					next = append(next, slices.Concat(before, more))
				}
			}
		}
		all = next
	}
	return all
}

func (a *Atom) place() Path {
	if a.Put != nil {
		return *a.Put
	}
	return a.Path
}

// assignment has values for fields, by the field in the language of the rules.
type assignment struct {
	paths  map[string]Path
	values map[string]any
}

func (s assignment) with(p Path, value any) assignment {
	if s.paths == nil {
		return assignment{map[string]Path{p.String(): p}, map[string]any{p.String(): value}}
	}
	s.paths, s.values = maps.Clone(s.paths), maps.Clone(s.values)
	s.paths[p.String()], s.values[p.String()] = p, value
	return s
}

// record is the record with the values. It reports false where one stands in another's way.
func (s assignment) record() (map[string]any, bool) {
	record := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(s.paths)) {
		if value := s.values[key]; value != nil && !s.paths[key].put(record, cloned(value)) {
			return nil, false
		}
	}
	return record, true
}

func cloned(value any) any {
	if m, ok := value.(map[string]any); ok {
		return maps.Clone(m)
	}
	return value
}

// maxTried bounds the values that are tried for a field, and the whole search.
const (
	maxTried = 40
	maxSteps = 2000
)

// solve finds values for the fields of the literals.
func solve(all []literal) (assignment, bool) {
	s := assignment{map[string]Path{}, map[string]any{}}
	tried := map[string][]any{}
	for _, l := range all {
		for p, candidates := range l.candidates() {
			s.paths[p.String()] = *p
			tried[p.String()] = append(tried[p.String()], candidates...)
		}
	}
	keys := slices.Sorted(maps.Keys(s.paths))
	for _, key := range keys {
		tried[key] = suited(s.paths[key], tried[key], all)
	}
	steps := 0
	var search func(i int) bool
	search = func(i int) bool {
		if steps++; steps > maxSteps {
			return false
		}
		if i == len(keys) {
			record, ok := s.record()
			return ok && !slices.ContainsFunc(all, func(l literal) bool { return l.of.holds(record) != l.want })
		}
		for _, value := range tried[keys[i]] {
			s.values[keys[i]] = value
			if search(i + 1) {
				return true
			}
		}
		return false
	}
	return s, search(0)
}

// candidates are values to try for the fields of a literal.
func (l literal) candidates() map[*Path][]any {
	switch c := l.of.(type) {
	case *Atom:
		p := c.place()
		if l.want {
			return map[*Path][]any{&p: c.Yes}
		}
		return map[*Path][]any{&p: append(slices.Clip(c.No), nil)}
	case *pair:
		return map[*Path][]any{&c.A: {"alice", nil}, &c.B: {"alice", "bob", "alice-bob", nil}}
	}
	return nil
}

// suited are the values that no literal about just this field speaks against, and texts joined of several if need be.
func suited(p Path, tried []any, all []literal) []any {
	for i, n := 0, min(len(tried), maxTried/4); i < n; i++ {
		for j := range n {
			a, first := tried[i].(string)
			b, second := tried[j].(string)
			if first && second && i != j {
				tried = append(tried, a+b)
			}
		}
	}
	if i := slices.Index(tried, nil); i >= 0 { // the last, so that a record has what it can have
		tried = append(slices.DeleteFunc(tried, func(v any) bool { return v == nil }), nil)
	}
	var kept []any
	for _, value := range tried {
		against := func(l literal) bool {
			a, ok := l.of.(*Atom)
			return ok && a.Put == nil && a.Path.String() == p.String() && holdsFor(a, value) != l.want
		}
		if len(kept) < maxTried && !slices.ContainsFunc(all, against) {
			kept = append(kept, value)
		}
	}
	return kept
}

func holdsFor(a *Atom, value any) bool {
	record := map[string]any{}
	return a.Path.put(record, value) && a.holds(record)
}

// nameOf says what the record of a test has.
func nameOf(s assignment) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(s.paths)) {
		if s.values[key] != nil {
			all = append(all, saying(s.paths[key], s.values[key]))
		}
	}
	if len(all) == 0 {
		return "a record without any of the fields"
	}
	return short(strings.Join(all, ", "))
}

func saying(p Path, value any) string {
	if value == nil {
		return short(p.String() + " is missing")
	}
	text, err := json.Marshal(value)
	if err != nil {
		return short(p.String())
	}
	return short(p.String() + " is " + strings.Trim(string(text), `"`))
}

// short bounds a text that is written into a file, in characters.
func short(text string) string {
	const limit = 120
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return string(runes)
}
