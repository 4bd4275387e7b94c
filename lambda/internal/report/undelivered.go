package report

import (
	"context"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/sanitize"
)

// notifyOthers notifies the channels that accepted n of those that did not. A notice that fails is logged and not
// parked: the message it speaks of is in the queue already, and a notice about a notice would have no end.
func (f *Fanout) notifyOthers(ctx context.Context, to []Notifier, sent Deliveries, n finding.Finding) {
	failed := sent.failed()
	if len(failed) == 0 {
		return
	}
	share := f.share(ctx, forNotices, 0) / time.Duration(len(failed))
	eachSide(sent.accepted(), func(i int) {
		for _, j := range failed {
			notice := undelivered(sent[j], n)
			d := f.deliver(ctx, to[i], notice, share)
			if d.Err != nil {
				d.Status = statusLost
			}
			d.log(ctx, f.Log, notice)
		}
	})
}

// undelivered is the notice about a delivery that failed. It names the event, so that the message can be found.
func undelivered(d Delivery, n finding.Finding) finding.Finding {
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
	channel, said := message.ChannelName(d.Channel), message.Headline(n)
	if d.Status == statusParked {
		notice.Note(finding.NoteUndelivered, channel, notice.Reason, said)
		notice.Advise(finding.NextSweepSends)
		return notice
	}
	why := "unknown"
	if d.ParkErr != nil {
		why = d.ParkErr.Error()
	}
	notice.Severity = finding.SeverityCritical
	notice.Note(finding.NoteNotParked, channel, notice.Reason, why, said)
	notice.Advise(finding.NextFixBoth)
	return notice
}
