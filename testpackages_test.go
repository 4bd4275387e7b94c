package trailkeeper_test

import (
	"go/parser"
	"path/filepath"
	"strings"
	"testing"
)

// forTests reports whether a package, by its directory, is for tests alone: its name ends in "test", as that of a backtest
// does as well, or it is one of those that say so.
func forTests(dir string) bool {
	name := filepath.Base(dir)
	return strings.HasSuffix(name, "test") && name != "backtest" || dir == "lambda/internal/resident"
}

// TestNothingLinksTests: what is for tests alone, and package testing, is imported by tests and by other packages for
// tests, so that no program links it.
func TestNothingLinksTests(t *testing.T) {
	there, used := map[string]bool{}, map[string]bool{} // by directory
	for path, file := range goFiles(t, ".", parser.ImportsOnly) {
		dir, isTest := filepath.ToSlash(filepath.Dir(path)), strings.HasSuffix(path, "_test.go")
		if !isTest && forTests(dir) {
			there[dir] = true
		}
		for _, spec := range file.Imports {
			imported := strings.Trim(spec.Path.Value, `"`)
			below, ours := strings.CutPrefix(imported, module)
			switch {
			case imported != "testing" && (!ours || !forTests(below)):
			case isTest || forTests(dir):
				used[below] = true
			default:
				t.Errorf("%s imports %s, which is for tests alone", path, imported)
			}
		}
	}
	for _, dir := range []string{"lambda/internal/logtest", "lambda/internal/resident"} {
		if !there[dir] {
			t.Errorf("there is no package %s", dir)
		}
	}
	for dir := range there {
		if !used[dir] {
			t.Errorf("%s is for tests, and none imports it", dir)
		}
	}
}
