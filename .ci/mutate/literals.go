package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// number offers a whole number's neighbours where it bounds something: in a comparison, a sum, an index, an argument, a
// declaration. Numbers written in octal or hexadecimal are flags.
func number(f *finder, n *ast.BasicLit, above ast.Node) {
	value, err := strconv.ParseInt(strings.ReplaceAll(n.Value, "_", ""), 10, 64)
	if n.Kind != token.INT || err != nil || len(n.Value) > 1 && n.Value[0] == '0' || !bounds(f, above) {
		return
	}
	neighbours := []int64{value + 1}
	if value > 0 {
		neighbours = append(neighbours, value-1)
	}
	for _, v := range neighbours {
		e := f.edit(n, strconv.FormatInt(v, 10))
		f.addAs(n, bound, f.text(above), around(f, above, e), e)
	}
}

// around is a node's text with a part of it changed.
func around(f *finder, n ast.Node, e edit) string {
	return string(f.src[f.file.Offset(n.Pos()):e.start]) + e.text + string(f.src[e.end:f.file.Offset(n.End())])
}

func bounds(f *finder, above ast.Node) bool {
	switch above := above.(type) {
	case *ast.BinaryExpr:
		return above.Op != token.SHL && above.Op != token.SHR && above.Op != token.AND && above.Op != token.OR
	case *ast.IndexExpr:
		t := f.info.TypeOf(above.X)
		if t == nil {
			return false
		}
		_, isMap := t.Underlying().(*types.Map)
		return !isMap
	case *ast.SliceExpr, *ast.CallExpr, *ast.ValueSpec:
		return true
	}
	return false
}

// literal offers a struct without one of its fields, and a list or map without one of its elements.
func literal(f *finder, lit *ast.CompositeLit) {
	t := f.info.TypeOf(lit)
	if t == nil {
		return
	}
	t = t.Underlying()
	if p, ok := t.(*types.Pointer); ok { // &T left out in a list
		t = p.Elem().Underlying()
	}
	_, isStruct := t.(*types.Struct)
	for _, element := range lit.Elts {
		pair, keyed := element.(*ast.KeyValueExpr)
		switch {
		case !isStruct:
			f.add(element, shortened, "", without(f, element))
		case keyed && !isZero(pair.Value):
			f.add(pair, zeroed, "", without(f, pair), lost(f, pair.Value))
		case !keyed && !isZero(element):
			f.add(element, zeroed, "", lost(f, element))
		}
	}
}

func lost(f *finder, x ast.Expr) edit { return f.edit(x, zero+"("+f.text(x)+")") }

// without removes an element and the comma behind it.
func without(f *finder, element ast.Node) edit {
	e := f.edit(element, "")
	rest := strings.TrimLeft(string(f.src[e.end:]), " \t")
	if strings.HasPrefix(rest, ",") {
		e.end = len(f.src) - len(rest) + 1
		return e
	}
	before := strings.TrimRight(string(f.src[:e.start]), " \t\n")
	if strings.HasSuffix(before, ",") {
		e.start = len(before) - 1
	}
	return e
}

func isZero(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name == "nil" || x.Name == "false"
	case *ast.BasicLit:
		return x.Value == "0" || x.Value == `""`
	}
	return false
}
