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
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/history"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/store"
)

const (
	// mostWeighing bounds what is looked up about an approval before anything is done.
	mostWeighing = 4 * time.Second
	// mostClaims bounds the claims that are waited for on one trail: each costs the sweep a look into the event history.
	mostClaims = 8
	// mostNotes bounds them together with those that are confirmed and told: each new execution environment asks about all.
	mostNotes = 32
)

// claim is what an approval that a record claims is worth.
type claim struct {
	note store.Approved
	// counts says that the change is not put back: CloudTrail knows the call, which proven says, or it is waited for.
	counts, proven bool
	// false says that CloudTrail was asked and knows no such call.
	false bool
	says  string
}

// weigh says what the approval of a record is worth. It is the one thing that may come before StartLogging, and only where an approval in the function's
// own asset names the call, the trail and the principal that the record claims.
func (h *Handler) weigh(ctx context.Context, ev events.Event, a assess.Assessment) claim {
	note, err := approval.Claim(ev.Record, a.Trail, *a.Approval, h.clock.Now())
	if err != nil {
		return claim{says: "The approval covers nothing: " + err.Error() + "."}
	}
	ctx, cancel := context.WithTimeout(ctx, mostWeighing)
	defer cancel()
	c, err := h.prove(ctx, a.Trail, note)
	switch {
	case err == nil && note.At.Sub(c.At) > approval.MostLate:
		return claim{says: "The approval does not count: the call was made at " + finding.Time(c.At) + ", more than a day before this record of it came."}
	case err == nil:
		c.Note = note
		return h.proven(ctx, c)
	case errors.Is(err, approval.ErrFalse) || errors.Is(err, history.ErrUnknown) && h.late(ev):
		return claim{false: true, says: unknownClaim(note) + " " + sentence(err)}
	}
	if why := h.holdBack(ctx, a.Trail, note); why != "" {
		return claim{says: "The approval does not count: " + sentence(err) + " " + why}
	}
	return claim{note: note, counts: true, says: "Approved, being verified: " + sentence(err) + " If it is not confirmed by " +
		finding.Time(note.At.Add(approval.Patience)) + ", the next sweep takes the change for any other."}
}

// prove asks the event history for the call of a note.
func (h *Handler) prove(ctx context.Context, t events.Trail, note store.Approved) (approval.Change, error) {
	if h.judge == nil {
		return approval.Change{}, history.ErrUnanswered
	}
	c, err := h.judge.Prove(ctx, t, note.EventID)
	if err == nil && (c.Principal != note.Principal || c.Request.EventName != note.EventName) {
		err = approval.ErrFalse
	}
	return c, err
}

// proven notes a call that CloudTrail knows, with the values that it knows.
func (h *Handler) proven(ctx context.Context, c approval.Change) claim {
	known := claim{note: c.Corrected(), counts: true, proven: true, says: "CloudTrail's event history confirms the call."}
	known.note.Told = true
	if c.Differs() {
		known.false = true
		known.says += " The record that arrived claims other values than CloudTrail knows; only those that CloudTrail knows are approved."
	}
	var err error
	if h.memory == nil {
		err = errors.New("there is no state table to note it in")
	} else {
		err = h.memory.Approve(ctx, known.note)
	}
	if err != nil {
		known.says += " " + sentence(err) + " So a restore after another event, or the sweep, may undo the change."
	}
	return known
}

// late reports whether the call was made so long ago, as its record says, that the event history would show it.
func (h *Handler) late(ev events.Event) bool {
	at, _ := ev.Record.Time()
	return h.clock.Now().Sub(at) >= approval.Patience
}

func unknownClaim(note store.Approved) string {
	return "A record claimed an approval that CloudTrail does not know: event " + sanitize.Bound(note.EventID, 64) + ", " + sanitize.Bound(note.EventName, 64) +
		" by " + sanitize.Bound(note.Principal, 200) + "."
}

// falseClaim says what is wrong with a claim that does not count.
func falseClaim(d approval.Doubt) string {
	if d.Late {
		return "A record claimed an approval for a call of long ago: event " + sanitize.Bound(d.Note.EventID, 64) + ". " + d.Why
	}
	return unknownClaim(d.Note) + " " + d.Why
}

