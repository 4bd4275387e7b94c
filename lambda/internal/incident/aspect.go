package incident

import (
	"maps"
	"slices"
	"time"

	"trailkeeper/lambda/internal/finding"
)

// marks are what is wrong with a subject, by its aspects.
type marks map[finding.Aspect]mark

// mark says that an aspect is wrong.
type mark struct {
	State finding.IncidentState `json:"state"`
	At    time.Time             `json:"at"` // when that was last noted
	// Dark is since when the subject records less than its baseline because of it; zero: it does not, or that is not
	// known.
	Dark time.Time `json:"dark,omitzero"`
}

// skew is the most by which the clocks of two runs may differ.
const skew = time.Minute

// at is when the aspect was last noted to be wrong. A mark of a time to come is forged, and does not keep an incident
// open.
func (m mark) at(now time.Time) time.Time {
	if m.At.After(now.Add(skew)) {
		return time.Time{}
	}
	return m.At
}

// after is what is wrong after a finding. A subject that was read before something was noted says nothing about that.
func after(wrong marks, n finding.Finding, now time.Time) marks {
	next := maps.Clone(wrong)
	if next == nil {
		next = marks{}
	}
	about := n.Bearing.Aspects
	if n.Bearing.Role == finding.RoleEnds {
		maps.DeleteFunc(next, func(a finding.Aspect, m mark) bool {
			return (len(about) == 0 || slices.Contains(about, a)) && !m.at(now).After(n.EventTime)
		})
		return next
	}
	for _, a := range about {
		switch state := n.Bearing.Stand; state {
		case finding.IncidentRestored:
			delete(next, a)
		case finding.IncidentOpen, finding.IncidentHuman:
			if next[a].State == finding.IncidentHuman {
				state = finding.IncidentHuman // trying again needs a human no less
			}
			next[a] = mark{state, now.UTC(), darkSince(next[a].Dark, n.Dark)}
		}
	}
	return next
}

// worst is the state of an incident with this wrong.
func worst(wrong marks) finding.IncidentState {
	state := finding.IncidentRestored
	for _, m := range wrong {
		if m.State == finding.IncidentHuman {
			return m.State
		}
		state = finding.IncidentOpen
	}
	return state
}
