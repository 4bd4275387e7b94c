// Package repeats counts what happens again and again, of which only a summary is delivered.
//
// It refuses to know what that is, and delivers nothing.
package repeats

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/state"
)

// Repeat is something that happens again and again, and of which only a summary is delivered.
type Repeat struct {
	Key       string
	Since     time.Time // when it first happened again
	Delivered time.Time // when it was last delivered, itself or in a summary
	Count     int64     // how often it has happened since it was delivered
	Text      string    // the last of them, as Repeated was given it
	All       int64     // how often it has ever been counted
}

// Counters are kept by what they count. Beside state.ErrChanged an answer says how it stands, and the call is not
// counted: those of the runs that were first are.
type Counters struct{ of state.Of[counter] }

// keeping is how long a counter is remembered after it was last changed.
const keeping = 90 * 24 * time.Hour

// New returns the counters that these documents have.
func New(documents state.Documents, clk clock.Clock) *Counters {
	return &Counters{state.Of[counter]{
		Documents: documents,
		Kind:      "repeat",
		Clock:     clk,
		Keep:      keeping,
		New:       true,
	}}
}

// Repeated counts something that may have been delivered lately. It reports true where it was, within the window before
// now: then it is counted, for Repeats to return, and text is kept. Where it was not, this call begins the window, and
// what happened is to be delivered in full. The event that began a window is no repeat of itself: it comes again
// because its message was lost.
func (r *Counters) Repeated(
	ctx context.Context,
	key, event, text string,
	window time.Duration,
) (repeat bool, err error) {
	return r.repeated(ctx, key, event, text, window, true)
}

// repeated begins a window only where it may.
func (r *Counters) repeated(
	ctx context.Context,
	key, event, text string,
	window time.Duration,
	begins bool,
) (repeat bool, err error) {
	err = r.change(ctx, "see whether it is a repeat", key, func(e *state.Entry[counter], now time.Time) (changed bool) {
		if !begins && !e.Value.within(now, window) {
			repeat = false
			return false
		}
		repeat, changed = e.Value.repeated(event, text, now, window)
		return changed
	})
	return repeat && isAnswer(err), err
}

// Bounded is Repeated and, for what is no repeat, Beyond by the key of a total: what the total leaves to a summary
// begins no window of its own. So of very many things, each of which happens twice, as few are summed up as are
// delivered, and no more is kept of the others.
func (r *Counters) Bounded(
	ctx context.Context,
	key, event, total, text string,
	window time.Duration,
	limit int64,
) (left bool, err error) {
	spent := r.of.Last(total)
	begins := !spent.spent(r.of.Now(), window, limit)
	left, err = r.repeated(ctx, key, event, text, window, begins)
	if left || err != nil {
		return left, err
	}
	left, err = r.Beyond(ctx, total, text, window, limit)
	if left && begins {
		_ = r.forget(ctx, key, event) // with a window that stays, more is summed up apart than needs be, and nothing is lost
	}
	return left, err
}

// forget ends the window that an event began.
func (r *Counters) forget(ctx context.Context, key, event string) error {
	return r.change(ctx, "note that it was not delivered", key, func(e *state.Entry[counter], now time.Time) bool {
		if e.Value.Event != event || e.Value.Again.After(e.Value.Since) {
			return false
		}
		if e.Value.Since, e.Value.Event = (time.Time{}), ""; e.Value.Count == 0 {
			*e = state.Entry[counter]{Expires: now}
		}
		return true
	})
}

// Beyond bounds how many things are delivered within a window that begins with the first of them. It reports true where
// so many were: then it is counted, for Repeats to return, and text is kept.
func (r *Counters) Beyond(
	ctx context.Context,
	key, text string,
	window time.Duration,
	limit int64,
) (beyond bool, err error) {
	err = r.change(ctx, "count what is delivered", key, func(e *state.Entry[counter], now time.Time) bool {
		beyond = e.Value.beyond(text, now, window, limit)
		return true
	})
	return beyond && isAnswer(err), err
}

// isAnswer reports whether the table has said how it stands: also where other runs were first each time, so that this
// one is not counted.
func isAnswer(err error) bool { return err == nil || errors.Is(err, state.ErrChanged) }

// Repeats returns what has happened again since it was delivered, in the order of the keys.
func (r *Counters) Repeats(ctx context.Context) ([]Repeat, error) {
	found, err := r.of.All(ctx, "read what happened again")
	var all []Repeat
	for key, c := range found {
		if repeat := c.repeat(key); repeat.Count > 0 {
			all = append(all, repeat)
		}
	}
	slices.SortFunc(all, func(a, b Repeat) int { return strings.Compare(a.Key, b.Key) })
	return all, err
}

// Summed takes off what a summary has delivered, and begins a window anew. Done twice, it is as done once.
func (r *Counters) Summed(ctx context.Context, summary Repeat) error {
	return r.change(ctx, "note that it was summed up", summary.Key, func(e *state.Entry[counter], now time.Time) bool {
		return e.Value.sum(summary.All, now)
	})
}

func (r *Counters) change(
	ctx context.Context, what, key string, next func(*state.Entry[counter], time.Time) bool,
) error {
	now := r.of.Now()
	return r.of.Change(ctx, what, key, func(e *state.Entry[counter]) bool { return next(e, now) })
}
