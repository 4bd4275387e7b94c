// Package vtime is the cloud's time: a clock that moves only when somebody waits, or the machine's, the list of what is
// due, and a client whose requests wait by that clock for answers that take their time. It knows nothing of what is
// due, and of an answer only how long it is held back.
package vtime

import (
	"context"
	"sync"
	"time"

	"trailkeeper/lambda/internal/clock"
)

// The virtual clock moves on for those who sleep when nothing has happened for calmPolls looks, one every pollPause of
// real time. That covers the way from one call of the function to the next, so that what is done side by side is done
// at the same virtual time. Looks are counted, and not time, because a busy machine may not run the process at all for
// a while.
const (
	pollPause = time.Millisecond
	calmPolls = 12
)

// Clock is the cloud's clock. It is virtual, and moves only when somebody sleeps or a call takes its time, or real.
type Clock struct {
	mu     sync.Mutex
	real   bool
	now    time.Time
	signs  int // of life so far
	busy   int // requests on their way
	sleeps []time.Time
	// budgets are the virtual times at which requests give up, by the real deadlines of their contexts; spent are those
	// that were waited for.
	budgets map[time.Time]time.Time
	spent   map[time.Time]bool
}

// NewClock returns a clock that shows start, or the machine's.
func NewClock(start time.Time, real bool) *Clock {
	return &Clock{
		real:    real,
		now:     start,
		budgets: make(map[time.Time]time.Time),
		spent:   make(map[time.Time]bool),
	}
}

// Now returns the cloud's time.
func (k *Clock) Now() time.Time {
	if k.real {
		return time.Now().UTC()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.signs++
	return k.now
}

// Real reports whether the clock is the machine's.
func (k *Clock) Real() bool { return k.real }

// Pass lets virtual time pass: for what takes its time, or for somebody who waits between two calls.
func (k *Clock) Pass(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.signs++
	k.now = k.now.Add(d)
}

// Reach moves the virtual clock on to t, never back.
func (k *Clock) Reach(t time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if t.After(k.now) {
		k.now = t
	}
}

// request marks the start of a request of the function; the returned function marks its end.
func (k *Clock) request() func() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.busy++
	k.signs++
	return func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.busy--
		k.signs++
	}
}

// deadlineKey holds the virtual deadline of an invocation in its context.
type deadlineKey struct{}

func deadlineOf(ctx context.Context) (time.Time, bool) {
	t, ok := ctx.Value(deadlineKey{}).(time.Time)
	return t, ok
}

// Of returns the clock that the function goes by.
func (k *Clock) Of() clock.Clock {
	if k.real {
		return clock.Real()
	}
	return clock.Clock{Now: k.Now, Sleep: k.sleep, Deadline: deadlineOf}
}

// sleep waits in virtual time: when nothing else happens, the sleeper who wakes first moves the clock.
func (k *Clock) sleep(ctx context.Context, d time.Duration) error {
	k.mu.Lock()
	if k.usedUp(ctx) {
		k.mu.Unlock()
		return context.DeadlineExceeded
	}
	until, late := k.now.Add(d), false
	if deadline, ok := deadlineOf(ctx); ok && until.After(deadline) {
		until, late = deadline, true
	}
	k.sleeps = append(k.sleeps, until)
	k.signs++
	k.mu.Unlock()
	for seen, calm := -1, 0; !k.woken(until, &seen, &calm); {
		select {
		case <-ctx.Done():
			k.mu.Lock()
			k.forget(until)
			k.mu.Unlock()
			return ctx.Err()
		case <-time.After(pollPause):
		}
	}
	if late {
		return context.DeadlineExceeded
	}
	return nil
}

// woken moves the clock to `until` if that is the next thing to happen. The sleeper keeps what it saw last, and for how
// many looks.
func (k *Clock) woken(until time.Time, seen, calm *int) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if *calm++; k.busy > 0 || k.signs != *seen {
		*seen, *calm = k.signs, 0
	}
	if *calm < calmPolls {
		return false
	}
	for _, other := range k.sleeps {
		if other.Before(until) {
			return false
		}
	}
	k.forget(until)
	k.signs++
	if until.After(k.now) {
		k.now = until
	}
	return true
}

func (k *Clock) forget(until time.Time) {
	for i, t := range k.sleeps {
		if t.Equal(until) {
			k.sleeps = append(k.sleeps[:i], k.sleeps[i+1:]...)
			return
		}
	}
}
