package incident_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"trailkeeper/lambda/internal/bearing"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/incident"
)

// TestEachFindingEndsItself and no other of an incident in which everything is wrong; without a name, all end.
func TestEachFindingEndsItself(t *testing.T) {
	all := []string{"delivery_error", "stale", "missing", "not_logging", "weakened"}
	aspects := []finding.Aspect{bearing.Delivery, bearing.Digests, bearing.Exists, bearing.Logging, bearing.Settings}
	for _, over := range append(slices.Clone(all), "") {
		w := newWorld()
		for i, kind := range all {
			w.note(t, fmt.Sprint("f", i), kind, finding.OutcomeNotified)
		}
		w.over(t, "over", over, w.now)
		var want []finding.Aspect
		for i, kind := range all {
			if kind != over && over != "" {
				want = append(want, aspects[i])
			}
		}
		got := w.Open(t.Context())[findingtest.Stopped().Subject.ARN].Aspects
		if !slices.Equal(got, want) {
			t.Errorf("%q is over: %v is left; want %v", over, got, want)
		}
	}
}

// TestEachCallIsAboutItsPart: a verified restore after a call ends what that call can make wrong, and a trail that was
// created again all that a baseline has.
func TestEachCallIsAboutItsPart(t *testing.T) {
	for call, left := range map[string]string{
		"StopLogging":           "[delivery digests settings]",
		"UpdateTrail":           "[delivery digests logging]",
		"PutEventSelectors":     "[delivery digests logging]",
		"PutInsightSelectors":   "[delivery digests logging]",
		"PutEventConfiguration": "[delivery digests logging]",
		"AddTags":               "[delivery digests logging]",
		"RemoveTags":            "[delivery digests logging]",
		"DeleteTrail":           "[delivery digests]",
		"CreateTrail":           "[delivery digests]",
		"StartLogging":          "[delivery digests logging settings]",
	} {
		w := newWorld()
		for i, kind := range []string{"delivery_error", "not_logging", "stale", "weakened", "missing"} {
			w.note(t, fmt.Sprint("f", i), kind, finding.OutcomeNotified)
		}
		w.note(t, "e", call, finding.OutcomeRestored)
		if got := fmt.Sprint(w.Open(t.Context())[findingtest.Stopped().Subject.ARN].Aspects); got != left {
			t.Errorf("restored after %s: %v is left; want %s", call, got, left)
		}
	}
}

// TestCreatedUnderADeclaredName: one that was compared with a baseline and could not be put back is weaker; one that
// was only reported is nothing.
func TestCreatedUnderADeclaredName(t *testing.T) {
	for baseline, want := range map[*finding.Baseline]string{nil: "[]", {Kind: "declared"}: "[settings]"} {
		w := newWorld()
		n := findingtest.Stopped()
		n.EventID, n.EventName, n.Outcome, n.Baseline = "e", "CreateTrail", finding.OutcomePartlyRestored, baseline
		w.Note(t.Context(), n)
		open := w.Open(t.Context())
		if got := fmt.Sprint(open[n.Subject.ARN].Aspects); got != want {
			t.Errorf("with baseline %v: %s is wrong; want %s", baseline, got, want)
		}
	}
}

// TestWhatStandsUnderAnApproval is not put right by a reading that finds nothing else; what was put back beside it is.
func TestWhatStandsUnderAnApproval(t *testing.T) {
	for outcome, want := range map[finding.Outcome]finding.IncidentState{
		finding.OutcomeNoDrift: finding.IncidentHuman, finding.OutcomeRestored: finding.IncidentRestored,
	} {
		for standing, want := range map[bool]finding.IncidentState{true: want, false: finding.IncidentRestored} {
			w := newWorld()
			w.note(t, "e1", "UpdateTrail", finding.OutcomeCannotRestore)
			n := findingtest.Stopped()
			n.EventID, n.EventName, n.Outcome, n.EventTime = "e2", "UpdateTrail", outcome, w.now
			n.Changes = []finding.Change{
				{Field: "tags", Effect: "neutral"},
				{Field: "s3BucketName", Effect: "weakens", Done: finding.DoneRestored},
			}
			if standing {
				n.Changes[1].Done = finding.DoneNothing
			}
			if noted, _ := w.Note(t.Context(), n); noted.Incident.State != want {
				t.Errorf("%s, standing %v: %s; want %s", outcome, standing, noted.Incident.State, want)
			}
		}
	}
}

