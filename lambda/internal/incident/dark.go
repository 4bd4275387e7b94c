package incident

import (
	"slices"
	"time"

	"trailkeeper/lambda/internal/finding"
)

// span is a time in which the subject recorded less than its baseline.
type span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// darkness adds up spans, each moment once: two runs may report the same stop, and one stop may follow in another's
// dark.
type darkness struct {
	Spans []span `json:"spans,omitempty"` // apart from one another, in order
	// Before is the length of older spans, all of which end at Floor or earlier.
	Before time.Duration `json:"before,omitempty"`
	Floor  time.Time     `json:"floor,omitzero"`
}

// maxSpans bounds the spans that are kept apart.
const maxSpans = 16

// with returns the darkness with one more span.
func (d darkness) with(from, to time.Time) darkness {
	if from.Before(d.Floor) {
		from = d.Floor
	}
	if from.IsZero() || !from.Before(to) {
		return d
	}
	all := append(slices.Clone(d.Spans), span{from.UTC(), to.UTC()})
	slices.SortFunc(all, func(a, b span) int { return a.From.Compare(b.From) })
	d.Spans = all[:1]
	for _, s := range all[1:] {
		if before := &d.Spans[len(d.Spans)-1]; s.From.After(before.To) {
			d.Spans = append(d.Spans, s)
		} else if s.To.After(before.To) {
			before.To = s.To
		}
	}
	for len(d.Spans) > maxSpans {
		d.Before, d.Floor, d.Spans = d.Before+d.Spans[0].To.Sub(d.Spans[0].From), d.Spans[0].To, d.Spans[1:]
	}
	return d
}

// sum is the dark time.
func (d darkness) sum() time.Duration {
	sum := max(0, d.Before)
	for _, s := range d.Spans {
		sum += max(0, s.To.Sub(s.From))
	}
	return sum
}

// darkSince is since when it is dark where it was so since a time, and a notification says more.
func darkSince(since time.Time, dark *finding.Dark) time.Time {
	if dark == nil || !dark.To.IsZero() || !since.IsZero() && since.Before(dark.From) {
		return since
	}
	return dark.From.UTC()
}

// darken adds what a notification says of the dark time to the incident, whose marks were these before it.
func (e *entry) darken(was marks, n finding.Finding, now time.Time) {
	end := now
	if n.Dark != nil && !n.Dark.To.IsZero() {
		end = n.Dark.To
		e.Darkness = e.Darkness.with(n.Dark.From, end)
	} else if n.Bearing.Role == finding.RoleEnds {
		end = n.EventTime
	}
	for a, m := range was {
		if _, still := e.Wrong[a]; !still {
			e.Darkness = e.Darkness.with(m.Dark, end)
		}
	}
	sofar := e.Darkness
	for _, m := range e.Wrong {
		sofar = sofar.with(m.Dark, now)
	}
	e.Dark = sofar.sum()
}
