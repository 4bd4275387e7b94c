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
	if n.Late.Now != "" {
		end += "; now: " + sanitize.Bound(n.Late.Now, maxCall)
	}
	return end
}

// withHistory ends a text of at most this many runes with what has become of it since.
func withHistory(n finding.Finding, text string, most int) string {
	end := history(n)
	if end == "" {
		return sanitize.Bound(text, most)
	}
	return strings.TrimSuffix(sanitize.Bound(text, most-utf8.RuneCountInString(end)), ".") + end
}

// Late adds to a finding that its message comes late: it was queued at a time, for a reason that is said only where it is proven to be ours.
func Late(n finding.Finding, queued time.Time, reason string, proven bool) finding.Finding {
	n.Detail = sentences(n.Detail, "This message is late: at "+finding.Time(queued)+" it was parked")
	if proven {
		n.Detail += ", because " + sanitize.Bound(reason, finding.MaxReason) + "."
	} else {
		n.Detail += ". It is not known that this deployment wrote it, so only what can be read again is told."
	}
	if n.Late != nil && n.Late.Now != "" {
		n.Detail += " The trail is now: " + sanitize.Bound(n.Late.Now, maxCall) + "."
	}
	return n
}

// sentences joins them.
func sentences(before, after string) string {
	if before == "" {
		return after
	}
	return before + " " + after
}

// Moved adds to a finding that the destination its message was for is gone, so that it goes elsewhere.
func Moved(n finding.Finding, destination string) finding.Finding {
	n.Detail = sentences(n.Detail, "Its destination "+sanitize.Bound(destination, maxCall)+" is not in the settings any more.")
	return n
}
