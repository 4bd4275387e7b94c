package message

import (
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

// Summary is the headline in a few words, for the subject of an e-mail: what happened and what became of it, without names or times. What is so by
// now is apart, for whoever shortens the rest: "; now: deleted", or "".
func Summary(n finding.Finding) (what, now string) {
	if n.Late != nil && n.Late.History && n.Late.Now != "" {
		now = "; now: " + sanitize.Bound(n.Late.Now, maxCall)
	}
	return summary(n), now
}

func summary(n finding.Finding) string {
	switch n.Outcome {
	case finding.OutcomeUnreadable:
		return "Unreadable event"
	case finding.OutcomeUndelivered:
		return ChannelName(n.Channel) + " delivery failed"
	case finding.OutcomeTest:
		return "TEST, nothing has happened"
	case finding.OutcomeRepeated:
		return changed(n) + " again and again"
	case finding.OutcomeNotOurs:
		return callName(n) + " not acted on"
	case finding.OutcomeAttempt:
		return callName(n) + " refused"
	}
	if n.Kind != "" {
		return foundShort(n) + stateWords(n)
	}
	return changed(n) + stateWords(n)
}

func changed(n finding.Finding) string {
	if n.Unconfirmed {
		return callName(n) + " requested"
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
	return "CloudTrail " + callName(n)
}

func stateWords(n finding.Finding) string {
	switch n.Outcome {
	case finding.OutcomeRestored:
		if n.Kind != "" {
			return ", restored"
		}
		return " and restored"
	case finding.OutcomeApproved:
		if n.Verifying {
			return ", approval being verified"
		}
		return ", approved"
	case finding.OutcomePartlyRestored:
		return ", PARTLY restored"
	case finding.OutcomeNoDrift:
		if n.Standing() || n.Worse(finding.DoneRestored) {
			return ", nothing to restore"
		}
		return ", nothing weakened"
	case finding.OutcomeAccepted:
		if n.EventName == "StopLogging" {
			return ", restart unconfirmed"
		}
		return ", restore unconfirmed"
	case finding.OutcomeAlreadyLogging:
		return ", logging already"
	case finding.OutcomeRetrying:
		return ", not restored yet"
	case finding.OutcomeCannotRestore:
		return ", CANNOT restore"
	case finding.OutcomeGaveUp:
		return ", NOT restored"
	}
	return ""
}
