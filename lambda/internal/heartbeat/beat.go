package heartbeat

import (
	"context"
	"errors"
	"log/slog"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/metrics"
)

// Outside is a service outside of AWS, which alerts where it is not pinged in time.
type Outside interface {
	// Ping says in one sentence, without the URL, why a ping was not taken.
	Ping(ctx context.Context) error
}

// Beat is the ping at the end of a run.
type Beat struct {
	Outside Outside
	Log     *slog.Logger
	Measure func(context.Context, ...metrics.Metric)
}

// Send pings, unless the run did not do all that it is for: withheld says what, and goes to the log. It reports whether
// the ping was taken. What is wrong is what somebody must correct; what passes by itself, and the service itself reports,
// is logged and measured alone.
func (b Beat) Send(ctx context.Context, withheld string) (taken bool, wrong error) {
	if withheld != "" {
		b.Log.WarnContext(ctx, "heartbeat withheld", "reason", withheld)
		return false, nil
	}
	err := b.Outside.Ping(ctx)
	if err == nil {
		return true, nil
	}
	b.Log.ErrorContext(ctx, "heartbeat failed", "error", err.Error())
	b.Measure(ctx, metrics.Metric{Name: metric.HeartbeatFailures, Unit: "Count", Value: 1})
	if failed, ok := errors.AsType[*Failure](err); ok && failed.Passing {
		return false, nil
	}
	return false, err
}
