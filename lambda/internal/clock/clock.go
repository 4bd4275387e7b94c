// Package clock is the time that the functions go by, so that a test or the local run can put its own in. It schedules
// nothing.
package clock

import (
	"context"
	"time"
)

// LongestRun is what Lambda allows (Lambda quotas, "Function timeout").
const LongestRun = 15 * time.Minute

// Clock tells the time and waits.
type Clock struct {
	Now func() time.Time
	// Sleep waits for d or until ctx ends; it returns the context's error in that case.
	Sleep func(ctx context.Context, d time.Duration) error
	// Deadline returns the time at which ctx ends.
	Deadline func(ctx context.Context) (time.Time, bool)
}

// Real is the machine's clock.
func Real() Clock {
	return Clock{
		Now: time.Now,
		Sleep: func(ctx context.Context, d time.Duration) error {
			timer := time.NewTimer(d)
			defer timer.Stop()
			select {
			case <-timer.C:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		},
		Deadline: func(ctx context.Context) (time.Time, bool) { return ctx.Deadline() },
	}
}

// Left returns how long ctx has, less the reserve, but not more than limit. A context without a deadline has limit.
func (c Clock) Left(ctx context.Context, reserve, limit time.Duration) time.Duration {
	deadline, ok := c.Deadline(ctx)
	if !ok {
		return limit
	}
	return max(0, min(limit, deadline.Sub(c.Now())-reserve))
}
