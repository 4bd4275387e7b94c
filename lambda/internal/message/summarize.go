package message

import (
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

// Summarize is a finding in short.
func Summarize(f finding.Finding) finding.EventSummary {
	return finding.EventSummary{
		EventID:   f.EventID,
		EventName: f.EventName,
		Time:      f.EventTime.UTC(),
		Actor:     f.Actor,
		SourceIP:  f.SourceIP,
		Headline:  Headline(f),
		Outcome:   f.Outcome,
	}.Bounded()
}

// Summary is the title in a few words, for the subject of an e-mail: what happened and what became of it, without names
// or times. What is so by now is apart, for whoever shortens the rest: "; now: deleted", or "".
func Summary(f finding.Finding) (what, now string) {
	if f.Late != nil && f.Late.History && f.Late.Now != "" {
		now = "; now: " + sanitize.Bound(string(f.Late.Now), maxCall)
	}
	if what = summary(f); f.Outcome != finding.OutcomeDetected {
		what = capital(what)
	}
	return what, now
}

func summary(f finding.Finding) string {
	switch f.Outcome {
	case finding.OutcomeUnreadable:
		return "Unreadable event"
	case finding.OutcomeUndelivered:
		return ChannelName(f.Channel) + " delivery failed"
	case finding.OutcomeTest:
		return "TEST" + ofTheWatch(f, " of the watch") + ", no action required"
	case finding.OutcomeRepeated:
		return callName(f) + " repeated"
	case finding.OutcomeNotOurs:
		if f.Title != "" {
			return "Unverified: " + own.title(f)
		}
		return callName(f) + ", no action taken"
	case finding.OutcomeAttempt:
		return callName(f) + " refused"
	}
	return wordsOf(f).short(f) + stateWords(f)
}

// stateWords say in a few words how it stands.
func stateWords(f finding.Finding) string {
	switch f.Outcome {
	case finding.OutcomeRestored:
		if f.Partial {
			return ", restored in part"
		}
		if f.Kind != "" {
			return ", restored"
		}
		return " and restored"
	case finding.OutcomeApproved:
		if f.Verifying {
			return ", approval unverified"
		}
		return ", approved"
	case finding.OutcomeNoDrift:
		switch {
		case f.Worse(finding.DoneRestored):
			return ", already restored"
		case f.Standing():
			return ", approved drift"
		}
		return ", no drift"
	case finding.OutcomeAccepted:
		return ", restore unverified"
	case finding.OutcomeAlreadyLogging:
		return ", logging again"
	case finding.OutcomeRetrying:
		return ", not restored yet"
	}
	if stateOf(f) == stateHuman {
		return ", NEEDS A HUMAN"
	}
	return ""
}
