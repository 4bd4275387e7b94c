package notify

import (
	"fmt"
	"strings"
)

// Summary is the headline in a few words, for the subject of an e-mail: what happened and what became of it, without names or times. What is so by
// now is apart, for whoever shortens the rest: "; now: deleted", or "".
func (n Notification) Summary() (what, now string) {
	if n.Late != nil && n.Late.History && n.Late.Now != "" {
		now = "; now: " + Bound(n.Late.Now, maxCall)
	}
	return n.summary(), now
}

func (n Notification) summary() string {
	switch n.Outcome {
	case OutcomeUnreadable:
		return "Unreadable event"
	case OutcomeUndelivered:
		return ChannelName(n.Channel) + " delivery failed"
	case OutcomeTest:
		return "TEST, nothing has happened"
	case OutcomeRepeated:
		return n.changed() + " again and again"
	case OutcomeNotOurs:
		return n.call() + " not acted on"
	case OutcomeAttempt:
		return n.call() + " refused"
	}
	if n.Finding != "" {
		return n.foundShort() + n.state()
	}
	return n.changed() + n.state()
}

func (n Notification) changed() string {
	if n.Unconfirmed {
		return n.call() + " requested"
	}
	switch n.EventName {
	case "StopLogging":
		return "CloudTrail logging stopped"
	case "StartLogging":
		if n.Dark != nil {
			return "CloudTrail logging stopped again"
		}
		return "CloudTrail logging started"
	case "DeleteTrail":
		return "CloudTrail trail deleted"
	case "CreateTrail":
		return "CloudTrail trail created"
	case "UpdateTrail":
		return "CloudTrail trail changed"
	case "PutEventSelectors":
		return "CloudTrail event selectors changed"
	case "PutInsightSelectors":
		return "CloudTrail Insight selectors changed"
	case "AddTags":
		return "CloudTrail tags added"
	case "RemoveTags":
		return "CloudTrail tags removed"
	}
	return "CloudTrail " + n.call()
}

func (n Notification) state() string {
	switch n.Outcome {
	case OutcomeRestored:
		if n.Finding != "" {
			return ", restored"
		}
		return " and restored"
	case OutcomeApproved:
		if n.Verifying {
			return ", approval being verified"
		}
		return ", approved"
	case OutcomePartlyRestored:
		return ", PARTLY restored"
	case OutcomeNoDrift:
		if n.Standing() || n.worse(DoneRestored) {
			return ", nothing to restore"
		}
		return ", nothing weakened"
	case OutcomeAccepted:
		if n.EventName == "StopLogging" {
			return ", restart unconfirmed"
		}
		return ", restore unconfirmed"
	case OutcomeAlreadyLogging:
		return ", logging already"
	case OutcomeRetrying:
		return ", not restored yet"
	case OutcomeCannotRestore:
		return ", CANNOT restore"
	case OutcomeGaveUp:
		return ", NOT restored"
	}
	return ""
}

// OutcomeText says the outcome in words, with the time to restore where there is one, and what has become of it since.
func (n Notification) OutcomeText() string { return n.outcomeText() + n.history() }

func (n Notification) outcomeText() string {
	switch n.Outcome {
	case OutcomeRestored:
		return n.restored()
	case OutcomePartlyRestored:
		left, all := n.notRestored()
		return fmt.Sprintf("Partly restored: %d of %d weakening changes are still there", left, all)
	case OutcomeNoDrift:
		if n.Standing() || n.worse(DoneRestored) {
			return "Nothing to restore" + n.nothingLeft()
		}
		return "Nothing to restore: nothing is weaker than in the baseline"
	case OutcomeAccepted:
		return "Accepted, not yet confirmed"
	case OutcomeAlreadyLogging:
		return "Already logging"
	case OutcomeAttempt:
		return "Attempt refused: nothing has changed"
	case OutcomeNotified:
		switch n.Finding {
		case "recorded", "recovered", "confirmed", "true_approval", "named":
			return "Nothing to do"
		}
		return "Notified only"
	case OutcomeRetrying:
		return "Not restored yet, retrying"
	case OutcomeCannotRestore:
		return "Cannot restore"
	case OutcomeGaveUp:
		return "Gave up: not restored"
	case OutcomeApproved:
		if n.Verifying {
			return "Approved, being verified: nothing was undone"
		}
		return "Approved: nothing was undone"
	case OutcomeNotOurs:
		return "Not ours: no call was made"
	case OutcomeUnreadable:
		return "Unreadable"
	case OutcomeUndelivered:
		return "Undelivered"
	case OutcomeTest:
		return "Test: nothing has happened"
	case OutcomeUnproven:
		return "Unproven"
	case OutcomeRepeated:
		return "Repeated: handled each time, told in one message"
	}
	return "Unknown outcome " + Bound(string(n.Outcome), maxCall)
}

func (n Notification) restored() string {
	s := "Restored"
	if n.AfterCall > 0 {
		s += " " + Duration(n.AfterCall) + " after our call"
	}
	if n.SinceEvent > 0 {
		if n.AfterCall > 0 {
			s += ","
		}
		s += " " + n.Since()
	}
	return s
}

// Since is how long it took to restore, from the event, or from the stop that no event reported: "34 s after the event".
func (n Notification) Since() string {
	if n.Finding != "" {
		return Duration(n.SinceEvent) + " after the stop"
	}
	return Duration(n.SinceEvent) + " after the event"
}

// Word is the severity for people: "Critical". A severity that is not known is shown as it is.
func (s Severity) Word() string {
	switch s {
	case SeverityLow:
		return "Low"
	case SeverityMedium:
		return "Medium"
	case SeverityHigh:
		return "High"
	case SeverityCritical:
		return "Critical"
	case "":
		return "Unrated"
	}
	return Bound(string(s), maxCall)
}

// ChannelName is the name of a destination for people: "Slack", or "Slack C0123456789" of a further one.
func ChannelName(destination string) string {
	if destination == "" {
		return "Message"
	}
	kind, further, _ := strings.Cut(destination, ":")
	switch kind {
	case ChannelSlack:
		kind = "Slack"
	case ChannelSNS:
		kind = "SNS"
	}
	return Bound(strings.TrimSpace(kind+" "+further), maxCall)
}
