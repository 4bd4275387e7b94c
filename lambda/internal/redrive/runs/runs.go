// Package runs has what waits in the queues taken up again, within what is left of a run, and reports what cannot be.
//
// It knows no event and no message: what handles one and what sends the other are the queues' own.
package runs

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/redrive/queues"
)

// maxRedriving bounds a redrive where the context has no deadline, and leastForRedriving is what a sweep must have left
// for one.
const (
	maxRedriving      = 2 * time.Minute
	leastForRedriving = 8 * time.Second
	afterRedriving    = 3 * time.Second // to make what is left visible again, and to return
)

// Queues empties the queues.
type Queues interface {
	Run(ctx context.Context, until time.Time) queues.Report
	// RunAgain is Run with what lies in the last queue, which is tried once more.
	RunAgain(ctx context.Context, until time.Time) queues.Report
}

// Redriver takes up what waits in the queues. Its fields are set once; it is safe for concurrent use.
type Redriver struct {
	Queues  Queues
	Aside   Aside
	Measure func(context.Context, ...metrics.Metric)
	Clock   clock.Clock
}

// Now sends and handles what waits in the queues, because the operator asks, and returns the report as JSON. What lies
// in the last queue is tried once more.
func (r *Redriver) Now(ctx context.Context) ([]byte, error) {
	done := r.Queues.RunAgain(ctx, r.until(ctx))
	r.report(ctx, done)
	answer, err := json.Marshal(done)
	if err != nil {
		return nil, fmt.Errorf("write the report of the redrive: %w", err)
	}
	return answer, nil
}

// AfterSweep sends and handles what waits, where a sweep has left enough time.
func (r *Redriver) AfterSweep(ctx context.Context) {
	if r.Clock.Left(ctx, afterRedriving, maxRedriving) > leastForRedriving {
		r.report(ctx, r.Queues.Run(ctx, r.until(ctx)))
	}
}

// until is when a redrive ends, within what is left of the run.
func (r *Redriver) until(ctx context.Context) time.Time {
	return r.Clock.Now().Add(r.Clock.Left(ctx, afterRedriving, maxRedriving))
}

// report says what has become of the queues.
func (r *Redriver) report(ctx context.Context, done queues.Report) {
	if n := done.Redriven(); n > 0 {
		r.Measure(ctx, metrics.Metric{Name: metric.Redriven, Unit: "Count", Value: int64(n)})
	}
	r.Aside.report(ctx, done)
}
