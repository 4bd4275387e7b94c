package guard

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// mostPuttingBack bounds a restore where the context has no deadline.
const mostPuttingBack = 40 * time.Second

type restorer interface {
	Restore(ctx context.Context, o remediate.Order) remediate.RestoreResult
	Recreate(ctx context.Context, o remediate.Order) remediate.RestoreResult
}

// declared finds the declared baseline of a trail. It is read when an event needs it: the files are small. Without one the error is
// fs.ErrNotExist.
func (h *Handler) declared(t events.Trail) (baseline.Baseline, error) {
	if h.baseline == nil {
		return baseline.Baseline{}, fs.ErrNotExist
	}
	return h.baseline(t.ARN())
}

// known is a baseline and where it comes from.
type known struct {
	state trail.State
	kind  trail.Kind
	at    time.Time
}

// baselineOf finds the baseline of a trail: the declared one, or else the last that a sweep recorded. Without one the error is fs.ErrNotExist.
func (h *Handler) baselineOf(ctx context.Context, t events.Trail) (known, error) {
	b, err := h.declared(t)
	if err == nil {
		return known{b.Trail, trail.Declared, b.CapturedAt}, nil
	}
	if !errors.Is(err, fs.ErrNotExist) || h.memory == nil || !h.recorded {
		return known{}, err
	}
	seen, memoryErr := h.memory.Trail(ctx, t.ARN())
	if memoryErr != nil {
		return known{}, &unrecordedError{memoryErr}
	}
	recorded, unusable := look.Usable(seen)
	switch {
	case unusable != nil:
		return known{}, &unrecordedError{unusable}
	case recorded == nil:
		return known{}, err
	}
	return known{recorded.State, trail.Recorded, recorded.At}, nil
}

// unrecordedError says that no baseline is declared, and why the recorded one does not serve.
type unrecordedError struct{ why error }

// Error is the reason.
func (e *unrecordedError) Error() string { return e.why.Error() }

// restore compares the trail with its baseline, puts back what weakens it but for what is approved, and tells. The claim is that of the event itself,
// where it counts.
func (h *Handler) restore(ctx context.Context, ev events.Event, a assess.Assessment, c claim) error {
	b, err := h.baselineOf(ctx, a.Trail)
	deleted, created := ev.Record.EventName == "DeleteTrail", ev.Record.EventName == "CreateTrail"
	if err == nil && (deleted || created) && b.kind != trail.Declared {
		err = fs.ErrNotExist // only a declared baseline may create a trail, or says what a new one has to be
	}
	if created && h.own(ev) {
		err = fs.ErrNotExist // the run that creates it again is at it
	}
	if err != nil {
		n := h.notification(ev, a)
		if !created || !errors.Is(err, fs.ErrNotExist) {
			n.Detail, n.NextStep = withoutBaseline(n, err)
		}
		wordClaim(&n, a)
		h.logHandled(ctx, ev, a, n)
		_, err := h.reporter.Report(ctx, n, ev.JSON())
		if !created {
			h.disturbed(ctx, a.Trail)
		}
		return err
	}
	own := h.own(ev)
	asked := h.recollect(ev, a, b.state, c)
	order := remediate.Order{
		Baseline: b.state, Kind: b.kind, Settled: own, Leave: h.leave(a.Trail.ARN()), Until: h.clock.Now().Add(h.clock.Left(ctx, forNotifying, mostPuttingBack)),
	}
	order.Asked, order.Wanted = askedFor(ev, a.Trail, b.state, own)
	if h.memory != nil || c.counts {
		order.Recall = asked.recall
	}
	var res remediate.RestoreResult
	if deleted {
		res = h.restores.Recreate(ctx, order)
	} else {
		res = h.restores.Restore(ctx, order)
	}
	n := h.restoreNotification(ctx, ev, a, b, res)
	asked.wordCall(&n, ev, a, c)
	if n.Outcome == finding.OutcomeRetrying {
		h.giveUp(ctx, &n, res)
	}
	h.logHandled(ctx, ev, a, n)
	fine := len(order.Asked) == 0 && order.Wanted.ARN != "" && len(res.Before) == 0 // it could not be read, and the sweep does that
	if own && len(res.Calls) == 0 && (fine || res.Err == nil && len(res.Left) == 0 || h.leftBefore(ctx, a, res)) {
		return nil // what the guard itself put back comes back as an event, and the run that could not put the rest back has told so
	}
	escalated := asked.word(ctx, &n, res)
	counted := h.countAttempt(ctx, a, res)
	_, err = h.reporter.Report(ctx, n, ev.JSON())
	<-counted
	if err == nil && escalated != "" {
		h.toldAll(ctx, capSubject(a.Trail), escalated)
	}
	if err == nil && len(res.Left) > 0 {
		h.turn(ctx, leftSubject(a.Trail), leftSign(res))
		h.toldAll(ctx, leftSubject(a.Trail), leftSign(res))
	}
	h.afterRestore(ctx, ev, a, res)
	if res.Retryable {
		err = errors.Join(res.Err, err)
	}
	return err
}

// giveUp words a restore that failed for a reason that may pass, where this was the last run.
func (h *Handler) giveUp(ctx context.Context, n *finding.Finding, res remediate.RestoreResult) {
	failed, last := h.lastRun(ctx)
	if !last {
		return
	}
	n.Outcome = finding.OutcomeGaveUp
	n.Detail = strings.TrimSpace(res.Detail + fmt.Sprintf(" The trail was not put back in %d runs, and Lambda does not run the event again.", failed) + cannotSee(res))
	n.NextStep = "Put the trail back by hand now, and find out who changed it. " + h.sweepTries()
}

// sweepTries says that the sweep goes on, where there is one.
func (h *Handler) sweepTries() string {
	if h.cfg.SweepMinutes == 0 {
		return ""
	}
	return fmt.Sprintf("The sweep tries again every %d min.", h.cfg.SweepMinutes)
}

// leave lists the fields of a trail that an override keeps the guard from putting back.
func (h *Handler) leave(arn string) []trail.Field {
	var fields []trail.Field
	for _, f := range trail.Fields() {
		if !h.exceptions.Mode(arn, f.Call(), h.cfg.Mode).AtLeast(leastToUndo(f.Call())) {
			fields = append(fields, f)
		}
	}
	return fields
}

// leftBefore reports whether it was told before that exactly this could not be put back.
func (h *Handler) leftBefore(ctx context.Context, a assess.Assessment, res remediate.RestoreResult) bool {
	return len(res.Left) > 0 && h.everTold(ctx)[leftSubject(a.Trail)] == leftSign(res)
}

func leftSubject(t events.Trail) string { return "left " + t.ARN() }

// leftSign stands for what a restore has left.
func leftSign(res remediate.RestoreResult) string {
	f := look.Finding{Kind: finding.KindWeakened}
	for _, l := range res.Left {
		f.Changes = append(f.Changes, l.Change)
	}
	return signOpen + f.Signed()
}

// declaredOff reports whether the declared baseline says that the trail is off: then a stop is as it should be.
func (h *Handler) declaredOff(t events.Trail) bool {
	if !h.cfg.Mode.AtLeast(config.ModeRestore) {
		return false
	}
	b, err := h.declared(t)
	return err == nil && !b.Trail.Logging
}
