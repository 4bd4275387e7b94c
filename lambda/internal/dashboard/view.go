package dashboard

import (
	"html/template"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/webpage"
)

// page is what the template shows.
type page struct {
	Head           template.HTML
	Stack, Origin  string
	From, To, Span string
	Verdict        verdict
	Attention      []string
	Facts          []fact
	Sections       []section
	Notes          []string
}

// verdict is the state of the trails in a few words. The tone gives it its colour and sign.
type verdict struct{ Tone, Sign, Text, Detail string }

// fact is one figure.
type fact struct{ Tone, Label, Value, Hint string }

// Missing reports whether the figure is not there.
func (f fact) Missing() bool { return f.Value == none || f.Value == noneCount }

// section is one part of the page. What it has nothing of, it says in Empty.
type section struct {
	ID, Title, Lead, Empty string
	Facts                  []fact
	Tables                 []table
	Charts                 []chart
}

type table = webpage.Table

// The tones.
const (
	good    = "good"
	warn    = "warn"
	bad     = "bad"
	unknown = "unknown"
	plain   = ""
)

// bars returns the stack's own series of a metric, as the charts cut it.
func (d Data) bars(name, stat string) Series { return d.Series[Query{Metric: name, Stat: stat}] }

// sum is a metric's total over the page.
func (d Data) sum(name string) (float64, bool) { return d.bars(name, Sum).total() }

// add adds a table that is not empty.
func (s *section) add(t table) {
	if t.Rows != nil {
		s.Tables = append(s.Tables, t)
	}
}

func view(d Data) page {
	return page{
		Head:      webpage.Head(webpage.Style(style), ""),
		Stack:     d.Stack,
		Origin:    d.Origin,
		From:      moment(d.From),
		To:        moment(d.To),
		Span:      span(float64(d.To.Sub(d.From).Milliseconds())),
		Notes:     d.Notes,
		Verdict:   d.verdict(),
		Attention: attention(d),
		Facts:     facts(d),
		Sections:  []section{trailsSection(d), incidentsSection(d), deliveriesSection(d), queuesSection(d)},
	}
}

// state is what the last sweep saw: trails, and in how many Regions it could not see everything.
type state struct {
	healthy, weakened, stopped, unseen float64
	at                                 Point
}

// now is the state. It reports false when no sweep told it lately.
func (d Data) now() (s state, ok bool) {
	for _, figure := range []struct {
		metric, stat string
		v            *float64
	}{
		{metric.TrailsHealthy, statLeast, &s.healthy},
		{metric.TrailsWeakened, statMost, &s.weakened},
		{metric.TrailsStopped, statMost, &s.stopped},
		{metric.CannotSee, statMost, &s.unseen},
	} {
		latest, known := d.Series[Query{Metric: figure.metric, Stat: figure.stat, Span: Now}].latest()
		if !known || !s.at.At.IsZero() && !latest.At.Equal(s.at.At) {
			return state{}, false // one without the others is no state
		}
		s.at, *figure.v = latest, latest.Value
	}
	return s, true
}

func (d Data) verdict() verdict {
	s, ok := d.now()
	if !ok {
		return verdict{
			unknown, "?", "The state of the trails is not known",
			"No sweep reported the trails in the " + finding.Duration(recent) + " before " + moment(d.To) + ".",
		}
	}
	seen := "As the sweep of " + moment(s.at.At) + " saw them: " + count(s.healthy) + " healthy, " +
		count(s.weakened) + " weakened, " + count(s.stopped) + " stopped."
	switch {
	case s.stopped > 0:
		return verdict{bad, "✕", things(s.stopped, "trail does not log", "trails do not log"), seen}
	case s.weakened > 0:
		text := things(s.weakened, "trail is weaker than its baseline", "trails are weaker than their baselines")
		return verdict{warn, "!", text, seen}
	case s.unseen > 0:
		return verdict{unknown, "?", "Not everything could be seen", seen + " What could not be seen is not among them."}
	case s.healthy > 0:
		return verdict{good, "✓", "Every trail is healthy", seen}
	}
	return verdict{warn, "!", "The sweep sees no trail", seen}
}

