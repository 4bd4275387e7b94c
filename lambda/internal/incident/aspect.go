package incident

import (
	"maps"
	"time"

	"trailkeeper/lambda/internal/finding"
)

// aspect is a part of a trail that can be wrong by itself.
type aspect string

const (
	logging  aspect = "logging"
	settings aspect = "settings" // and selectors, tags: what a baseline compares
	exists   aspect = "exists"
	delivery aspect = "delivery"
	digests  aspect = "digests"
)

// aspectOf is what a notification is about; empty: nothing that can be wrong.
func aspectOf(n finding.Finding) aspect {
	switch n.Kind {
	case finding.KindNotLogging:
		return logging
	case finding.KindWeakened:
		return settings
	case finding.KindMissing:
		return exists
	case finding.KindDeliveryError:
		return delivery
	case finding.KindStale:
		return digests
	case "":
	default:
		return ""
	}
	switch n.EventName {
	case "StopLogging":
		return logging
	case "DeleteTrail":
		return exists
	case "StartLogging":
		if n.Dark != nil { // our own did not hold
			return logging
		}
	case "UpdateTrail", "PutEventSelectors", "PutInsightSelectors", "PutEventConfiguration", "AddTags", "RemoveTags":
		return settings
	case "CreateTrail":
		if n.Baseline != nil { // it was compared
			return settings
		}
	}
	return ""
}

// finding is what the sweep calls it where an aspect is wrong.
func (a aspect) finding() finding.Kind {
	return map[aspect]finding.Kind{logging: finding.KindNotLogging, settings: finding.KindWeakened, exists: finding.KindMissing, delivery: finding.KindDeliveryError, digests: finding.KindStale}[a]
}

// mark says that an aspect is wrong.
type mark struct {
	State finding.IncidentState `json:"state"`
	At    time.Time             `json:"at"` // when that was last noted
	// Dark is since when the trail records less than its baseline because of it; zero: it does not, or that is not known.
	Dark time.Time `json:"dark,omitzero"`
}

// skew is the most by which the clocks of two runs may differ.
const skew = time.Minute

// at is when the aspect was last noted to be wrong. A mark of a time to come is forged, and does not keep an incident open.
func (m mark) at(now time.Time) time.Time {
	if m.At.After(now.Add(skew)) {
		return time.Time{}
	}
	return m.At
}

// after is what is wrong after a notification. Only what reading the trail has shown ends anything, and only that of which it is the reading; a
// trail that was read before something was noted says nothing about that.
func after(wrong map[aspect]mark, n finding.Finding, now time.Time) map[aspect]mark {
	next := maps.Clone(wrong)
	if next == nil {
		next = map[aspect]mark{}
	}
	about := aspectOf(n)
	note := func(state finding.IncidentState) {
		if about == "" {
			return
		}
		if next[about].State == finding.IncidentHuman {
			state = finding.IncidentHuman // trying again needs a human no less
		}
		next[about] = mark{state, now.UTC(), darkSince(next[about].Dark, n.Dark)}
	}
	switch n.Kind {
	case finding.KindRecovered, finding.KindConfirmed:
		maps.DeleteFunc(next, func(a aspect, m mark) bool {
			return (n.Ended == "" || a.finding() == n.Ended) && !m.at(now).After(n.EventTime)
		})
		return next
	}
	switch n.Outcome {
	case finding.OutcomeRestored, finding.OutcomeAlreadyLogging, finding.OutcomeNoDrift:
		switch {
		case n.Outcome == finding.OutcomeNoDrift && n.Standing(): // what is approved is not put right
		case n.Partial: // what could not be read is not known to be in order
			note(finding.IncidentOpen)
		case about == exists || n.EventName == "CreateTrail": // a trail that was created again is as its baseline has it; what it delivers is yet to be seen
			for _, a := range []aspect{exists, logging, settings} {
				delete(next, a)
			}
		default:
			delete(next, about)
			delete(next, exists)
		}
	case finding.OutcomeAccepted, finding.OutcomeRetrying:
		note(finding.IncidentOpen)
	case finding.OutcomeCannotRestore, finding.OutcomeGaveUp, finding.OutcomePartlyRestored:
		note(finding.IncidentHuman)
	case finding.OutcomeNotified:
		if opens(n) {
			note(finding.IncidentHuman)
		}
	}
	return next
}

// worst is the state of an incident with this wrong.
func worst(wrong map[aspect]mark) finding.IncidentState {
	state := finding.IncidentRestored
	for _, m := range wrong {
		if m.State == finding.IncidentHuman {
			return m.State
		}
		state = finding.IncidentOpen
	}
	return state
}
