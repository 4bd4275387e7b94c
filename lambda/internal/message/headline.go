// Package message holds the words: a finding goes in; its headline, facts, changes and links come out, for any channel. It is the one place
// to edit the voice.
//
// It escapes nothing for any format, decides nothing and knows no channel's limits but those that its callers pass.
package message

import (
	"fmt"
	"strings"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
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
func Headline(n finding.Finding) string {
	s := withHistory(n, headline(n), maxHeadline)
	return strings.ToUpper(s[:1]) + s[1:]
}

func headline(n finding.Finding) string {
	switch n.Outcome {
	case finding.OutcomeUnreadable:
		return colon("Unreadable event", firstSentence(Detail(n)))
	case finding.OutcomeUndelivered:
		return colon(ChannelName(n.Channel)+" delivery failed", n.Reason)
	case finding.OutcomeTest:
		return "TEST: Trailkeeper reaches this channel; nothing has happened"
	case finding.OutcomeRepeated:
		return colon("Again", firstSentence(Detail(n)))
	case finding.OutcomeNotOurs:
		return "Not acted on: " + callName(n) + " on " + trailName(n) + " does not agree with this deployment"
	case finding.OutcomeAttempt:
		return "Refused: " + who(n) + " tried " + callName(n) + " on " + trailName(n)
	case finding.OutcomeCannotRestore:
		return colon("Cannot restore "+target(n), firstSentence(Detail(n)))
	case finding.OutcomeGaveUp:
		return colon("Gave up restoring "+target(n), firstSentence(Detail(n)))
	}
	if n.Kind != "" {
		return found(n) + became(n)
	}
	return happened(n) + became(n)
}

// happened is what the call did.
func happened(n finding.Finding) string {
	if n.Unconfirmed {
		return callName(n) + " was requested on " + trailName(n) + "; the record does not say whether it succeeded"
	}
	trail := cloudTrailName(n)
	switch n.EventName {
	case "StopLogging":
		return "CloudTrail logging was stopped on " + trailName(n)
	case "StartLogging":
		if n.Dark != nil {
			return "CloudTrail logging was stopped again on " + trailName(n)
		}
		return "CloudTrail logging was started on " + trailName(n)
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
	return callName(n) + " was made on " + trail
}

// became is what was done about it, to follow happened.
func became(n finding.Finding) string {
	stopped := n.EventName == "StopLogging" || n.Kind == finding.KindNotLogging || n.EventName == "StartLogging" && n.Dark != nil
	switch n.Outcome {
	case finding.OutcomeApproved:
		if n.Verifying {
			return "; approved, being verified"
		}
		return "; it is approved"
	case finding.OutcomeRestored:
		s := " and restored"
		if n.AfterCall > 0 {
			s += " in " + finding.Duration(n.AfterCall)
		}
		if n.SinceEvent > 0 {
			s += ", " + Since(n)
		}
		return s
	case finding.OutcomePartlyRestored:
		left, all := n.NotRestored()
		return fmt.Sprintf("; %d of %d weakening changes are NOT restored", left, all)
	case finding.OutcomeNoDrift:
		return nothingLeft(n)
	case finding.OutcomeAccepted:
		if stopped {
			return "; the restart is accepted, not yet confirmed"
		}
		return "; the restore is accepted, not yet confirmed"
	case finding.OutcomeAlreadyLogging:
		if stopped {
			return "; it was logging again already"
		}
		return "; the trail is logging"
	case finding.OutcomeRetrying:
		return "; not restored yet, retrying"
	case finding.OutcomeNotified:
		if stopped && !n.Unconfirmed && n.Kind == "" {
			return "; it was not restarted"
		}
	}
	return ""
}

// nothingLeft is what is said of a call that has left nothing to put back.
func nothingLeft(n finding.Finding) string {
	switch {
	case n.Worse(finding.DoneRestored):
		return "; already undone with the change before"
	case n.Standing():
		return "; what is weaker stands under an approval"
	}
	return "; nothing is weaker than in its baseline"
}

// target is what a restore is about.
func target(n finding.Finding) string {
	if n.EventName == "StopLogging" || n.Kind == finding.KindNotLogging || n.EventName == "" && n.Kind == "" {
		return "logging on " + trailName(n)
	}
	return trailName(n)
}

func trailName(n finding.Finding) string {
	if name := sanitize.Bound(n.TrailName, maxTrail); name != "" {
		return "trail " + name
	}
	if arn := sanitize.Bound(n.TrailARN, maxTrail); arn != "" {
		return "trail " + arn
	}
	return "a trail that the record does not name"
}

func cloudTrailName(n finding.Finding) string {
	if trail := trailName(n); !strings.HasPrefix(trail, "a ") {
		return "CloudTrail " + trail
	}
	return "a CloudTrail trail that the record does not name"
}

func who(n finding.Finding) string {
	if who := sanitize.Bound(n.Actor, maxActor); who != "" {
		return who
	}
	return "an unknown caller"
}

func callName(n finding.Finding) string {
	if call := sanitize.Bound(n.EventName, maxCall); call != "" {
		return call
	}
	return "a call without a name"
}

// colon joins what happened with the reason, if there is one.
func colon(what, why string) string {
	if why = sanitize.Clean(why); why == "" {
		return what
	}
	return what + ": " + why
}

// firstSentence leaves out what follows the reason.
func firstSentence(s string) string {
	s, _, _ = strings.Cut(sanitize.Clean(s), ". ")
	return strings.TrimSuffix(s, ".")
}
