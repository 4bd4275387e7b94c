package guard

import (
	"context"
	"fmt"

	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/store"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// settleClaims tells what became of the claims to an approval that are noted of a trail, drops those that count no more, and lets repairs be held back
// again once CloudTrail has confirmed what one was held back for.
func (r *sweepRun) settleClaims(ctx context.Context, s *look.Sight) {
	for _, d := range s.Claims.Doubted {
		if d.False && r.tellFalse(ctx, s, d) {
			r.correct(ctx, s, d.Note)
		}
	}
	for _, c := range s.Claims.Proven {
		if c.Note.Told || !r.tellProven(ctx, s, c) {
			continue
		}
		note := c.Corrected()
		note.Told = true
		r.note(ctx, func(ctx context.Context) error { return r.memory.Approve(ctx, note) })
		if len(s.Claims.Waiting) == 0 && !s.Known.Held.IsZero() {
			r.note(ctx, func(ctx context.Context) error { return r.memory.Release(ctx, s.Trail.ARN()) })
		}
	}
	for _, a := range s.Obsolete() {
		r.note(ctx, func(ctx context.Context) error { return r.memory.Unapprove(ctx, a) })
	}
	if held := s.Known.Held; !held.IsZero() && r.at.Sub(held) >= store.HoldAgain {
		r.note(ctx, func(ctx context.Context) error { return r.memory.Release(ctx, s.Trail.ARN()) })
	}
}

// correct drops a false claim; of a call that CloudTrail knows, what it knows is kept.
func (r *sweepRun) correct(ctx context.Context, s *look.Sight, note store.Approved) {
	if c, proven, _ := s.Claims.Of(note.EventID); proven {
		r.note(ctx, func(ctx context.Context) error { return r.memory.Approve(ctx, c.Corrected()) })
		return
	}
	r.note(ctx, func(ctx context.Context) error { return r.memory.Unapprove(ctx, note) })
}

// tellFalse tells of a claim that CloudTrail does not know, and reports whether that was told.
func (r *sweepRun) tellFalse(ctx context.Context, s *look.Sight, d approval.Doubt) bool {
	f := look.Finding{Kind: finding.KindFalseApproval, Trail: s.Trail, Region: s.Trail.Region, Sign: d.Note.EventID}
	n := r.finding(f)
	n.Severity = finding.SeverityCritical
	n.Detail = falseClaim(d) + " What it claims to be approved is put back like any other change, as far as the mode allows."
	n.NextStep = "Find out who can invoke the function, put records into its queues or write to its table, and who changed the trail."
	return r.tellWhole(ctx, f, n)
}

// tellProven tells that CloudTrail has confirmed a claim.
func (r *sweepRun) tellProven(ctx context.Context, s *look.Sight, c approval.Change) bool {
	f := look.Finding{Kind: finding.KindTrueApproval, Trail: s.Trail, Region: s.Trail.Region, Sign: c.Note.EventID}
	n := r.finding(f)
	n.Severity = finding.SeverityLow
	n.Detail = fmt.Sprintf("CloudTrail's event history confirms %s by %s at %s (event %s), which is approved until %s: %s", c.Request.EventName,
		sanitize.Bound(c.Principal, 200), finding.Time(c.At), sanitize.Bound(c.Note.EventID, 64), finding.Time(c.Approval.Expires), c.Approval.Reason)
	return r.tellWhole(ctx, f, n)
}

// tellWhole tells, and reports whether that went well.
func (r *sweepRun) tellWhole(ctx context.Context, f look.Finding, n finding.Finding) bool {
	failed := len(r.errs)
	r.tell(ctx, f, n)
	return len(r.errs) == failed
}

// heldByHistory asks the event history who made a change that an approval in force may cover, and that no record has claimed. Known says that it has told.
func (r *sweepRun) heldByHistory(ctx context.Context, s *look.Sight, fields []trail.Field) (held []trail.Field, says string, known bool) {
	if r.past == nil || r.judge == nil {
		return nil, "", false
	}
	ev, found, _ := r.madeBy(ctx, r.at, s, fields...)
	if !found {
		return nil, "", false
	}
	c, ok := r.judge.Reads(ev, s.Trail)
	if !ok || r.at.After(c.Approval.Expires) {
		return nil, "", true
	}
	excused := c.Request.Excuse(s.Declared, s.State)
	for _, f := range fields {
		if len(trail.Weakened(trail.Diff(excused, s.State, f))) == 0 {
			held = append(held, f)
		}
	}
	c.Note = store.Approved{EventID: ev.Record.EventID, EventName: ev.Record.EventName, Principal: c.Principal, At: r.at.UTC(), Expires: c.Approval.Expires, Reason: c.Approval.Reason, Told: true}
	r.note(ctx, func(ctx context.Context) error { return r.memory.Approve(ctx, c.Corrected()) })
	return held, " CloudTrail's event history shows that " + sanitize.Bound(c.Principal, 200) + " made it under an approval until " +
		finding.Time(c.Approval.Expires) + " (event " + sanitize.Bound(c.Note.EventID, 64) + ").", true
}

// doubts says of what is to be put back that an approval was claimed for it and does not count, and why.
func doubts(s *look.Sight, fields ...trail.Field) string {
	for _, d := range s.Claims.Doubted {
		for _, f := range fields {
			for _, claimed := range d.Note.Fields {
				if claimed == string(f) {
					return " An approval for " + sanitize.Bound(d.Note.Principal, 200) + " was claimed for it and does not count: " + d.Why
				}
			}
		}
	}
	return ""
}

// holding is how long a repair waits for the event history, or for the event, of a change that an approval may cover.
const holding = approval.Patience
