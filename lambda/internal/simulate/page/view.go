package page

import (
	"fmt"
	"html/template"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/simulate/render"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/webpage"
)

// view is what the template shows.
type view struct {
	Head        template.HTML
	Verdict     verdict
	Facts       []webpage.Fact
	Scenarios   []scenario
	Assumptions []string
}

type verdict struct{ Tone, Sign, Text, Detail string }

// scenario is the part of one scenario.
type scenario struct {
	ID, Name, Title string
	NotPlayed       string
	Tone, Sign      string
	Result          string // in a word
	Dark, Sent      string
	Open            bool // it is shown from the start
	Facts           []webpage.Fact
	Timeline        *timeline
	Messages        []message
	More            int // messages that are not shown
	Checks          []check
	Phases          []phase
}

type check struct{ Tone, Sign, Text, Why string }

// phase is a time in which the trail was not as it was set up.
type phase struct {
	Text    string
	Changes []change
}

type change struct{ Field, Before, After, Sentence string }

// The tones.
const (
	good    = "good"
	warn    = "warn"
	bad     = "bad"
	unknown = "unknown"
)

const (
	maxText     = 600 // characters of a value
	maxOpen     = 3   // scenarios that a page shows from the start, if it has no more; otherwise the first
	maxMessages = 24  // of a scenario
)

func viewOf(results []result.Result) view {
	v := view{Head: webpage.Head(webpage.Style(style), "")}
	var total totals
	for i, r := range results {
		s := scenarioOf(i, r)
		s.Open = len(results) <= maxOpen || i == 0 || s.Tone == bad
		v.Scenarios = append(v.Scenarios, s)
		total.add(r)
		if v.Assumptions == nil {
			v.Assumptions = r.Assumptions
		}
	}
	v.Verdict, v.Facts = total.verdict(), total.facts()
	return v
}

// totals are the figures of a run.
type totals struct {
	played, skipped, broken, checks, failed, slack, mail, lost int
	darkest                                                    time.Duration
}

func (t *totals) add(r result.Result) {
	if r.NotPlayed != "" {
		t.skipped++
		return
	}
	t.played++
	if !r.Held() {
		t.broken++
	}
	t.checks, t.failed = t.checks+len(r.Checks), t.failed+len(r.Broken())
	t.slack, t.mail = t.slack+len(sent(r, localcloud.KindSlack)), t.mail+len(sent(r, localcloud.KindSNS))
	t.lost += len(r.Timeline.Where(func(e localcloud.Entry) bool { return e.Kind == localcloud.KindLost }))
	t.darkest = max(t.darkest, r.Trail.Dark())
}

func (t totals) verdict() verdict {
	switch {
	case t.played == 0:
		return verdict{unknown, "?", "Nothing was played", "No scenario makes sense for this deployment."}
	case t.failed > 0:
		return verdict{
			bad, "✕", fmt.Sprintf("%s failed in %s", render.Count(t.failed, "check"), render.Count(t.broken, "scenario")),
			"What failed is open below.",
		}
	}
	return verdict{
		good, "✓", "All checks passed",
		render.Count(t.played, "scenario") + " played on this machine against the deployed template and the guard's " +
			"real code.",
	}
}

func (t totals) facts() []webpage.Fact {
	passed := webpage.Fact{Label: "Checks passed", Value: fmt.Sprintf("%d of %d", t.checks-t.failed, t.checks)}
	if t.failed > 0 {
		passed.Tone = bad
	}
	lost := webpage.Fact{Label: "Lost", Value: fmt.Sprint(t.lost), Hint: "events or messages"}
	if t.lost > 0 {
		lost.Tone = warn
	}
	scenarios := webpage.Fact{Label: "Scenarios", Value: fmt.Sprint(t.played)}
	if t.skipped > 0 {
		scenarios.Hint = fmt.Sprintf("%d more not played", t.skipped)
	}
	return []webpage.Fact{
		scenarios,
		passed,
		{Label: "Longest dark time", Value: finding.Duration(t.darkest), Hint: "of a trail in one scenario"},
		{Label: "Slack messages", Value: fmt.Sprint(t.slack), Hint: "accepted"},
		{Label: "SNS messages", Value: fmt.Sprint(t.mail), Hint: "accepted"},
		lost,
	}
}

