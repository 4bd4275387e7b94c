package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"strings"
	"unicode/utf8"
)

// lines counts what a rule finds in the files, and lists it by file.
func lines(name string, files []file, find func(file) int) figure {
	f := figure{name: name, goal: "0"}
	tests := 0
	for _, at := range files {
		n := find(at)
		if n == 0 {
			continue
		}
		f.value += n
		if at.test {
			tests += n
		}
		f.places = append(f.places, place{n, at.path})
	}
	f.places = sorted(f.places)
	if f.value > 0 {
		f.note = fmt.Sprintf("%d of them in tests", tests)
	}
	return f
}

// longLines counts lines of more than 120 characters. A tab is one, as golangci-lint's lll has it.
func longLines(f file) int {
	n := 0
	for line := range bytes.Lines(f.src) {
		if utf8.RuneCount(bytes.TrimRight(line, "\r\n")) > maxColumns {
			n++
		}
	}
	return n
}

// crowded counts literals of more than three pairs in which two pairs share a line.
func crowded(f file) int {
	n := 0
	ast.Inspect(f.syntax, func(node ast.Node) bool {
		lit, ok := node.(*ast.CompositeLit)
		if !ok {
			return true
		}
		pairs, shared, last := 0, false, 0
		for _, element := range lit.Elts {
			if pair, ok := element.(*ast.KeyValueExpr); ok {
				pairs++
				shared = shared || f.line(pair) == last
				last = f.line(pair)
			}
		}
		if pairs > maxPairs && shared {
			n++
		}
		return true
	})
	return n
}

// undocumented are the packages that say of themselves less than two lines.
func undocumented(files []file) []place {
	doc := map[string]int{}
	for _, f := range files {
		text := strings.TrimSpace(f.syntax.Doc.Text())
		n := 0
		if text != "" {
			n = len(strings.Split(text, "\n"))
		}
		doc[f.pkg] = max(doc[f.pkg], n)
	}
	var all []place
	for pkg, n := range doc {
		if n < minDocLines {
			all = append(all, place{n, short(pkg)})
		}
	}
	return all
}

// goLines counts lines of code: not empty, and not of a comment alone.
func goLines(files []file) int {
	n := 0
	for _, f := range files {
		for line := range bytes.Lines(f.src) {
			if line = bytes.TrimSpace(line); len(line) > 0 && !bytes.HasPrefix(line, []byte("//")) {
				n++
			}
		}
	}
	return n
}
