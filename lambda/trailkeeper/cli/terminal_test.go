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

// A terminal is live and coloured, unless its environment or its user wants otherwise.
func TestTerminalOfTerminal(t *testing.T) {
	for _, tt := range []struct {
		name     string
		terminal bool
		width    int
		color    string
		env      map[string]string
		want     Terminal
	}{
		{"a terminal", true, 100, "auto", nil, Terminal{true, true, 100}},
		{"none", false, 100, "auto", nil, Terminal{false, false, 80}},
		{"none, always", false, 100, "always", nil, Terminal{false, true, 80}},
		{"narrow", true, 20, "auto", nil, Terminal{true, true, 60}},
		{"just not narrow", true, 61, "auto", nil, Terminal{true, true, 61}},
		{"wide", true, 300, "auto", nil, Terminal{true, true, 120}},
		{"just not wide", true, 119, "auto", nil, Terminal{true, true, 119}},
		{"of no width", true, 0, "auto", nil, Terminal{true, true, 80}},
		{"never", true, 100, "never", nil, Terminal{true, false, 100}},
		{"always", true, 100, "always", nil, Terminal{true, true, 100}},
		{"NO_COLOR", true, 100, "auto", map[string]string{"NO_COLOR": "1"}, Terminal{true, false, 100}},
		{"empty NO_COLOR", true, 100, "auto", map[string]string{"NO_COLOR": ""}, Terminal{true, true, 100}},
		{"NO_COLOR, always", true, 100, "always", map[string]string{"NO_COLOR": "1"}, Terminal{true, true, 100}},
		{"dumb", true, 100, "auto", map[string]string{"TERM": "dumb"}, Terminal{false, false, 100}},
		{"dumb, always", true, 100, "always", map[string]string{"TERM": "dumb"}, Terminal{false, true, 100}},
		{"not dumb", true, 100, "auto", map[string]string{"TERM": "xterm"}, Terminal{true, true, 100}},
		{"CI", true, 100, "auto", map[string]string{"CI": "true"}, Terminal{false, false, 80}},
		{"CI, always", true, 100, "always", map[string]string{"CI": "true"}, Terminal{false, true, 80}},
	} {
		getenv := func(name string) string { return tt.env[name] }
		if got := terminalOf(tt.terminal, tt.width, tt.color, getenv); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}
