package report

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ in, want, why string }{
		{"", "", "empty"},
		{"aws-cli/2.15 (Linux)", "aws-cli/2.15 (Linux)", "plain text stays"},
		{"  a \r\n\t b  ", "a b", "blanks collapse, ends go"},
		{"a\u2028b\u00a0c", "a b c", "other blanks are blanks"},
		{"a\x00\x1b[31mb\x7f", "a[31mb", "control characters go"},
		{"ab\u202Egnp.exe\u2066\u200b", "abgnp.exe", "bidi and zero-width characters go"},
		{"a\ufeff\ufffe\U0001ffff\ue000b", "ab", "byte order mark, noncharacters, private use"},
		{"tag\U000E0041", "tag", "tag characters"},
		{"a\xffb", "a\ufffdb", "broken UTF-8"},
		{"Jürgen 😀", "Jürgen 😀", "letters and pictures stay"},
		{"<!channel> & `x`", "<!channel> & `x`", "escaping is the renderer's"},
	} {
		if got := sanitize.Clean(c.in); got != c.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", c.why, c.in, got, c.want)
		}
	}
}

func TestTruncate(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"abc", 3, "abc"},
		{"abcd", 3, "ab…"},
		{"äöü", 3, "äöü"}, // six bytes, three runes
		{"äöüß", 3, "äö…"},
		{"abc", 1, "…"},
		{"abc", 0, ""},
		{"", 0, ""},
		{"😀😀😀", 2, "😀…"},
	} {
		if got := sanitize.Truncate(c.in, c.limit); got != c.want {
			t.Errorf("Truncate(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

func FuzzCleanTruncate(f *testing.F) {
	for _, s := range []string{"", "plain", "a\r\nb", "\u202Ex", "\xff\xfe", "😀 é\u0301", strings.Repeat("x", 300)} {
		f.Add(s, 10)
	}
	f.Fuzz(func(t *testing.T, s string, limit int) {
		got := sanitize.Clean(s)
		if sanitize.Clean(got) != got {
			t.Errorf("Clean(%q) = %q is not clean", s, got)
		}
		if !utf8.ValidString(got) || strings.TrimSpace(got) != got || strings.Contains(got, "  ") {
			t.Errorf("Clean(%q) = %q has broken text or stray blanks", s, got)
		}
		for _, r := range got {
			if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp) {
				t.Errorf("Clean(%q) kept %U", s, r)
			}
		}
		cut := sanitize.Truncate(got, limit)
		if n := utf8.RuneCountInString(cut); n > max(0, limit) {
			t.Errorf("Truncate(%q, %d) has %d runes", got, limit, n)
		}
		if cut != got && limit > 0 && !strings.HasPrefix(got, strings.TrimSuffix(cut, "…")) {
			t.Errorf("Truncate(%q, %d) = %q is no beginning of it", got, limit, cut)
		}
	})
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                      "under 1 ms",
		812 * time.Millisecond: "812 ms",
		999*time.Millisecond + 600*time.Microsecond: "1.0 s",
		2140 * time.Millisecond:                     "2.1 s",
		9960 * time.Millisecond:                     "10 s",
		34*time.Second + 400*time.Millisecond:       "34 s",
		59*time.Second + 600*time.Millisecond:       "1 min",
		185 * time.Second:                           "3 min 5 s",
		time.Hour:                                   "1 h",
		123 * time.Minute:                           "2 h 3 min",
	} {
		if got := finding.Duration(d); got != want {
			t.Errorf("Duration(%v) = %q, want %q", d, got, want)
		}
	}
}
