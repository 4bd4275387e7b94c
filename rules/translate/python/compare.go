package python

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"trailkeeper/rules/translate"
)

// compared is the meaning of left operator right.
func compared(n comparison) meaning {
	switch n.operator {
	case "in":
		return member(n.left, n.right)
	case "not in":
		return member(n.left, n.right).negated()
	case "!=":
		return equal(n.left, n.right).negated()
	case "is not":
		return identical(n).negated()
	case "is":
		return identical(n)
	case "==":
		return equal(n.left, n.right)
	}
	return ordered(n)
}

func identical(n comparison) meaning {
	v, ok := n.right.(value)
	if _, isBool := v.of.(bool); !ok || v.of != nil && !isBool {
		fail("is cannot be translated but with None, True and False; compare with ==")
	}
	return equal(n.left, n.right)
}

// equal is ==.
func equal(left, right node) meaning {
	if s, ok := left.(slice); ok {
		return sliced(s, right)
	}
	a, isField := operandOf(left)
	b, also := operandOf(right)
	switch {
	case isField && also:
		return same(a, b)
	case also:
		return equal(right, left)
	case !isField:
		return folded(left, right)
	}
	v, ok := right.(value)
	if !ok {
		fail("%s is compared with %s; compare it with a text, a number, True, False or None", a, describe(right))
	}
	return a.equal(v.of)
}

// folded compares two literals.
func folded(left, right node) meaning {
	a, first := left.(value)
	b, second := right.(value)
	if !first {
		fail("%s cannot be translated", describe(left))
	}
	if !second {
		fail("%s cannot be translated", describe(right))
	}
	return constant(a.of == b.of)
}

// equal compares the field with a value.
func (o operand) equal(v any) meaning {
	missing := func(instead any) (bool, bool) { return instead == v, true }
	if o.length {
		c, _ := o.compare("==", v)
		return o.meaning(c, missing)
	}
	switch v := v.(type) {
	case nil:
		return o.isNone()
	case bool:
		return o.meaning(o.field.Is(v), missing)
	case float64:
		c, err := translate.Compare(o.field, "==", literalText(v))
		if err != nil || o.field.AsText {
			return constant(false)
		}
		return o.meaning(c, missing)
	case string:
		o.notTruth()
		return o.meaning(o.oneOf([]string{v}), missing)
	}
	return constant(false)
}

// truths are the fields that CloudTrail writes as true or false.
var truths = []string{"readOnly", "managementEvent"}

// notTruth refuses to compare such a field with a text, which would be an error of the rule on every record.
func (o operand) notTruth() {
	if slices.Contains(truths, o.field.Path.String()) && !o.field.AsText {
		fail("%s is True or False, and Python finds it equal to no text; compare it with True or False", o)
	}
}

// isNone compares with None. Null and missing are the same to the rules, and event[…] gives None only for null.
func (o operand) isNone() meaning {
	has := o.field.Exists()
	if o.raises {
		return meaning{never, has, has}
	}
	if o.instead == nil {
		return meaning{translate.Negate(has), has, always}
	}
	return constant(false)
}

// oneOf holds where the field, after what is made of it, is one of the texts.
func (o operand) oneOf(texts []string) translate.Condition {
	var possible []string
	for _, t := range texts {
		if o.possible(t) {
			possible = append(possible, t)
		}
		if o.field.AsText && (t == "True" || t == "False") { // as str writes what the rules write in lower case
			possible = append(possible, strings.ToLower(t))
		}
	}
	if len(possible) == 0 {
		return never
	}
	return o.field.Equals(possible...)
}

// possible reports whether the letters of a text are in the case that the field's are put in.
func (o operand) possible(text string) bool {
	return !o.field.Fold || o.upper && text == strings.ToUpper(text) || !o.upper && text == strings.ToLower(text)
}

// same compares two fields.
func same(a, b operand) meaning {
	if !a.raises || !b.raises || a.length || b.length || a.upper != b.upper || a.field.Fold != b.field.Fold ||
		a.field.AsText || b.field.AsText {
		fail("two fields are compared only as event[…] == event[…]")
	}
	both := translate.And(a.field.Exists(), b.field.Exists())
	c := translate.SameText(a.field, b.field)
	return meaning{c, translate.And(both, translate.Negate(c)), both}
}

// sliced compares the first or last characters of a field with a text of just as many.
func sliced(s slice, right node) meaning {
	o, ok := operandOf(s.of)
	text := textOf(right, "what a slice is compared with")
	length := float64(utf8.RuneCountInString(text))
	bound := func(n node) (float64, bool) {
		v, ok := n.(value)
		f, number := v.of.(float64)
		return f, ok && number
	}
	if !ok || o.length || !o.possible(text) {
		fail("%s cannot be translated", describe(s))
	}
	missing := func(instead any) (bool, bool) { _, isText := instead.(string); return false, isText }
	if to, number := bound(s.to); s.from == nil && number && to == length {
		return o.meaning(o.field.StartsWith(text), missing)
	}
	if from, number := bound(s.from); s.to == nil && number && from == -length {
		return o.meaning(o.field.EndsWith(text), missing)
	}
	fail("%s cannot be translated", describe(s))
	return meaning{}
}

