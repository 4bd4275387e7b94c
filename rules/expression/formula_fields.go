package expression

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// path is where a field stands below the record; false for anything else.
func (f *former) path(e ast.Expr) ([]string, bool) {
	switch {
	case e.Kind() == ast.IdentKind:
		root, known := f.roots[e.AsIdent()]
		return slices.Clone(root), known
	case functionOf(e) == operators.Index:
		name, ok := literal(e.AsCall().Args()[1])
		of, isField := f.path(e.AsCall().Args()[0])
		return append(of, name), ok && isField && name != ""
	case e.Kind() == ast.SelectKind && !e.AsSelect().IsTestOnly():
		of, isField := f.path(e.AsSelect().Operand())
		return append(of, e.AsSelect().FieldName()), isField
	}
	return nil, false
}

// withoutText is what text() is made of: a field that is a text anyway.
func withoutText(e ast.Expr) ast.Expr {
	if functionOf(e) == "text" {
		return firstOperand(e.AsCall())
	}
	return e
}

// equal is a comparison of a field, or of a condition with true or false.
func (f *former) equal(e, a, b ast.Expr, want bool) (Formula, error) {
	if _, ok := f.constant(a); ok || a.Kind() == ast.LiteralKind {
		a, b = b, a
	}
	of, isField := f.path(withoutText(a))
	if b.Kind() == ast.LiteralKind {
		switch v := b.AsLiteral().(type) {
		case types.Bool:
			if isField {
				return oneField(of, !want, Test{Truth, fmt.Sprint(bool(v))}), nil
			}
			return f.of(a, bool(v) == want)
		case types.Null:
			if isField {
				return oneField(of, want, Test{Op: There}), nil
			}
		case types.Int, types.Uint, types.Double:
			if isField {
				return oneField(of, !want, Test{NumberIs, fmt.Sprint(v.Value())}), nil
			}
		}
	}
	if text, ok := f.constant(b); ok {
		return f.isOneOf(e, a, []string{text}, want)
	}
	return Formula{}, f.untestable(e)
}

// isOneOf is a field, or its lower-case form, that is one of some texts.
func (f *former) isOneOf(e, value ast.Expr, texts []string, want bool) (Formula, error) {
	op := Is
	if functionOf(value) == "lower" {
		op, value = IsFold, firstOperand(value.AsCall())
	}
	of, isField := f.path(withoutText(value))
	if !isField {
		return Formula{}, f.untestable(e)
	}
	var tests []Test
	for _, text := range texts {
		if op == Is || text == strings.ToLower(text) { // nothing else is in lower case
			tests = append(tests, Test{op, text})
		}
	}
	if tests == nil {
		return constant(!want), nil
	}
	return oneField(of, !want, tests...), nil
}

// member is a field that is one of some texts, or that a named list has.
func (f *former) member(e, value, of ast.Expr, want bool) (Formula, error) {
	if functionOf(of) == "list" {
		name, _ := literal(of.AsCall().Args()[0])
		path, isField := f.path(withoutText(value))
		if list := f.language.lists[name]; list != nil && isField {
			tests := list.tests()
			if tests == nil {
				return constant(!want), nil
			}
			return oneField(path, !want, tests...), nil
		}
	}
	if of.Kind() != ast.ListKind {
		return Formula{}, f.untestable(e)
	}
	var texts []string
	for _, one := range of.AsList().Elements() {
		text, ok := f.constant(one)
		if !ok {
			return Formula{}, f.untestable(e)
		}
		texts = append(texts, text)
	}
	if texts == nil {
		return constant(!want), nil
	}
	return f.isOneOf(e, value, texts, want)
}

// tests are what a value meets one of that the list has.
func (l *list) tests() []Test {
	l.read()
	var tests []Test
	for _, text := range slices.Sorted(maps.Keys(l.values)) {
		op := Is
		if _, err := network(text); err == nil {
			op = InNetwork
		} else if strings.Contains(text, "*") {
			op = Glob
		}
		tests = append(tests, Test{op, text})
	}
	return tests
}

// orders are the tests of a field on the left of an operator, and of one on its right.
var orders = map[string][2]Op{
	operators.Less:          {Below, Above},
	operators.LessEquals:    {AtMost, AtLeast},
	operators.Greater:       {Above, Below},
	operators.GreaterEquals: {AtLeast, AtMost},
}

// ordered is a comparison of a field with a number.
func (f *former) ordered(e ast.Expr, operator string, args []ast.Expr, want bool) (Formula, error) {
	for i, op := range orders[operator] {
		of, isField := f.path(args[i])
		if other := args[1-i]; isField && other.Kind() == ast.LiteralKind {
			switch v := other.AsLiteral().(type) {
			case types.Int, types.Uint, types.Double:
				return oneField(of, !want, Test{op, fmt.Sprint(v.Value())}), nil
			}
		}
	}
	return Formula{}, f.untestable(e)
}
