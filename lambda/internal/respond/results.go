package respond

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/known"
)

// noting bounds what is noted after a message is out.
const noting = 3 * time.Second

// Tampering keeps what events did to a trail.
type Tampering interface {
	RecordTampering(ctx context.Context, arn string) error
	AddPending(ctx context.Context, arn string, p known.Pending) error
	Attempt(ctx context.Context, arn string) error
}

// Results reports what came of an event, and notes it.
type Results struct {
	Reporter report.Reporter
	Table    Tampering // nil: there is none
	Clock    clock.Clock
	Log      *slog.Logger
}

// report logs and reports what came of an event.
func (r *Results) report(ctx context.Context, ev events.Event, a assess.Assessment, n finding.Finding) error {
	r.log(ctx, ev, a, n)
	_, err := r.Reporter.Report(ctx, n, ev.JSON())
	return err
}

func (r *Results) log(ctx context.Context, ev events.Event, a assess.Assessment, n finding.Finding) {
	r.Log.InfoContext(
		ctx, "handled", "event_id", ev.Record.EventID, "event_name", ev.Record.EventName, "trail", a.Trail.ARN(), "decision",
		string(a.Decision), "outcome", string(n.Outcome), "after_call_ms", n.AfterCall.Milliseconds(),
	)
}

// tampered notes that a call tampered with the trail, when the messages are out.
func (r *Results) tampered(ctx context.Context, t events.Trail) {
	if t == (events.Trail{}) || r.Table == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, noting)
	defer cancel()
	state.Log(ctx, r.Log, r.Table.RecordTampering(ctx, t.ARN()))
}

// pending notes an outcome that a sweep settles.
func (r *Results) pending(ctx context.Context, ev events.Event, t events.Trail) {
	if r.Table == nil {
		return
	}
	p := known.Pending{EventID: cmp.Or(ev.Record.EventID, ev.ID), EventName: ev.Record.EventName, Since: r.Clock.Now()}
	state.Log(ctx, r.Log, r.Table.AddPending(ctx, t.ARN(), p))
}

// restored notes what a restore did, when the messages are out.
func (r *Results) restored(ctx context.Context, ev events.Event, t events.Trail, res remediate.Result) {
	ctx, cancel := context.WithTimeout(ctx, noting)
	defer cancel()
	if len(res.Before) > 0 || res.Created || res.Missing {
		r.tampered(ctx, t)
	}
	if res.Unconfirmed || res.Retryable {
		r.pending(ctx, ev, t)
	}
}

// countAttempt counts a restore that the cap is about, beside what else is to do. The channel is closed when it is
// counted.
func (r *Results) countAttempt(ctx context.Context, t events.Trail, res remediate.Result) <-chan struct{} {
	done := make(chan struct{})
	if r.Table == nil || !res.Counts {
		close(done)
		return done
	}
	go func() {
		defer close(done)
		state.Log(ctx, r.Log, r.Table.Attempt(ctx, t.ARN()))
	}()
	return done
}
