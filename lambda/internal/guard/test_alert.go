package guard

import (
	"context"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/report"
)

// sentAt is the time of an event that is no record; where it says none, now.
func (h *Handler) sentAt(ev events.Event) time.Time {
	if at, err := time.Parse(time.RFC3339, ev.Time); err == nil {
		return at.UTC()
	}
	return h.clock.Now().UTC()
}

// test tells of a test alert on every channel that a real one would reach. The metric is written only when each has accepted it: the alarm on the
// round trip goes off without it.
func (h *Handler) test(ctx context.Context, ev events.Event) error {
	at := h.sentAt(ev)
	n := finding.Finding{
		EventID: first(ev.ID, requestID(ctx)), EventTime: at, Severity: finding.SeverityHigh, Outcome: finding.OutcomeTest,
		Subject:   finding.Subject{Account: ev.Account, Region: ev.Region, Partition: h.cfg.Partition},
		Recipient: ev.Account, Stack: h.cfg.Stack,
		Detail: "This is a test: nothing has happened, and nothing was changed. It took the way of a real event, through EventBridge and the guard.",
	}
	told, err := h.reporter.Report(ctx, n, ev.JSON())
	delivered := 0
	for _, d := range told {
		switch d.Status {
		case report.StatusDelivered:
			delivered++
		case report.StatusRepeated, report.StatusCollapsed: // of many at once, the first counts
		default:
			return err
		}
	}
	if err == nil && delivered > 0 { // one that arrives again is not counted again
		h.measure(ctx, metrics.Metric{Name: metric.TestAlerts, Unit: "Count", Value: 1})
	}
	return err
}
