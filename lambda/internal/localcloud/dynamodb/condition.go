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
		return e.exists(name)
	}
	return e.comparison()
}

func (e *expression) exists(function string) condition {
	if function != "attribute_exists" && function != "attribute_not_exists" {
		e.fail("Invalid function name; function: %s", function) // some of them exist in DynamoDB, but not here
		return nil
	}
	e.next()
	e.want("(")
	p := e.path()
	e.want(")")
	return func(i Item) bool {
		_, ok := p.lookup(i)
		return ok == (function == "attribute_exists")
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
