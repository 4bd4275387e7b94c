package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"trailkeeper/.ci/source"
)

// file is a Go file that a human wrote.
type file struct {
	pkg    string // the import path
	path   string // from the module's folder
	test   bool
	syntax *ast.File
	src    []byte
	set    *source.Set
}

// checked is a package with its types.
type checked struct {
	path  string
	types *types.Package
	info  *types.Info
	set   *source.Set
	// external says that this is package x_test: it sees the package as others do, but what it uses is used by itself.
	external bool
}

// module is what the figures are taken from.
type module struct {
	files    []file
	packages []checked
}

func load(dir string) (*module, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	hidden, err := hiddenPackages(root)
	if err != nil {
		return nil, err
	}
	set, err := source.List(root, true, append([]string{"./..."}, hidden...)...)
	if err != nil {
		return nil, err
	}
	m := &module{}
	for _, p := range set.Packages {
		if err := m.add(set, p, root); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// hiddenPackages are the folders of .ci with Go code, which ./... leaves out.
func hiddenPackages(root string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(filepath.Join(root, ".ci"), func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "testdata":
			return filepath.SkipDir
		case filepath.Ext(path) == ".go" && !slices.Contains(found, filepath.Dir(path)):
			found = append(found, filepath.Dir(path))
		}
		return nil
	})
	return found, err
}

func (m *module) add(set *source.Set, p source.Package, root string) error {
	code, err := m.parse(set, p, root, p.GoFiles, false)
	if err != nil {
		return err
	}
	tests, err := m.parse(set, p, root, p.TestGoFiles, true)
	if err != nil {
		return err
	}
	external, err := m.parse(set, p, root, p.XTestGoFiles, true)
	if err != nil {
		return err
	}
	info := source.Info()
	pkg, err := set.Check(p.ImportPath, append(code, tests...), info)
	if err != nil {
		return fmt.Errorf("%s: %w", p.ImportPath, err)
	}
	m.packages = append(m.packages, checked{
		path:  p.ImportPath,
		types: pkg,
		info:  info,
		set:   set,
	})
	if len(external) > 0 {
		info := source.Info()
		// What an export_test.go adds is unknown here, and nothing of ours to count.
		pkg, _ := set.Check(p.ImportPath+"_test", external, info)
		m.packages = append(m.packages, checked{
			path:     p.ImportPath,
			types:    pkg,
			info:     info,
			set:      set,
			external: true,
		})
	}
	return nil
}

func (m *module) parse(set *source.Set, p source.Package, root string, names []string, test bool) ([]*ast.File, error) {
	parsed, err := set.Parse(p.Dir, names)
	if err != nil {
		return nil, err
	}
	for i, syntax := range parsed {
		path := filepath.Join(p.Dir, names[i])
		src, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		short, err := filepath.Rel(root, path)
		if err != nil {
			return nil, err
		}
		if !ast.IsGenerated(syntax) {
			m.files = append(m.files, file{
				pkg:    p.ImportPath,
				path:   short,
				test:   test,
				syntax: syntax,
				src:    src,
				set:    set,
			})
		}
	}
	return parsed, nil
}

// line is where a node stands.
func (f file) line(n ast.Node) int { return f.set.Files.Position(n.Pos()).Line }

func counted(files []file, take func(file) bool) []file {
	var taken []file
	for _, f := range files {
		if take(f) {
			taken = append(taken, f)
		}
	}
	return taken
}

func words(dir, name string) (int, error) {
	text, err := os.ReadFile(filepath.Join(dir, name))
	return len(strings.Fields(string(text))), err
}
