package expression

import (
	"fmt"
	"regexp"
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// tolerance rewrites a checked expression so that its operators know absent fields. The names that it writes start with
// "@": no rule can.
type tolerance struct {
	tree    *ast.AST
	factory ast.ExprFactory
	next    int64
}

// replaced are the functions that have a tolerant one, which takes the receiver as its first argument.
var replaced = map[string]string{
	operators.Equals:        "@equal",
	operators.NotEquals:     "@unequal",
	operators.Less:          "@less",
	operators.LessEquals:    "@lessEqual",
	operators.Greater:       "@greater",
	operators.GreaterEquals: "@greaterEqual",
	operators.In:            "@member",
	operators.Index:         "@at",
	"startsWith":            "@startsWith",
	"endsWith":              "@endsWith",
	"contains":              "@contains",
	"matches":               "@matches",
	"glob":                  "@glob",
	"cidr":                  "@cidr",
	"lower":                 "@lower",
	"list":                  "@list",
	"isReadOnly":            "@isReadOnly",
	"refused":               "@refused",
	"text":                  "@text",
	"values":                "@values",
}

func (t *tolerance) id() int64 { t.next++; return t.next }

func (t *tolerance) call(id int64, function string, args ...ast.Expr) ast.Expr {
	return t.factory.NewCall(id, function, args...)
}

func (t *tolerance) all(exprs []ast.Expr) []ast.Expr {
	rewritten := make([]ast.Expr, len(exprs))
	for i, e := range exprs {
		rewritten[i] = t.rewrite(e)
	}
	return rewritten
}

func (t *tolerance) rewrite(e ast.Expr) ast.Expr {
	switch e.Kind() {
	case ast.IdentKind:
		if known := t.tree.ReferenceMap()[e.ID()]; known != nil && known.Value != nil {
			return t.factory.NewLiteral(e.ID(), known.Value)
		}
	case ast.SelectKind:
		s := e.AsSelect()
		name := t.factory.NewLiteral(t.id(), types.String(s.FieldName()))
		function := "@at"
		if s.IsTestOnly() {
			function = "@has"
		}
		return t.call(e.ID(), function, t.rewrite(s.Operand()), name)
	case ast.CallKind:
		return t.function(e)
	case ast.ListKind:
		return t.factory.NewList(e.ID(), t.all(e.AsList().Elements()), e.AsList().OptionalIndices())
	case ast.MapKind:
		var entries []ast.EntryExpr
		for _, one := range e.AsMap().Entries() {
			m := one.AsMapEntry()
			entry := t.factory.NewMapEntry(one.ID(), t.rewrite(m.Key()), t.rewrite(m.Value()), m.IsOptional())
			entries = append(entries, entry)
		}
		return t.factory.NewMap(e.ID(), entries)
	case ast.ComprehensionKind:
		c := e.AsComprehension()
		return t.factory.NewComprehensionTwoVar(e.ID(), t.call(t.id(), "@items", t.rewrite(c.IterRange())),
			c.IterVar(), c.IterVar2(), c.AccuVar(), t.rewrite(c.AccuInit()), t.rewrite(c.LoopCondition()),
			t.rewrite(c.LoopStep()), t.rewrite(c.Result()))
	}
	return t.factory.CopyExpr(e)
}

func (t *tolerance) function(e ast.Expr) ast.Expr {
	c := e.AsCall()
	switch name := c.FunctionName(); name {
	case operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.NotStrictlyFalse:
		var args []ast.Expr
		for _, a := range c.Args() {
			args = append(args, t.truth(a))
		}
		return t.call(e.ID(), name, args...)
	case operators.Conditional:
		args := c.Args()
		return t.call(e.ID(), name, t.truth(args[0]), t.rewrite(args[1]), t.rewrite(args[2]))
	}
	if tolerant := replaced[c.FunctionName()]; tolerant != "" {
		args := t.all(c.Args())
		if c.IsMemberFunction() {
			args = append([]ast.Expr{t.rewrite(c.Target())}, args...)
		}
		if text, ok := literal(args[len(args)-1]); ok && tolerant == "@matches" {
			re := pattern{types.String(text), regexp.MustCompile(text)} // checkConstants has compiled it
			args[len(args)-1] = t.factory.NewLiteral(t.id(), re)
		}
		return t.call(e.ID(), tolerant, args...)
	}
	return t.strict(e)
}

// strict is a call of what knows no absent values: with one of them the result is absent. Each operand that may be
// absent gets a name first, so that it stands in the plan once.
func (t *tolerance) strict(e ast.Expr) ast.Expr {
	c := e.AsCall()
	var named []ast.Expr // a name and its operand, in turn
	operand := func(of ast.Expr) ast.Expr {
		rewritten := t.rewrite(of)
		if !t.mayBeAbsent(of) {
			return rewritten
		}
		name := t.factory.NewIdent(t.id(), fmt.Sprintf("@operand%d", t.next))
		named = append(named, name, rewritten)
		return name
	}
	var args []ast.Expr
	for _, a := range c.Args() {
		args = append(args, operand(a))
	}
	var plan ast.Expr
	if c.IsMemberFunction() {
		plan = t.factory.NewMemberCall(e.ID(), c.FunctionName(), operand(c.Target()), args...)
	} else {
		plan = t.call(e.ID(), c.FunctionName(), args...)
	}
	for i := 0; i < len(named); i += 2 {
		missing := t.call(t.id(), "@isAbsent", t.factory.CopyExpr(named[i]))
		plan = t.call(t.id(), operators.Conditional, missing, t.call(t.id(), "@absent"), plan)
	}
	for i := 0; i < len(named); i += 2 {
		plan = t.let(named[i].AsIdent(), named[i+1], plan)
	}
	return plan
}

// let is an expression in which a name stands for a value: a loop that goes through nothing.
func (t *tolerance) let(name string, value, in ast.Expr) ast.Expr {
	return t.factory.NewComprehension(t.id(), t.factory.NewList(t.id(), nil, nil), "@none", name, value,
		t.factory.NewLiteral(t.id(), types.False), t.factory.NewIdent(t.id(), name), in)
}

// mayBeAbsent reports whether a value can be absent: a field, and what is made of one by anything but a condition.
func (t *tolerance) mayBeAbsent(e ast.Expr) bool {
	if t.tree.GetType(e.ID()).Kind() == types.DynKind {
		return true
	}
	if e.Kind() != ast.CallKind {
		return false
	}
	c := e.AsCall()
	switch c.FunctionName() {
	case operators.Conditional:
		return t.mayBeAbsent(c.Args()[1]) || t.mayBeAbsent(c.Args()[2])
	case operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.NotStrictlyFalse:
		return false
	}
	if tolerant := replaced[c.FunctionName()]; tolerant != "" && tolerant != "@lower" && tolerant != "@text" {
		return false // without a field's type, these are true or false, or a list
	}
	return c.IsMemberFunction() && t.mayBeAbsent(c.Target()) || slices.ContainsFunc(c.Args(), t.mayBeAbsent)
}

// truth is where true or false is wanted: an absent field is false.
func (t *tolerance) truth(e ast.Expr) ast.Expr {
	if !t.mayBeAbsent(e) {
		return t.rewrite(e)
	}
	return t.call(t.id(), "@truth", t.rewrite(e))
}
