package guard

import (
	"context"
	"errors"
	"fmt"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/report"
)

// mostParking bounds the parking of a payload that is no event.
const mostParking = 4 * time.Second

// unreadable parks a payload that is no event, and tells of it.
func (h *Handler) unreadable(ctx context.Context, payload []byte, cause error) error {
	id := requestID(ctx)
	h.log.ErrorContext(ctx, "payload unreadable", "event_id", id, "error", cause.Error())
	n := finding.Finding{
		EventID: id, EventTime: h.clock.Now().UTC(), Severity: finding.SeverityMedium, Outcome: finding.OutcomeUnreadable, Stack: h.cfg.Stack,
		Detail:   "The guard received a payload that it cannot read: " + cause.Error() + ".",
		NextStep: "Find out who sent it: only this deployment's rules should invoke the guard. The payload is in the failure queue, and from the next sweep on in the last queue.",
	}
	n.Text = report.DigestOf(string(payload))
	parked := report.Parked{
		Version: report.ParkedVersion, Channel: finding.ChannelGuard, Reason: cause.Error(), Time: n.EventTime, Notification: n,
		Payload: report.PayloadJSON(payload),
	}
	parkErr := h.park(ctx, parked)
	_, err := h.reporter.Report(ctx, n, parked.Payload)
	return errors.Join(parkErr, err)
}

// park keeps p within a bounded time, so that a queue that hangs does not keep the channels from being told.
func (h *Handler) park(ctx context.Context, p report.Parked) error {
	ctx, cancel := context.WithTimeout(ctx, mostParking)
	defer cancel()
	if _, err := h.parker.Park(ctx, p); err != nil {
		return fmt.Errorf("park unreadable payload %s: %w", p.Notification.EventID, err)
	}
	return nil
}
