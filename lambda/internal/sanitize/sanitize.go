// Package sanitize makes one bounded line, or a bounded block, of a text that somebody else wrote.
//
// It escapes nothing for any format: that is for the renderer who knows the format.
package sanitize

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// ellipsis marks where a text was cut.
const ellipsis = "…"

// Clean makes one line of a text that somebody else wrote: line breaks and runs of blanks become one space; control
// characters, bidi overrides and other invisible format characters, private-use characters and noncharacters go; broken
// UTF-8 becomes U+FFFD. It escapes nothing for any format.
func Clean(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	blank := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Zs):
			blank = true
			continue
		case invisible(r):
			continue
		case blank && b.Len() > 0:
			b.WriteByte(' ')
		}
		blank = false
		b.WriteRune(r)
	}
	return b.String()
}

// CleanLines is Clean for a block of text: line breaks and indentation stay.
func CleanLines(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.IsSpace(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Zs):
			return ' '
		case invisible(r):
			return -1
		}
		return r
	}, s)
}

// invisible reports whether r shows nothing of its own, or differs from reader to reader.
func invisible(r rune) bool {
	nonCharacter := r&0xFFFE == 0xFFFE || r >= 0xFDD0 && r <= 0xFDEF
	return nonCharacter || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co)
}

// isPlain reports whether s is printable ASCII that Clean would leave alone.
func isPlain(s string) bool {
	last := byte(' ')
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == ' ' && last == ' ' {
			return false
		}
		last = s[i]
	}
	return s == "" || last != ' '
}

// Truncate cuts s to at most limit runes, the last of which is then an ellipsis.
func Truncate(s string, limit int) string {
	if len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return s
	}
	if limit <= 0 {
		return ""
	}
	seen := 0
	for i := range s {
		if seen++; seen == limit {
			return s[:i] + ellipsis
		}
	}
	return s
}

// Bound is Clean and Truncate: one line of at most limit runes.
func Bound(s string, limit int) string { return Truncate(Clean(s), limit) }