// TestWhenAnIncidentBegan: at the time of its event, where that can be believed; otherwise when it was noted. The same
// goes for one that opens again.
func TestWhenAnIncidentBegan(t *testing.T) {
	for ago, believed := range map[time.Duration]bool{
		time.Second:                  true,
		incident.Quiet - time.Second: true,
		incident.Quiet:               false,
		2 * incident.Quiet:           false,
		0:                            false,
		-time.Minute:                 false,
	} {
		w := newWorld()
		n := findingtest.Stopped()
		n.EventID, n.EventName, n.Outcome, n.EventTime = "e1", "StopLogging", finding.OutcomeCannotRestore, w.now.Add(-ago)
		want := w.now
		if believed {
			want = n.EventTime
		}
		if noted, opened := w.Note(t.Context(), n); !opened || !noted.Incident.Opened.Equal(want) {
			t.Errorf("an event of %v ago: opened %v at %v; want %v", ago, opened, noted.Incident.Opened, want)
		}
	}
	w := newWorld()
	n := findingtest.Stopped()
	n.EventID, n.EventName, n.Outcome, n.EventTime = "e0", "StopLogging", finding.OutcomeNotified, time.Time{}
	if noted, _ := w.Note(t.Context(), n); !noted.Incident.Opened.Equal(w.now) {
		t.Errorf("an event without a time: opened at %v", noted.Incident.Opened)
	}
}

// TestOpensAgain at the time of the event, where it came after the end and is no time to come. The same event once more
// changes nothing.
func TestOpensAgain(t *testing.T) {
	for after, believed := range map[time.Duration]bool{
		time.Second:      true,
		59 * time.Second: true,
		time.Minute:      false,
		time.Hour:        false,
		-time.Second:     false,
		0:                false,
	} {
		for _, outcome := range []finding.Outcome{finding.OutcomeCannotRestore, finding.OutcomeRestored} {
			w := newWorld()
			w.note(t, "e1", "StopLogging", finding.OutcomeCannotRestore)
			closed := w.note(t, "e2", "StopLogging", finding.OutcomeRestored).Closed
			w.now = closed.Add(time.Minute)
			n := findingtest.Stopped()
			n.EventID, n.EventName, n.Outcome, n.EventTime = "e3", "StopLogging", outcome, closed.Add(after)
			want := w.now
			if believed {
				want = n.EventTime
			}
			noted, opened := w.Note(t.Context(), n)
			if i := noted.Incident; opened || !i.Since.Equal(want) ||
				i.Closed.IsZero() != (outcome == finding.OutcomeCannotRestore) {
				t.Errorf(
					"%s %v after the end: opened %v since %v, closed %v; want since %v",
					outcome,
					after,
					opened,
					i.Since,
					i.Closed,
					want,
				)
			}
			at := noted.Incident.Closed
			w.now = w.now.Add(time.Minute)
			if again, _ := w.Note(t.Context(), n); !again.Incident.Since.Equal(want) || !again.Incident.Closed.Equal(at) {
				t.Errorf(
					"%s %v after the end, once more: since %v, closed %v",
					outcome,
					after,
					again.Incident.Since,
					again.Incident.Closed,
				)
			}
		}
	}
}

// TestDarkUntilTheReading: what a sweep finds over or confirmed was dark until that reading, not until it was noted;
// the earliest begin counts.
func TestDarkUntilTheReading(t *testing.T) {
	for _, kind := range []string{"recovered", "confirmed"} {
		for name, begins := range map[string][]time.Duration{
			"the earlier first": {10 * time.Minute, 8 * time.Minute}, "the later first": {8 * time.Minute, 10 * time.Minute},
		} {
			w := newWorld()
			for i, ago := range begins {
				w.strike(t, fmt.Sprint("e", i), ago, 0, 0, finding.OutcomeCannotRestore)
			}
			n := findingtest.Stopped()
			n.EventID = "f"
			n.EventName = ""
			n.Kind = finding.Kind(kind)
			n.Outcome = finding.OutcomeNotified
			n.EventTime = w.now.Add(20 * time.Second)
			w.now = w.now.Add(time.Minute)
			if noted, _ := w.Note(t.Context(), n); noted.Incident.Dark != 10*time.Minute+20*time.Second {
				t.Errorf("%s, %s: dark for %v", kind, name, noted.Incident.Dark)
			}
		}
	}
}