// member is in: of a list, of a text, or of the event's keys.
func member(left, right node) meaning {
	if c, ok := right.(call); ok && c.of != nil && c.name == "keys" && len(c.args) == 0 {
		right = c.of
	}
	if w, ok := right.(word); ok && w.text == "event" {
		has := fieldOf(textOf(left, "what is looked for in event")).Exists()
		return meaning{has, translate.Negate(has), always}
	}
	if of, ok := operandOf(right); ok {
		return of.includes(textOf(left, "what is looked for in a field"))
	}
	o, ok := operandOf(left)
	if !ok {
		fail("%s cannot be translated", describe(left))
	}
	switch of := right.(type) {
	case group:
		return o.among(of.of)
	case value:
		if text, ok := of.of.(string); ok && !o.length {
			return o.within(text)
		}
	}
	fail("in wants a list or a text, and this is %s", describe(right))
	return meaning{}
}

// includes holds where a text is in the field.
func (o operand) includes(text string) meaning {
	c := translate.Condition(never)
	if o.possible(text) && !o.length {
		c = o.field.Contains(text)
	}
	return o.meaning(c, func(instead any) (bool, bool) {
		s, isText := instead.(string)
		return isText && strings.Contains(s, text), isText
	})
}

// within holds where the field is a part of the text.
func (o operand) within(text string) meaning {
	return o.meaning(o.field.PartOf(text), func(instead any) (bool, bool) {
		s, isText := instead.(string)
		return isText && strings.Contains(text, s), isText
	})
}

// among holds where the field is one of the values of a list.
func (o operand) among(of []node) meaning {
	var texts []string
	m := constant(false)
	for _, one := range of {
		v, ok := one.(value)
		if !ok {
			fail("a list has %s; only values that are written out can be translated", describe(one))
		}
		if text, isText := v.of.(string); isText && !o.length {
			texts = append(texts, text)
			continue
		}
		m = logical(true, m.negated(), o.equal(v.of).negated()).negated()
	}
	if len(texts) == 0 {
		if len(of) == 0 {
			return o.meaning(never, func(any) (bool, bool) { return false, true })
		}
		return m
	}
	o.notTruth()
	one := o.meaning(o.oneOf(texts), func(instead any) (bool, bool) {
		s, isText := instead.(string)
		return isText && slices.Contains(texts, s), true
	})
	return logical(true, m.negated(), one.negated()).negated()
}

// affix is .startswith and .endswith, of one text or of a tuple of them.
func affix(n call) meaning {
	o, ok := operandOf(n.of)
	if !ok || o.length {
		fail("%s of what is no field cannot be translated", describe(n))
	}
	if len(n.args) != 1 {
		fail(".%s takes a text or a tuple of texts", n.name)
	}
	args := []node{n.args[0]}
	if g, ok := n.args[0].(group); ok {
		if g.open != "(" {
			fail(".%s takes a tuple, and Python raises TypeError for a list; write (…) for […]", n.name)
		}
		args = g.of
	}
	test, make := strings.HasPrefix, o.field.StartsWith
	if n.name == "endswith" {
		test, make = strings.HasSuffix, o.field.EndsWith
	}
	c := translate.Condition(never)
	var texts []string
	for _, a := range args {
		text := textOf(a, "what ."+n.name+" takes")
		texts = append(texts, text)
		if o.possible(text) {
			c = translate.Or(c, make(text))
		}
	}
	return o.meaning(c, func(instead any) (bool, bool) {
		s, isText := instead.(string)
		return isText && slices.ContainsFunc(texts, func(t string) bool { return test(s, t) }), isText
	})
}

// opposite are the operators seen from the other side.
var opposite = map[string]string{
	"<":  ">",
	"<=": ">=",
	">":  "<",
	">=": "<=",
}

// ordered compares a field with a number.
func ordered(n comparison) meaning {
	o, ok := operandOf(n.left)
	other := n.right
	operator := n.operator
	if !ok {
		if o, ok = operandOf(n.right); !ok {
			fail("%s cannot be translated", describe(n.left))
		}
		other, operator = n.left, opposite[operator]
	}
	v, _ := other.(value)
	than, number := v.of.(float64)
	if !number {
		fail("%s compares numbers, and this is %s", n.operator, describe(other))
	}
	c, err := o.compare(operator, than)
	if err != nil {
		fail("%s", err.Error())
	}
	return o.meaning(c, func(instead any) (bool, bool) {
		f, isNumber := instead.(float64)
		return isNumber && translate.Holds(operator, f, than), isNumber
	})
}

// compare is a comparison of the field, or of its length, with a number.
func (o operand) compare(operator string, v any) (translate.Condition, error) {
	than, number := v.(float64)
	if !number {
		return never, nil
	}
	if o.length {
		return o.field.Length(operator, int(than)), nil
	}
	return translate.Compare(o.field, operator, strconv.FormatFloat(than, 'f', -1, 64))
}
