package respond

import (
	"context"
	"errors"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/outcome"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/trail"
)

// Restarter starts logging on a trail.
type Restarter interface {
	Restart(ctx context.Context, trail events.Trail, stoppedAt, until time.Time) remediate.Result
}

// Restarts restores logging after a stop.
type Restarts struct {
	Scope     assess.Scope
	Restarter Restarter
	Retries   *Retries
	Results   *Results
	Clock     clock.Clock
}

// restart restores logging on a trail that was stopped at a time, and then reports what became of it.
func (r *Restarts) restart(ctx context.Context, req Request, a assess.Assessment, c claim, stoppedAt time.Time) error {
	return r.restartAfter(ctx, req, a, c, stoppedAt, nil)
}

// restartAfter is restart of a trail of which something is to be said first. A time of zero: it is not known when it
// was stopped.
func (r *Restarts) restartAfter(
	ctx context.Context, req Request, a assess.Assessment, c claim, stoppedAt time.Time, first []finding.Note,
) error {
	until := r.Clock.Now().Add(r.Clock.Left(ctx, forReporting, maxRestoring))
	res := r.Restarter.Restart(ctx, a.Trail, stoppedAt, until)

	ev := req.Event
	n := r.Scope.Finding(ev, a)
	outcome.OfRestart(&n, res)
	n.Notes = append(first, n.Notes...)
	n.Dark, n.Cause, n.SinceEvent = outcome.DarkOfStop(
		res, stoppedAt,
	), outcome.Cause(
		res.Err,
	), outcome.Since(
		stoppedAt, res.RestoredAt,
	)
	if res.Outcome == finding.OutcomeRestored && !stoppedAt.IsZero() && res.Stopped.Sub(stoppedAt) > trail.SameStop {
		n.Occasion = res.Stopped.UTC().Format(time.RFC3339)
		n.Note(finding.NoteStoppedAgain, res.Stopped)
	}
	if res.Outcome == finding.OutcomeRetrying {
		r.wordRetry(&n, req, a.Trail)
	}
	c.word(&n)
	err := r.Results.report(ctx, ev, a, n)
	r.Results.tampered(ctx, a.Trail)
	if res.Retryable || res.Outcome == finding.OutcomeAccepted {
		r.Results.pending(ctx, ev, a.Trail)
	}
	if res.Retryable {
		err = errors.Join(res.Err, err)
	}
	return err
}

// wordRetry words a restart that failed for a reason that may pass: Lambda runs the event again, unless this was the
// last run.
func (r *Restarts) wordRetry(n *finding.Finding, req Request, t events.Trail) {
	n.Next = nil
	if failed, last := r.Retries.last(req); last {
		n.Outcome = finding.OutcomeGaveUp
		n.Note(finding.NoteGaveUpStart, failed)
		n.Advise(finding.NextStartNow, t.Region, t.ARN())
		return
	}
	n.Notes = append(n.Notes, r.Retries.again(req))
	n.Advise(finding.NextStartUnlessSoon)
}
