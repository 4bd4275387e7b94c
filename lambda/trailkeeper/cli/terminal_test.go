package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// What is no terminal gets plain lines, unless colour is asked for.
func TestTerminalOf(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	none := func(string) string { return "" }
	for color, want := range map[string]Terminal{
		"auto":   {Width: Columns},
		"never":  {Width: Columns},
		"always": {Color: true, Width: Columns},
	} {
		if got := TerminalOf(&bytes.Buffer{}, color, none); got != want {
			t.Errorf("%s, a buffer: %+v, want %+v", color, got, want)
		}
		if got := TerminalOf(file, color, none); got != want {
			t.Errorf("%s, a file: %+v, want %+v", color, got, want)
		}
	}
	if BadColor("auto") != "" || BadColor("blue") == "" {
		t.Error("the values of --color are others")
	}
}
