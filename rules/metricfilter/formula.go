package metricfilter

import (
	"fmt"
	"slices"

	"trailkeeper/rules/expression"
	"trailkeeper/rules/translate"
)

// writer makes the parts of one pattern.
type writer struct {
	folded      []*expression.Test // the first tests of the lists that become regular expressions
	expressions int                // regular expressions so far
}

// formula is the part for a formula. noSignIn says that only records are asked that are no sign-in to the console.
func (w *writer) formula(f expression.Formula, noSignIn bool) (part, error) {
	switch f.Join {
	case expression.All, expression.Any:
		return w.parts(f, noSignIn)
	case expression.ReadOnly:
		return readOnly(f.Not), nil
	case expression.Refused:
		return w.refused(f.Not, noSignIn)
	}
	selector, err := selectorOf(f.Path)
	if err != nil {
		return part{}, err
	}
	if f.Not {
		return w.none(selector, f)
	}
	return w.one(selector, f)
}

func (w *writer) parts(f expression.Formula, noSignIn bool) (part, error) {
	join := or
	if f.Join == expression.All {
		join = and
		noSignIn = noSignIn || isNoSignIn(f)
	}
	var all []part
	for _, one := range f.Parts {
		made, err := w.formula(one, noSignIn)
		if err != nil {
			return part{}, err
		}
		all = append(all, made)
	}
	return joined(join, all...), nil
}

// signIn is the service whose records alone are sign-ins to the console (CloudTrail User Guide, "AWS Management Console
// sign-in events").
const signIn = "signin.amazonaws.com"

// isNoSignIn reports whether only records of other services are as the formula says.
func isNoSignIn(f expression.Formula) bool {
	switch f.Join {
	case expression.OneField:
		return !f.Not && slices.Equal(f.Path, []string{"eventSource"}) &&
			!slices.ContainsFunc(f.Tests, func(t expression.Test) bool { return t.Op != expression.Is || t.Text == signIn })
	case expression.All:
		return slices.ContainsFunc(f.Parts, isNoSignIn)
	case expression.Any:
		return len(f.Parts) > 0 && !slices.ContainsFunc(f.Parts, func(p expression.Formula) bool { return !isNoSignIn(p) })
	}
	return false
}

// one is a field that meets one of some tests.
func (w *writer) one(selector string, f expression.Formula) (part, error) {
	if w.needsExpression(f) {
		return w.expression(selector, "=", f.Tests)
	}
	var all []part
	for _, t := range f.Tests {
		made, err := w.comparison(selector, f, t)
		if err != nil {
			return part{}, err
		}
		all = append(all, made)
	}
	return joined(or, all...), nil
}

// needsExpression reports whether the tests become one regular expression: because one of them is a text only with
// one, because wildcard selectors are few, or because the pattern is too long.
func (w *writer) needsExpression(f expression.Formula) bool {
	return slices.Contains(w.folded, &f.Tests[0]) ||
		len(f.Tests) > 1 && slices.Contains(f.Path, expression.Each) ||
		slices.ContainsFunc(f.Tests, func(t expression.Test) bool {
			_, plain := plainly(t)
			return isText(t.Op) && !plain
		})
}

// none is a field that meets none of some tests, missing or null as it may be.
func (w *writer) none(selector string, f expression.Formula) (part, error) {
	all := []part{
		{selector: selector, operator: "NOT EXISTS"},
		{selector: selector, operator: "IS NULL"},
	}
	if slices.Contains(f.Tests, expression.Test{Op: expression.There}) {
		return joined(or, all...), nil
	}
	var others []part
	if w.needsExpression(expression.Formula{Tests: f.Tests}) {
		made, err := w.expression(selector, "!=", f.Tests)
		if err != nil {
			return part{}, err
		}
		return joined(or, append(all, made)...), nil
	}
	for _, t := range f.Tests {
		made, err := w.comparison(selector, f, t)
		if err != nil {
			return part{}, err
		}
		others = append(others, made)
	}
	return joined(or, append(all, joined(and, others...))...), nil
}

// readers are how the names of calls that only read begin, for records that do not say, as isReadOnly has them.
var readers = []string{"Get", "List", "Describe", "Head", "BatchGet"}

// readOnly is isReadOnly(record), or the opposite.
func readOnly(not bool) part {
	says, operator, join := "IS TRUE", "=", or
	if not {
		says, operator, join = "IS FALSE", "!=", and
	}
	var names []part
	for _, begin := range readers {
		names = append(names, part{selector: "$.eventName", operator: operator, value: quoted(false, begin, true)})
	}
	silent := part{selector: "$.readOnly", operator: "NOT EXISTS"}
	return joined(or, part{selector: "$.readOnly", operator: says}, joined(and, silent, joined(join, names...)))
}

// refused is refused(record), or the opposite. AWS writes no errorCode that is null or empty.
func (w *writer) refused(not, noSignIn bool) (part, error) {
	if not && noSignIn {
		return part{selector: "$.errorCode", operator: "NOT EXISTS"}, nil
	}
	failed := expression.Formula{Path: []string{"errorCode"}, Tests: []expression.Test{{Op: expression.There}}}
	if noSignIn {
		return w.formula(failed, true)
	}
	signIn := expression.Formula{Path: []string{"eventType"}, Tests: []expression.Test{{Op: expression.Is, Text: "AwsConsoleSignIn"}}}
	message := expression.Formula{Path: []string{"errorMessage"}, Tests: []expression.Test{{Op: expression.There}}}
	answer := expression.Formula{
		Path:  []string{"responseElements", "ConsoleLogin"},
		Tests: []expression.Test{{Op: expression.Is, Text: "Failure"}},
	}
	all := expression.Formula{Join: expression.Any, Parts: []expression.Formula{
		failed, {Join: expression.All, Parts: []expression.Formula{signIn, message}}, answer,
	}}
	if not {
		failed.Not, signIn.Not, message.Not, answer.Not = true, true, true, true
		all = expression.Formula{Join: expression.All, Parts: []expression.Formula{
			failed, {Join: expression.Any, Parts: []expression.Formula{signIn, message}}, answer,
		}}
	}
	return w.formula(all, false)
}

// there is a field that is there. A star is a text or a number, which all of these fields are.
func there(selector, path string) (part, error) {
	if !translate.IsText(path) {
		return part{}, fmt.Errorf("a filter pattern cannot ask whether the field %s is there, which may be an object", path)
	}
	return part{selector: selector, operator: "=", value: `"*"`}, nil
}
