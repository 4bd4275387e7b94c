package metricfilter

import (
	"strings"
	"unicode"

	"trailkeeper/rules/expression"
)

// comparison is a field that meets a test.
func (w *writer) comparison(selector string, t expression.Test, path string) (part, error) {
	made := part{selector: selector, operator: "=", value: t.Text}
	switch t.Op {
	case expression.Truth:
		return part{selector: selector, operator: "IS " + strings.ToUpper(t.Text)}, nil
	case expression.There:
		return there(selector, path)
	case expression.InNetwork:
		values, err := addresses(t.Text)
		var all []part
		for _, value := range values {
			all = append(all, part{selector: selector, operator: "=", value: value})
		}
		return joined(or, all...), err
	case expression.NumberIs, expression.Below, expression.AtMost, expression.Above, expression.AtLeast:
		made.operator = orders[t.Op][0]
		return made, nil
	}
	value, ok := plainly(t)
	if !ok {
		return w.expression(selector, "=", []expression.Test{t})
	}
	made.value = value
	return made, nil
}

// opposite is a field that is there and does not meet a test.
func (w *writer) opposite(selector string, t expression.Test) (part, error) {
	made := part{selector: selector, operator: "!=", value: t.Text}
	switch t.Op {
	case expression.Truth:
		opposite := map[string]string{"true": "IS FALSE", "false": "IS TRUE"}
		return part{selector: selector, operator: opposite[t.Text]}, nil
	case expression.InNetwork:
		values, err := addresses(t.Text)
		var all []part
		for _, value := range values {
			all = append(all, part{selector: selector, operator: "!=", value: value})
		}
		return joined(and, all...), err
	case expression.NumberIs, expression.Below, expression.AtMost, expression.Above, expression.AtLeast:
		made.operator = orders[t.Op][1]
		return made, nil
	}
	value, ok := plainly(t)
	if !ok {
		return w.expression(selector, "!=", []expression.Test{t})
	}
	made.value = value
	return made, nil
}

// orders are the operators of the tests of numbers, and their opposites.
var orders = map[expression.Op][2]string{
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
