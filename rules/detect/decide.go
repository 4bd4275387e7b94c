package detect

import (
	"errors"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/rules/expression"
)

// Decision is what the rules say of one record.
type Decision struct {
	Rules     []*Rule // that match, by ID; none where the record is ignored
	IgnoredBy string  // the ID of the first ignore rule that matches
	Errors    []RuleError
}

// RuleError is a rule that could not be applied to a record. It stops no other rule.
type RuleError struct {
	Rule   string
	Reason string
}

func (e RuleError) Error() string { return e.Rule + ": " + e.Reason }

// Decide applies the rules that are on. The ignore rules come first, and what one of them matches goes no further.
func (s *Set) Decide(record expression.Record) Decision {
	var d Decision
	s.ignores.candidates(record, func(i int) bool {
		ignore := s.Ignores[i]
		matches, err := ignore.match.Match(record)
		if err != nil {
			d.Errors = append(d.Errors, RuleError{ignore.ID, err.Error()})
		}
		if matches {
			d.IgnoredBy = ignore.ID
		}
		return !matches
	})
	if d.IgnoredBy != "" {
		return d
	}
	s.rules.candidates(record, func(i int) bool {
		rule := s.Rules[i]
		if !rule.on(record) {
			return true
		}
		matches, err := rule.match.Match(record)
		if err != nil {
			d.Errors = append(d.Errors, RuleError{rule.ID, err.Error()})
		}
		if matches {
			d.Rules = append(d.Rules, rule)
		}
		return true
	})
	if len(d.Rules) > 1 {
		slices.SortFunc(d.Rules, func(a, b *Rule) int { return strings.Compare(a.ID, b.ID) })
		d.Rules = slices.Compact(d.Rules)
	}
	if len(d.Errors) > 1 {
		slices.SortStableFunc(d.Errors, func(a, b RuleError) int { return strings.Compare(a.Rule, b.Rule) })
		d.Errors = slices.Compact(d.Errors)
	}
	return d
}

// index finds the conditions that can be true of a record by their keys.
type index struct {
	always  []int // conditions without keys
	every   []int // all conditions
	byValue [expression.Fields]map[string][]int
	failed  []int // that want a call with an errorCode
	shapes  [expression.Fields]shapes
}

// maxKey bounds a value that is looked up without being decoded.
const maxKey = 128

// shapes tells fast most of what is no value of a field: it has, for each length, a bit for each first letter.
type shapes [maxKey + 1]uint32

func (s *shapes) add(value string) {
	if n := len(value); n > 0 && n <= maxKey {
		s[n] |= 1 << (value[0] & 31) // the same for a capital letter
	}
}

func (s *shapes) has(text []byte) bool { return len(text) == 0 || s[len(text)]&(1<<(text[0]&31)) != 0 }

func (x *index) add(i int, keys expression.Keys) {
	x.every = append(x.every, i)
	if len(keys) == 0 {
		x.always = append(x.always, i)
	}
	for _, k := range keys {
		if k.Field == expression.ErrorCode {
			x.failed = append(x.failed, i)
			continue
		}
		if x.byValue[k.Field] == nil {
			x.byValue[k.Field] = map[string][]int{}
		}
		x.shapes[k.Field].add(k.Value)
		if of := x.byValue[k.Field]; !slices.Contains(of[k.Value], i) {
			of[k.Value] = append(of[k.Value], i)
		}
	}
}

// candidates calls try with each condition that can be true, some of them twice, until it returns false.
func (x *index) candidates(record expression.Record, try func(int) bool) {
	code, known := record.Key(expression.ErrorCode)
	if !known {
		all(x.every, try)
		return
	}
	if !all(x.always, try) || code != "" && !all(x.failed, try) {
		return
	}
	for field, of := range x.byValue {
		if of == nil {
			continue
		}
		if value, _ := record.Key(expression.Field(field)); !all(of[value], try) {
			return
		}
	}
}

// Concerns reports whether a rule or an ignore rule may have to do with a record. For one that concerns none, Decide
// has nothing to say, not even an error.
func (s *Set) Concerns(h events.Head) bool { return s.ignores.concerns(h) || s.rules.concerns(h) }

func (x *index) concerns(h events.Head) bool {
	if len(x.always) > 0 || h.Failed && len(x.failed) > 0 {
		return true
	}
	var lower [maxKey]byte
	for field, text := range [...][]byte{
		expression.EventName:    h.EventName,
		expression.EventSource:  h.EventSource,
		expression.IdentityType: h.IdentityType,
	} {
		of := x.byValue[field]
		if of == nil {
			continue
		}
		if len(text) > len(lower) {
			return true
		}
		if !x.shapes[field].has(text) {
			continue
		}
		for i, c := range text {
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			lower[i] = c
		}
		if len(of[string(lower[:len(text)])]) > 0 {
			return true
		}
	}
	return false
}

func all(conditions []int, try func(int) bool) bool {
	for _, i := range conditions {
		if !try(i) {
			return false
		}
	}
	return true
}

// indexed is the set with what finds its rules.
func (s *Set) indexed() *Set {
	for i, rule := range s.Rules {
		if rule.On() {
			s.rules.add(i, rule.match.Keys)
		}
	}
	return s.On(s.today)
}

// Candidates are the rules that can match a record, by ID: those that are on, and not about other events.
func (s *Set) Candidates(record expression.Record) []*Rule {
	var found []*Rule
	s.rules.candidates(record, func(i int) bool {
		if rule := s.Rules[i]; rule.on(record) {
			found = append(found, rule)
		}
		return true
	})
	slices.SortFunc(found, func(a, b *Rule) int { return strings.Compare(a.ID, b.ID) })
	return slices.Compact(found)
}

// Explain evaluates every part of a rule's condition. A rule that misses a list has none.
func (r *Rule) Explain(record expression.Record) ([]expression.Step, error) {
	if r.match == nil {
		return nil, errors.New(r.Off)
	}
	return r.match.Explain(record)
}

// Severity is the rule's severity in words, where no account has another.
func (r *Rule) Severity() string {
	if r.setting.Severity != "" {
		return r.setting.Severity
	}
	if r.severity.program != nil {
		return "by record"
	}
	return r.severity.constant
}

// Clauses are what the records meet that the rule matches: each of them one clause. A rule that misses a list has none.
func (r *Rule) Clauses() []expression.Clause {
	if r.match == nil {
		return nil
	}
	return r.match.Clauses()
}

// Distinct is the path of the record's field whose different values are counted, with dots; empty where that is not one
// field.
func (t *Threshold) Distinct() string {
	if t == nil || t.distinct == nil {
		return ""
	}
	return t.distinct.Path()
}
