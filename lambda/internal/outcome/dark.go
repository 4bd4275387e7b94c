package outcome

import (
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/trail"
)

// Believed is how far back the time of an event is believed, which a record may have forged.
const Believed = time.Hour

// DarkOfStop is the dark time that a restart ends, from a stop of that time. It rests on the stop that CloudTrail's
// status shows: a record of one alone proves none. Without the time of an event, the status's counts.
func DarkOfStop(res remediate.Result, stoppedAt time.Time) *finding.Dark {
	from := res.Stopped
	switch since := res.Stopped.Sub(stoppedAt); {
	case res.Stopped.IsZero():
		return nil
	case stoppedAt.IsZero():
	case since < -time.Second:
		return nil // the status knows of no stop at that time
	case since > time.Second && since <= trail.SameStop:
		from = stoppedAt // it was stopped again while it was restarted
	}
	return &finding.Dark{From: from, Acted: res.Accepted, To: res.Started}
}

// DarkOfRestore is the dark time that a restore ends, or that lasts after it. The change was made at that time, as far
// as it can be believed; otherwise it counts from the first write.
func DarkOfRestore(res remediate.Result, madeAt, now time.Time) *finding.Dark {
	if len(res.Dark) == 0 && !res.Created && !res.Missing {
		return nil
	}
	d := &finding.Dark{From: madeAt, Acted: res.Accepted}
	latest := now
	if !res.Accepted.IsZero() {
		latest = res.Accepted
	}
	if d.From.IsZero() || d.From.After(latest) || now.Sub(d.From) > Believed {
		d.From = latest
	}
	if res.Lit() {
		d.To = res.RestoredAt
	}
	return d
}
