package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// statement offers a statement's absence, and says whether to look inside.
func (f *finder) statement(s ast.Stmt, stack []ast.Node) bool {
	switch s := s.(type) {
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		if !ok || f.logs(call) || f.locks(call) {
			return !ok
		}
		f.drop(s)
	case *ast.DeferStmt:
		if f.logs(s.Call) || f.locks(s.Call) {
			return false
		}
		f.drop(s)
	case *ast.GoStmt, *ast.SendStmt:
		f.drop(s)
	case *ast.IncDecStmt:
		if !steps(s, stack) {
			f.drop(s)
		}
	case *ast.AssignStmt:
		if s.Tok != token.DEFINE && !steps(s, stack) && !f.discards(s) {
			f.drop(s, f.evaluated(s)...)
		}
	case *ast.BranchStmt:
		if s.Label == nil && (s.Tok == token.CONTINUE || s.Tok == token.BREAK && inLoop(stack)) {
			f.drop(s)
		}
	}
	return true
}

func (f *finder) drop(s ast.Stmt, otherwise ...edit) {
	f.add(s, dropped, "", append([]edit{f.edit(s, "")}, otherwise...)...)
}

// evaluated is an assignment to nothing, for where its values must stay in use.
func (f *finder) evaluated(s *ast.AssignStmt) []edit {
	if s.Tok != token.ASSIGN {
		return nil
	}
	blank := strings.TrimSuffix(strings.Repeat("_, ", len(s.Lhs)), ", ")
	return []edit{{f.file.Offset(s.Pos()), f.file.Offset(s.TokPos), blank}}
}

// discards says whether an assignment only keeps a value in use.
func (f *finder) discards(s *ast.AssignStmt) bool {
	return !slices.ContainsFunc(s.Lhs, func(x ast.Expr) bool { return f.text(x) != "_" })
}

// steps says whether a statement counts a loop, which would not end without it.
func steps(s ast.Stmt, stack []ast.Node) bool {
	loop, ok := parent(stack).(*ast.ForStmt)
	return ok && (loop.Post == s || loop.Init == s)
}

// inLoop says whether a break here leaves a loop.
func inLoop(stack []ast.Node) bool {
	for _, n := range slices.Backward(stack) {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return true
		case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt, *ast.FuncLit, *ast.FuncDecl:
			return false
		}
	}
	return false
}

// commutative functions have no wrong order.
var commutative = map[string]bool{
	"bytes.Equal": true, "maps.Equal": true, "reflect.DeepEqual": true, "slices.Equal": true, "strings.EqualFold": true,
}

// swap offers a call with two neighbouring arguments of one type in each other's place.
func (f *finder) swap(call *ast.CallExpr) {
	callee := f.callee(call)
	if _, builtin := callee.(*types.Builtin); builtin && callee.Name() != "append" || callee != nil && commutative[qualified(callee)] {
		return
	}
	for i := range len(call.Args) - 1 {
		a, b := call.Args[i], call.Args[i+1]
		ta, tb := f.info.TypeOf(a), f.info.TypeOf(b)
		if ta == nil || tb == nil || !types.Identical(types.Default(ta), types.Default(tb)) || f.text(a) == f.text(b) {
			continue
		}
		between := string(f.src[f.file.Offset(a.End()):f.file.Offset(b.Pos())])
		swap := edit{f.file.Offset(a.Pos()), f.file.Offset(b.End()), f.text(b) + between + f.text(a)}
		f.addAs(a, swapped, f.text(a)+", "+f.text(b), f.text(b)+", "+f.text(a), swap)
	}
}

// logs says whether a call writes to a log only.
func (f *finder) logs(call *ast.CallExpr) bool {
	fn := f.callee(call)
	return fn != nil && fn.Pkg() != nil && (fn.Pkg().Path() == "log/slog" || fn.Pkg().Path() == "log")
}

// locks says whether a call is for what runs at the same time.
func (f *finder) locks(call *ast.CallExpr) bool {
	fn := f.callee(call)
	return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "sync" && strings.HasSuffix(fn.Name(), "ock")
}

func (f *finder) onlyLogs(body *ast.BlockStmt) bool {
	return len(body.List) > 0 && !slices.ContainsFunc(body.List, func(s ast.Stmt) bool {
		x, ok := s.(*ast.ExprStmt)
		if !ok {
			return true
		}
		call, ok := x.X.(*ast.CallExpr)
		return !ok || !f.logs(call)
	})
}

func (f *finder) callee(call *ast.CallExpr) types.Object {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		return f.info.Uses[fun]
	case *ast.SelectorExpr:
		return f.info.Uses[fun.Sel]
	}
	return nil
}

func qualified(o types.Object) string {
	if o.Pkg() == nil {
		return o.Name()
	}
	return o.Pkg().Path() + "." + o.Name()
}
