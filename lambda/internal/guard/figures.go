package guard

import (
	"context"
	"strings"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/remediate"
)

// measure writes metrics.
func (h *Handler) measure(ctx context.Context, figures ...metrics.Metric) {
	metrics.Write(ctx, h.metrics, h.cfg.Stack, h.clock.Now(), figures...)
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
