package respond

import (
	"context"
	"log/slog"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/state/claims"
)

// Once keeps what was reported of a subject under a sign, so that it is reported once, until it is over.
type Once interface {
	Claim(ctx context.Context, subject, sign string) claims.State
	Reported(ctx context.Context, subject, sign string)
	Over(ctx context.Context, subject, sign string) bool
	All(ctx context.Context) map[string]string
}

// OwnCalls answers the calls of the guard's own role. Whoever else holds it is not trusted for it.
type OwnCalls struct {
	Scope assess.Scope
	// Logging reads whether a trail logs.
	Logging func(ctx context.Context, t events.Trail) (bool, error)
	Once    Once
	Clock   clock.Clock
	Log     *slog.Logger
}

// refusedBefore reports whether a record is of a refused call of the guard's role that needs no message: one that was
// reported today, because the run that made it reports what it could not do. Whoever else holds the role is reported
// once a day as well, for each call, trail and reason; but for StartLogging, which changes nothing that anybody would
// mind.
func (o *OwnCalls) refusedBefore(ctx context.Context, ev events.Event, a assess.Assessment) bool {
	if !o.refused(ev) {
		return false
	}
	if ev.Record.EventName == "StartLogging" || o.Once.Claim(ctx, refusedSubject(ev, a), o.today()) != claims.Claimed {
		o.Log.WarnContext(
			ctx, "own call refused", "event_id", ev.Record.EventID, "event_name", ev.Record.EventName, "trail", a.Trail.ARN(),
			"error", ev.Record.ErrorCode,
		)
		return true
	}
	return false
}

// reported notes that a refused call of the guard's role was reported, or could not be.
func (o *OwnCalls) reported(ctx context.Context, ev events.Event, a assess.Assessment, err error) {
	switch {
	case !o.refused(ev):
	case err == nil:
		o.Once.Reported(ctx, refusedSubject(ev, a), o.today())
	default:
		o.Once.Over(ctx, refusedSubject(ev, a), o.today()) // the next run reports it
	}
}

func (o *OwnCalls) refused(ev events.Event) bool { return o.Scope.Own(ev) && ev.Record.Refused() }

func refusedSubject(ev events.Event, a assess.Assessment) string {
	return "own " + ev.Record.EventName + " " + sanitize.Bound(ev.Record.ErrorCode, 64) + " " + a.Trail.ARN()
}

func (o *OwnCalls) today() string { return o.Clock.Now().UTC().Format(time.DateOnly) }

// startHeld reports whether the guard's own StartLogging needs no message: the trail is logging, as its status says.
// Otherwise it words the message; off says that the trail is known not to log, because somebody has stopped it since.
func (o *OwnCalls) startHeld(
	ctx context.Context, ev events.Event, a assess.Assessment, n *finding.Finding,
) (held, off bool) {
	logging, err := o.Logging(ctx, a.Trail)
	n.Notes, n.Next = nil, nil
	switch {
	case err != nil:
		n.Severity = finding.SeverityMedium
		n.Note(finding.NoteOwnUnknown)
	case !logging:
		n.Severity, off = finding.SeverityCritical, true
		n.Note(finding.NoteOwnFailed)
	default:
		o.Log.InfoContext(ctx, "own start logging held", "event_id", ev.Record.EventID, "trail", a.Trail.ARN())
		return true, false
	}
	n.Advise(finding.NextReadStatus, a.Trail.Region, a.Trail.ARN())
	return false, off
}
