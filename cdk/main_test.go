package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOutputFolder: what cannot be written is refused at once and in one sentence; what can be is made, and nothing is
// left in it.
func TestOutputFolder(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"/proc/nope", file, filepath.Join(file, "below")} {
		err := outputFolder(bad)
		if err == nil || !strings.Contains(err.Error(), "the output folder "+bad+" cannot be written (") ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	for _, good := range []string{"", dir, filepath.Join(dir, "new", "one")} {
		if err := outputFolder(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	if left, err := os.ReadDir(filepath.Join(dir, "new", "one")); err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}
