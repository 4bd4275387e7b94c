package plain_test

import (
	"strings"
	"testing"

	"trailkeeper/events/plain"
)

// FuzzPlain: eight bytes at a time say the same as one at a time, wherever they begin.
func FuzzPlain(f *testing.F) {
	for _, text := range []string{"", `"`, "é", "12345678", "1234567\x00", "12345678\x1f", `1234567\"`, "\x7f\x80 !#[]", "!\"", "\x1f "} {
		f.Add(text)
		f.Add(strings.Repeat("x", 7) + text + "y")
	}
	f.Fuzz(func(t *testing.T, text string) {
		for at := range len(text) + 1 {
			want := at
			for want < len(text) && text[want] != '"' && text[want] != '\\' && text[want] >= ' ' {
				want++
			}
			if got := plain.End([]byte(text), at); got != want {
				t.Fatalf("%q from %d ends at %d, want %d", text, at, got, want)
			}
			isPlain := !strings.ContainsFunc(text[at:], func(c rune) bool { return c == '\\' || c >= 0x80 })
			if got := plain.Is([]byte(text[at:])); got != isPlain {
				t.Fatalf("%q is plain: %t", text[at:], got)
			}
		}
	})
}
