package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"path/filepath"
)

// complexities are those of every function, counted as gocyclo does: one, and one more for each if, for, case, && and
// ||.
func complexities(files []file) []place {
	var all []place
	for _, f := range files {
		for _, decl := range f.syntax.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok {
				all = append(all, place{complexity(fn), fmt.Sprintf("%s %s:%d", function(fn), f.path, f.line(fn))})
			}
		}
	}
	return all
}

func complexity(fn *ast.FuncDecl) int {
	n := 1
	ast.Inspect(fn, func(node ast.Node) bool {
		switch x := node.(type) {
		case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt:
			n++
		case *ast.CaseClause:
			if x.List != nil { // not the default
				n++
			}
		case *ast.CommClause:
			if x.Comm != nil {
				n++
			}
		case *ast.BinaryExpr:
			if x.Op == token.LAND || x.Op == token.LOR {
				n++
			}
		}
		return true
	})
	return n
}

func function(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return fn.Name.Name
	}
	t := fn.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name + "." + fn.Name.Name
		default:
			return fn.Name.Name
		}
	}
}

// filesPerPackage counts the files of each package.
func filesPerPackage(files []file) []place {
	n := map[string]int{}
	for _, f := range files {
		n[filepath.Dir(f.path)]++
	}
	var all []place
	for dir, count := range n {
		all = append(all, place{count, dir})
	}
	return all
}
