package rules

import (
	"bufio"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"trailkeeper/lambda/internal/backtest"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/trailkeeper/cli"
)

// What the text shows of each kind; --json has more.
const (
	shownSamples = 3
	shownSkipped = 20
)

// writeText shows a report to whoever reads a terminal.
func writeText(out *bufio.Writer, r *backtest.Report) {
	ids := slices.SortedFunc(maps.Keys(r.Rules), func(a, b string) int {
		return cmp.Or(cmp.Compare(r.Rules[b].Matches, r.Rules[a].Matches), strings.Compare(a, b))
	})
	silent := len(ids)
	if first := slices.IndexFunc(ids, func(id string) bool { return r.Rules[id].Matches == 0 }); first >= 0 {
		silent = first
	}
	cli.Paragraph(out, summary(r))
	rulesTable(out, r, ids[:silent])
	if quiet := ids[silent:]; len(quiet) > 0 {
		heading(out, fmt.Sprintf("Without a match (%d)", len(quiet)))
		cli.Paragraph(out, strings.Join(quiet, ", "))
	}
	amounts(out, "Noisiest actors (matches)", actorRows(r.Actors))
	amounts(out, "Suppressed by ignore rules (records)", countRows(r.Ignored))
	samples(out, r, ids[:silent])
	faults(out, r)
	skipped(out, r)
	heading(out, "Projected")
	cli.Paragraph(out, projection(r))
}

func heading(out *bufio.Writer, text string) { fmt.Fprintf(out, "\n%s\n", text) }

func summary(r *backtest.Report) string {
	text := fmt.Sprintf("%s in %s, %s", backtest.Counted(r.Records, "record", "records"), backtest.Counted(r.Files, "file", "files"),
		size(r.Bytes))
	if r.Days > 0 {
		text += fmt.Sprintf(", from %s to %s (%s)", r.First, r.Last, backtest.Counted(int64(r.Days), "day", "days"))
	}
	text += "."
	if asked := askedFor(r.Asked); asked != "" {
		text += " Asked for: " + asked + "; " + backtest.Counted(r.Left, "other record", "other records") + " left out."
	}
	if missing := r.Missing(); len(missing) > 0 {
		text += " Parts " + strings.Join(r.Shards, ", ") + " only."
	}
	return text
}

func askedFor(a backtest.Asked) string {
	var all []string
	add := func(word, value string) {
		if value != "" {
			all = append(all, word+" "+value)
		}
	}
	add("since", a.Since)
	add("until", a.Until)
	add("account", strings.Join(a.Accounts, ", "))
	add("Region", strings.Join(a.Regions, ", "))
	return sanitize.Bound(strings.Join(all, ", "), 300)
}

// rulesTable shows each rule that matched: in figures, and by day.
func rulesTable(out *bufio.Writer, r *backtest.Report, ids []string) {
	const name, row = 38, "%-38s  %-9s %9s %9s %9s\n"
	if len(ids) == 0 {
		heading(out, "No rule matched.")
		return
	}
	fmt.Fprintln(out)
	fmt.Fprintf(out, row, "Rule", "severity", "matches", "findings", "messages")
	for _, id := range ids {
		rule := r.Rules[id]
		shown := sanitize.Bound(id, 100)
		if len(shown) > name {
			fmt.Fprintln(out, shown)
			shown = ""
		}
		fmt.Fprintf(out, row, shown, sanitize.Bound(rule.Severity, 9), backtest.Thousands(rule.Matches),
			backtest.Thousands(rule.Findings), backtest.Thousands(rule.Messages))
		if line := dayLine(r, rule); line != "" {
			fmt.Fprintln(out, "  "+line)
		}
		if rule.Until != "" {
			fmt.Fprintln(out, "  findings and messages only until "+sanitize.Bound(rule.Until, 30)+": too many matches")
		}
	}
}

// dayLine is a bar of a rule's matches over the days, each column of which stands for so many days that all fit.
func dayLine(r *backtest.Report, rule *backtest.Rule) string {
	const widest, levels = 60, ".:-=+*#"
	bars, per := backtest.Bars(r, rule.ByDay, widest)
	most := int64(0)
	for _, n := range bars {
		most = max(most, n)
	}
	if len(bars) < 2 || most == 0 {
		return ""
	}
	line := make([]byte, len(bars))
	for i, n := range bars {
		line[i] = ' '
		if n > 0 {
			line[i] = levels[(n*int64(len(levels)-1)+most-1)/most]
		}
	}
	return fmt.Sprintf("|%s| most: %s in %s", line, backtest.Thousands(most), backtest.Counted(int64(per), "day", "days"))
}

type amount struct {
	name string
	n    int64
}

func actorRows(actors []backtest.Actor) []amount {
	var all []amount
	for _, a := range actors {
		all = append(all, amount{a.Name, a.Matches})
	}
	return all
}