// attention lists what a human should look at, the worst first.
func attention(d Data) []string {
	var list []string
	add := func(v float64, ok bool, one, more, rest string) {
		if ok && v > 0 {
			list = append(list, things(v, one, more)+rest)
		}
	}
	if s, ok := d.now(); ok && s.unseen > 0 {
		list = append(list, "The last sweep could not see everything in "+things(s.unseen, "Region", "Regions")+
			". The message cannot_see says what was refused.")
	}
	lost, ok := d.sum(metric.Lost)
	add(lost, ok, "message was", "messages were", " neither accepted nor parked. The function's log has it.")
	contested, ok := d.sum(metric.Contested)
	add(contested, ok, "incident was", "incidents were", " contested: somebody undid what was restored. Find out who.")
	failures, ok := d.sum(metric.RemediationFailures)
	add(failures, ok, "repair", "repairs", " failed. The reasons are under Incidents.")
	waiting, ok := d.waiting()
	add(waiting, ok, "message waits", "messages wait", " in the queues. The next sweep sends what it can.")
	parked, ok := d.sum(metric.Parked)
	add(parked, ok, "message was", "messages were", " parked because a channel refused to take it.")
	sent, ok := d.sum(metric.TestAlertsSent)
	if _, arrived := d.sum(metric.TestAlerts); !arrived {
		add(sent, ok, "test alert was", "test alerts were", " sent and none came through. See the alarm test-alert-missing.")
	}
	if _, ok := d.Series[Query{Metric: metric.Heartbeat, Stat: Sum, Span: Now}].latest(); !ok {
		list = append(list, "No heartbeat of the sweep in the last "+finding.Duration(recent)+
			". If the sweep is on, it does not run: see the alarms and the function's log.")
	}
	return list
}

// facts are the figures that a person looks for first.
func facts(d Data) []fact {
	failed, refused := d.sum(metric.DeliveryFailures)
	delivered, accepted := d.sum(metric.Deliveries)
	deliveries := fact{toneOf(failed, warn), "Refused deliveries", noneCount, "no delivery either"}
	if refused || accepted {
		deliveries.Value, deliveries.Hint = count(failed), "of "+things(delivered+failed, "delivery", "deliveries")
	}
	waiting, reported := d.waiting()
	sweep := fact{unknown, "Last sweep", none, "in the last " + finding.Duration(recent)}
	if last, ok := d.Series[Query{Metric: metric.Heartbeat, Stat: Sum, Span: Now}].latest(); ok {
		sweep = fact{plain, sweep.Label, finding.Duration(d.To.Sub(last.At)) + " ago", moment(last.At)}
	}
	return []fact{
		d.recorded(plain, "Incidents", metric.Incidents, "opened"),
		darkTime(d),
		d.percentile("Time to restore", Query{Metric: metric.TimeToRestore, Stat: p90}, "nine of ten were faster (p90)"),
		deliveries,
		{toneOf(waiting, warn), "Waiting in queues", orNone(count)(waiting, reported), "messages, now"},
		sweep,
	}
}

// darkTime is how long trails recorded less than their baselines, all of them together.
func darkTime(d Data) fact {
	v, ok := d.sum(metric.DarkTime)
	f := fact{toneOf(v, warn), "Dark time", noneCount, "recorded less than the baseline"}
	if ok {
		f.Value = span(v)
	}
	return f
}

func toneOf(v float64, tone string) string {
	if v > 0 {
		return tone
	}
	return plain
}

// percentile is one over all of the page. Where CloudWatch cut the time in parts, the greatest of theirs is a bound.
func (d Data) percentile(label string, q Query, hint string) fact {
	q.Span = All
	v, ok := d.Series[q].highest()
	f := fact{plain, label, orNone(span)(v, ok), hint}
	if len(d.Series[q]) > 1 {
		f.Value = "≤ " + f.Value
	}
	return f
}

// waiting is the number of messages in the queues that reported lately.
func (d Data) waiting() (sum float64, ok bool) {
	for _, queue := range d.Queues {
		if p, known := d.depth(queue); known {
			sum, ok = sum+p.Value, true
		}
	}
	return sum, ok
}

func (d Data) depth(queue string) (Point, bool) {
	return d.Series[Query{
		Metric: QueueDepth,
		Stat:   statMost,
		Span:   Now,
		Queue:  queue,
	}].latest()
}
