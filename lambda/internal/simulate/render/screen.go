package render

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/simulate/result"
)

// Options say how a run is shown.
type Options struct {
	Width    int  // of a line
	Color    bool // words and marks are coloured
	Live     bool // a terminal shows what is being played
	Verbose  bool // every scenario is shown whole, and not only what failed
	Messages bool // every message is shown whole
	// What is played, in the singular, and how many there are; 0: nobody knows.
	What  string
	Total int
	// Command is what the operator calls this with, such as "trailkeeper simulate"; empty: nothing is proposed.
	Command string
}

// Screen shows a run while it goes on: an opening, a line for each scenario, and a closing table that ends with the
// verdict.
type Screen struct {
	w       io.Writer
	o       Options
	results []result.Result
	blank   bool // the last line is empty
}

// NewScreen shows a run on w.
func NewScreen(w io.Writer, o Options) *Screen { return &Screen{w: w, o: o} }

// Open says what is played and how to read it.
func (s *Screen) Open(intro string) error {
	var b strings.Builder
	writeWrapped(&b, s.o.Width, "", strings.Fields(intro))
	b.WriteByte('\n')
	for _, line := range [][2]string{
		{"time", "how long the scenario took, in virtual time"},
		{"dark", "how long the trail recorded less than before the attack"},
		{"Slack, SNS", "how many messages the channel took"},
	} {
		writeWrapped(&b, s.o.Width, fmt.Sprintf("  %-10s  ", line[0]), strings.Fields(line[1]))
	}
	b.WriteByte('\n')
	hint := "What fails is shown whole. --verbose shows everything so, --messages the messages."
	writeWrapped(&b, s.o.Width, "", strings.Fields(hint))
	_, err := io.WriteString(s.w, b.String())
	return err
}

// The columns of a line; the name takes what they leave.
const (
	timeWidth, darkWidth, slackWidth, snsWidth = 10, 14, 5, 4
	minName, maxName                           = 8, 28
	otherWidth                                 = 10 + 2 + timeWidth + 2 + darkWidth + 2 + slackWidth + 2 + snsWidth
)

func nameWidth(width int) int { return min(max(width-otherWidth, minName), maxName) }

// row is a line of the columns.
func row(width int, mark, name, took, dark, slack, sns string) string {
	n := nameWidth(width)
	name = sanitize.Truncate(sanitize.Clean(name), n)
	return fmt.Sprintf("%s%s  %*s  %*s  %*s  %*s", mark, name+strings.Repeat(" ", n-utf8.RuneCountInString(name)),
		timeWidth, took, darkWidth, dark, slackWidth, slack, snsWidth, sns)
}

// Playing shows on a terminal what is played now.
func (s *Screen) Playing(name string) error {
	if !s.o.Live {
		return nil
	}
	text := fmt.Sprintf("… %d of %d: %s", len(s.results)+1, s.o.Total, name)
	_, err := io.WriteString(s.w, sanitize.Truncate(text, s.o.Width-1))
	return err
}

// Show shows a result.
func (s *Screen) Show(r result.Result) error {
	var b strings.Builder
	if s.o.Live {
		b.WriteString("\r\x1b[K")
	}
	if len(s.results) == 0 || r.Group != s.results[len(s.results)-1].Group {
		if !s.blank {
			b.WriteByte('\n')
		}
		b.WriteString(s.heading(cmp.Or(r.Group, capital(s.o.What)+"s")))
	}
	s.results = append(s.results, r)
	b.WriteString(s.line(r) + "\n")
	if _, err := io.WriteString(s.w, b.String()); err != nil {
		return err
	}
	s.blank = false
	if r.NotPlayed != "" {
		return nil
	}
	if s.blank = s.o.Verbose || s.o.Messages || !r.Held(); s.o.Verbose || !r.Held() {
		if err := WriteText(s.w, r, s.o.Width); err != nil {
			return err
		}
	}
	if s.o.Messages {
		return writeMessages(s.w, r, s.o.Width)
	}
	return nil
}

// heading is the title of a group above its columns.
func (s *Screen) heading(title string) string {
	names := row(s.o.Width, strings.Repeat(" ", 10), "", "time", "dark", "Slack", "SNS")
	if n := utf8.RuneCountInString(title); n < 10+nameWidth(s.o.Width) {
		names = title + names[n:]
	} else {
		names = title + "\n" + names
	}
	return s.paint(bold, names) + "\n"
}

func (s *Screen) line(r result.Result) string {
	columns := func(mark string) string {
		slack, sns := taken(r, localcloud.KindSlack), taken(r, localcloud.KindSNS)
		return row(s.o.Width, mark, r.Name, took(r), darkOf(r.Trail), slack, sns)
	}
	switch {
	case r.NotPlayed != "":
		return s.paint(dim, sanitize.Bound("- skipped "+r.Name+": "+r.NotPlayed, s.o.Width))
	case !r.Held():
		return s.paint(red, columns("✗ FAILED  "))
	}
	return columns(s.paint(green, "✓") + " passed  ")
}

func took(r result.Result) string { return finding.Duration(r.End.Sub(r.Start)) }

// darkOf is how long a trail was dark, or how it stays.
func darkOf(t result.Trail) string {
	switch dark := t.Dark(); {
	case t.Ends() != result.Recording:
		return "stays " + string(t.Ends())
	case dark > 0:
		return finding.Duration(dark)
	}
	return "-"
}

func taken(r result.Result, kind localcloud.Kind) string {
	if n := len(r.Timeline.Messages(kind)); n > 0 {
		return fmt.Sprint(n)
	}
	return "-"
}

// The colours of a terminal.
const (
	bold  = "1"
	dim   = "2"
	red   = "31"
	green = "32"
)

func (s *Screen) paint(color, text string) string {
	if !s.o.Color {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}
