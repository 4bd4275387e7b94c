// Package goldentest compares what a test rendered with the file that a human has reviewed.
//
// It knows no format, and writes a file only under -update.
package goldentest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Compare reports how got differs from the file, or writes the file where update is set.
func Compare(tb testing.TB, file, got string, update bool) {
	tb.Helper()
	if update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			tb.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		tb.Errorf(
			"%s (-want +got; if that is wanted, run go test with -update on this package and review the diff):\n%s",
			file,
			diff,
		)
	}
}
