package watch

import (
	"context"
	"errors"

	"trailkeeper/lambda/internal/detection"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/redrive/queues"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/signal"
)

// late sends messages out of the failure queue.
type late struct {
	derive  func(p report.Parked, proven bool) (finding.Finding, error)
	deliver signal.Deliver
}

// send sends a message out of the failure queue. What never can be sent is said to be so.
func (l late) send(ctx context.Context, p report.Parked) error {
	err := l.deliver(ctx, p, func(proven bool) (finding.Finding, error) { return l.derive(p, proven) })
	if errors.Is(err, report.ErrNoDestination) || errors.Is(err, detection.ErrNothing) {
		return &queues.FinalError{Err: err}
	}
	return err
}
