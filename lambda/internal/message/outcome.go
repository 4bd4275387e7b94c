package message

import (
	"fmt"
	"strings"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

// ChannelKind is the channel of a destination: "slack" of "slack:C0123456789".
func ChannelKind(destination string) string {
	kind, _, _ := strings.Cut(destination, ":")
	return kind
}

// OutcomeText says the outcome in words, with the time to restore where there is one, and what has become of it since.
func OutcomeText(n finding.Finding) string { return outcomeText(n) + history(n) }

func outcomeText(n finding.Finding) string {
	switch n.Outcome {
	case finding.OutcomeRestored:
		return restored(n)
	case finding.OutcomePartlyRestored:
		left, all := n.NotRestored()
		return fmt.Sprintf("Partly restored: %d of %d weakening changes are still there", left, all)
	case finding.OutcomeNoDrift:
		if n.Standing() || n.Worse(finding.DoneRestored) {
			return "Nothing to restore" + nothingLeft(n)
		}
		return "Nothing to restore: nothing is weaker than in the baseline"
	case finding.OutcomeAccepted:
		return "Accepted, not yet confirmed"
	case finding.OutcomeAlreadyLogging:
		return "Already logging"
	case finding.OutcomeAttempt:
		return "Attempt refused: nothing has changed"
	case finding.OutcomeNotified:
		switch n.Kind {
		case finding.KindRecorded, finding.KindRecovered, finding.KindConfirmed, finding.KindTrueApproval, finding.KindNamed:
			return "Nothing to do"
		}
		return "Notified only"
	case finding.OutcomeRetrying:
		return "Not restored yet, retrying"
	case finding.OutcomeCannotRestore:
		return "Cannot restore"
	case finding.OutcomeGaveUp:
		return "Gave up: not restored"
	case finding.OutcomeApproved:
		if n.Verifying {
			return "Approved, being verified: nothing was undone"
		}
		return "Approved: nothing was undone"
	case finding.OutcomeNotOurs:
		return "Not ours: no call was made"
	case finding.OutcomeUnreadable:
		return "Unreadable"
	case finding.OutcomeUndelivered:
		return "Undelivered"
	case finding.OutcomeTest:
		return "Test: nothing has happened"
	case finding.OutcomeUnproven:
		return "Unproven"
	case finding.OutcomeRepeated:
		return "Repeated: handled each time, told in one message"
	}
	return "Unknown outcome " + sanitize.Bound(string(n.Outcome), maxCall)
}

func restored(n finding.Finding) string {
	s := "Restored"
	if n.AfterCall > 0 {
		s += " " + finding.Duration(n.AfterCall) + " after our call"
	}
	if n.SinceEvent > 0 {
		if n.AfterCall > 0 {
			s += ","
		}
		s += " " + Since(n)
	}
	return s
}

// Since is how long it took to restore, from the event, or from the stop that no event reported: "34 s after the event".
func Since(n finding.Finding) string {
	if n.Kind != "" {
		return finding.Duration(n.SinceEvent) + " after the stop"
	}
	return finding.Duration(n.SinceEvent) + " after the event"
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
