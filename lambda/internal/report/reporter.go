// Package report is the way of every finding to whoever is to know: incident, claims, routes, delivery, and what a
// channel refuses.
//
// It decides nothing about a finding and words next to nothing: producers and package message do. It renders nothing
// and knows no channel's protocol.
package report

import (
	"context"
	"encoding/json"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/metrics"
)

// Reporter is the way of every finding: it adds it to the incident of its subject, has it delivered, and measures what
// becomes of it. Its fields are set once; it is safe for concurrent use.
type Reporter struct {
	Fanout *Fanout
	// Incidents are those of the subjects; nil: no table, so none.
	Incidents *incident.Book
	// Measure writes metrics.
	Measure func(context.Context, ...metrics.Metric)
}

// New makes a Reporter, and has it measure what the fan-out delivers.
func New(fanout *Fanout, incidents *incident.Book, measure func(context.Context, ...metrics.Metric)) *Reporter {
	fanout.Observe = func(ctx context.Context, sent Deliveries) { measure(ctx, sent.figures()...) }
	return &Reporter{Fanout: fanout, Incidents: incidents, Measure: measure}
}

// Report delivers a finding to every destination that it is for, but to those that have it, and parks what one refuses
// together with payload, the original event. The deliveries say what became of it on each; the error says what was
// neither accepted nor parked.
func (r *Reporter) Report(ctx context.Context, n finding.Finding, payload json.RawMessage) (Deliveries, error) {
	opened := false
	if r.Incidents != nil {
		n, opened = r.Incidents.Note(ctx, n)
	}
	sent, err := r.Fanout.Deliver(ctx, n, payload)
	if opened || !sent.Repeated() ||
		n.Outcome == finding.OutcomeRestored { // an event that comes again is counted once, and a restore is a restore
		r.Measure(ctx, Figures(n, opened)...)
	}
	if err == nil && r.Incidents != nil {
		r.Incidents.Delivered(ctx, n, sent.Repeated())
	}
	return sent, err
}
