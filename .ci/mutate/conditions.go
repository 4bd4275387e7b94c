package main

import (
	"go/ast"
	"go/token"
	"go/types"
)

var opposite = map[token.Token]string{
	token.EQL: "!=", token.NEQ: "==",
	token.LSS: ">=", token.GEQ: "<",
	token.GTR: "<=", token.LEQ: ">",
}

var neighbour = map[token.Token]string{
	token.LSS: "<=", token.LEQ: "<",
	token.GTR: ">=", token.GEQ: ">",
}

// condition offers what a condition could be instead.
func (f *finder) condition(cond ast.Expr) {
	f.negate(cond)
	f.fix(cond, always, "true || ")
	f.fix(cond, never, "false && ")
}

// cases offers the conditions of a switch without a tag.
func (f *finder) cases(n *ast.SwitchStmt) {
	if n.Tag != nil {
		return
	}
	for _, s := range n.Body.List {
		for _, cond := range s.(*ast.CaseClause).List {
			f.condition(cond)
		}
	}
}

func (f *finder) negate(cond ast.Expr) {
	switch x := cond.(type) {
	case *ast.BinaryExpr:
		if op, ok := opposite[x.Op]; ok {
			f.replace(x, negated, f.with(x, op))
			return
		}
	case *ast.UnaryExpr:
		if x.Op == token.NOT {
			f.replace(x, negated, f.text(x.X))
			return
		}
	}
	f.replace(cond, negated, "!("+f.text(cond)+")")
}

// fix makes a condition constant. Its variables stay in use.
func (f *finder) fix(cond ast.Expr, kind, prefix string) {
	f.add(cond, kind, prefix[:len(prefix)-len(" && ")], f.edit(cond, prefix+"("+f.text(cond)+")"))
}

func (f *finder) binary(n *ast.BinaryExpr) {
	switch n.Op {
	case token.LAND, token.LOR:
		// The other half stays where it is, never read.
		f.add(n, half, f.text(n.X), f.edit(n, f.unread(n.X, n.Y)))
		f.add(n, half, f.text(n.Y), f.edit(n, f.unread(n.Y, n.X)))
	case token.EQL, token.NEQ:
		f.negate(n)
	default:
		if op, ok := neighbour[n.Op]; ok {
			f.replace(n, bound, f.with(n, op))
		}
	}
}

// unread is a condition that is kept beside one that is dropped and yet in use for the compiler.
func (f *finder) unread(kept, lost ast.Expr) string {
	return "((" + f.text(kept) + ") || false && (" + f.text(lost) + "))"
}

func (f *finder) with(n *ast.BinaryExpr, op string) string {
	return f.text(n.X) + " " + op + " " + f.text(n.Y)
}

// results offers a return without its error, and with the other truth.
func (f *finder) results(n *ast.ReturnStmt) {
	for _, x := range n.Results {
		t := f.info.TypeOf(x)
		switch {
		case isBool(x):
			f.replace(x, negated, map[string]string{"true": "false", "false": "true"}[f.text(x)])
		case t != nil && !isNil(x) && types.AssignableTo(t, types.Universe.Lookup("error").Type()):
			lost := f.edit(x, "nil")
			used := f.edit(x, "func(error) error { return nil }("+f.text(x)+")")
			f.add(x, errorDropped, "nil", lost, used)
		}
	}
}

func isBool(x ast.Expr) bool {
	id, ok := x.(*ast.Ident)
	return ok && (id.Name == "true" || id.Name == "false")
}

func isNil(x ast.Expr) bool {
	id, ok := x.(*ast.Ident)
	return ok && id.Name == "nil"
}
