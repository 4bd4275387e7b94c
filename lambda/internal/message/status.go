package message

import (
	"strings"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

// State is how what a message is about stands. It is what a reader sees first; how bad it is, the severity says.
type State string

// The states.
const (
	stateRestored   State = "restored"    // it is as it should be, as reading has shown
	stateOpen       State = "open"        // it is not, and the guard is not done
	stateHuman      State = "needs_human" // it is not, and the guard changes nothing more
	stateRefused    State = "refused"     // AWS refused the call
	stateChange     State = "change"      // something was changed, and nothing is known to be wrong
	stateUnverified State = "unverified"  // what is said cannot be checked
	stateOperations State = "operations"  // Trailkeeper itself needs attention
	stateInfo       State = "info"        // for information
	stateRepeated   State = "repeated"    // a summary of many
	statePast       State = "past"        // it is not so any more, or not known to be
	stateTest       State = "test"        // nothing has happened
	stateDetected   State = "detected"    // a rule matches a record
)

// Icon is the state as one character, for whatever shows pictures.
func (s State) Icon() string {
	switch s {
	case stateRestored:
		return "✅"
	case stateOpen:
		return "🔴"
	case stateHuman:
		return "🚨"
	case stateRefused:
		return "⚪"
	case stateChange, stateUnverified:
		return "🟡"
	case stateOperations:
		return "⚠️"
	case stateRepeated:
		return "🔁"
	case statePast:
		return "🕓"
	case stateTest:
		return "🧪"
	case stateDetected:
		return "🔎"
	}
	return "🔵"
}

// states are those that are the same for each finding of an outcome.
var states = map[finding.Outcome]State{
	finding.OutcomeAccepted:       stateOpen,
	finding.OutcomeRetrying:       stateOpen,
	finding.OutcomeCannotRestore:  stateHuman,
	finding.OutcomeGaveUp:         stateHuman,
	finding.OutcomePartlyRestored: stateHuman,
	finding.OutcomeAttempt:        stateRefused,
	finding.OutcomeApproved:       stateChange,
	finding.OutcomeNotOurs:        stateUnverified,
	finding.OutcomeUnproven:       stateUnverified,
	finding.OutcomeUnreadable:     stateOperations,
	finding.OutcomeUndelivered:    stateOperations,
	finding.OutcomeRepeated:       stateRepeated,
	finding.OutcomeTest:           stateTest,
	finding.OutcomeDetected:       stateDetected,
}

// stateOf is how it stands after a finding.
func stateOf(f finding.Finding) State {
	if f.Late != nil && f.Late.History {
		return lateState(f)
	}
	switch f.Outcome {
	case finding.OutcomeRestored, finding.OutcomeAlreadyLogging:
		if f.Partial {
			return stateOpen // what could not be read is not known to be in order
		}
		return stateRestored
	case finding.OutcomeNoDrift:
		if f.Worse(finding.DoneRestored) {
			return stateRestored
		}
		return stateChange
	case finding.OutcomeNotified:
		return wordsOf(f).state(f)
	}
	if state, ok := states[f.Outcome]; ok {
		return state
	}
	return stateInfo
}

// Status says how it stands, with the time to restore where there is one, and what has become of it since.
func Status(f finding.Finding) string {
	if f.Outcome == finding.OutcomeUnproven {
		return statuses[f.Outcome] + nowOf(f)
	}
	return capital(status(f) + history(f))
}

// statuses are those that are the same for each finding of an outcome.
var statuses = map[finding.Outcome]string{
	finding.OutcomeAccepted:       "Open: restore accepted, verification pending",
	finding.OutcomeAlreadyLogging: "Already logging before StartLogging",
	finding.OutcomeAttempt:        "Refused by AWS",
	finding.OutcomeRetrying:       "Open: not restored yet, retry pending",
	finding.OutcomeCannotRestore:  needsHuman + "not restored, and a retry cannot change that",
	finding.OutcomeGaveUp:         needsHuman + "not restored, no retries left",
	finding.OutcomeNotOurs:        "No action taken: the event does not match this deployment",
	finding.OutcomeUnreadable:     "No action taken: the payload is unreadable",
	finding.OutcomeUndelivered:    "Undelivered",
	finding.OutcomeTest:           "Test: nothing has happened",
	finding.OutcomeUnproven:       "Unverified: this message may not be Trailkeeper's own",
	finding.OutcomeRepeated:       "Repeated: each event was handled; this message summarizes them",
}

func status(f finding.Finding) string {
	switch f.Outcome {
	case finding.OutcomeRestored:
		if f.Partial {
			return "Open: " + decapital(restored(f)) + ", as far as it could be read"
		}
		return restored(f)
	case finding.OutcomePartlyRestored:
		return needsHuman + leftOf(f) + " " + isOrAre(f) + " not restored"
	case finding.OutcomeNoDrift:
		return "No action required" + nothingLeft(f)
	case finding.OutcomeNotified:
		return notified(f)
	case finding.OutcomeApproved:
		if f.Verifying {
			return "Approved, verification pending: no action taken"
		}
		return "Approved: no action taken"
	case finding.OutcomeDetected:
		return detected(f)
	}
	if text, ok := statuses[f.Outcome]; ok {
		return text
	}
	return "Unknown outcome " + sanitize.Bound(string(f.Outcome), maxCall)
}

// detected says how old the record was when the rule had it.
func detected(f finding.Finding) string {
	if f.Age < time.Second {
		return "Reported as it happened"
	}
	return "Reported " + finding.Duration(f.Age) + " after the event"
}

// notified is the status where nothing was done: because nothing was to be done, or because the mode or the kind
// forbids it.
func notified(f finding.Finding) string {
	switch wordsOf(f).state(f) {
	case stateHuman:
		return needsHuman + "no action taken"
	case stateRestored:
		return "No action required"
	case stateInfo:
		return "Informational"
	}
	if f.Kind == finding.KindTrueApproval {
		return "No action required"
	}
	return "No action taken"
}

// restored says how long it took: how long the trail was not as it should be, then how quick the guard was.
func restored(f finding.Finding) string {
	call := ""
	if f.AfterCall > 0 {
		call = finding.Duration(f.AfterCall) + " after " + firstWrite(f)
	}
	switch {
	case f.SinceEvent <= 0 && call == "":
		return "Restored"
	case f.SinceEvent <= 0:
		return "Restored " + call
	case call == "":
		return "Restored " + Since(f)
	}
	return "Restored " + Since(f) + " (" + call + ")"
}

func firstWrite(f finding.Finding) string {
	if aboutLogging(f) {
		return "StartLogging"
	}
	return "the first API call"
}

// Since is how long it took to restore, from the event, or from the stop that no event reported: "34 s after the
// event".
func Since(f finding.Finding) string {
	if f.Kind != "" {
		return finding.Duration(f.SinceEvent) + " after the stop"
	}
	return finding.Duration(f.SinceEvent) + " after the event"
}

// SeverityWord is the severity for people: "Critical". A severity that is not known is shown as it is.
func SeverityWord(s finding.Severity) string {
	switch s {
	case finding.SeverityLow:
		return "Low"
	case finding.SeverityMedium:
		return "Medium"
	case finding.SeverityHigh:
		return "High"
	case finding.SeverityCritical:
		return "Critical"
	case "":
		return "Unrated"
	}
	return sanitize.Bound(string(s), maxCall)
}

// ChannelKind is the channel of a destination: "slack" of "slack:C0123456789".
func ChannelKind(destination string) string {
	kind, _, _ := strings.Cut(destination, ":")
	return kind
}

// ChannelName is the name of a destination for people: "Slack", or "Slack C0123456789" of a further one.
func ChannelName(destination string) string {
	if destination == "" {
		return "Message"
	}
	kind, further, _ := strings.Cut(destination, ":")
	switch kind {
	case finding.ChannelSlack:
		kind = "Slack"
	case finding.ChannelSNS:
		kind = "SNS"
	}
	return sanitize.Bound(strings.TrimSpace(kind+" "+further), maxCall)
}
