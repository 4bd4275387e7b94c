package incident

import (
	"slices"
	"time"

	"trailkeeper/lambda/internal/finding"
)

const (
	// Calm is how long after the last strike a contested incident stays so, and the time within which a strike after our
	// answer to another makes it so.
	Calm = 15 * time.Minute
	// secondsOnly is how much earlier an event's time may be than what it reports: CloudTrail writes no fractions.
	secondsOnly = time.Second
	// maxStrikes bounds those that are remembered.
	maxStrikes = 12
)

// strike is one time that somebody made the subject record less than its baseline, as reading it has shown.
type strike struct {
	At       time.Time `json:"at"`
	Answered time.Time `json:"answered,omitzero"` // when a write of ours was accepted that was to undo it; zero: none was
}

// struck notes what a notification says of a strike. The same one may be reported by an event and by a sweep, and by
// several runs.
func (e *entry) struck(d *finding.Dark) {
	if d == nil {
		return
	}
	i := slices.IndexFunc(e.Strikes, func(s strike) bool { return s.At.Sub(d.From).Abs() < secondsOnly })
	if i < 0 {
		e.Strikes = append(slices.Clone(e.Strikes), strike{At: d.From.UTC()})
		slices.SortFunc(e.Strikes, func(a, b strike) int { return a.At.Compare(b.At) })
		if e.Strikes = last(
			e.Strikes,
			maxStrikes,
		); !slices.ContainsFunc(
			e.Strikes,
			func(s strike) bool { return s.At.Equal(d.From) },
		) {
			return // older than all that are remembered
		}
		i = slices.IndexFunc(e.Strikes, func(s strike) bool { return s.At.Equal(d.From) })
	}
	if s := &e.Strikes[i]; s.Answered.IsZero() {
		s.Answered = d.Acted.UTC()
	}
}

// foughtOver reports whether somebody has struck again after our answer: what the guard restored did not hold. Several
// calls of one attack that come before the answer are one strike of it.
func (e *entry) foughtOver() bool {
	for i, first := range e.Strikes {
		for _, next := range e.Strikes[i+1:] {
			if !first.Answered.IsZero() && !next.At.Before(first.Answered.Add(-secondsOnly)) && next.At.Sub(first.At) <= Calm {
				return true
			}
		}
	}
	return false
}

// quietFrom is when a contested incident may end: not before the subject has been left alone for a while. A strike of a
// time to come is forged, and puts nothing off.
func (e *entry) quietFrom(now time.Time) time.Time {
	for _, s := range slices.Backward(e.Strikes) {
		if !s.At.After(now.Add(skew)) {
			return s.At.Add(Calm)
		}
	}
	return time.Time{}
}

// stands is the state after a notification. A contested incident ends with a reading of the subject after a while of
// quiet, and with nothing else.
func (e *entry) stands(n finding.Finding, now time.Time) finding.IncidentState {
	state := worst(e.Wrong)
	e.Fought = e.Fought || e.foughtOver()
	read := n.Bearing.Role == finding.RoleEnds
	if e.Fought && state == finding.IncidentRestored && read && !n.EventTime.Before(e.quietFrom(now)) {
		e.Fought, e.Strikes = false, nil
	}
	if e.Fought && state != finding.IncidentHuman {
		return finding.IncidentContested
	}
	return state
}
