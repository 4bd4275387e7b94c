package page

import (
	"cmp"
	"fmt"
	"html/template"
	"maps"
	"math"
	"path"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/internal/backtest"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/webpage"
)

// What the page shows of each kind; the JSON has more.
const (
	maxSamples = 3
	maxSkipped = 50
	maxBars    = 120 // of the chart
	maxSpark   = 40  // of a rule's
)

// content is what the template shows.
type content struct {
	Head                  template.HTML
	Span, Asked           string
	Verdict, Detail, Tone string
	Sign                  string
	Facts                 []webpage.Fact
	Attention             []string
	Chart                 chart
	Rules                 []rule
	Silent                []string
	Actors, Ignored       []bar
	Samples               []samples
	Skipped, Errors       webpage.Table
}

// rule is a row of the table of rules.
type rule struct {
	ID, Description, Severity, Class string
	Matches, Findings, Messages      string
	Note                             string
	Spark                            chart
}

// samples are the newest records of a rule.
type samples struct {
	Rule    string
	Records []sample
}

type sample struct{ Title, When, Who, Where, ID string }

// bar is a name with a figure, and how long its bar is, in hundredths.
type bar struct{ Name, Value, Width string }

func view(r *backtest.Report) content {
	ids := byMatches(r)
	p := content{
		Head:  webpage.Head(webpage.Style(style), ""),
		Span:  span(r),
		Asked: asked(r.Asked),
		Chart: drawn(r, matchesByDay(r), maxBars),
		Facts: facts(r, ids),
	}
	for _, id := range ids {
		if r.Rules[id].Matches == 0 {
			p.Silent = append(p.Silent, clean(id))
			continue
		}
		p.Rules = append(p.Rules, ruleOf(r, id))
		p.Samples = append(p.Samples, samplesOf(clean(id), r.Rules[id].Samples))
	}
	var actors []amount
	for _, a := range r.Actors {
		actors = append(actors, amount{a.Name, a.Matches})
	}
	p.Actors = bars(actors)
	var ignored []amount
	for _, id := range slices.Sorted(maps.Keys(r.Ignored)) {
		ignored = append(ignored, amount{id, r.Ignored[id]})
	}
	p.Ignored = bars(ignored)
	p.Skipped, p.Errors = skipped(r), errorsOf(r)
	p.Attention = attention(r)
	p.verdict(r)
	return p
}

func samplesOf(id string, all []backtest.Sample) samples {
	of := samples{Rule: id}
	for _, s := range all[:min(maxSamples, len(all))] {
		of.Records = append(of.Records, sample{
			Title: clean(s.Title),
			When:  moment(s.Time),
			Who:   clean(s.Actor),
			Where: place(path.Base(s.File), s.Position),
			ID:    clean(s.EventID),
		})
	}
	return of
}

// moment writes a time of the report for people.
func moment(text string) string {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return "no time"
	}
	return at.UTC().Format("2 Jan 2006, 15:04:05")
}

// byMatches are the IDs of the rules, those with the most matches first.
func byMatches(r *backtest.Report) []string {
	return slices.SortedFunc(maps.Keys(r.Rules), func(a, b string) int {
		return cmp.Or(cmp.Compare(r.Rules[b].Matches, r.Rules[a].Matches), strings.Compare(a, b))
	})
}

// clean is a text of the report on one line.
func clean(text string) string { return sanitize.Bound(text, 300) }

func place(file, position string) string {
	if position != "" {
		file += ", " + position
	}
	return clean(file)
}

func (p *content) verdict(r *backtest.Report) {
	p.Tone, p.Sign = "unknown", "≈"
	if r.Days == 0 {
		p.Sign, p.Verdict, p.Detail = "?", "Nothing can be projected", "No record says when it happened."
		return
	}
	switch n := r.MessagesPerWeek; {
	case n == 0:
		p.Verdict = "No Slack message"
	case n < 1:
		p.Verdict = "Less than one Slack message a week"
	default:
		p.Verdict = "About " + backtest.Counted(int64(math.Round(n)), "Slack message", "Slack messages") + " a week"
	}
	p.Detail = fmt.Sprintf("As projected from %s of history.", backtest.Counted(int64(r.Days), "day", "days"))
	if r.Days < 7 {
		p.Detail += " That is less than a week, and may not be like others."
	}
}

func facts(r *backtest.Report, ids []string) []webpage.Fact {
	var matches, findings, messages, suppressed, matched int64
	for _, id := range ids {
		rule := r.Rules[id]
		matches, findings, messages = matches+rule.Matches, findings+rule.Findings, messages+rule.Messages
		if rule.Matches > 0 {
			matched++
		}
	}
	for _, n := range r.Ignored {
		suppressed += n
	}
	return []webpage.Fact{
		{Label: "Records", Value: backtest.Thousands(r.Records), Hint: "in " + backtest.Counted(r.Files, "file", "files")},
		{Label: "Rules that matched", Value: backtest.Thousands(matched), Hint: "of " + backtest.Thousands(int64(len(ids))) + " that are on"},
		{Label: "Matches", Value: backtest.Thousands(matches), Hint: "records, for each rule"},
		{Label: "Findings", Value: backtest.Thousands(findings), Hint: "after the thresholds"},
		{Label: "Messages", Value: backtest.Thousands(messages), Hint: "after repeats were joined"},
		{Label: "Suppressed", Value: backtest.Thousands(suppressed), Hint: "records, by ignore rules"},
	}
}

