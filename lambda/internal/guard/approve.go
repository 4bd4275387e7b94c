package guard

import (
	"context"
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
		if problem := h.noteApproved(ctx, ev, a); problem != "" {
			n.Detail += " " + problem
		}
	}
	h.logHandled(ctx, ev, a, n)
	return h.notices.Tell(ctx, n, ev.JSON())
}

// noteApproved returns a sentence where the change could not be noted.
func (h *Handler) noteApproved(ctx context.Context, ev events.Event, a assess.Assessment) string {
	if h.memory == nil {
		return "There is no state table to note it in, so a restore after another event, or the sweep, may undo it."
	}
	arn := a.Trail.ARN()
	seen, err := h.memory.Trail(ctx, arn)
	if err == nil {
		change := store.Approved{
			EventName: ev.Record.EventName, Principal: a.Approval.Principal, Reason: a.Approval.Reason, At: h.clock.Now().UTC(), Expires: a.Approval.Expires,
		}
		if ev.Record.EventName != "DeleteTrail" {
			if change.State, change.Fields = h.changedFields(ctx, ev, a); len(change.Fields) == 0 {
				return "" // it weakens nothing, or there is no baseline that it could be put back from
			}
		} else {
			change.State.ARN = arn
		}
		err = h.memory.Approve(ctx, seen, change)
	}
	if err != nil {
		return sentence(err) + " So a restore after another event, or the sweep, may undo the change."
	}
	return ""
}

// changedFields reads the trail and returns the fields of the call that weaken it, compared with its baseline.
func (h *Handler) changedFields(ctx context.Context, ev events.Event, a assess.Assessment) (trail.State, []string) {
	b, err := h.baselineOf(ctx, a.Trail)
	if err != nil {
		return trail.State{}, nil
	}
	may := trail.FieldsOf(ev.Record.EventName)
	for i := range looksForApproved {
		if i > 0 && h.clock.Sleep(ctx, betweenLooks) != nil {
			break
		}
		state, err := h.reads.Read(ctx, a.Trail.ARN())
		if err != nil {
			continue
		}
		var fields []string
		for _, c := range trail.Weakened(trail.Diff(b.state, state)) {
			if slices.Contains(may, c.Field) {
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
	unnamed := a.Trail == (events.Trail{}) && ev.Record.IsCall() && !ev.Record.Refused() && a.Outcome != notify.OutcomeNotOurs
	if !unnamed || h.sweeper == nil {
		return nil
	}
	return h.sweep(ctx, ev)
}
