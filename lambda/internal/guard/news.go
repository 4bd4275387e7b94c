package guard

import (
	"context"
	"encoding/json"
	"log/slog"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/report"
)

// news tells: it adds a notification to the incident of its trail, and measures what becomes of it. It implements teller.
type news struct {
	*report.Fanout
	book *incident.Book // nil: no table, so no incidents
	log  *slog.Logger
	// measure writes metrics.
	measure func(context.Context, ...metrics.Metric)
	// runbook is the address of the page about each kind of message.
	runbook string
}

// Tell implements teller.
func (t *news) Tell(ctx context.Context, n finding.Finding, payload json.RawMessage) error {
	ctx = report.WithPatience(ctx)
	n.Runbook = t.runbook
	opened := false
	if t.book != nil {
		n, opened = t.book.Note(ctx, n)
	}
	sent, err := t.Fanout.Deliver(ctx, n, payload)
	if opened || !sent.Repeated() || n.Outcome == finding.OutcomeRestored { // an event that comes again is counted once, and a restore is a restore
		t.measure(ctx, figures(n, opened)...)
	}
	if err == nil && t.book != nil {
		t.book.Told(ctx, n, sent.Repeated())
	}
	return err
}

// Open returns the incidents that are not closed, by the trail's ARN; none without the table.
func (t *news) Open(ctx context.Context) map[string]incident.Unsettled {
	if t.book == nil {
		return nil
	}
	open, err := t.book.Open(ctx)
	if err != nil {
		t.log.WarnContext(ctx, "incidents", "error", err.Error())
	}
	return open
}

// TellOnly implements teller.
func (t *news) TellOnly(ctx context.Context, n finding.Finding, destination string) error {
	n.Runbook = t.runbook
	return t.Fanout.TellOnly(ctx, n, destination)
}

// Deliver implements teller.
func (t *news) Deliver(ctx context.Context, n finding.Finding, payload json.RawMessage) (report.Deliveries, error) {
	n.Runbook = t.runbook
	return t.Fanout.Deliver(ctx, n, payload)
}

// deliveries are the figures of one notification's deliveries.
func (t *news) deliveries(ctx context.Context, r report.Deliveries) {
	var all []metrics.Metric
	for _, d := range r {
		count := func(name string) {
			all = append(all, metrics.Metric{Name: name, Unit: "Count", Value: 1})
		}
		on := func(name, unit string, value int64) {
			all = append(all, metrics.Metric{Name: name, Unit: unit, Value: value, Channel: d.Channel})
		}
		switch d.Status {
		case report.StatusDelivered:
			on(metric.Deliveries, "Count", 1)
			on(metric.DeliveryLatency, "Milliseconds", d.Latency.Milliseconds())
		case report.StatusParked:
			on(metric.DeliveryFailures, "Count", 1)
			count(metric.Parked)
		case report.StatusWaiting: // that it is parked was counted
			on(metric.DeliveryFailures, "Count", 1)
		case report.StatusLost:
			on(metric.DeliveryFailures, "Count", 1)
			count(metric.Lost)
		}
	}
	t.measure(ctx, all...)
}
