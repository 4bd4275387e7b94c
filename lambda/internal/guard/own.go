package guard

import (
	"context"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/store"
)

// own reports whether the guard's role made the call.
func (h *Handler) own(ev events.Event) bool {
	return h.cfg.RoleARN != "" && ev.Record.Identity.IssuerARN == h.cfg.RoleARN
}

// ownRefused reports whether a record is of a refused call of the guard's role that needs no message: one that was told today, because the run that
// made it tells what it could not do. Whoever else holds the role is told of once a day as well, for each call, trail and reason; but for StartLogging,
// which changes nothing that anybody would mind.
func (h *Handler) ownRefused(ctx context.Context, ev events.Event, a assess.Assessment) bool {
	if !h.own(ev) || !ev.Record.Refused() {
		return false
	}
	if ev.Record.EventName == "StartLogging" || h.turn(ctx, ownSubject(ev, a), h.today()) != store.TurnOurs {
		h.log.WarnContext(ctx, "own call refused", "event_id", ev.Record.EventID, "event_name", ev.Record.EventName, "trail", a.Trail.ARN(),
			"error", ev.Record.ErrorCode)
		return true
	}
	return false
}

func ownSubject(ev events.Event, a assess.Assessment) string {
	return "own " + ev.Record.EventName + " " + sanitize.Bound(ev.Record.ErrorCode, 64) + " " + a.Trail.ARN()
}

func (h *Handler) today() string { return h.clock.Now().UTC().Format(time.DateOnly) }

// ownStartHeld reports whether the guard's own StartLogging needs no message: the trail is logging, as its status says. Otherwise it
// words the message; off says that the trail is known not to log, because somebody has stopped it since.
func (h *Handler) ownStartHeld(ctx context.Context, ev events.Event, a *assess.Assessment) (held, off bool) {
	logging, err := h.restarts.Logging(ctx, a.Trail)
	switch {
	case err != nil:
		a.Severity = finding.SeverityMedium
		a.Detail = "The guard's role started logging, and the trail's status could not be read to see whether it held."
	case !logging:
		a.Severity, off = finding.SeverityCritical, true
		a.Detail = "The guard's role started logging, and that did not hold: the trail's status said afterwards that it was not logging."
	default:
		h.log.InfoContext(ctx, "own start logging held", "event_id", ev.Record.EventID, "trail", a.Trail.ARN())
		return true, false
	}
	a.NextStep = "Run aws cloudtrail get-trail-status --region " + a.Trail.Region + " --name " + a.Trail.ARN() + " and look."
	return false, off
}

// restartsAgain reports whether a trail on which the guard's StartLogging did not hold is started once more: not where its being off is meant.
func (h *Handler) restartsAgain(ctx context.Context, ev events.Event, t events.Trail) bool {
	return !ev.Record.Refused() && h.exceptions.Mode(t.ARN(), "StopLogging", h.cfg.Mode).AtLeast(config.ModeRestart) &&
		!h.declaredOff(t) && !h.stopApproved(ctx, ev, t)
}
