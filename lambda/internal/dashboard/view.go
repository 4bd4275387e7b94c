package dashboard

import (
	"html/template"
	"slices"

	"trailkeeper/lambda/config/metric"
)

// page is what the template shows.
type page struct {
	Head           template.HTML
	Stack, Origin  string
	From, To, Span string
	Verdict        verdict
	Attention      []string
	Cards          []card
	Sections       []section
	Notes          []string
}

// verdict is the state of the trails in a few words. The tone gives it its colour and sign.
type verdict struct{ Tone, Sign, Text, Detail string }

// card is one figure that a person looks for first.
type card struct{ Tone, Label, Value, Hint string }

// Missing reports whether the figure is not there.
func (c card) Missing() bool { return c.Value == none || c.Value == noneCount }

// section is one part of the page. What it has nothing of, it says in Empty.
type section struct {
	ID, Title, Lead, Empty string
	Facts                  []card
	Tables                 []table
	Charts                 []chart
}

// table is a list of figures. The first column names the row.
type table struct {
	Caption string
	Head    []string
	Rows    [][]string
	Foot    string
}

// Name is what a screen reader calls the table.
func (t table) Name() string {
	if t.Caption != "" {
		return t.Caption
	}
	return "Figures of the chart"
}

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

func view(d Data) page {
	p := page{
		Head: head(), Stack: d.Stack, Origin: d.Origin, From: moment(d.From), To: moment(d.To),
		Span: span(float64(d.To.Sub(d.From).Milliseconds())), Notes: d.Notes,
	}
	p.Verdict = d.verdict()
	p.Attention = d.attention()
	p.Cards = d.cards()
	p.Sections = []section{d.trails(), d.incidents(), d.restores(), d.deliveries(), d.queues(), d.sweeps(), d.tests()}
	return p
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
		{metric.TrailsHealthy, Least, &s.healthy},
		{metric.TrailsWeakened, Most, &s.weakened},
		{metric.TrailsStopped, Most, &s.stopped},
		{metric.CannotSee, Most, &s.unseen},
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
		return verdict{unknown, "?", "The state of the trails is not known", "No sweep reported the trails in the " + span(float64(Recent.Milliseconds())) +
			" before " + moment(d.To) + "."}
	}
	seen := "As the sweep of " + moment(s.at.At) + " saw them: " + count(s.healthy) + " healthy, " + count(s.weakened) + " weakened, " +
		count(s.stopped) + " stopped."
	switch {
	case s.stopped > 0:
		return verdict{bad, "✕", things(s.stopped, "trail does not log", "trails do not log"), seen}
	case s.weakened > 0:
		return verdict{warn, "!", things(s.weakened, "trail is weaker than its baseline", "trails are weaker than their baselines"), seen}
	case s.unseen > 0:
		return verdict{unknown, "?", "Not everything could be seen", seen + " What could not be seen is not among them."}
	case s.healthy > 0:
		return verdict{good, "✓", "Every trail is healthy", seen}
	}
	return verdict{warn, "!", "The sweep sees no trail", seen}
}

// attention lists what a human should look at, the worst first.
func (d Data) attention() []string {
	var list []string
	add := func(v float64, ok bool, one, more, rest string) {
		if ok && v > 0 {
			list = append(list, things(v, one, more)+rest)
		}
	}
	if s, ok := d.now(); ok && s.unseen > 0 {
		list = append(list, "The last sweep could not see everything in "+things(s.unseen, "Region", "Regions")+". The message cannot_see says what was refused.")
	}
	lost, ok := d.sum(metric.Lost)
	add(lost, ok, "message was", "messages were", " neither accepted nor parked. Look at the function's log for what it said.")
	failures, ok := d.sum(metric.RemediationFailures)
	add(failures, ok, "repair", "repairs", " failed. The reasons are under Incidents.")
	waiting, ok := d.waiting()
	add(waiting, ok, "message waits", "messages wait", " in the queues. The next sweep sends what it can; Queues says where they are.")
	parked, ok := d.sum(metric.Parked)
	add(parked, ok, "message was", "messages were", " parked because a channel refused to take it.")
	if _, ok := d.Series[Query{Metric: metric.Heartbeat, Stat: Sum, Span: Now}].latest(); !ok {
		list = append(list, "No heartbeat of the sweep in the last "+span(float64(Recent.Milliseconds()))+
			". If the sweep is on, it does not run: see the alarms and the function's log.")
	}
	return list
}

func (d Data) cards() []card {
	incidents, known := d.sum(metric.Incidents)
	cards := []card{{plain, "Incidents", tally(incidents, known), "opened"}}
	p90, bound, ok := d.whole(Query{Metric: metric.TimeToRestore, Stat: P90})
	cards = append(cards, card{plain, "Time to restore", bound + orNone(span)(p90, ok), "nine of ten were faster (p90)"})
	failed, delivered := 0.0, 0.0
	seen := false
	for _, channel := range Channels() {
		yes, saidYes := d.Series[Query{Metric: metric.Deliveries, Stat: Sum, Channel: channel}].total()
		no, saidNo := d.Series[Query{Metric: metric.DeliveryFailures, Stat: Sum, Channel: channel}].total()
		delivered, failed, seen = delivered+yes, failed+no, seen || saidYes || saidNo
	}
	refused := card{toneOf(failed, warn), "Refused deliveries", noneCount, "no delivery either"}
	if seen {
		refused.Value, refused.Hint = count(failed), "of "+things(delivered+failed, "delivery", "deliveries")
	}
	cards = append(cards, refused)
	waiting, reported := d.waiting()
	cards = append(cards, card{toneOf(waiting, warn), "Waiting in queues", orNone(count)(waiting, reported), "messages, now"})
	last, beats := d.Series[Query{Metric: metric.Heartbeat, Stat: Sum, Span: Now}].latest()
	beat := card{unknown, "Last sweep", none, "in the last " + span(float64(Recent.Milliseconds()))}
	if beats {
		beat = card{plain, "Last sweep", span(float64(d.To.Sub(last.At).Milliseconds())) + " ago", moment(last.At)}
	}
	return append(cards, beat)
}

func toneOf(v float64, tone string) string {
	if v > 0 {
		return tone
	}
	return plain
}

// whole is a percentile over all of the page. Where CloudWatch cut the time in parts, the greatest of theirs is a bound: bound is "≤ ".
func (d Data) whole(q Query) (v float64, bound string, ok bool) {
	q.Span = All
	series := d.Series[q]
	v, ok = series.highest()
	if len(series) > 1 {
		bound = "≤ "
	}
	return v, bound, ok
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
	return d.Series[Query{Metric: QueueDepth, Stat: Most, Span: Now, Queue: queue}].latest()
}

// union adds series up, period by period.
func union(all ...Series) Series {
	var sum Series
	for _, s := range all {
		for _, p := range s {
			if i := slices.IndexFunc(sum, func(other Point) bool { return other.At.Equal(p.At) }); i >= 0 {
				sum[i].Value += p.Value
			} else {
				sum = append(sum, p)
			}
		}
	}
	slices.SortFunc(sum, func(a, b Point) int { return a.At.Compare(b.At) })
	return sum
}
