package vtime

import (
	"context"
	"errors"
	"time"

	"trailkeeper/lambda/internal/clock"
)

// An answer that takes its time is waited for in virtual time, as long as the caller would wait for it. Code bounds a
// request by the deadline of its context, which is real time: what is left of it when the context is first seen is its
// budget in virtual time, rounded up, so that a busy machine makes no difference.

// Never is how long an answer takes that never comes.
const Never = 1000 * time.Hour

// hung bounds a run in real time: virtual time does not pass for code that waits for something else than the clock.
const hung = 30 * time.Second

// stopKey holds in a context the real time at which a run is stopped that hangs; it bounds no request.
type stopKey struct{}

// RunUntil is the context of a run, with its deadline by the clock.
func (k *Clock) RunUntil(ctx context.Context, deadline time.Time) (context.Context, context.CancelFunc) {
	if k.real {
		return context.WithDeadline(ctx, deadline)
	}
	ctx = context.WithValue(ctx, deadlineKey{}, deadline)
	stop := time.Now().Add(hung)
	return context.WithDeadline(context.WithValue(ctx, stopKey{}, stop), stop)
}

// budget is the virtual time at which requests of a context give up; false: they have no limit of their own.
func (k *Clock) budget(ctx context.Context) (time.Time, bool) {
	until, limited := deadlineOf(ctx)
	real, ok := ctx.Deadline()
	if stop, set := ctx.Value(stopKey{}).(time.Time); !ok || set && real.Equal(stop) {
		return until, limited
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	own, seen := k.budgets[real]
	if !seen {
		own = k.now.Add(roundUp(time.Until(real)))
		k.budgets[real] = own
	}
	if !limited || own.Before(until) {
		return own, true
	}
	return until, true
}

// roundUp takes off what the way to the request has cost in real time.
func roundUp(d time.Duration) time.Duration {
	step := 100 * time.Millisecond
	if d > time.Second {
		step = 500 * time.Millisecond
	}
	return max(0, (d+step-1)/step*step)
}

// over reports whether a request of the context comes too late: the run was stopped, or a wait used up the context's
// time.
func (k *Clock) over(ctx context.Context) bool {
	if k.real {
		return ctx.Err() != nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if end, ok := deadlineOf(ctx); ok && !k.now.Before(end) {
		return true
	}
	return k.usedUp(ctx)
}

// usedUp reports whether a wait used up the context's time. The clock is locked.
func (k *Clock) usedUp(ctx context.Context) bool {
	real, ok := ctx.Deadline()
	return ok && k.spent[real]
}

// hold waits for an answer that takes d. The error is that of a request that was not answered in time.
func (k *Clock) hold(ctx context.Context, d time.Duration) error {
	if k.real {
		return clock.Real().Sleep(ctx, d)
	}
	now := k.Now()
	until, limited := k.budget(ctx)
	if !limited && d >= Never {
		d = time.Minute // nobody waits longer for what never comes
		until, limited = now.Add(d), true
	}
	if !limited || now.Add(d).Before(until) {
		return k.sleep(withoutDeadline(ctx), d)
	}
	err := k.sleep(withoutDeadline(ctx), max(0, until.Sub(now)))
	if real, ok := ctx.Deadline(); ok {
		k.spend(ctx, real)
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	return context.DeadlineExceeded
}

// spend remembers that a wait used up the time of a context, which itself does not know: what is asked with it next
// comes too late.
func (k *Clock) spend(ctx context.Context, real time.Time) {
	if stop, set := ctx.Value(stopKey{}).(time.Time); set && real.Equal(stop) {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if until, ok := k.budgets[real]; ok && !k.now.Before(until) {
		k.spent[real] = true
	}
}

// cancelOnly is a context whose deadline, which is real time, does not count; that it is canceled does.
type cancelOnly struct {
	context.Context
	done chan struct{}
}

// Deadline implements context.Context.
func (cancelOnly) Deadline() (time.Time, bool) { return time.Time{}, false }

// Done implements context.Context.
func (c cancelOnly) Done() <-chan struct{} { return c.done }

// Err implements context.Context.
func (c cancelOnly) Err() error {
	select {
	case <-c.done:
		return context.Canceled
	default:
		return nil
	}
}

// withoutDeadline takes the real deadline off a context. What waits with it is to end by itself.
func withoutDeadline(ctx context.Context) context.Context {
	c := cancelOnly{Context: context.WithoutCancel(ctx), done: make(chan struct{})}
	context.AfterFunc(ctx, func() {
		if ctx.Err() == context.Canceled { //nolint:errorlint // contexts end with one of two constants
			close(c.done)
		}
	})
	return c
}
