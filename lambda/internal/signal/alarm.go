package signal

import (
	"context"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/sanitize"
)

// Alarm notifies Slack that one of the stack's own alarms went off, which EventBridge could not post at its time. It
// comes out of the dead letters: no rule sends alarms here. The topic had it from CloudWatch; that an alarm is over is
// no news any more. Of what the event says, only the name of an alarm as the stack calls them is reported: its
// description may be anybody's. The request names the invocation.
func (r *Responder) Alarm(ctx context.Context, ev events.Event, request string) error {
	n := r.of(ev, request)
	name, own := strings.CutPrefix(ev.Alarm.Name, r.Base.Stack+"/")
	if !own || !isAlarmName(name) || ev.Alarm.State != "ALARM" {
		r.Log.InfoContext(ctx, "alarm ignored", "event_id", n.EventID, "alarm", sanitize.Bound(ev.Alarm.Name, 128),
			"state", sanitize.Bound(ev.Alarm.State, 32))
		return nil
	}
	n.Kind, n.Severity, n.Outcome = finding.KindAlarm, finding.SeverityHigh, finding.OutcomeNotified
	n.Note(finding.NoteAlarm, ev.Alarm.Name, n.EventTime)
	// Nothing is parked and nothing is counted: if Slack does not take it, it stays where it came from, and raises no
	// alarm about an alarm.
	parked := report.Parked{
		Version:      report.ParkedVersion,
		Channel:      finding.ChannelSlack,
		Time:         n.EventTime,
		Notification: n,
		Digest:       report.DigestOf(string(ev.JSON())),
	}
	return r.Deliver(ctx, parked, func(bool) (finding.Finding, error) { return n, nil })
}

// isAlarmName reports whether the stack can have called an alarm so: in kebab case.
func isAlarmName(s string) bool {
	return len(s) > 0 && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
