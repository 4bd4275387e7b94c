package render

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/result"
)

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
	var checks, broken, slack, sns, lost int
	var losing []string
	for _, r := range s.results {
		checks, broken = checks+len(r.Checks), broken+len(r.Broken())
		slack += len(r.Timeline.Messages(localcloud.KindSlack))
		sns += len(r.Timeline.Messages(localcloud.KindSNS))
		if n := len(r.Timeline.Where(func(e localcloud.Entry) bool { return e.Kind == localcloud.KindLost })); n > 0 {
			lost, losing = lost+n, append(losing, r.Name)
		}
	}
	rows := [][2]string{
		{capital(s.o.What) + "s", tally(len(tried(s.results)), len(failed(s.results)))},
		{"Checks", tally(checks, broken)},
	}
	rows = append(rows, darkRows(s.results)...)
	nothing := "nothing"
	if lost > 0 {
		nothing = Count(lost, "time") + ", where the attack took an event's or a message's last way: " + strings.Join(losing, ", ")
	}
	rows = append(
		rows, [2]string{"Messages", fmt.Sprintf("%d on Slack, %d on SNS", slack, sns)}, [2]string{"Lost", nothing},
	)
	assumes := func(r result.Result) bool { return len(r.Assumptions) > 0 } // what was not played does not
	if i := slices.IndexFunc(s.results, assumes); i >= 0 {
		const advice = ". The run cannot check what the template does not hold: compare it with your account."
		rows = append(rows, [2]string{"Assumptions", strings.Join(s.results[i].Assumptions, ". ") + advice})
	}
	return rows
}

// darkRows say how long trails were dark, and which were not restored.
func darkRows(results []result.Result) (rows [][2]string) {
	var dark []time.Duration
	longest := ""
	for _, r := range results {
		d := r.Trail.Dark()
		if !r.Held() || d == 0 || r.Trail.Ends() != result.Recording {
			continue // what failed is shown whole
		}
		if dark = append(dark, d); d == slices.Max(dark) {
			longest = r.Name
		}
	}
	if slices.Sort(dark); len(dark) > 0 {
		most := fmt.Sprintf("%s at most (%s)", finding.Duration(dark[len(dark)-1]), longest)
		if len(dark) > 2 {
			most += fmt.Sprintf("; half of the times within %s", finding.Duration(dark[len(dark)/2]))
		}
		rows = append(rows, [2]string{"Dark time", most})
	}
	stays := names(results, func(r result.Result) bool { return r.Held() && r.Trail.Ends() != result.Recording })
	if len(stays) > 0 {
		rows = append(rows, [2]string{"Not restored", fmt.Sprintf(
			"%d, where the mode, an approval or what fails allows no restore: %s", len(stays), strings.Join(stays, ", "),
		)})
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
	if was := tried(s.results); len(was) > 0 && slices.Contains(skipped(s.results), one) {
		one = was[0]
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

func tried(results []result.Result) []string {
	return names(results, func(r result.Result) bool { return r.NotPlayed == "" })
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
	text := Count(len(s.results)-skipped, s.o.What)
	switch {
	case interrupted && s.o.Total > 0:
		text = fmt.Sprintf("Interrupted: %d of %s played", len(s.results)-skipped, Count(s.o.Total, s.o.What))
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

// Count writes a number with what is counted, such as "2 scenarios".
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
