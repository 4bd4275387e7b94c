package dynamodb

import (
	"slices"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// condition is a condition expression, ready to be asked.
type condition func(Item) bool

// condition reads a whole condition expression.
func (e *expression) condition() (condition, *kernel.Error) {
	c := e.either()
	return c, e.end()
}

func (e *expression) either() condition {
	left := e.both()
	for e.failed == nil && e.take("OR") {
		first, right := left, e.both()
		left = func(i Item) bool { return first(i) || right(i) }
	}
	return left
}

func (e *expression) both() condition {
	left := e.negated()
	for e.failed == nil && e.take("AND") {
		first, right := left, e.negated()
		left = func(i Item) bool { return first(i) && right(i) }
	}
	return left
}

func (e *expression) negated() condition {
	if e.take("NOT") {
		inner := e.negated()
		return func(i Item) bool { return !inner(i) }
	}
	if e.take("(") {
		inner := e.either()
		e.want(")")
		return inner
	}
	if name := e.peek(); len(e.tokens) > 1 && e.tokens[1] == "(" {
		return e.function(name)
	}
	return e.comparison()
}

// function reads one of three functions; DynamoDB has more.
func (e *expression) function(name string) condition {
	if !slices.Contains([]string{"attribute_exists", "attribute_not_exists", "attribute_type"}, name) {
		e.fail("Invalid function name; function: %s", name)
		return nil
	}
	e.next()
	e.want("(")
	attribute := e.name()
	if name == "attribute_type" {
		return e.typed(attribute)
	}
	e.want(")")
	return func(i Item) bool {
		_, ok := i[attribute]
		return ok == (name == "attribute_exists")
	}
}

// typed reads the second argument of attribute_type: a value that names a type.
func (e *expression) typed(attribute string) condition {
	e.want(",")
	kind, content := kindOf(e.value())
	want, _ := content.(string)
	if e.failed == nil &&
		(kind != "S" || !slices.Contains([]string{"S", "SS", "N", "NS", "B", "BS", "BOOL", "NULL", "L", "M"}, want)) {
		e.fail("Invalid attribute type name found; type: %s, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}", want)
	}
	e.want(")")
	return func(i Item) bool {
		got, _ := kindOf(i[attribute])
		return got == want
	}
}

// comparison reads "name = :value". What is absent or of another type is not equal.
func (e *expression) comparison() condition {
	name := e.name()
	e.want("=")
	v := e.value()
	return func(i Item) bool {
		there, ok := i[name]
		return ok && equal(there, v)
	}
}
