package main

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata/module.txt")

// TestMeasure: a module with one of each kind, and with near misses, gives the figures of testdata/module.txt.
func TestMeasure(t *testing.T) {
	all, err := measure("testdata/module")
	if err != nil {
		t.Fatal(err)
	}
	got := all.render(0)
	const golden = "testdata/module.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the figures differ from %s (-update):\n%s", golden, got)
	}
}

func TestRenderCutsLists(t *testing.T) {
	all := figures{number("things", []place{{1, "small"}, {3, "large"}, {2, "middle"}})}
	got := all.render(2)
	if !strings.HasSuffix(got, "     3  large\n     2  middle\n        and 1 more\n") {
		t.Errorf("got:\n%s", got)
	}
}

func TestNoModule(t *testing.T) {
	if _, err := measure(t.TempDir()); err == nil || !strings.Contains(err.Error(), "go list") {
		t.Errorf("got %v, want an error of go list", err)
	}
}
