package sweep

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// Approvals keeps what is noted to be approved, and which repairs are held back for it.
type Approvals interface {
	Approve(ctx context.Context, a known.Approved) error
	Unapprove(ctx context.Context, a known.Approved) error
	Hold(ctx context.Context, known known.Trail) (time.Time, error)
	Release(ctx context.Context, arn string) error
}

// Claims settles claims to an approval, and holds repairs back for those that may count.
type Claims struct {
	Table    Approvals // nil: there is none, and nothing is held back
	Approved []exception.Approval
	Actors   *look.Actors // nil: the event history is not asked
	Log      *slog.Logger
}

// settle reports what became of the claims to an approval that are noted of a trail, drops those that count no more,
// and lets repairs be held back again once CloudTrail has confirmed what one was held back for.
func (c *Claims) settle(ctx context.Context, r *run, s *look.Sight) {
	for _, d := range s.Claims.Doubted {
		if d.False && c.reportFalse(ctx, r, s, d) {
			c.correct(ctx, s, d.Note)
		}
	}
	for _, change := range s.Claims.Proven {
		if change.Note.Reported || !c.reportProven(ctx, r, s, change) {
			continue
		}
		note := change.Corrected()
		note.Reported = true
		c.note(ctx, func(t Approvals) error { return t.Approve(ctx, note) })
		if len(s.Claims.Waiting) == 0 && !s.Known.Held.IsZero() {
			c.note(ctx, func(t Approvals) error { return t.Release(ctx, s.Trail.ARN()) })
		}
	}
	for _, a := range s.Obsolete() {
		c.note(ctx, func(t Approvals) error { return t.Unapprove(ctx, a) })
	}
	if held := s.Known.Held; !held.IsZero() && r.at.Sub(held) >= known.HoldAgain {
		c.note(ctx, func(t Approvals) error { return t.Release(ctx, s.Trail.ARN()) })
	}
}

// note writes to the table, where there is one.
func (c *Claims) note(ctx context.Context, write func(Approvals) error) {
	if c.Table != nil {
		state.Log(ctx, c.Log, write(c.Table))
	}
}

// correct drops a false claim; of a call that CloudTrail knows, what it knows is kept.
func (c *Claims) correct(ctx context.Context, s *look.Sight, note known.Approved) {
	if change, proven, _ := s.Claims.Of(note.EventID); proven {
		c.note(ctx, func(t Approvals) error { return t.Approve(ctx, change.Corrected()) })
		return
	}
	c.note(ctx, func(t Approvals) error { return t.Unapprove(ctx, note) })
}

// reportFalse reports a claim that CloudTrail does not know, and whether that went well.
func (c *Claims) reportFalse(ctx context.Context, r *run, s *look.Sight, d approval.Doubt) bool {
	f := look.Finding{
		Kind:   finding.KindFalseApproval,
		Trail:  s.Trail,
		Region: s.Trail.Region,
		Sign:   d.Note.EventID,
	}
	n := r.finding(f)
	n.Severity = finding.SeverityCritical
	if d.Late {
		n.Note(finding.NoteLateClaim, sanitize.Bound(d.Note.EventID, 64))
	} else {
		n.Notes = append(n.Notes, approval.FalseClaim(d.Note))
	}
	n.Notes = append(n.Notes, d.Why)
	n.Note(finding.NotePutBackAnyway)
	n.Advise(finding.NextWhoCanInvoke)
	return r.reportWhole(ctx, f, n)
}

// reportProven reports that CloudTrail has confirmed a claim.
func (c *Claims) reportProven(ctx context.Context, r *run, s *look.Sight, change approval.Change) bool {
	f := look.Finding{
		Kind:   finding.KindTrueApproval,
		Trail:  s.Trail,
		Region: s.Trail.Region,
		Sign:   change.Note.EventID,
	}
	n := r.finding(f)
	n.Severity = finding.SeverityLow
	n.Note(
		finding.NoteClaimConfirmed, change.Request.EventName, sanitize.Bound(change.Principal, 200), change.At,
		sanitize.Bound(change.Note.EventID, 64), change.Approval.Expires, change.Approval.Reason,
	)
	return r.reportWhole(ctx, f, n)
}

// holding is how long a repair waits for the event history, or for the event, of a change that an approval may cover.
const holding = approval.Patience

// held lists the fields whose change an approval in force may cover although no event has shown who made it, as long as
// its event may still be on its way, and says so. Without the table nothing is held back.
func (c *Claims) held(
	ctx context.Context, r *run, s *look.Sight, fields ...trail.Field,
) (held []trail.Field, says []finding.Note) {
	held, principal := c.covered(r.at, s.Trail.ARN(), fields)
	if len(held) == 0 || c.Table == nil || r.seen.MemoryErr != nil {
		return nil, nil
	}
	if approved, says, known := c.heldByHistory(ctx, r, s, held); known {
		return approved, says
	}
	since, err := c.Table.Hold(ctx, s.Known)
	switch {
	case err != nil:
		state.Log(ctx, c.Log, err)
		return nil, nil
	case r.at.Sub(since) >= holding:
		return nil, []finding.Note{finding.Say(finding.NoteHeldInVain, principal)}
	}
	return held, []finding.Note{finding.Say(finding.NoteHeld, principal, since.Add(holding))}
}

// covered lists those of the fields whose change an approval in force covers, and for whom the last of them is.
func (c *Claims) covered(at time.Time, arn string, fields []trail.Field) (covered []trail.Field, principal string) {
	for _, f := range fields {
		for _, a := range c.Approved {
			if (a.Trail == arn || a.Trail == exception.AnyTrail) && slices.Contains(a.Events, f.Call()) && !at.After(a.Expires) {
				covered, principal = append(covered, f), a.Principal
			}
		}
	}
	return covered, principal
}

// heldByHistory asks the event history who made a change that an approval in force may cover, and that no record has
// claimed. Accounted says that it has reported.
func (c *Claims) heldByHistory(
	ctx context.Context, r *run, s *look.Sight, fields []trail.Field,
) (held []trail.Field, says []finding.Note, accounted bool) {
	if c.Actors == nil || c.Actors.Judge == nil {
		return nil, nil, false
	}
	ev, found, _ := c.Actors.MadeBy(ctx, r.at, s, fields...)
	if !found {
		return nil, nil, false
	}
	change, ok := c.Actors.Judge.Reads(ev, s.Trail)
	if !ok || r.at.After(change.Approval.Expires) {
		return nil, nil, true
	}
	excused := change.Request.Excuse(s.Declared, s.State)
	for _, f := range fields {
		if len(trail.Weakened(trail.Diff(excused, s.State, f))) == 0 {
			held = append(held, f)
		}
	}
	change.Note = known.Approved{
		EventID:   ev.Record.EventID,
		EventName: ev.Record.EventName,
		Principal: change.Principal,
		At:        r.at.UTC(),
		Expires:   change.Approval.Expires,
		Reason:    change.Approval.Reason,
		Reported:  true,
	}
	c.note(ctx, func(t Approvals) error { return t.Approve(ctx, change.Corrected()) })
	says = []finding.Note{
		finding.Say(finding.NoteApprovedByHistory, sanitize.Bound(change.Principal, 200), change.Approval.Expires,
			sanitize.Bound(change.Note.EventID, 64)),
	}
	return held, says, true
}
