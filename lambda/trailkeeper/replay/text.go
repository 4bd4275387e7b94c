package replay

import (
	"bufio"
	"fmt"
	"strings"
	"time"

	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/replay"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/trailkeeper/cli"
)

// The last column takes what the others leave.
const (
	rowFormat = "%-20s  %-10s  %-8s  "
	rowIndent = 20 + 2 + 10 + 2 + 8 + 2
	textWidth = cli.Columns - rowIndent
)

type textPrinter struct {
	out          *bufio.Writer
	all, message bool
	file         string // named before its first row
	rows         int
}

func (p *textPrinter) result(r replay.Result) error {
	if r.Decision == assess.Ignored && len(r.Rules)+len(r.RuleErrors) == 0 && !p.all {
		return nil
	}
	if p.rows == 0 {
		fmt.Fprintf(p.out, rowFormat+"%s\n", "TIME (UTC)", "DECISION", "SEVERITY", "WHAT")
	}
	if r.Place.File != p.file {
		fmt.Fprintf(p.out, "%s:\n", fileName(r.Place.File))
	}
	p.rows, p.file = p.rows+1, r.Place.File
	decision, severity := string(r.Decision), string(r.Severity)
	if r.Decision == assess.Ignored && len(r.Rules) > 0 {
		decision, severity = "rules", highest(r.Rules)
	}
	fmt.Fprintf(p.out, rowFormat, timeOf(r), decision, severity)
	lines := p.lines(r)
	for i, line := range lines {
		if i > 0 {
			fmt.Fprint(p.out, strings.Repeat(" ", rowIndent))
		}
		fmt.Fprintln(p.out, line)
	}
	_, err := p.out.WriteString("") // a bufio.Writer keeps its first error
	return err
}

func (p *textPrinter) end(s *replay.Summary) error {
	if p.rows > 0 {
		fmt.Fprintln(p.out)
	}
	hidden := ""
	if n := s.Count(assess.Ignored); n > 0 && !p.all {
		hidden = " (--all shows the ignored)"
	}
	_, err := fmt.Fprintln(p.out, strings.Join(cli.Wrap(s.String()+hidden, cli.Columns), "\n"))
	return err
}

// lines is the last column of one row.
func (p *textPrinter) lines(r replay.Result) []string {
	if r.Err != nil {
		return wrap(place(r) + ": " + sanitize.Clean(r.Reason()))
	}
	lines := wrap(what(r))
	if r.Decision == assess.Ignored && len(r.Rules) == 0 {
		return append(lines, ruleLines(r)...)
	}
	lines = append(lines, wrap(where(r))...)
	if explains(r) {
		lines = append(lines, wrap(sanitize.Clean(r.Detail))...)
	}
	lines = append(lines, ruleLines(r)...)
	if p.message && r.Pattern != "" {
		lines = append(lines, slackLines(r)...)
	}
	return lines
}

// ruleLines are what the rules over CloudTrail say.
func ruleLines(r replay.Result) []string {
	var lines []string
	if r.IgnoredBy != "" {
		lines = wrap("ignored by " + r.IgnoredBy)
	}
	var ids []string
	for _, m := range r.Rules {
		ids = append(ids, m.Rule)
	}
	if len(ids) > 0 {
		lines = append(lines, wrap("rules: "+strings.Join(ids, ", "))...)
	}
	for _, e := range r.RuleErrors {
		lines = append(lines, wrap("error of "+sanitize.Bound(e, 300))...)
	}
	return lines
}

// highest is the highest severity of the rules that match.
func highest(all []replay.Match) string {
	var severity finding.Severity
	for _, m := range all {
		severity = finding.Higher(severity, finding.Severity(m.Severity))
	}
	return string(severity)
}

// what says which call it was, on which trail, and whether it was refused.
func what(r replay.Result) string {
	rec := r.Event.Record
	name := sanitize.Bound(rec.EventName, 60)
	switch {
	case name == "":
		return sanitize.Bound(r.Event.DetailType, 60)
	case r.Decision == assess.Ignored:
		return name + " (" + sanitize.Bound(rec.EventSource, 60) + ")"
	}
	if r.Trail.Name != "" {
		name += " on " + sanitize.Bound(r.Trail.Name, 128)
	}
	if rec.ErrorCode != "" {
		name += ", refused: " + sanitize.Bound(rec.ErrorCode, 60)
	}
	return name
}

// where says in which Region and account, and who it was.
func where(r replay.Result) string {
	region, account := r.Trail.Region, r.Trail.Account
	if region == "" {
		region, account = sanitize.Bound(r.Event.Region, 40), sanitize.Bound(r.Event.Account, 40)
	}
	return "in " + region + ", account " + account + ", by " + sanitize.Bound(r.Event.Record.Actor().String(), 200)
}

// explains reports whether the decision needs the reason beside it: a stop that is not answered with a restart, a
// record that is not ours, a request that only crossed a VPC endpoint.
func explains(r replay.Result) bool {
	return r.Outcome == finding.OutcomeNotOurs || r.Outcome == finding.OutcomeCannotRestore ||
		r.Decision == assess.Notify && r.Event.Record.EventName == "StopLogging"
}

// slackLines is the message of EventBridge itself, set off with a bar.
func slackLines(r replay.Result) []string {
	text, err := r.SlackText()
	switch {
	case err != nil:
		text = "The Slack message would not arrive: " + err.Error()
	case text == "":
		return []string{"| EventBridge itself sends no message: the guard reports it"}
	}
	var lines []string
	for line := range strings.SplitSeq(sanitize.CleanLines(text), "\n") {
		for _, part := range cli.Wrap(line, textWidth-2) {
			lines = append(lines, "| "+part)
		}
	}
	return lines
}

// timeOf is the record's time in UTC, or what stands in its place.
func timeOf(r replay.Result) string {
	if t, ok := r.Event.Record.Time(); ok {
		return t.Format("2006-01-02 15:04:05")
	}
	if t, err := time.Parse(time.RFC3339, r.Event.Time); err == nil {
		return t.UTC().Format("2006-01-02 15:04:05")
	}
	return sanitize.Bound(r.Event.Record.EventTime, 20)
}

func wrap(text string) []string { return cli.Wrap(text, textWidth) }
