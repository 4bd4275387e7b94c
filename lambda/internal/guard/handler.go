// Package guard is the function: it takes a payload, restores logging where that is asked for, and tells what happened.
//
// The order is fixed: restore, verify, notify. Nothing is read, looked up or told before StartLogging. The package renders no message
// and knows no channel; it decides nothing that package assess does not.
package guard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/circuit"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/report/claims"
	"trailkeeper/lambda/internal/report/repeat"
)

// forNotifying is the time kept for telling: notifications start at the latest this long before the deadline.
const forNotifying = 20 * time.Second

// mostRestoring bounds the restart where the context has no deadline.
const mostRestoring = 40 * time.Second

// sameStop is how far the status's time of a stop may be from the event's.
const sameStop = time.Minute

type restarter interface {
	Restart(ctx context.Context, trail events.Trail, stoppedAt, until time.Time) remediate.Result
	Logging(ctx context.Context, trail events.Trail) (bool, error)
}

type reporter interface {
	// Report has every destination told, and what one refuses parked with the payload. The error says what was neither accepted nor parked.
	Report(ctx context.Context, n finding.Finding, payload json.RawMessage) (report.Deliveries, error)
}

// Handler handles the guard's invocations. It is safe for concurrent use. It implements lambda.Handler.
type Handler struct {
	cfg      config.Guard
	log      *slog.Logger
	metrics  *slog.Logger
	clock    clock.Clock
	restarts restarter
	restores restorer
	reporter reporter
	parker   report.Parker
	failures failures
	// baseline finds the declared baseline of a trail by its ARN, or fs.ErrNotExist; nil: there is none.
	baseline func(arn string) (baseline.Baseline, error)
	// exceptions are the modes of single trails and calls, and the approved changes.
	exceptions exception.List
	// judge says which claims to an approval count; nil: none does.
	judge *approval.Judge
	// past reads CloudTrail's event history; nil: it is not asked.
	past searcher
	// memory is the state table; nil: there is none. recorded says that baselines are recorded in it, and count.
	memory   memory
	recorded bool
	once     *claims.Once
	breaker  *circuit.Breaker // of the state table
	// summaries sends what was left to them; nil: nothing is.
	summaries *repeat.Summaries
	sweeper   sweeper // nil: no sweep
	redriver  redriver
	// there reads a trail; the error is trail.ErrNotFound where CloudTrail knows none; nil: it is not asked.
	there   func(ctx context.Context, arn string) error
	unknown unknownRegions
	// resend sends a parked message, as it is derived anew, to the destination that refused it.
	resend func(ctx context.Context, p report.Parked, derive func(proven bool) (finding.Finding, error)) error
	book   *incident.Book // nil: no table, so no incidents
	reads  trailReader    // reads a trail as it stands
	region string         // the function's own

	http     *http.Client // shared by every request
	trails   *regions
	problems config.Problems // settings that are wrong, and that restoring does without
}

// Invoke handles one payload. The error, after which Lambda runs the event again, means that logging was not restored for a reason that a
// retry may cure, or that a message was neither accepted nor parked.
func (h *Handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	ev, err := events.Parse(payload)
	if err != nil {
		return nil, h.unreadable(ctx, payload, err)
	}
	defer h.logProblems(ctx, ev)
	switch ev.Kind {
	case events.KindScheduled:
		return nil, h.scheduled(ctx, ev)
	case events.KindTest:
		return nil, h.test(ctx, ev)
	case events.KindAlarm:
		return nil, h.alarm(ctx, ev)
	case events.KindRedrive:
		return h.redriveNow(ctx)
	}
	a := assess.Assess(ev, h.scope(h.exceptions))
	if h.ownRefused(ctx, ev, a) {
		return nil, nil
	}
	if a.Approval != nil {
		c := h.weigh(ctx, ev, a)
		if c.counts {
			return nil, h.approve(ctx, ev, a, c)
		}
		a = h.unapproved(ev, c)
	}
	declaredOff := a.Decision == assess.Restart && h.declaredOff(a.Trail)
	switch {
	case a.Decision == assess.Ignored:
		h.logHandled(ctx, ev, a, finding.Finding{})
		return nil, nil
	case declaredOff:
		a.Decision, a.Outcome, a.Severity = assess.Notify, finding.OutcomeNotified, finding.SeverityMedium
		a.Detail = "The trail's declared baseline says that it does not log, so it was not restarted."
	case a.Decision == assess.Restart && isFromQueue(ctx) && h.stopApproved(ctx, ev, a.Trail):
		a.Decision, a.Outcome, a.Severity = assess.Notify, finding.OutcomeApproved, finding.SeverityLow
		a.Detail = "This event comes late. The trail is stopped under an approval that is in force, so it was not restarted."
	case a.Decision == assess.Restart:
		return nil, h.restart(ctx, ev, a)
	case a.Decision == assess.Restore:
		return nil, h.restore(ctx, ev, a, claim{})
	case a.Own:
		held, off := h.ownStartHeld(ctx, ev, &a)
		switch {
		case held:
			return nil, nil
		case off && h.restartsAgain(ctx, ev, a.Trail):
			return nil, h.restartFor(ctx, ev, a, time.Time{})
		}
	}
	n := h.notification(ev, a)
	n.Declared = declaredOff
	wordClaim(&n, a)
	if h.unnamed(ev, a) {
		n.Detail += " The guard now looks at every trail itself."
	}
	h.logHandled(ctx, ev, a, n)
	_, err = h.reporter.Report(ctx, n, ev.JSON())
	if h.own(ev) && ev.Record.Refused() {
		if err == nil {
			h.toldAll(ctx, ownSubject(ev, a), h.today())
		} else {
			h.forget(ctx, ownSubject(ev, a), h.today()) // the next run tells
		}
	}
	if a.Decision == assess.Change || ev.Record.EventName == "DeleteTrail" && a.Outcome == finding.OutcomeNotified {
		h.disturbed(ctx, a.Trail)
	}
	return nil, errors.Join(err, h.reconcile(ctx, ev, a))
}

