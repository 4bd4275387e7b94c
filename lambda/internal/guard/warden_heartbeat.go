package guard

import (
	"context"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/heartbeat"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/signs"
	"trailkeeper/lambda/internal/state/claims"
)

// heartbeatSubject is what is known by that the warden's heartbeat cannot be sent.
const heartbeatSubject = "heartbeat of the warden"

// pingOutside pings a service outside of AWS, unless the run did not do all that it is for, and why. What somebody must
// correct is reported once; what passes by itself is only logged and measured. The error says what was neither accepted
// nor kept.
func (h *Warden) pingOutside(ctx context.Context, why string) error {
	if h.outside == nil {
		return nil
	}
	taken, wrong := heartbeat.Beat{Outside: h.outside, Log: h.log, Measure: h.measure}.Send(ctx, why)
	if taken {
		if sign, was := h.warden.Once.All(ctx)[heartbeatSubject]; was {
			h.warden.Once.Over(ctx, heartbeatSubject, sign)
		}
	}
	if wrong == nil {
		return nil
	}
	sign := signs.Open(wrong.Error())
	if h.warden.Once.Claim(ctx, heartbeatSubject, sign) != claims.Claimed {
		return nil
	}
	if _, err := h.warden.Reporter.Report(ctx, h.noHeartbeat(wrong, sign), nil); err != nil {
		return err
	}
	h.warden.Once.Reported(ctx, heartbeatSubject, sign)
	return nil
}

// noHeartbeat is the finding that the heartbeat cannot be sent, and why.
func (h *Warden) noHeartbeat(why error, sign string) finding.Finding {
	n := h.base
	n.EventID, n.EventTime = "warden-"+signs.Digest(heartbeatSubject, sign), h.warden.Clock.Now().UTC()
	n.Kind, n.Severity, n.Outcome, n.Source = finding.KindHeartbeat, finding.SeverityHigh, finding.OutcomeNotified, h.warden.Finder
	n.Notes = []finding.Note{finding.Say(finding.NoteText, sanitize.Sentence(why)), finding.Say(finding.NoteNoHeartbeat)}
	n.Advise(finding.NextHeartbeat)
	return n
}
