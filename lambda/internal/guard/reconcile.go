package guard

import (
	"context"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/store"
)

// reconcile sweeps where a call succeeded on a trail that its record does not name, as one whose parameters were too large to be recorded
// (CloudTrail User Guide, "CloudTrail record contents", requestParameters).
func (h *Handler) reconcile(ctx context.Context, ev events.Event, a assess.Assessment) error {
	if !h.unnamed(ev, a) {
		return nil
	}
	minute := h.clock.Now().Truncate(time.Minute).Format(time.RFC3339)
	if h.turn(ctx, reconciling, minute) != store.TurnOurs {
		return nil // another run is at it, or was a moment ago
	}
	h.toldAll(ctx, reconciling, minute)
	return h.sweep(ctx, ev)
}

// unnamed reports whether a call succeeded on a trail that its record does not name, and there is a sweep to find it.
func (h *Handler) unnamed(ev events.Event, a assess.Assessment) bool {
	return h.sweeper != nil && a.Trail == (events.Trail{}) && ev.Record.IsCall() && !ev.Record.Refused() && a.Outcome != finding.OutcomeNotOurs
}

// reconciling is the subject under which sweeps after events are noted: one a minute is enough.
const reconciling = "reconcile"
