package known

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/state"
)

// Approvals notes which changes are claimed to be approved, and which repairs are held back because of one.
type Approvals struct{ of state.Of[document] }

// NewApprovals returns what these documents say of approvals.
func NewApprovals(documents state.Documents, clk clock.Clock) *Approvals {
	return &Approvals{of(documents, clk)}
}

// Approve notes what a record claims to be approved, in place of an earlier note of the same event.
func (a *Approvals) Approve(ctx context.Context, c Approved) error {
	const what = "note the approved change"
	note, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	now, room := a.of.Now(), false
	err = a.of.Change(ctx, what, c.State.ARN, func(e *entry) bool {
		room = e.Value.approve(c.EventID, note)
		keepFor(e, now, forgetting)
		return room
	})
	if err == nil && !room {
		return &state.Error{What: what, Why: "the notes of changes to the trail take up all of their room"}
	}
	return err
}

// Unapprove drops a note, where it is still this one.
func (a *Approvals) Unapprove(ctx context.Context, c Approved) error {
	note, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("drop the note of the approved change: %w", err)
	}
	return a.of.Change(ctx, "drop the note of the approved change", c.State.ARN, func(e *entry) bool {
		return e.Value.unapprove(note)
	})
}

// HoldAgain is how long after a repair was held back for nothing another may be.
const HoldAgain = 24 * time.Hour

// Hold notes that a repair of the trail is held back, and returns since when it is. What nothing has confirmed is held
// back once in HoldAgain.
func (a *Approvals) Hold(ctx context.Context, known Trail) (time.Time, error) {
	now := a.of.Now()
	if age := now.Sub(known.Held); !known.Held.IsZero() && age < HoldAgain && age > -time.Hour {
		return known.Held, nil
	}
	return now, a.of.Change(ctx, "note that a repair is held back", known.ARN, func(e *entry) bool {
		e.Value.Held = now
		keepAtLeast(e, now)
		return true
	})
}

// Release ends what Hold noted.
func (a *Approvals) Release(ctx context.Context, arn string) error {
	return a.of.Change(ctx, "note that nothing is held back", arn, func(e *entry) bool {
		held := !e.Value.Held.IsZero()
		e.Value.Held = time.Time{}
		return held
	})
}
