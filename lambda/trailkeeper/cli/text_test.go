package cli_test

import (
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
