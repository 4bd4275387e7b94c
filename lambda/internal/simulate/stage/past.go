package stage

import (
	"time"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/trail"
)

// PastOf is what became of a trail until now, by the calls that changed it.
func PastOf(cloud *localcloud.Cloud, before baseline.State) result.Trail {
	past := result.Trail{ARN: before.ARN, Before: before}
	for _, w := range cloud.Writes() {
		if w.Trail != before.ARN || w.Err != "" {
			continue
		}
		if n := len(past.Phases); n > 0 {
			past.Phases[n-1].To = w.At
		}
		past.Phases = append(past.Phases, phaseOf(before, w))
	}
	if n := len(past.Phases); n > 0 {
		past.Phases[n-1].To = cloud.Now()
	}
	return past
}

// phaseOf is the state in which a call left the trail.
func phaseOf(before baseline.State, w localcloud.Write) result.Phase {
	p := result.Phase{From: w.At, State: result.Recording}
	if w.After == nil {
		p.State = result.Deleted
		return p
	}
	p.Changes = trail.Diff(before, *w.After)
	switch {
	case before.Logging && !w.After.Logging:
		p.State = result.Stopped
	case len(trail.Weakened(p.Changes)) > 0:
		p.State = result.Weakened
	}
	return p
}

// FightDark is how long the trail was dark until now, and its share of the time from the attacker's first call to the
// last, in percent.
func FightDark(cloud *localcloud.Cloud, before baseline.State) (time.Duration, float64) {
	var first, last time.Time
	for _, w := range cloud.Writes() {
		if w.Err == "" && !w.Function {
			if first.IsZero() {
				first = w.At
			}
			last = w.At
		}
	}
	dark := PastOf(cloud, before).Dark()
	return dark, 100 * dark.Seconds() / max(1, last.Sub(first).Seconds())
}
