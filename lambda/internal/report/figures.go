package report

import (
	"time"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/metrics"
)

// Figures are those of one finding. Opened says that it has opened an incident.
func Figures(n finding.Finding, opened bool) []metrics.Metric {
	var all []metrics.Metric
	count := func(name string) { all = append(all, metrics.Metric{Name: name, Unit: "Count", Value: 1}) }
	milliseconds := func(name string, d time.Duration) {
		all = append(all, metrics.Metric{Name: name, Unit: "Milliseconds", Value: d.Milliseconds()})
	}
	if opened {
		count(metric.Incidents)
	}
	if i := n.Incident; i != nil && i.Contested {
		count(metric.Contested)
	}
	if d := n.Dark; d != nil && d.To.After(d.From) {
		milliseconds(metric.DarkTime, d.To.Sub(d.From))
	}
	switch n.Outcome {
	case finding.OutcomeAttempt:
		count(metric.Attempts)
	case finding.OutcomeRestored, finding.OutcomeNotified: // a restore that a later sweep confirms
		if n.SinceEvent > 0 {
			milliseconds(metric.TimeToRestore, n.SinceEvent)
		}
	case finding.OutcomeCannotRestore, finding.OutcomeGaveUp, finding.OutcomePartlyRestored:
		reason := n.Cause
		if reason == "" {
			reason = metric.ReasonOther
		}
		all = append(all, metrics.Metric{
			Name:   metric.RemediationFailures,
			Unit:   "Count",
			Value:  1,
			Reason: reason,
		})
	}
	return all
}

// figures are those of one finding's deliveries.
func (all Deliveries) figures() []metrics.Metric {
	var figures []metrics.Metric
	for _, d := range all {
		count := func(name string) {
			figures = append(figures, metrics.Metric{Name: name, Unit: "Count", Value: 1})
		}
		on := func(name, unit string, value int64) {
			figures = append(figures, metrics.Metric{
				Name:    name,
				Unit:    unit,
				Value:   value,
				Channel: d.Channel,
			})
		}
		switch d.Status {
		case StatusDelivered:
			on(metric.Deliveries, "Count", 1)
			on(metric.DeliveryLatency, "Milliseconds", d.Latency.Milliseconds())
		case statusParked:
			on(metric.DeliveryFailures, "Count", 1)
			count(metric.Parked)
		case statusWaiting: // that it is parked was counted
			on(metric.DeliveryFailures, "Count", 1)
		case statusLost:
			on(metric.DeliveryFailures, "Count", 1)
			count(metric.Lost)
		}
	}
	return figures
}
