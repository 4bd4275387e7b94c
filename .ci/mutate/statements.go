package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// statement offers a statement's absence.
func statement(f *finder, s ast.Stmt, stack []ast.Node) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		if s.Tok != token.DEFINE && !steps(s, stack) && !discards(f, s) {
			drop(f, s, evaluated(f, s)...)
		}
	default:
		if droppable(f, s, stack) {
			drop(f, s)
		}
	}
}

func droppable(f *finder, s ast.Stmt, stack []ast.Node) bool {
	switch s := s.(type) {
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		return ok && !silent(f, call)
	case *ast.DeferStmt:
		return !silent(f, s.Call)
	case *ast.GoStmt, *ast.SendStmt:
		return true
	case *ast.IncDecStmt:
		return !steps(s, stack)
	case *ast.BranchStmt:
		return s.Tok == token.CONTINUE || s.Tok == token.BREAK && (s.Label != nil || inLoop(stack))
	}
	return false
}

func drop(f *finder, s ast.Stmt, otherwise ...edit) {
	f.add(s, dropped, "", append([]edit{f.edit(s, "")}, otherwise...)...)
}

// evaluated is an assignment to nothing, for where its values must stay in use.
func evaluated(f *finder, s *ast.AssignStmt) []edit {
	if s.Tok != token.ASSIGN {
		return nil
	}
	blank := strings.TrimSuffix(strings.Repeat("_, ", len(s.Lhs)), ", ")
	return []edit{{f.file.Offset(s.Pos()), f.file.Offset(s.TokPos), blank}}
}

// discards says whether an assignment only keeps a value in use.
func discards(f *finder, s *ast.AssignStmt) bool {
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
	"bytes.Equal":       true,
	"maps.Equal":        true,
	"reflect.DeepEqual": true,
	"slices.Equal":      true,
	"strings.EqualFold": true,
}

// swap offers a call with two neighbouring arguments of one type in each other's place.
func swap(f *finder, call *ast.CallExpr) {
	if fn := callee(f, call); fn != nil && ordersNothing(fn) {
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

func ordersNothing(fn types.Object) bool {
	_, builtin := fn.(*types.Builtin)
	return builtin && fn.Name() != "append" || commutative[qualified(fn)]
}

// silent says whether a call does nothing that a test should see.
func silent(f *finder, call *ast.CallExpr) bool { return logs(f, call) || locks(f, call) }

// logs says whether a call writes to a log only.
func logs(f *finder, call *ast.CallExpr) bool {
	fn := callee(f, call)
	return fn != nil && fn.Pkg() != nil && (fn.Pkg().Path() == "log/slog" || fn.Pkg().Path() == "log")
}

// locks says whether a call is for what runs at the same time.
func locks(f *finder, call *ast.CallExpr) bool {
	fn := callee(f, call)
	return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "sync" && strings.HasSuffix(fn.Name(), "ock")
}

func onlyLogs(f *finder, body *ast.BlockStmt) bool {
	return len(body.List) > 0 && !slices.ContainsFunc(body.List, func(s ast.Stmt) bool {
		x, ok := s.(*ast.ExprStmt)
		if !ok {
			return true
		}
		call, ok := x.X.(*ast.CallExpr)
		return !ok || !logs(f, call)
	})
}

func callee(f *finder, call *ast.CallExpr) types.Object {
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
