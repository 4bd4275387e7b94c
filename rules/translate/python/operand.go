package python

import (
	"regexp"
	"slices"
	"strings"

	"trailkeeper/rules/translate"
)

// operand is a field of the event, and what is made of it before it is compared.
type operand struct {
	field translate.Field
	// instead is what there is where the field is missing; raises says that Python raises KeyError then.
	instead any
	raises  bool
	// upper and length say what is made of the text: lower is the field's Fold, str its AsText.
	upper, length bool
}

func (o operand) String() string { return `event["` + o.field.Path.String() + `"]` }

var key = regexp.MustCompile(`^[^.\x00-\x1f]+(\.[^.\x00-\x1f]+)*$`)

// objects are the fields that are objects or lists in a record. A flattened event has what is in them and not them.
var objects = []string{
	"userIdentity", "userIdentity.sessionContext", "userIdentity.sessionContext.attributes",
	"userIdentity.sessionContext.sessionIssuer", "requestParameters", "responseElements", "additionalEventData",
	"resources", "tlsDetails", "serviceEventDetails", "insightDetails", "edgeDeviceDetails", "addendum", "eventContext",
}

func fieldOf(text string) translate.Field {
	if !key.MatchString(text) {
		fail("%s is no key of a flattened event", quoted(text))
	}
	if slices.Contains(objects, text) {
		fail("the event is flattened and has no key %s; name a field in it", quoted(text))
	}
	return translate.Field{Path: translate.Dotted(text)}
}

// operandOf is the field that an expression is about, if it is about one.
func operandOf(n node) (operand, bool) {
	switch n := n.(type) {
	case index:
		if w, ok := n.of.(word); ok && w.text == "event" {
			return operand{field: fieldOf(textOf(n.key, "a key of event")), raises: true}, true
		}
		if _, ok := operandOf(n.of); ok {
			fail(`the event is flattened: write event["a.b"] for event["a"]["b"]`)
		}
	case call:
		return made(n)
	}
	return operand{}, false
}

// made is the operand that a call gives.
func made(n call) (operand, bool) {
	if n.of == nil {
		return function(n)
	}
	if w, ok := n.of.(word); ok && w.text == "event" && n.name == "get" {
		return get(n), true
	}
	o, ok := operandOf(n.of)
	if !ok || len(n.args) > 0 {
		return o, false
	}
	switch n.name {
	case "lower", "casefold":
		o.field.Fold, o.upper = true, false
	case "upper":
		o.field.Fold, o.upper = true, true
	default:
		return o, false
	}
	o.instead, o.raises = changed(o, n.name)
	return o, true
}

// changed is what a method makes of the value that stands for a missing field.
func changed(o operand, method string) (any, bool) {
	text, isText := o.instead.(string)
	switch {
	case o.raises || !isText: // Python raises AttributeError for what is no text
		return nil, true
	case method == "upper":
		return strings.ToUpper(text), false
	}
	return strings.ToLower(text), false
}

// function is str and len of a field.
func function(n call) (operand, bool) {
	if n.name != "str" && n.name != "len" || len(n.args) != 1 {
		return operand{}, false
	}
	o, ok := operandOf(n.args[0])
	if !ok {
		return o, false
	}
	if n.name == "str" {
		o.field.AsText = true
		if !o.raises {
			o.instead = strings.Trim(literalText(o.instead), `"`)
		}
		return o, true
	}
	o.length = true
	text, isText := o.instead.(string)
	o.instead, o.raises = float64(len([]rune(text))), o.raises || !isText
	return o, true
}

// get is event.get(key, otherwise).
func get(n call) operand {
	if len(n.args) == 0 || len(n.args) > 2 {
		fail("event.get takes a key and what to give without it")
	}
	o := operand{field: fieldOf(textOf(n.args[0], "a key of event"))}
	if len(n.args) == 2 {
		v, ok := n.args[1].(value)
		if !ok {
			fail("event.get gives %s where the field is missing; write a text, a number, True, False or None",
				describe(n.args[1]))
		}
		o.instead = v.of
	}
	return o
}

// textOf is a literal text.
func textOf(n node, what string) string {
	v, ok := n.(value)
	text, isText := v.of.(string)
	if !ok || !isText {
		fail("%s must be a text that is written out", what)
	}
	return text
}

// meaning is the meaning of a condition on the field that holds for no missing field, with what it comes to where the
// field is missing: true, false, or an exception.
func (o operand) meaning(c translate.Condition, missing func(instead any) (is, ok bool)) meaning {
	has := o.field.Exists()
	is, ok := false, false
	if !o.raises {
		is, ok = missing(o.instead)
	}
	switch {
	case !ok:
		return meaning{c, translate.And(translate.Without(has, translate.Negate(c)), translate.Negate(c)), has}
	case is:
		return meaning{
			truth:   translate.Or(translate.Negate(has), c),
			falsity: translate.And(has, translate.Negate(c)),
			defined: always,
		}
	}
	return meaning{c, translate.Negate(c), always}
}

// truth is the field where a condition is wanted: it holds for a text that is not empty, a number but 0, and true.
func (o operand) truth() meaning {
	if o.length {
		c, _ := o.compare(">", 0)
		return o.meaning(c, func(instead any) (bool, bool) { return truthy(instead), true })
	}
	return o.meaning(truthOf(o.field), func(instead any) (bool, bool) { return truthy(instead), true })
}

// truthOf holds for what Python takes for true: "false" and "0" are texts that are not empty.
func truthOf(f translate.Field) translate.Condition {
	at := f.Path.CEL()
	return &translate.Atom{
		Path: f.Path,
		CEL: "(type(" + at + ") == string ? " + at + ` != "" : !(text(` + at + `) in ["false", "0"]) && ` +
			at + " != null)",
		Holds: func(v any) bool { return v != nil && truthy(v) },
		Yes:   []any{"some-value", true},
		No:    []any{"", false, nil},
	}
}
