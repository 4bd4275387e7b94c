package guard

import (
	"context"
	"slices"

	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/store"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// longestRival is how old a call may be that ends the waiting for another: what was changed before is put back by now. The newest deletion is the one by
// which a trail is gone.
const longestRival = 2 * approval.Patience

// rival says who has changed these fields of a trail, as the event history has it, where that is none whose change an approval covers and no call that
// is waited for: a claim that anybody may have written keeps nobody else's change. Empty: the history shows no such call.
func (h *Handler) rival(ctx context.Context, s *look.Sight, fields []trail.Field) (says string) {
	now := h.clock.Now()
	ev, found, _ := h.madeBy(ctx, now, s, fields...)
	if !found || slices.ContainsFunc(s.Known.Approved, func(a store.Approved) bool { return a.EventID == ev.Record.EventID }) {
		return ""
	}
	c, ok := h.judge.Reads(ev, s.Trail)
	at, hasTime := ev.Record.Time()
	if !hasTime || len(fields) > 0 && now.Sub(at) > longestRival || ok && !c.Approval.Expires.IsZero() {
		return ""
	}
	return "CloudTrail's event history shows that " + sanitize.Bound(first(ev.Record.Principal(), ev.Record.Actor().String()), 200) + " made the change at " +
		finding.Time(at) + " (event " + sanitize.Bound(ev.Record.EventID, 64) + ")."
}
