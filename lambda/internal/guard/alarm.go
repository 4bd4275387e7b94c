package guard

import (
	"context"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/sanitize"
)

// alarm tells Slack that one of the stack's own alarms went off, which EventBridge could not post at its time. It comes out of the dead letters: no
// rule sends alarms here. The topic had it from CloudWatch; that an alarm is over is no news any more. Of what the event says, only the name of an
// alarm as the stack calls them is told: its description may be anybody's.
func (h *Handler) alarm(ctx context.Context, ev events.Event) error {
	at := h.sentAt(ev)
	name, own := strings.CutPrefix(ev.Alarm.Name, h.cfg.Stack+"/")
	n := finding.Finding{
		EventID: first(ev.ID, requestID(ctx)), EventTime: at, Kind: finding.KindAlarm, Severity: finding.SeverityHigh, Outcome: finding.OutcomeNotified,
		Subject:   finding.Subject{Account: ev.Account, Region: ev.Region, Partition: h.cfg.Partition},
		Recipient: ev.Account, Stack: h.cfg.Stack, Runbook: h.runbook(),
		Detail: "Alarm " + ev.Alarm.Name + " went to ALARM at " + finding.Time(at) + ". EventBridge could not post it to Slack then. Its description in " +
			"CloudWatch says what it means and what to do.",
	}
	if !own || !alarmName(name) || ev.Alarm.State != "ALARM" {
		h.log.InfoContext(ctx, "alarm ignored", "event_id", n.EventID, "alarm", sanitize.Bound(ev.Alarm.Name, 128), "state", sanitize.Bound(ev.Alarm.State, 32))
		return nil
	}
	// Nothing is parked and nothing is counted: if Slack does not take it, it stays where it came from, and raises no alarm about an alarm.
	parked := report.Parked{
		Version: report.ParkedVersion, Channel: finding.ChannelSlack, Time: at, Notification: n, Digest: report.DigestOf(string(ev.JSON())),
	}
	return h.resend(ctx, parked, func(bool) (finding.Finding, error) { return n, nil })
}

// alarmName reports whether the stack can have called an alarm so: in kebab case.
func alarmName(s string) bool {
	return len(s) > 0 && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
