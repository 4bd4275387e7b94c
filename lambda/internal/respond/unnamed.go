package respond

import (
	"context"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/state/claims"
)

// Unnamed sweeps where a call succeeded on a trail that its record does not name, as one whose parameters were too
// large to be recorded (CloudTrail User Guide, "CloudTrail record contents", requestParameters).
type Unnamed struct {
	Sweep func(context.Context, events.Event) error // nil: there is none
	Once  Once
	Clock clock.Clock
}

// is reports whether a call succeeded on a trail that its record does not name, and there is a sweep to find it.
func (u *Unnamed) is(ev events.Event, a assess.Assessment) bool {
	return u.Sweep != nil && a.Trail == (events.Trail{}) && ev.Record.IsCall() && !ev.Record.Refused() &&
		a.Outcome != finding.OutcomeNotOurs
}

// subject is that under which sweeps after events are noted: one a minute is enough.
const subject = "reconcile"

// sweep sweeps, unless another run is at it, or was a moment ago.
func (u *Unnamed) sweep(ctx context.Context, ev events.Event) error {
	minute := u.Clock.Now().Truncate(time.Minute).Format(time.RFC3339)
	if u.Once.Claim(ctx, subject, minute) != claims.Claimed {
		return nil
	}
	u.Once.Reported(ctx, subject, minute)
	return u.Sweep(ctx, ev)
}
