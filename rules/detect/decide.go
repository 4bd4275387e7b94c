package detect

import (
	"errors"
	"slices"
	"strings"

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
	head, known := record.Head()
	can := func(p *expression.Program) bool { return !known || p.CanMatch(&head) }
	s.ignores.candidates(record, func(i int) bool {
		ignore := s.Ignores[i]
		if !can(ignore.match) {
			return true
		}
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
		if !can(rule.match) || !rule.on(record) {
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

// indexed is the set with what finds its rules.
func (s *Set) indexed() *Set {
	for i, rule := range s.Rules {
		if rule.On() {
			s.rules.add(i, rule.match)
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

// Formula is the rule's condition as tests of single fields, whatever pattern and threshold the rule has. The error says
// in one sentence why there is none; of a rule that misses a list, what is missing.
func (r *Rule) Formula() (expression.Formula, error) {
	if r.match == nil {
		return expression.Formula{}, errors.New(r.Off)
	}
	return r.match.Formula()
}

// Distinct is the path of the record's field whose different values are counted, with dots; empty where that is not one
// field.
func (t *Threshold) Distinct() string {
	if t == nil || t.distinct == nil {
		return ""
	}
	return t.distinct.Path()
}
