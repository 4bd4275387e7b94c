package metricfilter

import (
	"strconv"
	"strings"
	"unicode"

	"trailkeeper/rules/expression"
)

// comparison is a field that meets one of the formula's tests; of a formula with Not, one that is there and does not.
func (w *writer) comparison(selector string, f expression.Formula, t expression.Test) (part, error) {
	operator, join, order := "=", or, orders[t.Op].is
	if f.Not {
		operator, join, order = "!=", and, orders[t.Op].isNot
	}
	switch t.Op {
	case expression.Truth:
		is := (t.Text == "true") != f.Not
		return part{selector: selector, operator: "IS " + strings.ToUpper(strconv.FormatBool(is))}, nil
	case expression.There:
		return there(selector, strings.Join(f.Path, "."))
	case expression.InNetwork:
		values, err := addresses(t.Text)
		var all []part
		for _, value := range values {
			all = append(all, part{selector: selector, operator: operator, value: value})
		}
		return joined(join, all...), err
	case expression.NumberIs, expression.Below, expression.AtMost, expression.Above, expression.AtLeast:
		return part{selector: selector, operator: order, value: t.Text}, nil
	}
	value, ok := plainly(t)
	if !ok {
		return w.expression(selector, operator, []expression.Test{t})
	}
	return part{selector: selector, operator: operator, value: value}, nil
}

// orders are the operators of the tests of numbers, and their opposites.
var orders = map[expression.Op]struct{ is, isNot string }{
	expression.NumberIs: {"=", "!="},
	expression.Below:    {"<", ">="},
	expression.AtMost:   {"<=", ">"},
	expression.Above:    {">", "<="},
	expression.AtLeast:  {">=", "<"},
}

// isText reports whether a test is about a text.
func isText(op expression.Op) bool {
	switch op {
	case expression.Is, expression.IsFold, expression.StartsWith, expression.EndsWith, expression.Contains,
		expression.Glob, expression.Matches:
		return true
	}
	return false
}

// plainly is what a text is compared with where that takes no regular expression: a star stands only before or behind
// a text.
func plainly(t expression.Test) (string, bool) {
	text, before, behind := t.Text, false, false
	switch t.Op {
	case expression.Is:
	case expression.IsFold:
		if strings.ContainsFunc(text, unicode.IsLetter) {
			return "", false
		}
	case expression.StartsWith:
		behind = true
	case expression.EndsWith:
		before = true
	case expression.Contains:
		before, behind = true, true
	case expression.Glob:
		text, before = strings.CutPrefix(text, "*")
		text, behind = strings.CutSuffix(text, "*")
		if strings.ContainsAny(text, "*?") {
			return "", false
		}
		if text == "" {
			return `"*"`, before || behind
		}
	default:
		return "", false
	}
	if text == "" && (before || behind) {
		return `"*"`, true
	}
	if strings.HasPrefix(text, "*") || strings.HasSuffix(text, "*") { // it would be any text
		return "", false
	}
	return quoted(before, text, behind), true
}
