package guard

import (
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// mostBefore bounds how far back the time of an event is believed, which a record may have forged.
const mostBefore = time.Hour

// darkOfStop is the dark time that a restart ends, from a stop of that time. It rests on the stop that CloudTrail's status shows: a record of one alone
// proves none. Without the time of an event, the status's counts.
func darkOfStop(res remediate.Result, stoppedAt time.Time) *finding.Dark {
	from := res.Stopped
	switch since := res.Stopped.Sub(stoppedAt); {
	case res.Stopped.IsZero():
		return nil
	case stoppedAt.IsZero():
	case since < -time.Second:
		return nil // the status knows of no stop at that time
	case since > time.Second && since <= sameStop:
		from = stoppedAt // it was stopped again while it was restarted
	}
	return &finding.Dark{From: from, Acted: res.Accepted, To: res.Started}
}

// darkOfRestore is the dark time that a restore ends, or that lasts after it. The change was made at that time, as far as it can be believed; otherwise it
// counts from the first write.
func darkOfRestore(res remediate.RestoreResult, madeAt, now time.Time) *finding.Dark {
	if len(res.Dark) == 0 && !res.Created && !res.Missing {
		return nil
	}
	d := &finding.Dark{From: madeAt, Acted: res.Accepted}
	latest := now
	if !res.Accepted.IsZero() {
		latest = res.Accepted
	}
	if d.From.IsZero() || d.From.After(latest) || now.Sub(d.From) > mostBefore {
		d.From = latest
	}
	if res.Lit() {
		d.To = res.RestoredAt
	}
	return d
}

// darkAsFound is since when it is dark with a finding, where nothing is done about it.
func (r *sweepRun) darkAsFound(s *look.Sight, f look.Finding) *finding.Dark {
	switch f.Kind {
	case finding.KindNotLogging:
		if stopped := s.State.Delivery.Stopped; !stopped.IsZero() && !stopped.After(r.at) {
			return &finding.Dark{From: stopped}
		}
		return &finding.Dark{From: r.at}
	case finding.KindMissing:
		return &finding.Dark{From: r.changedAt(s)}
	case finding.KindWeakened:
		if len(trail.Dark(s.Baseline, s.State, f.Changes)) > 0 {
			return &finding.Dark{From: r.changedAt(s)}
		}
	}
	return nil
}

// changedAt is when a trail was changed that the sweep finds changed: at the last event about it, if that is not long ago, or not before the sweep.
func (r *sweepRun) changedAt(s *look.Sight) time.Time {
	if at := s.Known.TamperedAt; r.at.Sub(at) <= mostBefore && !at.After(r.at) {
		return at
	}
	return r.at
}
