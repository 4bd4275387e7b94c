package render

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
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
		return WriteMessages(s.w, r, s.o.Width)
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
	switch {
	case r.NotPlayed != "":
		return s.paint(dim, sanitize.Truncate("- skipped "+r.Name+": "+r.NotPlayed, s.o.Width))
	case !r.Held():
		return s.paint(red, row(s.o.Width, "✗ FAILED  ", r.Name, took(r), darkOf(r.Trail), messages(r, localcloud.KindSlack),
			messages(r, localcloud.KindSNS)))
	}
	return row(s.o.Width, s.paint(green, "✓")+" passed  ", r.Name, took(r), darkOf(r.Trail), messages(r, localcloud.KindSlack),
		messages(r, localcloud.KindSNS))
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

func messages(r result.Result, kind localcloud.Kind) string {
	if n := len(r.Timeline.Messages(kind)); n > 0 {
		return fmt.Sprint(n)
	}
	return "-"
}

// Close writes the closing table, what to try next, a note, and the verdict. Interrupted says that not all was played.
func (s *Screen) Close(interrupted bool, note string) error {
	var b strings.Builder
	if s.o.Live {
		b.WriteString("\r\x1b[K")
	}
	if !s.blank {
		b.WriteByte('\n')
	}
	if len(s.results) > 0 {
		for _, row := range s.totals() {
			writeWrapped(&b, s.o.Width, fmt.Sprintf("%-14s", row[0]), strings.Fields(row[1]))
		}
	}
	if s.o.Command != "" && !interrupted {
		b.WriteString("\n" + s.paint(bold, "Try next") + "\n")
		for _, next := range s.next() {
			fmt.Fprintf(&b, "  %s\n    %s %s\n", next[0], s.o.Command, next[1])
		}
	}
	if note != "" {
		b.WriteByte('\n')
		writeWrapped(&b, s.o.Width, "", strings.Fields(note))
	}
	b.WriteByte('\n')
	color := green
	if len(failed(s.results)) > 0 || interrupted {
		color = red
	}
	var verdict strings.Builder
	writeWrapped(&verdict, s.o.Width, "", strings.Fields(s.verdict(interrupted)))
	b.WriteString(s.paint(color, strings.TrimSuffix(verdict.String(), "\n")) + "\n")
	_, err := io.WriteString(s.w, b.String())
	return err
}

// totals is the closing table.
func (s *Screen) totals() [][2]string {
	var dark []time.Duration
	var stays []string
	longest := ""
	checks, broken, slack, sns, lost := 0, 0, 0, 0, 0
	for _, r := range s.results {
		checks, broken = checks+len(r.Checks), broken+len(r.Broken())
		slack, sns = slack+len(r.Timeline.Messages(localcloud.KindSlack)), sns+len(r.Timeline.Messages(localcloud.KindSNS))
		lost += len(r.Timeline.Where(func(e localcloud.Entry) bool { return e.Kind == localcloud.KindLost }))
		switch d := r.Trail.Dark(); {
		case !r.Held(): // is shown whole
		case r.Trail.Ends() != result.Recording:
			stays = append(stays, r.Name)
		case d > 0:
			if dark = append(dark, d); d >= slices.Max(dark) {
				longest = r.Name
			}
		}
	}
	played := len(s.results) - len(skipped(s.results))
	rows := [][2]string{
		{capital(s.o.What) + "s", tally(played, len(failed(s.results)))},
		{"Checks", tally(checks, broken)},
	}
	if len(dark) > 0 {
		slices.Sort(dark)
		most := fmt.Sprintf("%s at most (%s)", finding.Duration(dark[len(dark)-1]), longest)
		if len(dark) > 2 {
			most += fmt.Sprintf("; half of the times within %s", finding.Duration(dark[len(dark)/2]))
		}
		rows = append(rows, [2]string{"Dark time", most})
	}
	if len(stays) > 0 {
		rows = append(rows, [2]string{"Not restored", fmt.Sprintf("%d, where the mode, an approval or what fails allows no restore: %s",
			len(stays), strings.Join(stays, ", "))})
	}
	rows = append(rows,
		[2]string{"Messages", fmt.Sprintf("%d on Slack, %d on SNS", slack, sns)},
		[2]string{"Lost", cmp.Or(map[int]string{0: "nothing"}[lost], count(lost, "event or message"))},
	)
	if a := s.results[0].Assumptions; len(a) > 0 {
		rows = append(rows, [2]string{"Assumptions", strings.Join(a, ". ") + ". The run cannot check what the template does " +
			"not hold: compare it with your account."})
	}
	return rows
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func tally(n, failed int) string {
	if failed == 0 {
		return fmt.Sprintf("%d, all passed", n)
	}
	return fmt.Sprintf("%d, %d failed", n, failed)
}

// next are commands worth trying, each behind what it is for.
func (s *Screen) next() [][2]string {
	one := "logging-stopped"
	for _, r := range s.results {
		if !r.Held() || len(s.results) == 1 {
			one = r.Name
			break
		}
	}
	var all [][2]string
	if !s.o.Verbose {
		all = append(all, [2]string{"one scenario step by step:", "--scenario " + one + " --verbose"})
	}
	if !s.o.Messages {
		all = append(all, [2]string{"its messages, as Slack and e-mail show them:", "--scenario " + one + " --messages"})
	}
	return append(all,
		[2]string{"all scenarios:", "--list"},
		[2]string{"your own attacks, by AWS CLI or SDK:", "--listen 127.0.0.1:4566"},
	)
}

func failed(results []result.Result) []string {
	return names(results, func(r result.Result) bool { return !r.Held() })
}

func skipped(results []result.Result) []string {
	return names(results, func(r result.Result) bool { return r.NotPlayed != "" })
}

func names(results []result.Result, are func(result.Result) bool) []string {
	var names []string
	for _, r := range results {
		if are(r) {
			names = append(names, r.Name)
		}
	}
	return names
}

// verdict is the last line.
func (s *Screen) verdict(interrupted bool) string {
	skipped, failed := len(skipped(s.results)), failed(s.results)
	text := count(len(s.results)-skipped, s.o.What)
	switch {
	case interrupted && s.o.Total > 0:
		text = fmt.Sprintf("Interrupted: %d of %s played", len(s.results)-skipped, count(s.o.Total, s.o.What))
	case interrupted:
		text = "Interrupted: " + text + " played"
	}
	if skipped > 0 {
		text += fmt.Sprintf(" (%d not played)", skipped)
	}
	if len(failed) > 0 {
		return text + fmt.Sprintf(": checks failed in %d: %s.", len(failed), strings.Join(failed, ", "))
	}
	return text + ": all checks passed."
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
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
