package claims

import (
	"context"
	"time"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/state"
)

// keepingEvents is longer than a queue can keep a message (SQS quotas, "Message retention").
const keepingEvents = 15 * 24 * time.Hour

// Events are the claims on single messages about events. A subject is one message on one destination.
type Events struct{ of state.Of[event] }

type event struct {
	State  string    `json:"state,omitempty"`
	Until  time.Time `json:"until,omitzero"`   // of the claim
	Digest string    `json:"digest,omitempty"` // of the text in the failure queue
}

// NewEvents returns the claims that these documents have.
func NewEvents(documents state.Documents, clk clock.Clock) *Events {
	return &Events{state.Of[event]{
		Documents: documents,
		Kind:      "event",
		Clock:     clk,
		Keep:      keepingEvents,
		New:       true,
	}}
}

// Claim asks whether it is for this run to send a message. The lease is how long the claim counts before another
// run may take it over: a little longer than this run can last. With a digest the caller has the message from the
// failure queue: it may send what Parked noted under that digest, and claims nothing else; the answer is Unknown
// where nothing is noted so. After Claimed one of the three below must follow.
func (c *Events) Claim(
	ctx context.Context, subject string, lease time.Duration, digest string,
) (got State, err error) {
	now := c.of.Now()
	err = c.change(ctx, "see whether it was delivered", subject, func(e *event) bool {
		got = e.claim(digest, now, lease)
		return got == Claimed
	})
	return got, err
}

func (e *event) claim(digest string, now time.Time, lease time.Duration) State {
	over := e.State == claimed && lapsed(e.Until, now)
	switch {
	case digest != "" && e.Digest != digest:
		return Unknown
	case digest != "" && e.State != parked && !over, digest == "" && e.State != "" && !over:
		return of(e.State)
	}
	e.State, e.Until = claimed, now.Add(lease)
	return Claimed
}

// Delivered notes that the far end has accepted the message.
func (c *Events) Delivered(ctx context.Context, subject string) error {
	return c.change(ctx, "note that it was delivered", subject, func(e *event) bool { return e.became(delivered, "") })
}

// Parked notes that the message is in the failure queue, as a text with this digest, unless it was accepted
// before. What is not noted so is not known to be the deployment's own.
func (c *Events) Parked(ctx context.Context, subject, digest string) error {
	return c.change(ctx, "note that it is parked", subject, func(e *event) bool { return e.became(parked, digest) })
}

// became notes what became of a message; of one that was delivered, nothing else does. Without a digest, the one that
// there is stays.
func (e *event) became(what, digest string) bool {
	if e.State == delivered {
		return false
	}
	e.State, e.Until = what, time.Time{}
	if digest != "" {
		e.Digest = digest
	}
	return true
}

// Release gives a claim back: the message is neither sent nor parked.
func (c *Events) Release(ctx context.Context, subject string) error {
	return c.change(ctx, "note that it was not delivered", subject, func(e *event) bool {
		if e.State != claimed {
			return false
		}
		e.State, e.Until = "", time.Time{}
		return true
	})
}

func (c *Events) change(ctx context.Context, what, subject string, next func(*event) bool) error {
	return c.of.Change(ctx, what, subject, func(e *state.Entry[event]) bool { return next(&e.Value) })
}
