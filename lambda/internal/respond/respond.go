// Package respond is what a record of a call leads to: it restores logging or the trail's baseline, weighs approvals,
// and reports what happened.
//
// The order is fixed: restore, verify, report. Nothing is read, looked up or reported before StartLogging. It renders
// no message and decides nothing that package assess does not; it refuses to know schedules and queues.
package respond

import (
	"context"
	"errors"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
)

// forReporting is the time kept for reporting: a restore ends at the latest this long before the deadline.
const forReporting = 20 * time.Second

// maxRestoring bounds a restore where the context has no deadline.
const maxRestoring = 40 * time.Second

// Request is one event that is to be answered.
type Request struct {
	Event events.Event
	// ID names the invocation; Lambda keeps it over the retries of one event. Empty: it has none.
	ID string
	// FromQueue says that the event was taken out of a queue: Lambda does not run it again, and the queue keeps it after
	// an error.
	FromQueue bool
}

// Responder answers records. Its fields are set once; it is safe for concurrent use.
type Responder struct {
	Scope     assess.Scope
	Approvals *Approvals
	Restarts  *Restarts
	Restores  *Restores
	OwnCalls  *OwnCalls
	Unnamed   *Unnamed
	Results   *Results
}

// Respond answers one record. The error, after which the event is to be handled again, means that logging was not
// restored for a reason that a retry may cure, or that a message was neither accepted nor parked.
func (r *Responder) Respond(ctx context.Context, req Request) error {
	ev := req.Event
	a := assess.Assess(ev, r.Scope)
	if r.OwnCalls.refusedBefore(ctx, ev, a) {
		return nil
	}
	var c claim
	if a.Approval != nil {
		if c = r.Approvals.weigh(ctx, ev, a); c.counts {
			return r.approved(ctx, req, a, c)
		}
		a = assess.Assess(ev, r.Scope.WithoutApprovals())
	}
	switch {
	case a.Decision == assess.Ignored:
		r.Results.log(ctx, ev, a, finding.Finding{})
		return nil
	case a.Decision == assess.Restart:
		return r.stopped(ctx, req, a, c)
	case a.Decision == assess.Restore:
		return r.Restores.restore(ctx, req, a, c)
	case a.Own:
		return r.ownStart(ctx, req, a, c)
	}
	return r.report(ctx, req, a, c, r.Scope.Finding(ev, a))
}

// stopped restarts logging, but where the trail is meant to be off.
func (r *Responder) stopped(ctx context.Context, req Request, a assess.Assessment, c claim) error {
	stoppedAt, _ := req.Event.Record.Time()
	n := r.Scope.Finding(req.Event, a)
	switch {
	case r.Restores.declaredOff(a.Trail):
		n.Outcome, n.Severity, n.Declared = finding.OutcomeNotified, finding.SeverityMedium, true
		n.Note(finding.NoteDeclaredOff)
	case req.FromQueue && r.Approvals.stopApproved(ctx, req.Event, a.Trail):
		n.Outcome, n.Severity = finding.OutcomeApproved, finding.SeverityLow
		n.Note(finding.NoteLateApprovedStop)
	default:
		return r.Restarts.restart(ctx, req, a, c, stoppedAt)
	}
	a.Decision, a.Outcome = assess.Notify, n.Outcome
	return r.report(ctx, req, a, c, n)
}

// ownStart answers a StartLogging by the guard's own role: it is worth a message only if the trail is not logging, and
// then the trail is started once more, but where its being off is meant.
func (r *Responder) ownStart(ctx context.Context, req Request, a assess.Assessment, c claim) error {
	n := r.Scope.Finding(req.Event, a)
	held, off := r.OwnCalls.startHeld(ctx, req.Event, a, &n)
	switch {
	case held:
		return nil
	case off && r.restartsAgain(ctx, req.Event, a.Trail):
		return r.Restarts.restartAfter(ctx, req, a, c, time.Time{}, n.Notes)
	}
	return r.report(ctx, req, a, c, n)
}

// restartsAgain reports whether a trail on which the guard's StartLogging did not hold is started once more.
func (r *Responder) restartsAgain(ctx context.Context, ev events.Event, t events.Trail) bool {
	return !ev.Record.Refused() && r.Scope.Undoes(t.ARN(), "StopLogging") && !r.Restores.declaredOff(t) &&
		!r.Approvals.stopApproved(ctx, ev, t)
}

// approved reports a call whose approval counts, and puts back what else differs.
func (r *Responder) approved(ctx context.Context, req Request, a assess.Assessment, c claim) error {
	rest, says := r.Approvals.stays(ctx, req.Event, a)
	c.says = append([]finding.Note{says}, c.says...)
	if rest {
		return r.Restores.restore(ctx, req, a, c)
	}
	n := r.Scope.Finding(req.Event, a)
	n.Verifying = !c.proven
	c.word(&n)
	err := r.Results.report(ctx, req.Event, a, n)
	r.Results.tampered(ctx, a.Trail)
	return err
}

// report reports an event after which nothing is put back.
func (r *Responder) report(ctx context.Context, req Request, a assess.Assessment, c claim, n finding.Finding) error {
	ev := req.Event
	c.word(&n)
	unnamed := r.Unnamed.is(ev, a)
	if unnamed {
		n.Note(finding.NoteLooksItself)
	}
	err := r.Results.report(ctx, ev, a, n)
	r.OwnCalls.reported(ctx, ev, a, err)
	if a.Decision == assess.Change || ev.Record.EventName == "DeleteTrail" && a.Outcome == finding.OutcomeNotified {
		r.Results.tampered(ctx, a.Trail)
	}
	if unnamed {
		err = errors.Join(err, r.Unnamed.sweep(ctx, ev))
	}
	return err
}
