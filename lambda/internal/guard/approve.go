package guard

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
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
	call := ev.Record.EventName
	b, err := h.baselineOf(ctx, a.Trail)
	undeclared := errors.Is(err, fs.ErrNotExist)
	undone := h.exceptions.Mode(a.Trail.ARN(), call, h.cfg.Mode).AtLeast(leastToUndo(call))
	switch {
	case undeclared && call != "StopLogging":
		return "The trail has no baseline, so nothing will be put back."
	case !undone && h.sweeper == nil:
		return "In this mode nothing would be put back in any case."
	case err != nil && !undeclared:
		return sentence(err)
	case h.memory == nil:
		return "There is no state table to note it in, so a restore after another event, or the sweep, may undo it."
	}
	note := store.Approved{
		EventName: call, Principal: a.Approval.Principal, Reason: a.Approval.Reason, At: h.clock.Now().UTC(), Expires: a.Approval.Expires,
	}
	switch call {
	case "DeleteTrail":
		note.State.ARN = a.Trail.ARN()
	case "StopLogging":
		note.State.ARN, note.Fields = a.Trail.ARN(), []string{string(trail.FieldLogging)}
	default:
		if note.State, note.Fields, err = h.changedFields(ctx, ev, b); err != nil {
			return "What the call has changed could not be noted, so a restore after another event, or the sweep, may undo it: " + err.Error() + "."
		}
		if len(note.Fields) == 0 {
			return "Reading the trail shows nothing that this call has weakened."
		}
	}
	if err := h.memory.Approve(ctx, note); err != nil {
		return sentence(err) + " So a restore after another event, or the sweep, may undo the change."
	}
	if !undone {
		return "After that the sweep tells of it again; in this mode nothing of it is put back."
	}
	return "The change stays until then; accept it as the new baseline, or it is put back."
}

// leastToUndo is the mode in which a call is undone.
func leastToUndo(call string) config.Mode {
	switch call {
	case "StopLogging":
		return config.ModeRestart
	case "DeleteTrail":
		return config.ModeRecreate
	}
	return config.ModeRestore
}

// changedFields reads the trail and returns the fields that the call has set and that are weaker than in the baseline, as the request has them. The
// error says that the trail could not be read, or not in full.
func (h *Handler) changedFields(ctx context.Context, ev events.Event, b known) (trail.State, []string, error) {
	var unread error
	for i := range looksForApproved {
		if i > 0 && h.clock.Sleep(ctx, betweenLooks) != nil {
			break
		}
		var state trail.State
		if state, unread = h.reads.Read(ctx, b.state.ARN); unread != nil {
			continue
		}
		var fields []string
		for _, c := range trail.Weakened(trail.Diff(b.state, state)) {
			if slices.Contains(trail.FieldsOf(ev.Record.EventName), c.Field) && requested(ev.Record, c.Field, state) {
				fields = append(fields, string(c.Field))
			}
		}
		if len(fields) > 0 {
			return state, fields, nil
		}
		unread = unseen(state, ev.Record.EventName)
	}
	return trail.State{}, nil, unread
}

// unseen says which part of the trail that a call can change could not be read, or is nil.
func unseen(state trail.State, call string) error {
	for _, f := range trail.FieldsOf(call) {
		if why := state.Unseen[f.Part()]; why != "" {
			return errors.New(strings.TrimSuffix(why, "."))
		}
	}
	return nil
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
