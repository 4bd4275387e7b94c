package notify

import (
	"fmt"
	"slices"
	"time"
)

// Change is one field of the trail that is not as its baseline has it. Before, After and Sentence hold what callers of AWS wrote.
type Change struct {
	Field    string `json:"field"`
	Before   string `json:"before,omitempty"` // empty: none
	After    string `json:"after,omitempty"`
	Effect   string `json:"effect"` // "weakens", "new_dependency", "neutral" or "strengthens"
	Sentence string `json:"sentence"`
	Done     Done   `json:"done,omitempty"`
	Reason   string `json:"reason,omitempty"` // why it is not restored, or not verified
}

// Done says what became of a change. The values are part of the SNS JSON.
type Done string

// What becomes of a change.
const (
	DoneNothing     Done = ""             // nothing was to be done
	DoneRestored    Done = "restored"     // reading the trail again shows it as the baseline has it
	DoneNotRestored Done = "not_restored" // Reason says why
	DoneAccepted    Done = "accepted"     // the restore is accepted, and nobody could read what came of it
)

// Baseline says which baseline a trail was compared with.
type Baseline struct {
	Kind       string    `json:"kind"` // "declared" or "recorded"
	CapturedAt time.Time `json:"captured_at"`
}

// Word says what became of the change.
func (c Change) Word() string {
	switch c.Done {
	case DoneRestored:
		return "restored"
	case DoneNotRestored:
		return "NOT restored"
	case DoneAccepted:
		return "restore accepted, not verified"
	}
	return "left alone"
}

// worse reports whether there is a change that leaves the trail worse than its baseline, of which this became.
func (n Notification) worse(done Done) bool {
	return slices.ContainsFunc(n.Changes, func(c Change) bool {
		return c.Done == done && (c.Effect == "weakens" || c.Effect == "new_dependency")
	})
}

// Standing reports whether the trail is worse than its baseline although nothing was put back: because of an approval.
func (n Notification) Standing() bool { return n.worse(DoneNothing) }

// mostChanges is how many changes a message shows.
const mostChanges = 12

// ShownChanges returns the changes that a message shows, those that are not restored first, and how many there are beyond.
func (n Notification) ShownChanges() (shown []Change, more int) {
	shown = slices.Clone(n.Changes)
	slices.SortStableFunc(shown, func(a, b Change) int { return rank(a) - rank(b) })
	if len(shown) > mostChanges {
		shown, more = shown[:mostChanges], len(shown)-mostChanges
	}
	return shown, more
}

func rank(c Change) int {
	return slices.Index([]Done{DoneNotRestored, DoneAccepted, DoneRestored, DoneNothing}, c.Done)
}

// ChangesTitle names the baseline and its age at the time of the event: "Changes against the declared baseline of 2026-10-01 (51 days old)".
func (n Notification) ChangesTitle() string {
	title := "Changes"
	if n.Baseline == nil {
		return title
	}
	title += " against the " + Bound(n.Baseline.Kind, 20) + " baseline of " + n.Baseline.CapturedAt.UTC().Format(time.DateOnly)
	if n.EventTime.IsZero() || n.EventTime.Before(n.Baseline.CapturedAt) {
		return title
	}
	switch days := int(n.EventTime.Sub(n.Baseline.CapturedAt).Hours() / 24); days {
	case 0:
		return title + " (of the same day)"
	case 1:
		return title + " (1 day old)"
	default:
		return title + fmt.Sprintf(" (%d days old)", days)
	}
}

// valueOf bounds a value of a change, and words that there is none.
func valueOf(s string, most int) string {
	if s = Bound(s, most); s == "" {
		return "none"
	}
	return s
}

// BeforeAfter are the values for a message, each at most this many runes long.
func (c Change) BeforeAfter(most int) (before, after string) {
	return valueOf(c.Before, most), valueOf(c.After, most)
}

// notRestored counts the weakening changes and those of them that are still there.
func (n Notification) notRestored() (left, all int) {
	for _, c := range n.Changes {
		if c.Done != DoneNothing {
			all++
		}
		if c.Done == DoneNotRestored {
			left++
		}
	}
	return left, all
}
