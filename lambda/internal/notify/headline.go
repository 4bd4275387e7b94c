package notify

import (
	"fmt"
	"strings"
)

// The longest parts of a headline, in runes: what follows a hostile name must still be read. A trail's name has at most 128 characters
// (CloudTrail API reference, CreateTrail).
const (
	maxHeadline = 147 // Slack's header block takes 150 characters (UTF-16 units), with an emoji and a blank before it
	maxTrail    = 60
	maxActor    = 48
	maxCall     = 32
)

// Headline says in one line of at most 147 runes what happened and what became of it. It is plain text, cleaned but not escaped.
func (n Notification) Headline() string {
	s := n.withHistory(n.headline(), maxHeadline)
	return strings.ToUpper(s[:1]) + s[1:]
}

func (n Notification) headline() string {
	switch n.Outcome {
	case OutcomeUnreadable:
		return colon("Unreadable event", firstSentence(n.Detail))
	case OutcomeUndelivered:
		return colon(ChannelName(n.Channel)+" delivery failed", n.Reason)
	case OutcomeTest:
		return "TEST: Trailkeeper reaches this channel; nothing has happened"
	case OutcomeRepeated:
		return colon("Again", firstSentence(n.Detail))
	case OutcomeNotOurs:
		return "Not acted on: " + n.call() + " on " + n.trail() + " does not agree with this deployment"
	case OutcomeAttempt:
		return "Refused: " + n.who() + " tried " + n.call() + " on " + n.trail()
	case OutcomeCannotRestore:
		return colon("Cannot restore "+n.target(), firstSentence(n.Detail))
	case OutcomeGaveUp:
		return colon("Gave up restoring "+n.target(), firstSentence(n.Detail))
	}
	if n.Finding != "" {
		return n.found() + n.became()
	}
	return n.happened() + n.became()
}

// happened is what the call did.
func (n Notification) happened() string {
	if n.Unconfirmed {
		return n.call() + " was requested on " + n.trail() + "; the record does not say whether it succeeded"
	}
	trail := n.cloudTrail()
	switch n.EventName {
	case "StopLogging":
		return "CloudTrail logging was stopped on " + n.trail()
	case "StartLogging":
		if n.Dark != nil {
			return "CloudTrail logging was stopped again on " + n.trail()
		}
		return "CloudTrail logging was started on " + n.trail()
	case "DeleteTrail":
		return trail + " was deleted"
	case "CreateTrail":
		return trail + " was created"
	case "UpdateTrail":
		return "Settings of " + trail + " were changed"
	case "PutEventSelectors":
		return "Event selectors of " + trail + " were changed"
	case "PutInsightSelectors":
		return "Insight selectors of " + trail + " were changed"
	case "AddTags":
		return "Tags were added to " + trail
	case "RemoveTags":
		return "Tags were removed from " + trail
	}
	return n.call() + " was made on " + trail
}

// became is what was done about it, to follow happened.
func (n Notification) became() string {
	stopped := n.EventName == "StopLogging" || n.Finding == "not_logging" || n.EventName == "StartLogging" && n.Dark != nil
	switch n.Outcome {
	case OutcomeApproved:
		if n.Verifying {
			return "; approved, being verified"
		}
		return "; it is approved"
	case OutcomeRestored:
		s := " and restored"
		if n.AfterCall > 0 {
			s += " in " + Duration(n.AfterCall)
		}
		if n.SinceEvent > 0 {
			s += ", " + n.Since()
		}
		return s
	case OutcomePartlyRestored:
		left, all := n.notRestored()
		return fmt.Sprintf("; %d of %d weakening changes are NOT restored", left, all)
	case OutcomeNoDrift:
		return n.nothingLeft()
	case OutcomeAccepted:
		if stopped {
			return "; the restart is accepted, not yet confirmed"
		}
		return "; the restore is accepted, not yet confirmed"
	case OutcomeAlreadyLogging:
		if stopped {
			return "; it was logging again already"
		}
		return "; the trail is logging"
	case OutcomeRetrying:
		return "; not restored yet, retrying"
	case OutcomeNotified:
		if stopped && !n.Unconfirmed && n.Finding == "" {
			return "; it was not restarted"
		}
	}
	return ""
}

// nothingLeft is what is said of a call that has left nothing to put back.
func (n Notification) nothingLeft() string {
	switch {
	case n.worse(DoneRestored):
		return "; already undone with the change before"
	case n.Standing():
		return "; what is weaker stands under an approval"
	}
	return "; nothing is weaker than in its baseline"
}

// target is what a restore is about.
func (n Notification) target() string {
	if n.EventName == "StopLogging" || n.Finding == "not_logging" || n.EventName == "" && n.Finding == "" {
		return "logging on " + n.trail()
	}
	return n.trail()
}

func (n Notification) trail() string {
	if name := Bound(n.TrailName, maxTrail); name != "" {
		return "trail " + name
	}
	if arn := Bound(n.TrailARN, maxTrail); arn != "" {
		return "trail " + arn
	}
	return "a trail that the record does not name"
}

func (n Notification) cloudTrail() string {
	if trail := n.trail(); !strings.HasPrefix(trail, "a ") {
		return "CloudTrail " + trail
	}
	return "a CloudTrail trail that the record does not name"
}

func (n Notification) who() string {
	if who := Bound(n.Actor, maxActor); who != "" {
		return who
	}
	return "an unknown caller"
}

func (n Notification) call() string {
	if call := Bound(n.EventName, maxCall); call != "" {
		return call
	}
	return "a call without a name"
}

// colon joins what happened with the reason, if there is one.
func colon(what, why string) string {
	if why = Clean(why); why == "" {
		return what
	}
	return what + ": " + why
}

// firstSentence leaves out what follows the reason.
func firstSentence(s string) string {
	s, _, _ = strings.Cut(Clean(s), ". ")
	return strings.TrimSuffix(s, ".")
}
