package signal

import (
	"cmp"
	"context"

	"trailkeeper/events"
	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/report"
)

// Test reports a test alert on every channel that a real one would reach. The metric is written only when each has
// accepted it: the alarm on the round trip goes off without it. The request names the invocation.
func (r *Responder) Test(ctx context.Context, ev events.Event, request string) error {
	n := r.of(ev, request)
	n.Severity, n.Outcome = finding.SeverityHigh, finding.OutcomeTest
	n.Note(cmp.Or(r.Words.Test, finding.NoteTest))
	sent, err := r.Reporter.Report(ctx, n, ev.JSON())
	delivered := 0
	for _, d := range sent {
		switch d.Status {
		case report.StatusDelivered:
			delivered++
		case report.StatusRepeated, report.StatusCollapsed: // of many at once, the first counts
		default:
			return err
		}
	}
	if err == nil && delivered > 0 { // one that arrives again is not counted again
		r.Measure(ctx, metrics.Metric{Name: metric.TestAlerts, Unit: "Count", Value: 1})
	}
	return err
}

// of starts the finding about an event that is no record.
func (r *Responder) of(ev events.Event, request string) finding.Finding {
	n := r.Base
	n.EventID, n.EventTime = cmp.Or(ev.ID, request), ev.At(r.Clock.Now())
	n.Account, n.Recipient, n.Region = ev.Account, ev.Account, ev.Region
	return n
}
