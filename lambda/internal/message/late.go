package message

import (
	"strings"
	"time"
	"unicode/utf8"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

// history is the end of a headline that tells what was so once: " at 2026-03-02 12:00:00 UTC; now: deleted".
func history(n finding.Finding) string {
	if n.Late == nil || !n.Late.History {
		return ""
	}
	end := ""
	if !n.EventTime.IsZero() {
		end = ", at " + finding.Time(n.EventTime)
	}
	return end + nowOf(n)
}

// nowOf is how it stands when a late message is sent: "; now: deleted".
func nowOf(n finding.Finding) string {
	if n.Late == nil || n.Late.Now == "" {
		return ""
	}
	return "; now: " + sanitize.Bound(string(n.Late.Now), maxCall)
}

// withHistory ends a text of at most this many runes with what has become of it since.
func withHistory(n finding.Finding, text string, limit int) string {
	end := history(n)
	if end == "" {
		return sanitize.Bound(text, limit)
	}
	return strings.TrimSuffix(sanitize.Bound(text, limit-utf8.RuneCountInString(end)), ".") + end
}

// Late adds to a finding that its message comes late: it was queued at a time, for a reason that is said only where it
// is proven to be ours.
func Late(n finding.Finding, queued time.Time, reason string, proven bool) finding.Finding {
	if proven {
		n.Note(finding.NoteLate, queued, sanitize.Bound(reason, finding.MaxReason))
	} else {
		n.Note(finding.NoteLateUnproven, queued)
	}
	if n.Late != nil && n.Late.Now != "" {
		n.Note(finding.NoteNow, sanitize.Bound(string(n.Late.Now), maxCall))
	}
	return n
}

// Moved adds to a finding that the destination its message was for is gone, so that it goes elsewhere.
func Moved(n finding.Finding, destination string) finding.Finding {
	n.Note(finding.NoteMoved, sanitize.Bound(destination, maxCall))
	return n
}
