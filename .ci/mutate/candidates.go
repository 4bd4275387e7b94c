package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"math/rand/v2"
	"os"
	"path/filepath"

	"trailkeeper/.ci/source"
)

// candidates are the changes that a package offers.
type candidates struct {
	set   *source.Set
	pkg   source.Package
	files map[string]*ast.File // by path
	src   map[string][]byte
	all   []mutant
}

func load(dir, pkg string) (*candidates, error) {
	set, err := source.List(dir, false, pkg)
	if err != nil {
		return nil, err
	}
	if len(set.Packages) != 1 {
		return nil, fmt.Errorf("%s names %d packages: name one", pkg, len(set.Packages))
	}
	c := &candidates{
		set:   set,
		pkg:   set.Packages[0],
		files: map[string]*ast.File{},
		src:   map[string][]byte{},
	}
	if len(c.pkg.TestGoFiles)+len(c.pkg.XTestGoFiles) == 0 {
		return nil, fmt.Errorf("%s has no tests", pkg)
	}
	parsed, err := set.Parse(c.pkg.Dir, c.pkg.GoFiles)
	if err != nil {
		return nil, err
	}
	info := source.Info()
	if _, err := set.Check(c.pkg.ImportPath, parsed, info); err != nil {
		return nil, err
	}
	for i, syntax := range parsed {
		path := filepath.Join(c.pkg.Dir, c.pkg.GoFiles[i])
		src, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		c.files[path], c.src[path] = syntax, src
		c.all = append(c.all, find(set.Files.File(syntax.Pos()), syntax, src, info)...)
	}
	return c, nil
}

// choose takes up to max changes that compile, the same ones for the same seed. All if max is 0.
func (c *candidates) choose(max int, seed uint64) []mutant {
	order := rand.New(rand.NewPCG(seed, 0)).Perm(len(c.all))
	var chosen []mutant
	for _, i := range order {
		if max > 0 && len(chosen) == max {
			break
		}
		if m, ok := c.compiles(c.all[i]); ok {
			chosen = append(chosen, m)
		}
	}
	return chosen
}

// compiles reduces a change to its first form that the compiler takes.
func (c *candidates) compiles(m mutant) (mutant, bool) {
	for _, e := range m.edits {
		changed, err := parser.ParseFile(c.set.Files, m.file, e.apply(c.src[m.file]), parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		files := []*ast.File{changed}
		for path, f := range c.files {
			if path != m.file {
				files = append(files, f)
			}
		}
		if _, err := c.set.Check(c.pkg.ImportPath, files, nil); err == nil {
			m.edits = []edit{e}
			return m, true
		}
	}
	return m, false
}
