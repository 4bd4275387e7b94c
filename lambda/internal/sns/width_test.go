package sns

import (
	"strings"
	"testing"
	"unicode/utf8"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
)

// TestWidth: no line of an e-mail is longer than a mail program shows, but for a word that is, and every value begins
// in its column.
func TestWidth(t *testing.T) {
	words := strings.Repeat("word ", 60)
	for _, done := range []finding.Done{
		finding.DoneNothing, finding.DoneRestored, finding.DoneNotRestored, finding.DoneAccepted,
	} {
		n := findingtest.Full()
		n.Notes, n.Next, n.ErrorMessage = nil, nil, words
		n.Note(finding.NoteText, words)
		n.Advise(finding.NoteText, words)
		n.Changes = []finding.Change{{
			Field:    "field",
			Before:   words,
			After:    words,
			Sentence: words,
			Done:     done,
		}}
		for _, line := range strings.Split(email(n, lengths{value: 500, prose: 1200, request: 4 << 10}), "\n") {
			if strings.Contains(line, "word") && utf8.RuneCountInString(line) > width {
				t.Errorf("%s: a line of %d: %q", done, utf8.RuneCountInString(line), line)
			}
		}
	}
}

// TestRow: the lines of one value, at the limit and one beyond.
func TestRow(t *testing.T) {
	room := width - column
	for name, c := range map[string]struct{ label, value, want string }{
		"nothing":  {"Label", "", ""},
		"one line": {"Label", "a  b", "Label           a b\n"},
		"no label": {"", "a", "                a\n"},
		"as wide as it may": {
			"L", strings.Repeat("x", room-2) + " y", "L               " + strings.Repeat("x", room-2) + " y\n",
		},
		"one too wide": {
			"L", strings.Repeat("x", room-1) + " y", "L               " + strings.Repeat("x", room-1) + "\n                y\n",
		},
		"runes, not bytes": {
			"L", strings.Repeat("ü", room-2) + " y", "L               " + strings.Repeat("ü", room-2) + " y\n",
		},
		"a long word": {
			"L", strings.Repeat("x", 100) + " y", "L               " + strings.Repeat("x", 100) + "\n                y\n",
		},
		"a long label": {
			strings.Repeat("l", 30), strings.Repeat("x", width-31-2) + " yy",
			strings.Repeat("l", 30) + " " + strings.Repeat("x", width-33) + "\n                yy\n",
		},
		"a label as wide": {strings.Repeat("l", column), "a", strings.Repeat("l", column) + " a\n"},
	} {
		var b strings.Builder
		row(&b, c.label, c.value)
		if b.String() != c.want {
			t.Errorf("%s:\n got %q\nwant %q", name, b.String(), c.want)
		}
	}
}

// TestNowIsRead: however much is cut of what happened, how the trail stands now is whole in the subject and in the text
// message.
func TestNowIsRead(t *testing.T) {
	for _, s := range findingtest.Samples() {
		n := s.Notification
		n.Late = &finding.Late{Parked: findingtest.At(), Now: "not logging", History: true}
		for what, text := range map[string]string{"subject": subject(n), "text message": sms(n)} {
			if !strings.Contains(text, "; now: not logging") ||
				len(text) > map[string]int{"subject": maxSubject, "text message": maxSMS}[what] {
				t.Errorf("%s: the %s is %q", s.Name, what, text)
			}
		}
	}
}
