package message_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/message"
)

// TestDarkStep: at each step, and a moment before.
func TestDarkStep(t *testing.T) {
	for d, want := range map[time.Duration]int{
		0:                  0,
		time.Minute - 1:    0,
		time.Minute:        1,
		5*time.Minute - 1:  1,
		5 * time.Minute:    2,
		15*time.Minute - 1: 2,
		15 * time.Minute:   3,
		time.Hour - 1:      3,
		time.Hour:          4,
		2*time.Hour - 1:    4,
		2 * time.Hour:      5,
		10 * time.Hour:     13,
	} {
		if got := finding.DarkStep(d); got != want {
			t.Errorf("DarkStep(%s) = %d, want %d", d, got, want)
		}
	}
}

// TestStanding: what is worse than the baseline and was left is standing; what is no worse, and what something was done
// about, is not.
func TestStanding(t *testing.T) {
	for _, effect := range []finding.Effect{"weakens", "new_dependency", "neutral", "strengthens", ""} {
		for _, done := range []finding.Done{
			finding.DoneNothing, finding.DoneRestored, finding.DoneNotRestored, finding.DoneAccepted,
		} {
			n := finding.Finding{
				Outcome: finding.OutcomeNoDrift,
				Changes: []finding.Change{{Effect: "neutral"}, {Effect: effect, Done: done}, {Effect: "strengthens"}},
			}
			worse := effect == "weakens" || effect == "new_dependency"
			if got, want := n.Standing(), worse && done == finding.DoneNothing; got != want {
				t.Errorf("%s, %s: standing %v, want %v", effect, done, got, want)
			}
			want := "no weakening drift from the baseline"
			switch {
			case worse && done == finding.DoneRestored:
				want = "already restored with the previous change"
			case worse && done == finding.DoneNothing:
				want = "the drift is covered by an approval"
			}
			if !strings.HasSuffix(message.Headline(n), want) {
				t.Errorf("%s, %s: %q, want %q", effect, done, message.Headline(n), want)
			}
		}
	}
}

// TestShownChanges: twelve, those first that are still there, in their order within.
func TestShownChanges(t *testing.T) {
	dones := []finding.Done{finding.DoneNothing, finding.DoneRestored, finding.DoneAccepted, finding.DoneNotRestored}
	for _, many := range []int{0, 1, 4, 11, 12, 13, 40} {
		var n finding.Finding
		for i := range many {
			n.Changes = append(n.Changes, finding.Change{Field: fmt.Sprint(i), Done: dones[i%4]})
		}
		given := slices.Clone(n.Changes)
		c := message.Of(n).Changes
		var want, got []string
		for k := range dones {
			for i := 3 - k; i < many; i += 4 {
				want = append(want, n.Changes[i].Field)
			}
		}
		want = want[:min(many, 12)]
		for _, one := range c.Shown {
			got = append(got, one.Field)
		}
		if diff := cmp.Diff(want, got); diff != "" && many > 0 || c.More != max(0, many-12) || !cmp.Equal(given, n.Changes) {
			t.Errorf("of %d, %d more (-want +got):\n%s", many, c.More, diff)
		}
	}
}

// TestChangesTitle: the baseline's age in whole days, at each turn of one.
func TestChangesTitle(t *testing.T) {
	const day = 24 * time.Hour
	const of = "Changes against the recorded baseline of 2026-10-01"
	for age, want := range map[time.Duration]string{
		-1:        of,
		0:         of + " (of the same day)",
		day - 1:   of + " (of the same day)",
		day:       of + " (1 day old)",
		2*day - 1: of + " (1 day old)",
		2 * day:   of + " (2 days old)",
		51 * day:  of + " (51 days old)",
	} {
		n := finding.Finding{
			EventTime: findingtest.At().Add(age),
			Baseline:  &finding.Baseline{Kind: "recorded", CapturedAt: findingtest.At()},
		}
		if got := message.Of(n).Changes.Title; got != want {
			t.Errorf("after %s: %q, want %q", age, got, want)
		}
	}
	if got := message.Of(
		finding.Finding{Baseline: &finding.Baseline{Kind: "recorded", CapturedAt: findingtest.At()}},
	).Changes.Title; got != of {
		t.Errorf("of no time: %q", got)
	}
	if got := message.Of(finding.Finding{EventTime: findingtest.At()}).Changes.Title; got != "Changes" {
		t.Errorf("without a baseline: %q", got)
	}
}

// TestPartly counts what something was done about, and what of that is still there.
func TestPartly(t *testing.T) {
	n := finding.Finding{Outcome: finding.OutcomePartlyRestored, Changes: []finding.Change{
		{
			Done: finding.DoneNothing,
		},
		{Done: finding.DoneRestored},
		{Done: finding.DoneNotRestored},
		{Done: finding.DoneAccepted},
		{Done: finding.DoneNotRestored},
	}}
	if got, want := message.Status(n), "Needs a human: 2 of 4 weakening changes are not restored"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestSeverities: the higher of two, whichever comes first; one that is not known is the least.
func TestSeverities(t *testing.T) {
	all := []finding.Severity{
		"unheard of",
		finding.SeverityLow,
		finding.SeverityMedium,
		finding.SeverityHigh,
		finding.SeverityCritical,
	}
	for i, a := range all {
		for j, b := range all {
			if got, want := finding.Higher(a, b), all[max(i, j)]; got != want {
				t.Errorf("Higher(%s, %s) = %s", a, b, got)
			}
		}
	}
	for s, want := range map[finding.Severity]string{
		"":         "Unrated",
		"low":      "Low",
		"medium":   "Medium",
		"high":     "High",
		"critical": "Critical",
		"odd":      "odd",
	} {
		if got := message.SeverityWord(s); got != want {
			t.Errorf("%q is %q, want %q", s, got, want)
		}
	}
}

// TestLateHeadline: however long a headline is, its end is what has become of it, and it fits a header of Slack's with
// an emoji before it.
func TestLateHeadline(t *testing.T) {
	for _, s := range findingtest.Samples() {
		n := s.Notification
		n.Late = &finding.Late{Parked: findingtest.At(), Now: "not logging", History: true}
		n.EventTime = findingtest.At()
		if h := message.Headline(
			n,
		); !strings.HasSuffix(h, ", at 2026-10-01 12:00:00 UTC; now: not logging") ||
			len([]rune(h)) > 147 {
			t.Errorf("%s: %d runes, %q", s.Name, len([]rune(h)), h)
		}
		n.Late.History = false
		if h := message.Headline(n); strings.Contains(h, "; now: not logging") {
			t.Errorf("%s: what still is so is told as history: %q", s.Name, h)
		}
	}
}
