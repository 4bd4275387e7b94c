package remediate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"trailkeeper/lambda/internal/trail"
)

// look reads the trail for the first time; one that shows no weakening is read again for a moment, unless its state is
// no news.
func (r *restoration) look(ctx context.Context, settled bool) error {
	end, pause := earlier(r.until, r.Clock.Now().Add(settling)), 2*firstPause
	for {
		err := r.read(ctx, r.end)
		r.fit()
		if errors.Is(err, trail.ErrNotFound) || err == nil && (settled || r.weakened()) {
			return err
		}
		if !r.pause(ctx, &pause, end) {
			return err
		}
	}
}

// read reads the trail, bounded so that an endpoint that hangs does not use up the run.
func (r *restoration) read(ctx context.Context, end time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, max(leastCall, min(mostReading, end.Sub(r.Clock.Now()))))
	defer cancel()
	now, err := r.Reader.Read(ctx, r.baseline.ARN)
	if err != nil {
		return fmt.Errorf("read %s: %w", r.id.ARN(), err)
	}
	r.now, r.model, r.result.Unseen = now, false, now.Unseen
	return nil
}

func (r *restoration) weakened() bool {
	return len(trail.Weakened(r.differ.Diff(r.baseline, r.now))) > 0
}

// betweenThrottled is the least pause before the next reading where the account's reads are used up: each reading adds
// to that.
const betweenThrottled = 6 * time.Second

// verify reads the trail until it shows all that was written.
func (r *restoration) verify(ctx context.Context) {
	end, pause := earlier(r.until, r.Clock.Now().Add(mostVerifying)), firstPause
	for {
		err := r.read(ctx, end)
		if errors.Is(err, trail.ErrNotFound) && !r.created {
			r.result.Missing = true
			return
		}
		r.silent = err != nil && mayPass(err)
		if err == nil {
			r.fit()
		}
		if r.silent || err == nil && r.now.Passing {
			pause = max(pause, betweenThrottled)
		}
		if err == nil && !r.anyOpen() {
			r.result.RestoredAt = r.Clock.Now()
			r.result.AfterCall = r.result.RestoredAt.Sub(r.firstCall)
			return
		}
		if !r.pause(ctx, &pause, end) {
			return
		}
	}
}

// pause waits before the next try and doubles the wait. It reports false when the time is up.
func (r *restoration) pause(ctx context.Context, wait *time.Duration, end time.Time) bool {
	d := *wait
	*wait = min(2*d, longestPause)
	return r.Clock.Now().Add(d).Before(end) && r.Clock.Sleep(ctx, d) == nil
}

func (r *restoration) anyOpen() bool {
	for f := range r.sent {
		if r.open(f) {
			return true
		}
	}
	return false
}

// open reports whether a field is not known to be as the baseline has it. What cannot be seen is not taken for
// restored. What was written to a new trail must record exactly what the baseline does; otherwise more than the
// baseline is as good.
func (r *restoration) open(f trail.Field) bool {
	if r.model || r.result.Missing || r.now.Unseen[f.Part()] != "" {
		return true
	}
	if f == trail.FieldLogging && !r.freshlyStarted() {
		return true
	}
	for _, c := range r.differ.Diff(r.baseline, r.now) {
		exact := r.created && f == trail.FieldSelectors && c.Effect == trail.Strengthens
		if c.Field == f && !reserved(c) && (c.Effect.Worse() || exact) {
			return true
		}
	}
	return false
}

// freshlyStarted reports whether the status shows a start after the stop that the first read showed, or one since this
// run began. CloudTrail's reads lag behind its writes: a "logging" that may be older than the stop is no proof. A
// status without times is taken at its word.
func (r *restoration) freshlyStarted() bool {
	started := r.now.Delivery.Started
	switch {
	case started.IsZero():
		return r.now.Delivery.Stopped.IsZero()
	case started.Before(r.now.Delivery.Stopped):
		return false
	}
	return !started.Before(r.began.Add(-skew)) || !r.stopped.IsZero() && !started.Before(r.stopped)
}