func attention(r *backtest.Report) []string {
	var list []string
	if r.Faults > 0 {
		list = append(list, backtest.Counted(r.Faults, "file or record", "files or records")+
			" could not be read. What they hold is not in these figures; they are named below.")
	}
	if missing := r.Missing(); missing != nil {
		list = append(list, "This is a part of the archive only: "+clean(strings.Join(missing, ", "))+" are missing.")
	}
	if len(r.Errors) > 0 {
		list = append(list, backtest.Counted(int64(len(r.Errors)), "rule", "rules")+
			" could not be applied to some records. The reasons are below.")
	}
	for _, id := range byMatches(r) {
		if until := r.Rules[id].Until; until != "" {
			list = append(list, fmt.Sprintf("%s matched so often that its findings and messages are counted until %s only.",
				clean(id), clean(until)))
		}
	}
	return list
}

func span(r *backtest.Report) string {
	if r.Days == 0 {
		return "No record says when it happened."
	}
	return fmt.Sprintf("%s to %s (%s)", moment(r.First), moment(r.Last), backtest.Counted(int64(r.Days), "day", "days"))
}

func asked(a backtest.Asked) string {
	var all []string
	for _, part := range [][2]string{
		{"since", a.Since},
		{"until", a.Until},
		{"account", strings.Join(a.Accounts, ", ")},
		{"Region", strings.Join(a.Regions, ", ")},
	} {
		if part[1] != "" {
			all = append(all, part[0]+" "+part[1])
		}
	}
	return clean(strings.Join(all, "; "))
}

func ruleOf(r *backtest.Report, id string) rule {
	of := r.Rules[id]
	found := rule{
		ID:          clean(id),
		Description: clean(of.Description),
		Severity:    clean(of.Severity),
		Class:       "by-record",
		Matches:     backtest.Thousands(of.Matches),
		Findings:    backtest.Thousands(of.Findings),
		Messages:    backtest.Thousands(of.Messages),
		Spark:       drawn(r, of.ByDay, maxSpark),
	}
	if slices.Contains([]string{"low", "medium", "high", "critical"}, of.Severity) {
		found.Class = of.Severity
	}
	if t := of.Threshold; t != nil {
		what := "matches"
		if t.Distinct {
			what = "different values"
		}
		found.Note = fmt.Sprintf("A finding is %d %s within %s.", t.Count, what, duration(t.Within))
	}
	return found
}

// duration writes seconds in the largest unit that has them whole.
func duration(seconds int) string {
	for _, unit := range []struct {
		seconds   int
		one, many string
	}{{86400, "day", "days"}, {3600, "hour", "hours"}, {60, "minute", "minutes"}} {
		if seconds >= unit.seconds && seconds%unit.seconds == 0 {
			return backtest.Counted(int64(seconds/unit.seconds), unit.one, unit.many)
		}
	}
	return backtest.Counted(int64(seconds), "second", "seconds")
}

type amount struct {
	name string
	n    int64
}

func bars(rows []amount) []bar {
	most := int64(1)
	for _, row := range rows {
		most = max(most, row.n)
	}
	var all []bar
	for _, row := range rows {
		all = append(all, bar{clean(row.name), backtest.Thousands(row.n), webpage.Coordinate(100 * float64(row.n) / float64(most))})
	}
	return all
}

func skipped(r *backtest.Report) webpage.Table {
	t := webpage.Table{Caption: "Not read", Head: []string{"Where", "Why"}, Words: true}
	for _, s := range r.Skipped {
		if s.Reason != backtest.Digest && len(t.Rows) < maxSkipped {
			t.Rows = append(t.Rows, []string{place(s.File, s.Position), clean(s.Reason)})
		}
	}
	if r.Faults > int64(len(t.Rows)) {
		t.Foot = backtest.Counted(r.Faults-int64(len(t.Rows)), "other is", "others are") + " left out. "
	}
	if r.Digests > 0 {
		t.Foot += backtest.Counted(r.Digests, "digest file", "digest files") + ", which hold no record, were passed over."
	}
	return t
}

func errorsOf(r *backtest.Report) webpage.Table {
	t := webpage.Table{Caption: "Rules that could not be applied", Head: []string{"Rule", "Records", "Why"}, Words: true}
	for _, id := range slices.Sorted(maps.Keys(r.Errors)) {
		t.Rows = append(t.Rows, []string{clean(id), backtest.Thousands(r.Errors[id].Records), clean(r.Errors[id].Reason)})
	}
	return t
}