func scenarioOf(i int, r result.Result) scenario {
	s := scenario{
		ID:        fmt.Sprintf("s%d", i+1),
		Name:      sanitize.Bound(r.Name, maxText),
		Title:     upper(sanitize.Bound(r.Title, maxText)),
		NotPlayed: r.NotPlayed,
	}
	if r.NotPlayed != "" {
		s.Tone, s.Sign, s.Result, s.Dark, s.Sent = unknown, "–", "not played", "–", "–"
		return s
	}
	s.Tone, s.Sign, s.Result = good, "✓", "passed"
	if !r.Held() {
		s.Tone, s.Sign, s.Result = bad, "✕", "failed"
	}
	s.Dark = darkOf(r.Trail)
	slack, mail := len(sent(r, localcloud.KindSlack)), len(sent(r, localcloud.KindSNS))
	s.Sent = fmt.Sprintf("%d + %d", slack, mail)
	s.Facts = []webpage.Fact{
		{Label: "Dark time", Value: s.Dark, Hint: "the trail recorded less than before"},
		endFact(r),
		{Label: "Messages", Value: s.Sent, Hint: "in Slack + by SNS"},
		{Label: "Checks passed", Value: fmt.Sprintf("%d of %d", len(r.Checks)-len(r.Broken()), len(r.Checks))},
	}
	s.Timeline = timelineOf(s.ID, r, r.Trail)
	s.Messages, s.More = messagesOf(r)
	s.Checks = checksOf(r)
	s.Phases = phasesOf(r)
	return s
}

// darkOf is how long trails were dark, all together.
func darkOf(trails ...result.Trail) string {
	var dark time.Duration
	there := false
	for _, t := range trails {
		dark, there = dark+t.Dark(), there || t.ARN != ""
	}
	switch {
	case !there:
		return "–"
	case dark == 0:
		return "none"
	}
	return finding.Duration(dark)
}

// endFact is what the trail is at the end.
func endFact(r result.Result) webpage.Fact {
	f := webpage.Fact{Label: "Trail at the end", Value: "recording"}
	switch {
	case r.Trail.ARN == "":
		f.Value, f.Missing = "no trail", true
	case r.Trail.Ends() != result.Recording:
		f.Value, f.Tone = string(r.Trail.Ends()), bad
	}
	return f
}

// checksOf lists each check once: the failed ones first.
func checksOf(r result.Result) []check {
	var failed, passed []check
	seen := map[string]bool{}
	for _, v := range r.Checks {
		switch {
		case v.Why != "":
			failed = append(failed, check{bad, "✕", v.Check, sanitize.Bound(v.Why, maxText)})
		case !seen[v.Check]:
			seen[v.Check] = true
			passed = append(passed, check{good, "✓", v.Check, ""})
		}
	}
	return append(failed, passed...)
}

func phasesOf(r result.Result) []phase {
	var all []phase
	for _, p := range r.Trail.Phases {
		if len(p.Changes) == 0 {
			continue
		}
		shown := phase{Text: fmt.Sprintf("%s after %s, for %s",
			upper(string(p.State)), render.Offset(p.From.Sub(r.Start)), finding.Duration(p.To.Sub(p.From)))}
		for _, c := range p.Changes {
			shown.Changes = append(shown.Changes, change{
				string(c.Field), value(c.Before), value(c.After), sanitize.Bound(c.Sentence, maxText),
			})
		}
		all = append(all, shown)
	}
	return all
}

func value(v string) string {
	if v == "" {
		return "none"
	}
	return sanitize.Bound(v, maxText)
}

// sent are the messages that a channel took, those of EventBridge, the guard and the alarms, without updates.
func sent(r result.Result, kind localcloud.Kind) result.Timeline {
	return r.Timeline.Where(func(e localcloud.Entry) bool { return e.Kind == kind && e.Err == "" && !e.Update })
}

func upper(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}
