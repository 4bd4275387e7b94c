// Package repeat leaves what happens again and again to summaries, so that no flood fills a destination, and sends
// them.
//
// It handles nothing less often, and keeps nothing back that it cannot count, but files that a lifecycle expires: only
// what is reported of the same thing is fewer.
package repeat

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"trailkeeper/lambda/internal/finding"
)

const (
	// window is how long after a message a destination is notified no more of the same, but for a summary.
	window = 10 * time.Minute
	// expiryWindow is that of files which expire as they should: a bucket's lifecycle runs once a day. earlyWindow is that of
	// young ones.
	expiryWindow = 24 * time.Hour
	earlyWindow  = time.Hour
	// fightWindow is that of a contested incident, of which a sweep sends a summary every minute; without it, a message
	// goes out in full that often.
	fightWindow = 2 * time.Minute
	// maxRefused bounds the messages of a destination within a window that are about calls which changed nothing, whoever
	// made them: whoever may do nothing can still try, under many names. It bounds those about each call that is not known
	// to have weakened anything as well.
	maxRefused = 20
)

// same says what a message may repeat on a destination.
type same struct {
	of     string // what it is about, in one word
	event  string
	window time.Duration
	// total is what bounds messages of its kind together; empty: nothing does.
	total string
	// begins says that the message is reported in full, and that the window begins with it.
	begins bool
	// always says that it is bounded where nothing can be counted as well: one is sent in a window, and the rest is in no
	// summary. There may be any number of them, without anybody at work.
	always bool
	// first is what must be reported in full although the like of it was reported; empty: nothing is.
	first string
}

// What stands for an incident's ID in a key. Each is followed by the mark of a caller, or by nothing for all of them.
const (
	ofRefused = "refused#"
	ofForeign = "foreign#"
	ofTests   = "tests#"
	// Of what is not known to weaken anything, the mark is that of the call, or of the message.
	ofQuiet = "quiet#"
	ofGone  = "gone#" // stops of trails that are not there
	// Of what anybody may have written, the mark is that of the trail, or of the message.
	ofUnproven   = "unproven#"
	ofUnreadable = "unreadable#"
	// Of what rules found, the mark is the rule and the severity, or that of the message.
	ofDetected = "detected#"
	// Of files that a lifecycle removed, the mark is that of the bucket, and then the severity.
	ofExpired = "expired#"
)

// fought stands for the event and the outcome in the key of a contested incident.
const fought = "contested"

// sameAs says what a message may repeat; false: it is reported in full in any case. What a human must see is, and so
// is the end of what was reported to be open.
func (l *Limiter) sameAs(n finding.Finding, destination string) (same, bool) {
	event, i := cmp.Or(n.EventName, string(n.Kind), "-"), n.Incident
	fight := i != nil && i.State == finding.IncidentContested && n.Outcome != finding.OutcomeAttempt
	counted := same{event: event, window: window}
	switch {
	case n.Minor == finding.MinorDetected:
		return counted.detected(n), true
	case n.Minor == finding.MinorExpired:
		return counted.expired(n), true
	case n.Minor == finding.MinorGone:
		return counted.by(ofGone, marked(n.EventID)), true
	case inFull(n) || finding.Escalates(n) && (!fight || !i.Contested):
		return same{}, false
	case fight:
		return same{
			of:     i.ID,
			event:  fought,
			window: fightWindow,
			first:  event + " " + mark(n),
			begins: i.Contested,
		}, true
	}
	if s, ok := counted.anybodys(n); ok {
		return s, true
	}
	if n.Minor == finding.MinorQuiet && (i == nil || !l.IsWebhook(destination)) { // each is reported, but for very many
		counted.of, counted.total = ofQuiet+marked(n.EventID), ofQuiet+marked(event+" "+string(n.Severity))
		return counted, true
	}
	if i == nil {
		return same{}, false
	}
	counted.of = i.ID
	return counted, l.IsWebhook(destination)
}

// by is s counted by a mark, and with all others of its kind.
func (s same) by(of, mark string) same {
	s.of, s.total = of+mark, of
	return s
}

// detected is s counted by the matter that a rule's finding belongs to, and with all others of its rule. A finding of
// another severity repeats none, so that no flood of what is slight hides what is severe.
func (s same) detected(n finding.Finding) same {
	s.of, s.total = ofDetected+marked(n.Source+" "+n.EventID), ofDetected+n.Source+"/"+string(n.Severity)
	if n.Incident != nil {
		s.of = n.Incident.ID + "/" + string(n.Severity)
	}
	return s
}

// expired is s counted by the bucket, which the title names, and by the severity.
func (s same) expired(n finding.Finding) same {
	s.of, s.always, s.window = ofExpired+marked(n.Title)+"/"+string(n.Severity), true, earlyWindow
	if n.Severity == finding.SeverityLow {
		s.window = expiryWindow
	}
	return s
}

// inFull reports whether a finding is never left to a summary: a summary itself, a notice, the end of an incident.
func inFull(n finding.Finding) bool {
	return n.Outcome == finding.OutcomeRepeated || n.Outcome == finding.OutcomeUndelivered ||
		n.Incident != nil && n.Incident.Closing
}

// anybodys is s counted by what anybody may cause, and by whoever causes this one; false: it is no such finding.
func (s same) anybodys(n finding.Finding) (same, bool) {
	switch {
	case n.Outcome == finding.OutcomeTest:
		s.of = ofTests
	case n.Outcome == finding.OutcomeUnreadable:
		s.of = ofUnreadable
	case n.Outcome == finding.OutcomeAttempt:
		s = s.by(ofRefused, mark(n))
	case n.Outcome == finding.OutcomeNotOurs:
		s = s.by(ofForeign, mark(n))
	case n.Outcome == finding.OutcomeUnproven:
		s = s.by(ofUnproven, marked(n.Subject.ARN))
	case n.Kind == finding.KindAlarm: // each is reported, but for very many: no rule sends them, so they may be anybody's
		s = s.by(ofUnproven, marked(n.EventID))
	default:
		return same{}, false
	}
	return s, true
}

// mark stands for who made a call, and where: the role or user, and nothing that a caller may choose for each call,
// such as the name of a session, a user agent or the trail that a refused call names.
func mark(n finding.Finding) string {
	return marked(n.Recipient + "\n" + cmp.Or(n.Principal, n.ActorARN, n.Actor))
}

func marked(what string) string {
	sum := sha256.Sum256([]byte(what))
	return hex.EncodeToString(sum[:6])
}
