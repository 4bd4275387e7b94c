package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// finder collects the changes that a file offers.
type finder struct {
	file *token.File
	src  []byte
	info *types.Info

	found []mutant
	seen  map[string]bool
}

// find lists the changes of a file in the order of the text. Some of them may not compile.
func find(file *token.File, syntax *ast.File, src []byte, info *types.Info) []mutant {
	if ast.IsGenerated(syntax) {
		return nil
	}
	f := &finder{
		file: file,
		src:  src,
		info: info,
		seen: map[string]bool{},
	}
	for _, decl := range syntax.Decls {
		f.walk(decl, nil)
	}
	return f.found
}

func (f *finder) walk(root ast.Node, above []ast.Node) {
	ast.PreorderStack(root, above, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if silent(f, n) {
				return false
			}
			swap(f, n)
		case *ast.IfStmt:
			if n.Else == nil && onlyLogs(f, n.Body) {
				if n.Init != nil {
					f.walk(n.Init, stack)
				}
				return false
			}
			condition(f, n.Cond)
		default:
			f.offer(n, stack)
		}
		return true
	})
}

// offer collects the changes of a node itself.
func (f *finder) offer(n ast.Node, stack []ast.Node) {
	switch n := n.(type) {
	case *ast.ForStmt:
		loop(f, n)
	case *ast.SwitchStmt:
		cases(f, n)
	case *ast.BinaryExpr:
		binary(f, n)
	case *ast.BasicLit:
		number(f, n, parent(stack))
	case *ast.CompositeLit:
		literal(f, n)
	case *ast.ReturnStmt:
		results(f, n)
	case ast.Stmt:
		statement(f, n, stack)
	}
}

// add notes a change of a node, once.
func (f *finder) add(n ast.Node, kind, after string, edits ...edit) {
	f.addAs(n, kind, f.text(n), after, edits...)
}

func (f *finder) addAs(n ast.Node, kind, before, after string, edits ...edit) {
	key := fmt.Sprint(edits[0])
	if f.seen[key] {
		return
	}
	f.seen[key] = true
	f.found = append(f.found, mutant{
		file:   f.file.Name(),
		line:   f.file.Line(n.Pos()),
		kind:   kind,
		before: before,
		after:  after,
		edits:  edits,
	})
}

// replace notes that a node becomes a text.
func (f *finder) replace(n ast.Node, kind, after string) { f.add(n, kind, after, f.edit(n, after)) }

func (f *finder) edit(n ast.Node, text string) edit {
	return edit{start: f.file.Offset(n.Pos()), end: f.file.Offset(n.End()), text: text}
}

func (f *finder) text(n ast.Node) string {
	return string(f.src[f.file.Offset(n.Pos()):f.file.Offset(n.End())])
}

func parent(stack []ast.Node) ast.Node {
	if len(stack) == 0 {
		return nil
	}
	return stack[len(stack)-1]
}
