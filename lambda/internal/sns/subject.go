package sns

import (
	"strings"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/sanitize"
)

const (
	// maxSubject: less than 100 characters (SNS API reference, Publish, Subject).
	maxSubject = 99
	// maxSMS is what fits into one text message in ASCII (the same page).
	maxSMS = 140
	// forSummary bounds what happened, so that the trail's name is still seen; forWhole where there is none, so that
	// account and Region are.
	forSummary = 50
	forWhole   = 62
)

// subject is the subject of the e-mail: printable ASCII, one line, less than 100 characters, such as
// "[CRITICAL] CloudTrail logging stopped and restored: management-events (111122223333 eu-west-1)".
func subject(n finding.Finding) string {
	head := "[" + severity(n) + "] " + summary(n)
	return withTrail(head, n, maxSubject)
}

// sms is the text message: printable ASCII, at most 140 characters, without anything of the caller's that a phone would
// make a link of.
func sms(n finding.Finding) string {
	for _, s := range []*string{&n.Title, &n.EventName, &n.Subject.Name, &n.Account, &n.Region, &n.Actor, &n.Reason} {
		*s = unlinked(*s, "")
	}
	text := withTrail("Trailkeeper "+severity(n)+": "+summary(n), n, maxSMS)
	more := ""
	switch {
	case n.Outcome == finding.OutcomeUndelivered:
		more = strings.TrimSpace(ascii(sanitize.Clean(n.Reason)))
	case n.Outcome == finding.OutcomeRestored && n.SinceEvent > 0:
		more = message.Since(n)
	default:
		if actor := strings.TrimSpace(ascii(sanitize.Clean(n.Actor))); actor != "" {
			more = "by " + actor
		}
	}
	if room := maxSMS - len(text) - len(", "); more != "" && room >= len("by someone") {
		text += ", " + cut(more, room)
	}
	return text
}

// summary is what happened, shortened so that what is so by now is still read.
func summary(n finding.Finding) string {
	what, now := message.Summary(n)
	now = ascii(now)
	room := forSummary
	if n.Subject.Name == "" {
		room = forWhole
	}
	return cut(ascii(what), room-len(now)) + now
}

// withTrail adds ": trail (account Region)" to head, and shortens the trail's name so that the whole fits.
func withTrail(head string, n finding.Finding, limit int) string {
	where := strings.TrimSpace(ascii(sanitize.Bound(n.Account, 16)) + " " + ascii(sanitize.Bound(n.Region, 24)))
	if where != "" {
		where = " (" + where + ")"
	}
	if name := ascii(sanitize.Clean(n.Subject.Name)); name != "" {
		if room := limit - len(head) - len(where) - len(": "); room > len("...") {
			head += ": " + cut(name, room)
		}
	}
	return cut(head+where, limit)
}

func severity(n finding.Finding) string {
	return strings.ToUpper(cut(ascii(message.SeverityWord(n.Severity)), 12))
}

// ascii keeps printable ASCII and puts "?" for the rest.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= ' ' && r <= '~':
			return r
		case r == '…':
			return '~'
		}
		return '?'
	}, s)
}

// cut shortens an ASCII text, with an ellipsis of three dots.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	if limit <= len("...") {
		return s[:max(0, limit)]
	}
	return strings.TrimRight(s[:limit-len("...")], " ") + "..."
}