// restart restores logging and then tells what became of it.
func (h *Handler) restart(ctx context.Context, ev events.Event, a assess.Assessment) error {
	stoppedAt, _ := ev.Record.Time()
	return h.restartFor(ctx, ev, a, stoppedAt)
}

// restartFor is restart of a trail that was stopped at a time; zero: it is not known when.
func (h *Handler) restartFor(ctx context.Context, ev events.Event, a assess.Assessment, stoppedAt time.Time) error {
	until := h.clock.Now().Add(h.clock.Left(ctx, forNotifying, mostRestoring))
	res := h.restarts.Restart(ctx, a.Trail, stoppedAt, until)

	n := h.notification(ev, a)
	n.Outcome, n.Detail, n.NextStep, n.AfterCall = res.Outcome, res.Detail, res.NextStep, res.AfterCall
	n.Dark = darkOfStop(res, stoppedAt)
	if a.Own {
		n.Detail = a.Detail + " " + n.Detail
	}
	if !res.Restored.IsZero() && !stoppedAt.IsZero() {
		n.SinceEvent = max(0, res.Restored.Sub(stoppedAt))
	}
	n.Cause = cause(res.Err)
	if res.Outcome == finding.OutcomeRestored && !stoppedAt.IsZero() && res.Stopped.Sub(stoppedAt) > sameStop {
		n.Occasion = res.Stopped.UTC().Format(time.RFC3339)
		n.Detail += " It had been stopped again since the event, at " + finding.Time(res.Stopped) + "."
	}
	switch res.Outcome {
	case finding.OutcomeRestored, finding.OutcomeAlreadyLogging:
		n.Severity = finding.SeverityHigh
	case finding.OutcomeRetrying:
		h.retrying(ctx, a.Trail, &n)
	}
	wordClaim(&n, a)
	h.logHandled(ctx, ev, a, n)
	_, err := h.reporter.Report(ctx, n, ev.JSON())
	h.disturbed(ctx, a.Trail)
	if res.Retryable || res.Outcome == finding.OutcomeAccepted {
		h.await(ctx, ev, a)
	}
	if res.Retryable {
		err = errors.Join(res.Err, err)
	}
	return err
}

// retrying words a restart that failed for a reason that may pass: Lambda runs the event again, unless this was the last run.
func (h *Handler) retrying(ctx context.Context, trail events.Trail, n *finding.Finding) {
	if failed, last := h.lastRun(ctx); last {
		n.Outcome = finding.OutcomeGaveUp
		n.Detail += fmt.Sprintf(" Logging was not restored in %d runs, and Lambda does not run the event again.", failed)
		n.NextStep = "Restart logging by hand now: aws cloudtrail start-logging --region " + trail.Region + " --name " + trail.ARN()
		return
	}
	n.Detail += " " + h.again(ctx)
	n.NextStep = "If no message of success follows within five minutes, restart logging by hand."
}

// lastRun counts a run that failed, and reports whether Lambda does not run the event again.
func (h *Handler) lastRun(ctx context.Context) (failed int, last bool) {
	failed = h.failures.count(requestID(ctx))
	return failed, failed > h.cfg.AsyncRetries && !isFromQueue(ctx)
}

// logProblems names the settings that are wrong beside every event, where somebody who looks for that event will find them.
func (h *Handler) logProblems(ctx context.Context, ev events.Event) {
	if len(h.problems) > 0 {
		h.log.ErrorContext(ctx, "settings wrong", "event_id", first(ev.Record.EventID, ev.ID), "error", h.problems.Error())
	}
}

func (h *Handler) logHandled(ctx context.Context, ev events.Event, a assess.Assessment, n finding.Finding) {
	h.log.InfoContext(ctx, "handled", "event_id", ev.Record.EventID, "event_name", ev.Record.EventName, "trail", a.Trail.ARN(),
		"decision", string(a.Decision), "outcome", string(n.Outcome), "after_call_ms", n.AfterCall.Milliseconds())
}
