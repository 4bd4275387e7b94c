package dynamodb

import (
	"math/big"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// action is one part of an update expression.
type action struct {
	clause string // SET, REMOVE, ADD
	path   path
	value  func(Item) (any, *kernel.Error) // nil for REMOVE
}

// update reads a whole update expression.
func (e *expression) update() ([]action, *kernel.Error) {
	var all []action
	var seen []string
	for e.failed == nil && e.peek() != "" {
		clause := strings.ToUpper(e.peek())
		if !slices.Contains([]string{"SET", "REMOVE", "ADD"}, clause) {
			e.syntax()
			break
		}
		if slices.Contains(seen, clause) {
			e.fail("The \"%s\" section can only be used once in an update expression;", clause)
			break
		}
		seen = append(seen, clause)
		e.next()
		all = append(all, e.action(clause))
		for e.failed == nil && e.take(",") {
			all = append(all, e.action(clause))
		}
	}
	for i, a := range all {
		for _, b := range all[:i] {
			if n := min(len(a.path), len(b.path)); slices.Equal(a.path[:n], b.path[:n]) {
				e.fail(
					"Two document paths overlap with each other; must remove or rewrite one of these paths; "+
						"path one: [%s], path two: [%s]",
					strings.Join(b.path, ", "),
					strings.Join(a.path, ", "),
				)
			}
		}
	}
	return all, e.end()
}

func (e *expression) action(clause string) action {
	a := action{clause: clause, path: e.path()}
	switch clause {
	case "SET":
		e.want("=")
		a.value = e.sum()
	case "ADD":
		if !strings.HasPrefix(e.peek(), ":") {
			e.syntax()
			return a
		}
		v := e.value()
		if _, ok := number(v); e.failed == nil && !ok {
			e.fail("Incorrect operand type for operator or function; operator: ADD, the local run takes numbers only")
		}
		a.value = func(i Item) (any, *kernel.Error) {
			old, ok := a.path.lookup(i)
			if !ok {
				old = map[string]any{"N": "0"}
			}
			return add(old, v, 1)
		}
	}
	return a
}

// sum reads the right side of a SET.
func (e *expression) sum() func(Item) (any, *kernel.Error) {
	left := e.term()
	sign := int64(1)
	switch {
	case e.failed != nil:
		return left
	case e.take("-"):
		sign = -1
	case !e.take("+"):
		return left
	}
	right := e.term()
	return func(i Item) (any, *kernel.Error) {
		a, failed := left(i)
		if failed != nil {
			return nil, failed
		}
		b, failed := right(i)
		if failed != nil {
			return nil, failed
		}
		return add(a, b, sign)
	}
}

func (e *expression) term() func(Item) (any, *kernel.Error) {
	if len(e.tokens) > 1 && e.tokens[1] == "(" {
		if name := e.next(); name != "if_not_exists" {
			e.fail("Invalid function name; function: %s", name)
			return nil
		}
		e.want("(")
		p := e.path()
		e.want(",")
		otherwise := e.term()
		e.want(")")
		return func(i Item) (any, *kernel.Error) {
			if v, ok := p.lookup(i); ok {
				return v, nil
			}
			return otherwise(i)
		}
	}
	o := e.operand()
	return func(i Item) (any, *kernel.Error) {
		v, ok := o(i)
		if !ok {
			return nil, invalid("The provided expression refers to an attribute that does not exist in the item")
		}
		return v, nil
	}
}

func add(a, b any, sign int64) (any, *kernel.Error) {
	x, okX := number(a)
	y, okY := number(b)
	if !okX || !okY {
		return nil, invalid("An operand in the update expression has an incorrect data type")
	}
	return numberValue(x.Add(x, y.Mul(y, big.NewRat(sign, 1))))
}

// apply changes a copy of the item. Every value is that of the item as it was.
func apply(actions []action, old Item) (Item, *kernel.Error) {
	now := old.clone()
	for _, a := range actions {
		parent := map[string]any(now)
		for n, name := range a.path[:len(a.path)-1] {
			_, below := kindOf(parent[name])
			m, ok := below.(map[string]any)
			if !ok {
				return nil, invalid("The document path provided in the update expression is invalid for update: %s",
					strings.Join(a.path[:n+1], "."))
			}
			parent = m
		}
		last := a.path[len(a.path)-1]
		if a.clause == "REMOVE" {
			delete(parent, last)
			continue
		}
		v, failed := a.value(old)
		if failed != nil {
			return nil, failed
		}
		parent[last] = cloneValue(v)
	}
	return now, nil
}
