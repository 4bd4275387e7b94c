// Package python translates a Python expression over a flattened event, as rules of the other module are, into a
// condition.
//
// Such a rule counts where the expression is True; where Python raises an exception, as for a key that is missing, it
// does not. The package knows expressions only: no statements, and no files that they stand in.
package python

import (
	"errors"
	"fmt"
	"strconv"

	"trailkeeper/rules/translate"
)

// Expression is a translated expression.
type Expression struct {
	Condition translate.Condition
	// Joined has, for each literal that is written in several parts side by side, the first of them.
	Joined []string
}

// Translate translates an expression. The error says what cannot be translated, in one sentence.
func Translate(source string) (e Expression, err error) {
	if len(source) > maxSource {
		return e, fmt.Errorf("the rule is longer than %d bytes", maxSource)
	}
	n, comma, err := parse(source)
	for _, t := range comma {
		e.Joined = append(e.Joined, t.first)
	}
	if err != nil {
		return e, err
	}
	defer func() {
		if s, ok := recover().(stop); ok {
			err = errors.New(s.reason)
		}
	}()
	e.Condition = result(n)
	if e.Condition == never {
		return e, errors.New("the rule is never True, whatever the event")
	}
	return e, nil
}

// meaning is what an expression comes to: where it is true, where it is false, and where it is either, so that Python
// raises no exception.
type meaning struct{ truth, falsity, defined translate.Condition }

const always, never = translate.Constant(true), translate.Constant(false)

// maxSource bounds a rule, in bytes.
const maxSource = 64 << 10

func (m meaning) checked() meaning {
	return meaning{bounded(m.truth), bounded(m.falsity), bounded(m.defined)}
}

func bounded(c translate.Condition) translate.Condition {
	if translate.Size(c) > translate.MaxSize {
		fail("the rule is too long; split it at its or")
	}
	return c
}

// result is where the value of an expression is True itself, which the other module asks for: a text that is not empty,
// as "a and b" may give, is not enough.
func result(n node) translate.Condition {
	switch n := n.(type) {
	case logic:
		left, right := meaningOf(n.left), result(n.right)
		if n.and {
			return bounded(translate.And(translate.Without(left.truth, right), right))
		}
		otherwise := left.falsity
		if gives(n.left) {
			otherwise = left.defined
		}
		return bounded(translate.Or(result(n.left), translate.And(translate.Without(otherwise, right), right)))
	case choice:
		c := meaningOf(n.condition)
		return translate.Or(translate.And(c.truth, result(n.yes)), translate.And(c.falsity, result(n.no)))
	case value:
		return translate.Constant(n.of == true)
	}
	if o, ok := operandOf(n); ok {
		fail("the rule gives the value of %s and not True or False, so that it never counts; compare it", o)
	}
	return meaningOf(n).checked().truth
}

// gives reports whether an expression gives True or False and nothing else.
func gives(n node) bool {
	switch n := n.(type) {
	case logic:
		return gives(n.left) && gives(n.right)
	case choice:
		return gives(n.yes) && gives(n.no)
	case comparison, negation:
		return true
	case call:
		_, ok := called(n)
		return ok
	}
	return false
}

func meaningOf(n node) meaning {
	switch n := n.(type) {
	case logic:
		return logical(n.and, meaningOf(n.left), meaningOf(n.right)).checked()
	case negation:
		m := meaningOf(n.of)
		return meaning{m.falsity, m.truth, m.defined}
	case choice:
		return chosen(meaningOf(n.condition), meaningOf(n.yes), meaningOf(n.no)).checked()
	case comparison:
		return compared(n)
	case call:
		if m, ok := called(n); ok {
			return m
		}
	case value:
		return constant(truthy(n.of))
	case group:
		return constant(len(n.of) > 0)
	}
	if o, ok := operandOf(n); ok {
		return o.truth()
	}
	fail("%s cannot be translated", describe(n))
	return meaning{}
}

func constant(is bool) meaning {
	return meaning{translate.Constant(is), translate.Constant(!is), always}
}

func truthy(v any) bool {
	switch v := v.(type) {
	case string:
		return v != ""
	case float64:
		return v != 0
	case bool:
		return v
	}
	return false
}

// logical is and, or: the right side is looked at only where the left one does not decide, and an exception of the left
// one is one of the whole.
func logical(and bool, left, right meaning) meaning {
	if !and { // a or b is not (not a and not b)
		m := logical(true, left.negated(), right.negated())
		return m.negated()
	}
	return meaning{
		truth:   translate.And(translate.Without(left.truth, right.truth), right.truth),
		falsity: translate.Or(left.falsity, translate.And(translate.Without(left.defined, right.falsity), right.falsity)),
		defined: translate.And(left.defined, translate.Or(left.falsity, right.defined)),
	}
}

func (m meaning) negated() meaning { return meaning{m.falsity, m.truth, m.defined} }

func chosen(c, yes, no meaning) meaning {
	each := func(y, n translate.Condition) translate.Condition {
		return translate.Or(translate.And(c.truth, y), translate.And(c.falsity, n))
	}
	return meaning{each(yes.truth, no.truth), each(yes.falsity, no.falsity), each(yes.defined, no.defined)}
}

// called is the meaning of a call that gives True or False.
func called(n call) (meaning, bool) {
	switch {
	case n.of == nil && n.name == "bool" && len(n.args) == 1:
		return meaningOf(n.args[0]), true
	case n.of == nil && (n.name == "any" || n.name == "all") && len(n.args) == 1:
		return quantified(n), true
	case n.of != nil && (n.name == "startswith" || n.name == "endswith"):
		return affix(n), true
	}
	return meaning{}, false
}

// quantified is any and all, which evaluate all of a list before they look at it.
func quantified(n call) meaning {
	g, ok := n.args[0].(group)
	if !ok {
		fail("%s takes a list that is written out", n.name)
	}
	m := constant(n.name == "all")
	defined := translate.Condition(always)
	for _, one := range g.of {
		of := meaningOf(one)
		defined = translate.And(defined, of.defined)
		if n.name == "all" {
			m.truth, m.falsity = translate.And(m.truth, of.truth), translate.Or(m.falsity, of.falsity)
		} else {
			m.truth, m.falsity = translate.Or(m.truth, of.truth), translate.And(m.falsity, of.falsity)
		}
	}
	return meaning{translate.And(defined, m.truth), translate.And(defined, m.falsity), defined}.checked()
}

// describe says what a part of an expression is, for a reason.
func describe(n node) string {
	switch n := n.(type) {
	case word:
		return fmt.Sprintf("the name %s", quoted(n.text))
	case call:
		if n.of == nil {
			return fmt.Sprintf("a call of %s()", n.name)
		}
		return fmt.Sprintf("a call of .%s()", n.name)
	case slice:
		return "a slice, unless it is compared with a text of its length"
	case index:
		return "a subscript of what is not event"
	case group:
		return "a list here"
	case value:
		return "the value " + literalText(n.of)
	}
	return "an expression here"
}

func literalText(v any) string {
	switch v := v.(type) {
	case string:
		return quoted(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		if v {
			return "True"
		}
		return "False"
	}
	return "None"
}

func numberOf(text string) node {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		fail("the number %s cannot be translated; write it in decimals", quoted(text))
	}
	return value{n}
}