func countRows(of map[string]int64) []amount {
	var all []amount
	for _, name := range slices.Sorted(maps.Keys(of)) {
		all = append(all, amount{name, of[name]})
	}
	return all
}

func amounts(out *bufio.Writer, title string, rows []amount) {
	if len(rows) == 0 {
		return
	}
	heading(out, title)
	for _, row := range rows {
		for i, line := range cli.Wrap(sanitize.Clean(row.name), cli.Columns-12) {
			fmt.Fprintf(out, "%10s  %s\n", cli.Choose(i == 0, backtest.Thousands(row.n), ""), line)
		}
	}
}

func samples(out *bufio.Writer, r *backtest.Report, ids []string) {
	if len(ids) == 0 {
		return
	}
	heading(out, "Sample records (the newest)")
	for _, id := range ids {
		fmt.Fprintln(out, sanitize.Bound(id, 100))
		for _, s := range r.Rules[id].Samples[:min(shownSamples, len(r.Rules[id].Samples))] {
			when := cmp.Or(sanitize.Bound(s.Time, 30), "no time")
			for i, line := range cli.Wrap(when+"  "+sanitize.Clean(s.Title), cli.Columns-2) {
				fmt.Fprintln(out, cli.Choose(i == 0, "  ", "    ")+line)
			}
			fmt.Fprintln(out, "    "+shortPlace(s.File, s.Position))
		}
	}
}

// shortPlace is where a record is, on one line: of a long name, the end.
func shortPlace(file, position string) string {
	name, where := []rune(sanitize.Clean(file)), ""
	if position != "" {
		where = ", " + sanitize.Bound(position, 30)
	}
	if room := cli.Columns - 4 - utf8.RuneCountInString(where); len(name) > room {
		name = append([]rune("…"), name[len(name)-room+1:]...)
	}
	return string(name) + where
}

func faults(out *bufio.Writer, r *backtest.Report) {
	if len(r.Errors) == 0 {
		return
	}
	heading(out, "Rules that could not be applied")
	for _, id := range slices.Sorted(maps.Keys(r.Errors)) {
		f := r.Errors[id]
		fmt.Fprintf(out, "%s, %s\n", sanitize.Bound(id, 100), backtest.Counted(f.Records, "record", "records"))
		indented(out, f.Reason)
	}
}

func skipped(out *bufio.Writer, r *backtest.Report) {
	if len(r.Skipped) == 0 {
		return
	}
	heading(out, "Skipped")
	shown := 0
	for _, s := range r.Skipped {
		if s.Reason == backtest.Digest {
			continue
		}
		if shown++; shown > shownSkipped {
			break
		}
		place := s.File + cli.Choose(s.Position != "", ", ", "") + s.Position
		for i, line := range cli.Wrap(sanitize.Clean(place+": "+s.Reason), cli.Columns-4) {
			fmt.Fprintln(out, cli.Choose(i == 0, "  ", "    ")+line)
		}
	}
	if r.Faults > shownSkipped {
		fmt.Fprintf(out, "  and %s; --json names up to 1,000\n", backtest.Counted(r.Faults-shownSkipped, "other", "others"))
	}
	if r.Digests > 0 {
		fmt.Fprintf(out, "  %s, which hold no record\n", backtest.Counted(r.Digests, "digest file", "digest files"))
	}
}

func projection(r *backtest.Report) string {
	if r.Days == 0 {
		return "Nothing: no record says when it happened."
	}
	text := fmt.Sprintf("%s a week", messages(r.MessagesPerWeek))
	if r.Days < 7 {
		text += fmt.Sprintf(", if every week were like %s",
			cli.Choose(r.Days == 1, "that day", fmt.Sprintf("those %d days", r.Days)))
	}
	return text + "."
}

func messages(perWeek float64) string {
	text := strings.TrimSuffix(strconv.FormatFloat(perWeek, 'f', 1, 64), ".0")
	if text == "0" && perWeek > 0 {
		text = "less than 0.1"
	}
	return text + " Slack " + cli.Choose(text == "1", "message", "messages")
}

// endOf is why a report is not whole.
func endOf(r *backtest.Report, missing []string) string {
	var all []string
	if r.Faults > 0 {
		first := ""
		for _, s := range r.Skipped {
			if s.Reason != backtest.Digest {
				first = ", the first: " + sanitize.Bound(s.File, 200) + cli.Choose(s.Position != "", ", ", "") + s.Position +
					": " + s.Reason
				break
			}
		}
		all = append(all, backtest.Counted(r.Faults, "thing was", "things were")+" skipped"+first)
	}
	if len(missing) > 0 {
		all = append(all, "the report misses the parts "+strings.Join(missing, ", "))
	}
	return strings.Join(all, "; ")
}
