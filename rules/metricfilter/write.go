// Package metricfilter says which metric filters of CloudWatch Logs find in a trail's log group what the rules find: the
// pattern of each rule that has one, the reason where a rule has none, and the patterns that the CIS AWS Foundations
// Benchmark prescribes.
//
// It makes no resource and knows no log group, alarm or topic. What a filter cannot say, and a message of the watch
// does, such as who called, is lost in it.
package metricfilter

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"trailkeeper/rules/detect"
	"trailkeeper/rules/expression"
	"trailkeeper/rules/filterpattern"
)

// Write is the filter pattern that matches the records that the rule matches. The error says in one sentence why there
// is none.
//
// A pattern and its rule differ on records that AWS does not write: an errorCode that is null or empty, a readOnly that
// is a text, a sign-in of another service than signin.amazonaws.com, a value of another type than the rule compares. Of
// a network, the pattern knows the digits that addresses begin with. Ignore rules and accounts.yaml are the watch's.
func Write(rule *detect.Rule) (string, error) {
	switch {
	case rule.Threshold != nil:
		return "", errors.New("it counts matches until there are enough, and a filter counts every record")
	case rule.Pattern != nil:
		return "", errors.New("it has an EventBridge pattern of its own, which a filter does not know")
	}
	formula, err := rule.Formula()
	if err != nil {
		return "", err
	}
	return write(formula)
}

// write tries the pattern as it is best read, and shorter ones until one is short enough.
func write(formula expression.Formula) (string, error) {
	lists := longLists(formula)
	for folded := 0; ; folded++ {
		w := &writer{folded: lists[:min(folded, len(lists))]}
		root, err := w.formula(formula, false)
		if err != nil {
			return "", err
		}
		if root.join == always || root.join == never {
			return "", errors.New("it is about every record, or about none")
		}
		for _, s := range []style{spaced, dense} {
			text := "{" + s.space + root.written(s) + s.space + "}"
			if utf8.RuneCountInString(text) <= filterpattern.MaxLength {
				return text, checked(text)
			}
		}
		if folded == len(lists) || w.expressions >= filterpattern.MaxRegexps {
			return "", fmt.Errorf("its pattern would have more than %d characters, and CloudWatch Logs takes no longer one",
				filterpattern.MaxLength)
		}
	}
}

// checked is what CloudWatch Logs would refuse in a pattern.
func checked(text string) error {
	p, err := filterpattern.Parse(text)
	if err != nil {
		return err
	}
	return p.Check()
}

// longLists are the tests of the fields that are one of several texts, the longest list first.
func longLists(f expression.Formula) []*expression.Test {
	var found [][]expression.Test
	var visit func(expression.Formula)
	visit = func(f expression.Formula) {
		if f.Join == expression.OneField && !f.Not && len(f.Tests) > 1 {
			found = append(found, f.Tests)
		}
		for _, one := range f.Parts {
			visit(one)
		}
	}
	visit(f)
	slices.SortStableFunc(found, func(a, b []expression.Test) int { return len(b) - len(a) })
	var first []*expression.Test
	for _, tests := range found {
		first = append(first, &tests[0])
	}
	return first
}
