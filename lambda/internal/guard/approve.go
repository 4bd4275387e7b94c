package guard

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/notify"
	"trailkeeper/lambda/internal/store"
	"trailkeeper/lambda/internal/trail"
)

const (
	// CloudTrail's reads lag behind its writes: an approved change is looked for this often, with these pauses between.
	looksForApproved = 3
	betweenLooks     = 1500 * time.Millisecond
)

type trailReader interface {
	Read(ctx context.Context, arn string) (trail.State, error)
}

// approve notes what an approved call made of the trail, so that neither the sweep nor a restore after another event undoes it, and tells.
func (h *Handler) approve(ctx context.Context, ev events.Event, a assess.Assessment) error {
	n := h.notification(ev, a)
	if h.cfg.Mode.AtLeast(config.ModeRestart) {
		n.Detail += " " + h.noteApproved(ctx, ev, a)
	}
	h.logHandled(ctx, ev, a, n)
	err := h.notices.Tell(ctx, n, ev.JSON())
	h.disturbed(ctx, a.Trail)
	return err
}

// noteApproved returns a sentence about what happens to the change.
func (h *Handler) noteApproved(ctx context.Context, ev events.Event, a assess.Assessment) string {
	const kept = "The change stays until then; accept it as the new baseline, or it is put back."
	b, err := h.baselineOf(ctx, a.Trail)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "The trail has no baseline, so nothing will be put back."
	case err != nil:
		return sentence(err)
	case h.memory == nil:
		return "There is no state table to note it in, so a restore after another event, or the sweep, may undo it."
	}
	note := store.Approved{
		EventName: ev.Record.EventName, Principal: a.Approval.Principal, Reason: a.Approval.Reason, At: h.clock.Now().UTC(), Expires: a.Approval.Expires,
	}
	note.State.ARN = a.Trail.ARN()
	if ev.Record.EventName != "DeleteTrail" {
		if note.State, note.Fields = h.changedFields(ctx, ev, b); len(note.Fields) == 0 {
			return "Reading the trail shows nothing that this call has weakened."
		}
	}
	if err := h.memory.Approve(ctx, note); err != nil {
		return sentence(err) + " So a restore after another event, or the sweep, may undo the change."
	}
	return kept
}

// changedFields reads the trail and returns the fields that the call has set and that are weaker than in the baseline, as the request has them.
func (h *Handler) changedFields(ctx context.Context, ev events.Event, b known) (trail.State, []string) {
	for i := range looksForApproved {
		if i > 0 && h.clock.Sleep(ctx, betweenLooks) != nil {
			break
		}
		state, err := h.reads.Read(ctx, b.state.ARN)
		if err != nil {
			continue
		}
		var fields []string
		for _, c := range trail.Weakened(trail.Diff(b.state, state)) {
			if slices.Contains(trail.FieldsOf(ev.Record.EventName), c.Field) && requested(ev.Record, c.Field, state) {
				fields = append(fields, string(c.Field))
			}
		}
		if len(fields) > 0 {
			return state, fields
		}
	}
	return trail.State{}, nil
}

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
	return h.sweeper != nil && a.Trail == (events.Trail{}) && ev.Record.IsCall() && !ev.Record.Refused() && a.Outcome != notify.OutcomeNotOurs
}

// reconciling is the subject under which sweeps after events are noted: one a minute is enough.
const reconciling = "reconcile"
