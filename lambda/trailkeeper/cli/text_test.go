package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"trailkeeper/lambda/trailkeeper/cli"
)

func TestWrap(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", ""},
		{"one two", "one two"},
		{"one two three four", "one two|three four"},
		{"abcdefghijklmnop", "abcdefghij|klmnop"},
		{"ab cdefghijklmnop", "ab|cdefghijkl|mnop"},
		{"äöüäöüäöüä ß", "äöüäöüäöüä|ß"},
		{strings.Repeat("1234567890 ", 9), "1234567890|1234567890|1234567890|1234567890|1234567890|123456789…"},
	}
	for _, tt := range tests {
		if got := strings.Join(cli.Wrap(tt.text, 10), "|"); got != tt.want {
			t.Errorf("Wrap(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

// A file that cannot be put in its place leaves nothing behind.
func TestWriteFileIsWholeOrNot(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "x.json", "in the way"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := cli.WriteFile(filepath.Join(dir, "x.json"), []byte("{}")); err == nil ||
		!strings.Contains(err.Error(), "write x.json: ") {
		t.Errorf("got %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}
