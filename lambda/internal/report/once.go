package report

import (
	"context"
	"log/slog"
	"maps"
	"sync"

	"trailkeeper/lambda/internal/circuit"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/claims"
)

// Once is what was reported of each subject, by a sign that stands for it: the same is reported once, until it is over.
// Without the table, or where it does not answer, what this process reported is all that is known: something may then
// be reported twice, and is never kept back. It is safe for concurrent use.
type Once struct {
	Claims  *claims.Findings // nil: no table
	Breaker *circuit.Breaker
	Clock   clock.Clock
	Log     *slog.Logger

	mu       sync.Mutex
	reported map[string]string // sign by subject
}

// maxReported bounds what a process remembers.
const maxReported = 1000

// Claim asks whose turn it is to report something. Where it is the caller's, Reported follows when that has worked.
func (o *Once) Claim(ctx context.Context, subject, sign string) claims.State {
	if o.Claims != nil {
		var turn claims.State
		err := o.Breaker.Ask(ctx, func(ctx context.Context) (err error) {
			turn, err = o.Claims.Claim(ctx, subject, sign, o.Clock.Left(ctx, 0, clock.LongestRun)+LeaseMargin)
			return err
		})
		if err == nil {
			return turn
		}
		state.Log(ctx, o.Log, err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.reported[subject] == sign {
		return claims.Delivered
	}
	return claims.Claimed
}

// Reported notes that it was reported.
func (o *Once) Reported(ctx context.Context, subject, sign string) {
	o.mu.Lock()
	if o.reported == nil || len(o.reported) >= maxReported {
		o.reported = make(map[string]string)
	}
	o.reported[subject] = sign
	o.mu.Unlock()
	if o.Claims == nil {
		return
	}
	if err := o.Claims.Delivered(ctx, subject, sign); err != nil {
		state.Log(ctx, o.Log, err)
	}
}

// Over notes that something is over, and reports whether this call did so: of two at once, one does.
func (o *Once) Over(ctx context.Context, subject, sign string) bool {
	o.mu.Lock()
	delete(o.reported, subject)
	o.mu.Unlock()
	if o.Claims == nil {
		return true
	}
	ours, err := o.Claims.Clear(ctx, subject, sign)
	if err != nil {
		state.Log(ctx, o.Log, err)
	}
	return ours
}

// All returns what was last reported of each subject.
func (o *Once) All(ctx context.Context) map[string]string {
	if o.Claims != nil {
		all, err := o.Claims.All(ctx)
		if err == nil {
			return all
		}
		state.Log(ctx, o.Log, err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	all := map[string]string{}
	maps.Copy(all, o.reported)
	return all
}
