package message

import (
	"fmt"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

// The longest parts of a title, in runes: what follows a hostile name must still be read. A trail's name has at most
// 128 characters (CloudTrail API reference, CreateTrail).
const (
	maxHeadline = 147 // Slack's header block takes 150 characters (UTF-16 units), with an icon and a blank before it
	maxTrail    = 60
	maxActor    = 48
	maxCall     = 32
)

// Headline is the title: what happened and what became of it, in one line of at most 147 runes.
// The title of a rule begins as the rule has it: an ARN, perhaps.
func Headline(f finding.Finding) string {
	text := withHistory(f, title(f), maxHeadline)
	if f.Outcome == finding.OutcomeDetected {
		return text
	}
	return capital(text)
}

// ofTheWatch is the words where a test alert went through the watch.
func ofTheWatch(f finding.Finding, words string) string {
	if slices.ContainsFunc(f.Notes, func(n finding.Note) bool { return n.ID == finding.NoteWatchTest }) {
		return words
	}
	return ""
}

func title(f finding.Finding) string {
	switch f.Outcome {
	case finding.OutcomeUnreadable:
		return colon("Unreadable event", decapital(firstSentence(Detail(f))))
	case finding.OutcomeUndelivered:
		reason, _, _ := strings.Cut(f.Reason, "; ") // what to do about it is in the detail
		return colon(ChannelName(f.Channel)+" delivery failed", reason)
	case finding.OutcomeTest:
		return "TEST: Trailkeeper" + ofTheWatch(f, "'s watch") + " reaches this channel; no action required"
	case finding.OutcomeRepeated:
		return colon("Repeated", firstSentence(Detail(f)))
	case finding.OutcomeNotOurs:
		if f.Title != "" {
			return "Unverified: " + own.title(f) + "; the record does not match this deployment"
		}
		return "No action taken: " + callName(f) + " on " + subjectName(f) + " does not match this deployment"
	case finding.OutcomeAttempt:
		return "Refused: " + callName(f) + " on " + subjectName(f) + ", attempted by " + who(f)
	case finding.OutcomeCannotRestore:
		return stop(needsHuman+target(f)+" is not restored", firstSentence(Detail(f)))
	case finding.OutcomeGaveUp:
		return stop(needsHuman+target(f)+" is not restored after the last retry", firstSentence(Detail(f)))
	case finding.OutcomePartlyRestored:
		return needsHuman + leftOf(f) + " to " + subjectName(f) + " " + isOrAre(f) + " not restored"
	}
	words := wordsOf(f)
	text := words.title(f) + became(f)
	if f.Outcome == finding.OutcomeUnproven {
		return "Unverified: " + text
	}
	if f.Outcome == finding.OutcomeNotified && words.state(f) == stateHuman {
		return needsHuman + text
	}
	return text
}

// needsHuman begins the title of what the guard does nothing more about.
const needsHuman = "Needs a human: "

// leftOf counts the weakening changes that are not restored: "1 of 4 weakening changes".
func leftOf(f finding.Finding) string {
	left, all := f.NotRestored()
	return fmt.Sprintf("%d of %d weakening changes", left, all)
}

func isOrAre(f finding.Finding) string {
	if left, _ := f.NotRestored(); left == 1 {
		return "is"
	}
	return "are"
}

// became is what was done about it, to follow what happened.
func became(f finding.Finding) string {
	switch f.Outcome {
	case finding.OutcomeApproved:
		if f.Verifying {
			return "; approved, verification pending"
		}
		return "; approved"
	case finding.OutcomeRestored:
		if f.Partial {
			return "; restored as far as it could be read"
		}
		if f.SinceEvent > 0 {
			return " and restored " + Since(f)
		}
		return " and restored"
	case finding.OutcomeNoDrift:
		return nothingLeft(f)
	case finding.OutcomeAccepted:
		if aboutLogging(f) {
			return "; StartLogging accepted, verification pending"
		}
		return "; restore accepted, verification pending"
	case finding.OutcomeAlreadyLogging:
		if aboutLogging(f) {
			return "; already logging again"
		}
		return "; the trail is logging"
	case finding.OutcomeRetrying:
		return "; not restored yet, retry pending"
	case finding.OutcomeNotified:
		if f.Kind == "" && wordsOf(f).state(f) == stateHuman {
			return "; no action taken"
		}
	}
	return ""
}

// nothingLeft is what is said of a call that has left nothing to restore.
func nothingLeft(f finding.Finding) string {
	switch {
	case f.Worse(finding.DoneRestored):
		return "; already restored with the previous change"
	case f.Standing():
		return "; the drift is covered by an approval"
	}
	return "; no weakening drift from the baseline"
}

func who(f finding.Finding) string {
	if who := sanitize.Bound(f.Actor, maxActor); who != "" {
		return who
	}
	return "an unknown caller"
}

func callName(f finding.Finding) string {
	if call := sanitize.Bound(f.EventName, maxCall); call != "" {
		return call
	}
	return "a call without a name"
}

// colon joins what happened with the reason, if there is one.
func colon(what, why string) string { return joined(what, ": ", why) }

// stop joins two sentences, the second of which may be missing.
func stop(what, why string) string { return joined(what, ". ", capital(why)) }

func joined(what, with, why string) string {
	if why = sanitize.Clean(why); why == "" {
		return what
	}
	return what + with + why
}

// capital begins a text as a sentence begins.
func capital(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// firstSentence leaves out what follows the reason.
func firstSentence(s string) string {
	s, _, _ = strings.Cut(sanitize.Clean(s), ". ")
	return strings.TrimSuffix(s, ".")
}
