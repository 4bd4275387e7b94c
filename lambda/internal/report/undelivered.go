package report

import (
	"context"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/sanitize"
)

// tellOthers tells the channels that accepted n of those that did not. A notice that fails is logged and not parked:
// the message it speaks of is in the queue already, and a notice about a notice would have no end.
func (f *Fanout) tellOthers(ctx context.Context, to []Notifier, sent Deliveries, n finding.Finding) {
	failed := sent.failed()
	if len(failed) == 0 {
		return
	}
	share := f.share(ctx, forNotices, 0) / time.Duration(len(failed))
	eachSide(sent.accepted(), func(i int) {
		for _, j := range failed {
			notice := undelivered(sent[j], n)
			told := f.deliver(ctx, to[i], notice, share)
			if told.Err != nil {
				told.Status = StatusLost
			}
			told.log(ctx, f.Log, notice)
		}
	})
}

// undelivered words the notice about a delivery that failed. It names the event, so that the message can be found.
func undelivered(d Delivery, n finding.Finding) finding.Finding {
	name := message.ChannelName(d.Channel)
	notice := finding.Finding{
		EventID:   n.EventID,
		EventName: n.EventName,
		EventTime: n.EventTime,
		Severity:  finding.SeverityHigh,
		Outcome:   finding.OutcomeUndelivered,
		Subject:   n.Subject,
		Stack:     n.Stack,
		Channel:   d.Channel,
		Reason:    sanitize.Bound(d.Err.Error(), finding.MaxReason),
	}
	failed, message := name+" delivery failed: "+notice.Reason, `"`+message.Headline(n)+`"`
	if d.Status == StatusParked {
		notice.Detail = failed + "; the message is parked in the failure queue. It said: " + message + "."
		notice.NextStep = "Fix the cause. The next sweep, or trailkeeper redrive, sends the message."
		return notice
	}
	notice.Severity = finding.SeverityCritical
	notice.Detail = failed + "; nor did the failure queue confirm that it has the message: " + sanitize.Bound(
		errText(d.ParkErr),
		finding.MaxReason,
	) +
		". It said: " + message + "."
	notice.NextStep = "Fix both causes. Lambda runs the event again; if that fails too, the function's on-failure queue " +
		"keeps the event."
	return notice
}

func errText(err error) string {
	if err == nil {
		return "unknown"
	}
	return err.Error()
}
