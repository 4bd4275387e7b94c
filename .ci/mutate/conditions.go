package main

import (
	"go/ast"
	"go/token"
	"go/types"
)

var opposite = map[token.Token]string{
	token.EQL: "!=",
	token.NEQ: "==",
	token.LSS: ">=",
	token.GEQ: "<",
	token.GTR: "<=",
	token.LEQ: ">",
}

var neighbour = map[token.Token]string{
	token.LSS: "<=",
	token.LEQ: "<",
	token.GTR: ">=",
	token.GEQ: ">",
}

// condition offers what a condition could be instead.
func condition(f *finder, cond ast.Expr) {
	negate(f, cond)
	fix(f, cond, always, "true || ")
	fix(f, cond, never, "false && ")
}

// loop offers the condition of a loop. One that is always true says nothing: no test ends.
func loop(f *finder, n *ast.ForStmt) {
	if n.Cond != nil {
		negate(f, n.Cond)
		fix(f, n.Cond, never, "false && ")
	}
}

// cases offers the conditions of a switch without a tag.
func cases(f *finder, n *ast.SwitchStmt) {
	if n.Tag != nil {
		return
	}
	for _, s := range n.Body.List {
		for _, cond := range s.(*ast.CaseClause).List {
			condition(f, cond)
		}
	}
}

func negate(f *finder, cond ast.Expr) {
	switch x := cond.(type) {
	case *ast.BinaryExpr:
		if op, ok := opposite[x.Op]; ok {
			f.replace(x, negated, with(f, x, op))
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
func fix(f *finder, cond ast.Expr, kind, prefix string) {
	f.add(cond, kind, prefix[:len(prefix)-len(" && ")], f.edit(cond, prefix+"("+f.text(cond)+")"))
}

func binary(f *finder, n *ast.BinaryExpr) {
	switch n.Op {
	case token.LAND, token.LOR:
		// The other half stays where it is, never read.
		f.add(n, half, f.text(n.X), f.edit(n, unread(f, n.X, n.Y)))
		f.add(n, half, f.text(n.Y), f.edit(n, unread(f, n.Y, n.X)))
	case token.EQL, token.NEQ:
		negate(f, n)
	default:
		if op, ok := neighbour[n.Op]; ok {
			f.replace(n, bound, with(f, n, op))
		}
	}
}

// unread is a condition that is kept beside one that is dropped and yet in use for the compiler.
func unread(f *finder, kept, lost ast.Expr) string {
	return "((" + f.text(kept) + ") || false && (" + f.text(lost) + "))"
}

func with(f *finder, n *ast.BinaryExpr, op string) string {
	return f.text(n.X) + " " + op + " " + f.text(n.Y)
}

// results offers a return without its error, and with the other truth.
func results(f *finder, n *ast.ReturnStmt) {
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
