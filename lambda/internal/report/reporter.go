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

// Reporter is the way of a finding to whoever is to know of it; payload is the original event, or nil. The deliveries
// say what became of it on each channel; the error says what was neither accepted nor parked.
type Reporter interface {
	Report(ctx context.Context, n finding.Finding, payload json.RawMessage) (Deliveries, error)
}

// Pipeline is the Reporter of a deployment: it adds every finding to the incident of its subject, has it delivered, and
// measures what becomes of it. Its fields are set once; it is safe for concurrent use.
type Pipeline struct {
	Fanout *Fanout
	// Incidents are those of the subjects; nil: no table, so none.
	Incidents *incident.Book
	// Measure writes metrics.
	Measure func(context.Context, ...metrics.Metric)
}

// New makes a Pipeline, and has it measure what the fan-out delivers.
func New(fanout *Fanout, incidents *incident.Book, measure func(context.Context, ...metrics.Metric)) *Pipeline {
	fanout.Observe = func(ctx context.Context, sent Deliveries) { measure(ctx, sent.figures()...) }
	return &Pipeline{Fanout: fanout, Incidents: incidents, Measure: measure}
}

// Report delivers a finding to every destination that it is for, but to those that have it, and parks what one refuses
// together with payload, the original event. The deliveries say what became of it on each; the error says what was
// neither accepted nor parked.
func (p *Pipeline) Report(ctx context.Context, n finding.Finding, payload json.RawMessage) (Deliveries, error) {
	opened := false
	if p.Incidents != nil {
		n, opened = p.Incidents.Note(ctx, n)
	}
	sent, err := p.Fanout.Deliver(ctx, n, payload)
	if opened || !sent.Repeated() ||
		n.Outcome == finding.OutcomeRestored { // an event that comes again is counted once, and a restore is a restore
		p.Measure(ctx, Figures(n, opened)...)
	}
	if err == nil && p.Incidents != nil {
		p.Incidents.Delivered(ctx, n, sent.Repeated())
	}
	return sent, err
}
