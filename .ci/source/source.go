// Package source lists the module's packages and checks their types, for the tools beside it.
// It needs the go command and the standard library only, and knows nothing of what the tools look for.
package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// Package is what `go list` says of a package.
type Package struct {
	Dir, ImportPath, Name, Export string
	ForTest                       string // the package whose tests this variant is built for
	DepOnly                       bool
	GoFiles                       []string
	TestGoFiles                   []string
	XTestGoFiles                  []string
}

// Set is a list of packages, with compiled types for all that they import.
type Set struct {
	Packages []Package // those asked for, in the order of their paths
	Files    *token.FileSet
	importer types.Importer
}

// List loads the packages that the patterns name, seen from a folder. withTests also loads what their tests import.
func List(dir string, withTests bool, patterns ...string) (*Set, error) {
	const fields = "-json=Dir,ImportPath,Name,Export,ForTest,DepOnly,GoFiles,TestGoFiles,XTestGoFiles"
	args := []string{"list", "-export", "-deps", fields}
	if withTests {
		args = append(args, "-test")
	}
	cmd := exec.Command("go", append(append(args, "--"), patterns...)...)
	cmd.Dir = dir
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list %v in %s: %w: %s", patterns, dir, err, bytes.TrimSpace(complaint.Bytes()))
	}
	s := &Set{Files: token.NewFileSet()}
	exports := map[string]string{}
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p Package
		if err := dec.Decode(&p); err != nil {
			return nil, fmt.Errorf("go list %v: %w", patterns, err)
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly && p.ForTest == "" && filepath.Ext(p.ImportPath) != ".test" {
			s.Packages = append(s.Packages, p)
		}
	}
	if len(s.Packages) == 0 {
		return nil, fmt.Errorf("go list %v in %s: no package", patterns, dir)
	}
	s.importer = importer.ForCompiler(s.Files, "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("%s is not compiled", path)
		}
		return os.Open(exports[path])
	})
	return s, nil
}

// Parse reads files of a folder.
func (s *Set) Parse(dir string, names []string) ([]*ast.File, error) {
	files := make([]*ast.File, 0, len(names))
	for _, name := range names {
		f, err := parser.ParseFile(s.Files, filepath.Join(dir, name), nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// Info is where Check notes what it finds.
func Info() *types.Info {
	return &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{},
		Defs:  map[*ast.Ident]types.Object{},
		Uses:  map[*ast.Ident]types.Object{},
	}
}

// Check gives the types of a package's files. With an error they are as complete as could be.
func (s *Set) Check(path string, files []*ast.File, info *types.Info) (*types.Package, error) {
	var errs []error
	config := types.Config{Importer: s.importer, Error: func(err error) { errs = append(errs, err) }}
	pkg, _ := config.Check(path, s.Files, files, info)
	return pkg, errors.Join(errs...)
}
