package evidence

import (
	"context"
	"log/slog"
	"slices"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/report"
)

// Responder answers calls on a trail's evidence. Its fields are set once; it is safe for concurrent use.
type Responder struct {
	Scope assess.Scope
	// Baselines returns the declared baselines; nil: there are none.
	Baselines func() ([]baseline.Baseline, error)
	Enabler   *Enabler // nil: no key is enabled
	Reporter  report.Reporter
	Log       *slog.Logger
}

// losesKey reports whether a call that succeeded made the key of a trail unusable, in a way that can be undone.
func (j judged) losesKey() bool {
	return j.finding.Outcome == finding.OutcomeNotified && (j.call.Event == "DisableKey" || j.call.Event == "ScheduleKeyDeletion")
}

// Respond enables a key that a call disabled, where the settings and the baseline of a trail that uses it ask for it, and
// reports a call, if it was about what a declared baseline names or needs none. The error, after which the event is to be
// handled again, means that a message was neither accepted nor parked. Baselines that cannot be read hide nothing: what is
// read of them counts.
func (r *Responder) Respond(ctx context.Context, ev events.Event) error {
	var declared []baseline.Baseline
	if r.Baselines != nil {
		var err error
		if declared, err = r.Baselines(); err != nil {
			r.Log.ErrorContext(ctx, "baselines not read", "event_id", ev.Record.EventID, "error", err.Error())
		}
	}
	j, ok := judge(ev, r.Scope, declared)
	if ok && j.losesKey() && slices.ContainsFunc(j.baselines, r.Enabler.may) {
		r.Enabler.enable(ctx, j.finding.Subject.ARN).word(&j.finding)
	}
	outcome := j.finding.Outcome
	if !ok {
		outcome = finding.Outcome("ignored")
	}
	r.Log.InfoContext(
		ctx, "handled", "event_id", ev.Record.EventID, "event_name", ev.Record.EventName, "resource", j.finding.Subject.ARN,
		"outcome", string(outcome),
	)
	if !ok {
		return nil
	}
	_, err := r.Reporter.Report(ctx, j.finding, ev.JSON())
	return err
}
