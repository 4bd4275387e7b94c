package dynamodb

import (
	"slices"
	"strings"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// condition is a condition expression, ready to be asked.
type condition func(Item) bool

// operand is a side of a comparison: false where the item has no such attribute.
type operand func(Item) (any, bool)

// lookup follows the path into an item.
func (p path) lookup(i Item) (any, bool) {
	var v any = map[string]any(i)
	for n, name := range p {
		if n > 0 {
			_, v = kindOf(v)
		}
		m, _ := v.(map[string]any)
		var ok bool
		if v, ok = m[name]; !ok {
			return nil, false
		}
	}
	return v, true
}

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
	p := e.path()
	if name == "attribute_type" {
		return e.typed(p)
	}
	e.want(")")
	return func(i Item) bool {
		_, ok := p.lookup(i)
		return ok == (name == "attribute_exists")
	}
}

// typed reads the second argument of attribute_type: a value that names a type.
func (e *expression) typed(p path) condition {
	e.want(",")
	if e.failed == nil && !strings.HasPrefix(e.peek(), ":") {
		e.syntax()
	}
	if e.failed != nil {
		return nil
	}
	kind, content := kindOf(e.value())
	want, _ := content.(string)
	if e.failed == nil && (kind != "S" || !slices.Contains([]string{"S", "SS", "N", "NS", "B", "BS", "BOOL", "NULL", "L", "M"}, want)) {
		e.fail("Invalid attribute type name found; type: %s, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}", want)
	}
	e.want(")")
	return func(i Item) bool {
		v, _ := p.lookup(i)
		got, _ := kindOf(v)
		return got == want
	}
}

func (e *expression) operand() operand {
	if strings.HasPrefix(e.peek(), ":") {
		v := e.value()
		return func(Item) (any, bool) { return v, true }
	}
	p := e.path()
	return p.lookup
}

func (e *expression) comparison() condition {
	left := e.operand()
	op := e.next()
	if e.failed == nil && !slices.Contains([]string{"=", "<>", "<", "<=", ">", ">="}, op) {
		e.tokens = append([]string{op}, e.tokens...)
		e.syntax()
		return nil
	}
	right := e.operand()
	return func(i Item) bool {
		a, okA := left(i)
		b, okB := right(i)
		return compared(op, a, b, okA && okB)
	}
}

// compared: what is absent or of another type has no order, and is not equal.
func compared(op string, a, b any, both bool) bool {
	switch op {
	case "=":
		return both && equal(a, b)
	case "<>":
		return !both || !equal(a, b)
	}
	n, ok := order(a, b)
	if !both || !ok {
		return false
	}
	switch op {
	case "<":
		return n < 0
	case "<=":
		return n <= 0
	case ">":
		return n > 0
	default:
		return n >= 0
	}
}
