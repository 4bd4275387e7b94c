package notify

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Late says of a message that it comes out of the failure queue, long after what it tells.
type Late struct {
	Parked time.Time `json:"parked"`
	// Now is how the trail stands when the message is sent, as reading it shows: "logging", "not logging", "deleted", …; empty: it is about no trail.
	Now string `json:"now,omitempty"`
	// History says that what the message tells is not so any more, or is not known to be so. Then it closes nothing.
	History bool `json:"history,omitempty"`
}

// history is the end of a headline that tells what was so once: " at 2026-03-02 12:00:00 UTC; now: deleted".
func (n Notification) history() string {
	if n.Late == nil || !n.Late.History {
		return ""
	}
	end := ""
	if !n.EventTime.IsZero() {
		end = ", at " + Time(n.EventTime)
	}
	if n.Late.Now != "" {
		end += "; now: " + Bound(n.Late.Now, maxCall)
	}
	return end
}

// withHistory ends a text of at most this many runes with what has become of it since.
func (n Notification) withHistory(text string, most int) string {
	end := n.history()
	if end == "" {
		return Bound(text, most)
	}
	return strings.TrimSuffix(Bound(text, most-utf8.RuneCountInString(end)), ".") + end
}
