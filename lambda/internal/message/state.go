package message

import "trailkeeper/lambda/internal/finding"

// State is how what a message is about stands. It is what a reader sees first; how bad it is, the severity says.
type State string

// The states.
const (
	StateRestored   State = "restored"    // it is as it should be, as reading has shown
	StateOpen       State = "open"        // it is not, and the guard is not done
	StateHuman      State = "needs_human" // it is not, and the guard changes nothing more
	StateRefused    State = "refused"     // AWS refused the call
	StateChange     State = "change"      // something was changed, and nothing is known to be wrong
	StateUnverified State = "unverified"  // what is said cannot be checked
	StateOperations State = "operations"  // Trailkeeper itself needs attention
	StateInfo       State = "info"        // for information
	StateRepeated   State = "repeated"    // a summary of many
	StatePast       State = "past"        // it is not so any more, or not known to be
	StateTest       State = "test"        // nothing has happened
)

// Icon is the state as one character, for whatever shows pictures.
func (s State) Icon() string {
	switch s {
	case StateRestored:
		return "✅"
	case StateOpen:
		return "🔴"
	case StateHuman:
		return "🚨"
	case StateRefused:
		return "⚪"
	case StateChange, StateUnverified:
		return "🟡"
	case StateOperations:
		return "⚠️"
	case StateRepeated:
		return "🔁"
	case StatePast:
		return "🕓"
	case StateTest:
		return "🧪"
	}
	return "🔵"
}

// states are those that are the same for each finding of an outcome.
var states = map[finding.Outcome]State{
	finding.OutcomeAccepted:       StateOpen,
	finding.OutcomeRetrying:       StateOpen,
	finding.OutcomeCannotRestore:  StateHuman,
	finding.OutcomeGaveUp:         StateHuman,
	finding.OutcomePartlyRestored: StateHuman,
	finding.OutcomeAttempt:        StateRefused,
	finding.OutcomeApproved:       StateChange,
	finding.OutcomeNotOurs:        StateUnverified,
	finding.OutcomeUnproven:       StateUnverified,
	finding.OutcomeUnreadable:     StateOperations,
	finding.OutcomeUndelivered:    StateOperations,
	finding.OutcomeRepeated:       StateRepeated,
	finding.OutcomeTest:           StateTest,
}

// StateOf is how it stands after a finding.
func StateOf(f finding.Finding) State {
	if f.Late != nil && f.Late.History {
		return lateState(f)
	}
	switch f.Outcome {
	case finding.OutcomeRestored, finding.OutcomeAlreadyLogging:
		if f.Partial {
			return StateOpen // what could not be read is not known to be in order
		}
		return StateRestored
	case finding.OutcomeNoDrift:
		if f.Worse(finding.DoneRestored) {
			return StateRestored
		}
		return StateChange
	case finding.OutcomeNotified:
		return wordsOf(f).state(f)
	}
	if state, ok := states[f.Outcome]; ok {
		return state
	}
	return StateInfo
}