// holdBack notes a claim for the sweep to verify, and says why it is not waited for; empty: it is.
func (h *Handler) holdBack(ctx context.Context, t events.Trail, note store.Approved) (why string) {
	const often = int(approval.Patience / time.Minute)
	switch {
	case h.memory == nil:
		return "There is no state table to wait with."
	case h.sweeper == nil || h.cfg.SweepMinutes > often && note.EventName == "StopLogging":
		return "No sweep comes in time to verify it."
	}
	known, err := h.memory.Trail(ctx, t.ARN())
	if err != nil {
		return sentence(err)
	}
	told := func(a store.Approved) bool { return a.Told }
	if len(known.Approved) >= mostNotes || len(slices.DeleteFunc(slices.Clone(known.Approved), told)) >= mostClaims {
		return "Too many claims are waited for on this trail."
	}
	since, err := h.memory.Hold(ctx, known)
	switch {
	case err != nil:
		return sentence(err)
	case h.clock.Now().Sub(since) >= approval.Patience:
		return "A claim on this trail was not confirmed; until " + finding.Time(since.Add(store.HoldAgain)) + " none is waited for."
	}
	if err := h.memory.Approve(ctx, note); err != nil {
		return sentence(err)
	}
	return ""
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

// claims judges what is noted to be approved of a trail.
func (h *Handler) claims(ctx context.Context, t events.Trail, known store.Trail) approval.Judged {
	if h.judge == nil || len(known.Approved) == 0 {
		return approval.Judged{}
	}
	return h.judge.Judge(ctx, t, known)
}

// stays says what becomes of an approved change, and whether the rest of the trail is compared with its baseline after it.
func (h *Handler) stays(ctx context.Context, ev events.Event, a assess.Assessment) (rest bool, says string) {
	call := ev.Record.EventName
	_, err := h.baselineOf(ctx, a.Trail)
	undeclared := errors.Is(err, fs.ErrNotExist)
	switch {
	case undeclared && call != "StopLogging":
		return false, "The trail has no baseline, so nothing would be put back in any case."
	case !h.exceptions.Mode(a.Trail.ARN(), call, h.cfg.Mode).AtLeast(leastToUndo(call)):
		return false, "In this mode nothing of it would be put back in any case."
	case err != nil && !undeclared:
		return false, sentence(err)
	}
	return call != "StopLogging" && call != "DeleteTrail", "An approved change stays until then; accept it as the new baseline, or it is put back."
}

// approve tells of a call whose approval counts, and puts back what else differs.
func (h *Handler) approve(ctx context.Context, ev events.Event, a assess.Assessment, c claim) error {
	rest, says := h.stays(ctx, ev, a)
	a.Claim, a.FalseClaim = says+" "+c.says, c.false
	if rest {
		return h.restore(ctx, ev, a, c)
	}
	n := h.notification(ev, a)
	n.Verifying = !c.proven
	wordClaim(&n, a)
	h.logHandled(ctx, ev, a, n)
	_, err := h.reporter.Report(ctx, n, ev.JSON())
	h.disturbed(ctx, a.Trail)
	return err
}

// unapproved assesses an event as if nothing were approved, because its claim does not count.
func (h *Handler) unapproved(ev events.Event, c claim) assess.Assessment {
	none := h.exceptions
	none.Approvals = nil
	a := assess.Assess(ev, h.scope(none))
	a.Claim, a.FalseClaim = c.says, c.false
	return a
}

func (h *Handler) scope(exceptions exception.List) assess.Scope {
	return assess.Scope{
		Mode: h.cfg.Mode, Accounts: h.cfg.Accounts, Partition: h.cfg.Partition, RoleARN: h.cfg.RoleARN, Exceptions: exceptions,
	}
}

// wordClaim adds what became of a record's claim to an approval.
func wordClaim(n *finding.Finding, a assess.Assessment) {
	if a.Claim != "" {
		n.Detail = strings.TrimSpace(n.Detail + " " + a.Claim)
	}
	if a.FalseClaim {
		n.Severity = finding.SeverityCritical
		n.NextStep = strings.TrimSpace(n.NextStep + " Find out who can invoke the function, or put such a record into its queues.")
	}
}
