package respond

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/baselines"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/outcome"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/trail"
)

// Restorer puts a trail back.
type Restorer interface {
	Restore(ctx context.Context, o remediate.Request) remediate.Result
	Recreate(ctx context.Context, o remediate.Request) remediate.Result
}

// Restores puts back what weakens a trail, compared with its baseline.
type Restores struct {
	Scope     assess.Scope
	Restorer  Restorer
	Baselines *baselines.Source
	Claims    *Claims
	Retries   *Retries
	Escalates *Escalates
	Results   *Results
	Clock     clock.Clock
}

// declaredOff reports whether the declared baseline says that the trail is off: then a stop is as it should be.
func (r *Restores) declaredOff(t events.Trail) bool {
	if !r.Scope.Mode.AtLeast(config.ModeRestore) {
		return false
	}
	b, err := r.Baselines.Declared(t)
	return err == nil && !b.State.Logging
}

// restore compares the trail with its baseline, puts back what weakens it but for what is approved, and reports. The
// claim is that of the event itself.
func (r *Restores) restore(ctx context.Context, req Request, a assess.Assessment, c claim) error {
	ev := req.Event
	b, err := r.baseline(ctx, ev, a.Trail)
	if err != nil {
		return r.withoutBaseline(ctx, ev, a, c, err)
	}
	recalled := &recollection{
		claims:   r.Claims,
		clock:    r.Clock,
		baseline: b.State,
		claim:    c,
		event:    ev.Record.EventID,
		asked:    mayHaveAsked(ev.Record, a.Trail),
	}
	order := r.order(ctx, ev, a.Trail, b, recalled)
	var res remediate.Result
	if ev.Record.EventName == "DeleteTrail" {
		res = r.Restorer.Recreate(ctx, order)
	} else {
		res = r.Restorer.Restore(ctx, order)
	}
	n := r.finding(req, a, b, res)
	recalled.wordCall(&n, ev, a)
	if r.Scope.Own(ev) && r.knownBefore(ctx, a.Trail, order, res) {
		r.Results.log(ctx, ev, a, n)
		return nil
	}
	return r.report(ctx, req, a, n, res, recalled)
}

// baseline is what the trail of an event is compared with. Only a declared one may create a trail, or says what a new
// one has to be.
func (r *Restores) baseline(ctx context.Context, ev events.Event, t events.Trail) (baselines.Baseline, error) {
	b, err := r.Baselines.Of(ctx, t)
	deleted, created := ev.Record.EventName == "DeleteTrail", ev.Record.EventName == "CreateTrail"
	switch {
	case err != nil:
		return b, err
	case (deleted || created) && b.Kind != trail.Declared:
		return b, fs.ErrNotExist
	case created && r.Scope.Own(ev):
		return b, fs.ErrNotExist // the run that creates it again is at it
	}
	return b, nil
}

// order is what is asked of the restore.
func (r *Restores) order(
	ctx context.Context, ev events.Event, t events.Trail, b baselines.Baseline, recalled *recollection,
) remediate.Request {
	own := r.Scope.Own(ev)
	order := remediate.Request{
		Baseline: b.State,
		Kind:     b.Kind,
		Settled:  own,
		Leave:    r.Scope.Leaves(t.ARN()),
		Until:    r.Clock.Now().Add(r.Clock.Left(ctx, forReporting, maxRestoring)),
	}
	order.Asked, order.Wanted = askedFor(ev, t, b.State, own)
	if r.Claims.Table != nil || recalled.claim.counts {
		order.Recall = recalled.recall
	}
	return order
}

// knownBefore reports whether a restore after a call of the guard's own is no news: what the guard itself put back
// comes back as an event, and the run that could not put the rest back has reported that.
func (r *Restores) knownBefore(
	ctx context.Context, t events.Trail, order remediate.Request, res remediate.Result,
) bool {
	if len(res.Calls) > 0 {
		return false
	}
	// Where it could not be read, the sweep reads it again.
	fine := len(order.Asked) == 0 && order.Wanted.ARN != "" && len(res.Before) == 0
	return fine || res.Err == nil && len(res.Left) == 0 || r.Escalates.leftBefore(ctx, t, res)
}

// report reports a restore, and notes what it did.
func (r *Restores) report(
	ctx context.Context, req Request, a assess.Assessment, n finding.Finding, res remediate.Result,
	recalled *recollection,
) error {
	recalled.noteSilence(&n)
	window := ""
	if res.Capped {
		window = r.Escalates.capped(ctx, &n, a.Trail, recalled.window())
	}
	counted := r.Results.countAttempt(ctx, a.Trail, res)
	err := r.Results.report(ctx, req.Event, a, n)
	<-counted
	if err == nil {
		r.Escalates.reported(ctx, a.Trail, window, res)
	}
	r.Results.restored(ctx, req.Event, a.Trail, res)
	if res.Retryable {
		err = errors.Join(res.Err, err)
	}
	return err
}

// finding words what became of a restore after an event.
func (r *Restores) finding(
	req Request, a assess.Assessment, b baselines.Baseline, res remediate.Result,
) finding.Finding {
	n := r.Scope.Finding(req.Event, a)
	n.Baseline = &finding.Baseline{Kind: string(b.Kind), CapturedAt: b.At}
	outcome.OfRestore(&n, res, r.Retries.again(req))
	at, _ := req.Event.Record.Time()
	n.Dark = outcome.DarkOfRestore(res, at, r.Clock.Now())
	if n.AfterCall > 0 {
		n.SinceEvent = outcome.Since(at, res.RestoredAt)
	}
	if n.Outcome == finding.OutcomeRetrying {
		r.giveUp(req, &n, res)
	}
	return n
}

// giveUp words a restore that failed for a reason that may pass, where this was the last run.
func (r *Restores) giveUp(req Request, n *finding.Finding, res remediate.Result) {
	failed, last := r.Retries.last(req)
	if !last {
		return
	}
	n.Outcome, n.Notes, n.Next = finding.OutcomeGaveUp, slices.Clip(res.Notes), nil
	n.Note(finding.NoteGaveUpRestore, failed)
	n.Notes = append(n.Notes, outcome.Unseen(res)...)
	n.Advise(finding.NextRestoreNow)
	if r.Escalates.SweepMinutes > 0 {
		n.Advise(finding.NextSweepTries, r.Escalates.SweepMinutes)
	}
}

// withoutBaseline reports a call after which nothing was put back, and why.
func (r *Restores) withoutBaseline(
	ctx context.Context, ev events.Event, a assess.Assessment, c claim, why error,
) error {
	created := ev.Record.EventName == "CreateTrail"
	n := r.Scope.Finding(ev, a)
	if !created || !errors.Is(why, fs.ErrNotExist) {
		wordBaseline(&n, why)
	}
	c.word(&n)
	err := r.Results.report(ctx, ev, a, n)
	if !created {
		r.Results.tampered(ctx, a.Trail)
	}
	return err
}

// wordBaseline words why nothing was put back, and what to do about it.
func wordBaseline(n *finding.Finding, why error) {
	_, unrecorded := errors.AsType[*baselines.UnrecordedError](why)
	switch {
	case unrecorded:
		n.Note(finding.NoteNotRecorded, why)
	case errors.Is(why, fs.ErrNotExist):
		n.Note(finding.NoteNoBaseline)
	default:
		n.Note(finding.NoteBadBaseline, why)
		n.Next = slices.Insert(slices.Clone(n.Next), 0, finding.Say(finding.NextDeployBaseline))
		return
	}
	n.Advise(finding.NextCapture, n.Region, n.Subject.ARN)
}
