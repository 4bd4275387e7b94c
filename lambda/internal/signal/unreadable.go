package signal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/report"
)

// maxParking bounds the parking of a payload that is no event.
const maxParking = 4 * time.Second

// Unreadable parks a payload that is no event, and reports it. The request names the invocation.
func (r *Responder) Unreadable(ctx context.Context, payload []byte, request string, cause error) error {
	r.Log.ErrorContext(ctx, "payload unreadable", "event_id", request, "error", cause.Error())
	n := finding.Finding{
		EventID:   request,
		EventTime: r.Clock.Now().UTC(),
		Severity:  finding.SeverityMedium,
		Outcome:   finding.OutcomeUnreadable,
		Stack:     r.Base.Stack,
		Text:      report.DigestOf(string(payload)),
	}
	n.Note(finding.NoteUnreadable, strings.TrimSuffix(cause.Error(), "."))
	n.Advise(cmp.Or(r.Words.WhoInvoked, finding.NextWhoInvoked))
	parked := report.Parked{
		Version:      report.ParkedVersion,
		Channel:      finding.ChannelGuard,
		Reason:       cause.Error(),
		Time:         n.EventTime,
		Notification: n,
		Payload:      report.PayloadJSON(payload),
	}
	parkErr := r.park(ctx, parked)
	_, err := r.Reporter.Report(ctx, n, parked.Payload)
	return errors.Join(parkErr, err)
}

// park keeps p within a bounded time, so that a queue that hangs does not keep the channels from being notified.
func (r *Responder) park(ctx context.Context, p report.Parked) error {
	ctx, cancel := context.WithTimeout(ctx, maxParking)
	defer cancel()
	if _, err := r.Parker.Park(ctx, p); err != nil {
		return fmt.Errorf("park unreadable payload %s: %w", p.Notification.EventID, err)
	}
	return nil
}
