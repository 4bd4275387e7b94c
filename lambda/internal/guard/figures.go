package guard

import (
	"context"
	"strings"
	"time"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/remediate"
)

// measure writes metrics.
func (h *Handler) measure(ctx context.Context, figures ...metrics.Metric) {
	metrics.Write(ctx, h.metrics, h.cfg.Stack, h.clock.Now(), figures...)
}

// figures are those of one notification.
func figures(n finding.Finding, opened bool) []metrics.Metric {
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
		all = append(all, metrics.Metric{Name: metric.RemediationFailures, Unit: "Count", Value: 1, Reason: reason})
	}
	return all
}

// cause is the reason of a call that AWS did not carry out, for the metric.
func cause(err error) string {
	code := awscall.Code(err)
	switch {
	case err == nil:
		return ""
	case strings.Contains(code, "Throttl"), code == "TooManyRequests", code == "RequestLimitExceeded":
		return metric.ReasonThrottled
	case strings.Contains(code, "AccessDenied"), strings.Contains(code, "Unauthorized"), strings.Contains(code, "Permission"):
		return metric.ReasonDenied
	case strings.Contains(code, "NotFound"), strings.Contains(code, "DoesNotExist"), strings.Contains(code, "Unavailable"):
		return metric.ReasonGone
	case strings.Contains(code, "Maximum"), strings.Contains(code, "LimitExceeded"):
		return metric.ReasonLimit
	}
	return metric.ReasonOther
}

// causeOf is the reason why something of a trail is not put back.
func causeOf(res remediate.RestoreResult) string {
	switch {
	case res.Capped:
		return metric.ReasonLimit
	case cause(res.Err) != "" && cause(res.Err) != metric.ReasonOther:
		return cause(res.Err)
	case res.Missing:
		return metric.ReasonGone
	}
	return metric.ReasonOther
}
