package guard

import (
	"context"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/notify"
)

// alarm tells Slack that one of the stack's own alarms went off, which EventBridge could not post at its time. It comes out of the dead letters: no
// rule sends alarms here. The topic had it from CloudWatch; that an alarm is over is no news any more.
func (h *Handler) alarm(ctx context.Context, ev events.Event) error {
	at := h.sentAt(ev)
	n := notify.Notification{
		EventID: first(ev.ID, requestID(ctx)), EventTime: at, Finding: notify.FindingAlarm, Severity: notify.SeverityHigh, Outcome: notify.OutcomeNotified,
		Account: ev.Account, Recipient: ev.Account, Region: ev.Region, Partition: h.cfg.Partition, Stack: h.cfg.Stack, Runbook: h.runbook(),
		Detail: "Alarm " + notify.Bound(ev.Alarm.Name, 128) + " went to " + notify.Bound(ev.Alarm.State, 32) + " at " + notify.Time(at) + ". " +
			notify.Bound(ev.Alarm.Description, 800),
	}
	if !strings.HasPrefix(ev.Alarm.Name, h.cfg.Stack+"/") || ev.Alarm.State != "ALARM" {
		h.log.InfoContext(ctx, "alarm ignored", "event_id", n.EventID, "alarm", ev.Alarm.Name, "state", ev.Alarm.State)
		return nil
	}
	// Nothing is parked and nothing is counted: if Slack does not take it, it stays where it came from, and raises no alarm about an alarm.
	return h.resend(ctx, notify.Parked{
		Version: notify.ParkedVersion, Channel: notify.ChannelSlack, Subject: "alarm " + n.EventID, Reason: "EventBridge could not post it to Slack",
		Time: at, Notification: n,
	})
}
