package claims

import (
	"context"
	"time"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/state"
)

const (
	// keepingThreads is how long it is remembered which message opened a thread.
	keepingThreads = 90 * 24 * time.Hour
	// posting is how long the first message of a thread may take.
	posting = 30 * time.Second
)

// Threads are the claims on the message that opens an incident's thread on a channel.
type Threads struct{ of state.Of[thread] }

type thread struct {
	Message string    `json:"message,omitempty"` // the far end's ID of it
	Until   time.Time `json:"until,omitzero"`    // of the claim
}

// NewThreads returns the threads that these documents have.
func NewThreads(documents state.Documents, clk clock.Clock) *Threads {
	return &Threads{state.Of[thread]{
		Documents: documents,
		Kind:      "thread",
		Clock:     clk,
		Keep:      keepingThreads,
		New:       true,
	}}
}

// Thread returns the message that Opened noted. Where there is none, ours is true for exactly one caller, which
// sends the first message and calls Opened or Failed next; for the others it is false, and id is empty until then.
func (t *Threads) Thread(ctx context.Context, incident, channel string) (id string, ours bool, err error) {
	now := t.of.Now()
	err = t.change(ctx, "see which message opened the thread", incident, channel, func(v *thread) bool {
		id, ours = v.Message, v.Message == "" && lapsed(v.Until, now)
		v.Until = now.Add(posting)
		return ours
	})
	if err != nil {
		return "", false, err
	}
	return id, ours, nil
}

// Opened notes the message that opened the thread.
func (t *Threads) Opened(ctx context.Context, incident, channel, id string) error {
	return t.change(ctx, "note which message opened the thread", incident, channel, func(v *thread) bool {
		*v = thread{Message: id}
		return true
	})
}

// Failed gives the claim back: no message opened the thread.
func (t *Threads) Failed(ctx context.Context, incident, channel string) error {
	return t.change(ctx, "note that no message opened the thread", incident, channel, func(v *thread) bool {
		was := !v.Until.IsZero()
		v.Until = time.Time{}
		return was
	})
}

func (t *Threads) change(ctx context.Context, what, incident, channel string, next func(*thread) bool) error {
	return t.of.Change(ctx, what, incident+" "+channel, func(e *state.Entry[thread]) bool { return next(&e.Value) })
}
