package message

import (
	"fmt"
	"slices"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

// Changes are how the subject differed from its baseline, and what became of each difference.
type Changes struct {
	Title string // names the baseline and its age at the time of the event
	Shown []Change
	More  int // how many there are beyond
}

// Change is one field that differs.
type Change struct {
	Word          string // what became of it: "restored"
	Field         string
	Before, After string // "none" where there is none
	Text          string
}

// maxChanges is how many changes a message shows.
const maxChanges = 12

// changesOf are those of a finding, what is not restored first.
func changesOf(f finding.Finding) Changes {
	sorted := slices.Clone(f.Changes)
	slices.SortStableFunc(sorted, func(a, b finding.Change) int { return rank(a) - rank(b) })
	c := Changes{Title: changesTitle(f), More: max(0, len(sorted)-maxChanges)}
	for _, one := range sorted[:min(len(sorted), maxChanges)] {
		c.Shown = append(c.Shown, Change{
			Word:   changeWord(one),
			Field:  sanitize.Bound(one.Field, maxField),
			Before: valueOf(one.Before),
			After:  valueOf(one.After),
			Text:   sanitize.Bound(effect(one)+" "+Why(one), maxField),
		})
	}
	return c
}

// effect is what a change does, as a sentence on the subject with the change.
func effect(c finding.Change) string {
	if c.Done == finding.DoneRestored {
		return "Before the restore: " + c.Sentence
	}
	return c.Sentence
}

func changeWord(c finding.Change) string {
	switch c.Done {
	case finding.DoneRestored:
		return "restored"
	case finding.DoneNotRestored:
		return "NOT restored"
	case finding.DoneAccepted:
		return "unverified"
	}
	return "left as is"
}

func rank(c finding.Change) int {
	return slices.Index(
		[]finding.Done{finding.DoneNotRestored, finding.DoneAccepted, finding.DoneRestored, finding.DoneNothing},
		c.Done,
	)
}

// changesTitle names the baseline and its age at the time of the event: "Changes against the declared baseline of
// 2026-10-01 (51 days old)".
func changesTitle(f finding.Finding) string {
	title := "Changes"
	if f.Baseline == nil {
		return title
	}
	title += " against the " + sanitize.Bound(
		f.Baseline.Kind,
		20,
	) + " baseline of " + f.Baseline.CapturedAt.UTC().Format(
		time.DateOnly,
	)
	if f.EventTime.IsZero() || f.EventTime.Before(f.Baseline.CapturedAt) {
		return title
	}
	switch days := int(f.EventTime.Sub(f.Baseline.CapturedAt).Hours() / 24); days {
	case 0:
		return title + " (of the same day)"
	case 1:
		return title + " (1 day old)"
	default:
		return title + fmt.Sprintf(" (%d days old)", days)
	}
}

func valueOf(s string) string {
	if s = sanitize.Bound(s, maxField); s == "" {
		return "none"
	}
	return s
}
