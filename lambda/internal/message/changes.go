package message

import (
	"fmt"
	"slices"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

// ChangeWord says what became of the change.
func ChangeWord(c finding.Change) string {
	switch c.Done {
	case finding.DoneRestored:
		return "restored"
	case finding.DoneNotRestored:
		return "NOT restored"
	case finding.DoneAccepted:
		return "restore accepted, not verified"
	}
	return "left alone"
}

// maxChanges is how many changes a message shows.
const maxChanges = 12

// ShownChanges returns the changes that a message shows, those that are not restored first, and how many there are beyond.
func ShownChanges(n finding.Finding) (shown []finding.Change, more int) {
	shown = slices.Clone(n.Changes)
	slices.SortStableFunc(shown, func(a, b finding.Change) int { return rank(a) - rank(b) })
	if len(shown) > maxChanges {
		shown, more = shown[:maxChanges], len(shown)-maxChanges
	}
	return shown, more
}

func rank(c finding.Change) int {
	return slices.Index([]finding.Done{finding.DoneNotRestored, finding.DoneAccepted, finding.DoneRestored, finding.DoneNothing}, c.Done)
}

// ChangesTitle names the baseline and its age at the time of the event: "Changes against the declared baseline of 2026-10-01 (51 days old)".
func ChangesTitle(n finding.Finding) string {
	title := "Changes"
	if n.Baseline == nil {
		return title
	}
	title += " against the " + sanitize.Bound(n.Baseline.Kind, 20) + " baseline of " + n.Baseline.CapturedAt.UTC().Format(time.DateOnly)
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
	if s = sanitize.Bound(s, most); s == "" {
		return "none"
	}
	return s
}

// BeforeAfter are the values for a message, each at most this many runes long.
func BeforeAfter(c finding.Change, most int) (before, after string) {
	return valueOf(c.Before, most), valueOf(c.After, most)
}
