package notify_test

import (
	"os"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/notify"
	"trailkeeper/lambda/internal/notify/notifytest"
	"trailkeeper/lambda/internal/sweep"
)

// TestRunbook: README.md has a row for each kind of message, and every message links to its own.
func TestRunbook(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var all []notify.Notification
	for _, s := range notifytest.Samples() {
		if s.Notification.Outcome != "" && s.Name != "hostile" {
			all = append(all, s.Notification)
		}
	}
	for _, o := range []notify.Outcome{notify.OutcomeTest, notify.OutcomeRepeated, notify.OutcomeApproved, notify.OutcomeNoDrift, notify.OutcomePartlyRestored} {
		all = append(all, notify.Notification{Outcome: o})
	}
	for _, k := range []sweep.Kind{
		sweep.NotLogging, sweep.Weakened, sweep.Missing, sweep.Undelivered, sweep.Stale, sweep.Uncovered, sweep.CannotSee, sweep.Recorded, sweep.Recovered, sweep.Confirmed,
	} {
		all = append(all, notify.Notification{Finding: string(k), Outcome: notify.OutcomeNotified})
	}
	for _, own := range []string{notify.FindingAlarm, notify.FindingLast} {
		all = append(all, notify.Notification{Finding: own, Outcome: notify.OutcomeNotified})
	}
	for _, n := range all {
		n.Runbook = "https://wiki.example.com/trailkeeper"
		_, anchor, ok := strings.Cut(n.RunbookLink(), "https://wiki.example.com/trailkeeper#")
		if !ok || !strings.Contains(string(readme), `<a id="`+anchor+`"></a>`+"`"+n.Kind()+"`") {
			t.Errorf("README.md has no row of %s for %s", anchor, n.Kind())
		}
	}
}

// TestRunbookLink is there only where the setting is an address.
func TestRunbookLink(t *testing.T) {
	for runbook, want := range map[string]string{
		"https://wiki.example.com/a?b=c": "https://wiki.example.com/a?b=c#runbook-gave-up",
		"":                               "",
		"http://wiki.example.com/":       "",
		"javascript:alert(1)":            "",
		"https://wiki.example.com/" + strings.Repeat("x", 400): "",
	} {
		if got := (notify.Notification{Outcome: notify.OutcomeGaveUp, Runbook: runbook}).RunbookLink(); got != want {
			t.Errorf("%q: %q; want %q", runbook, got, want)
		}
	}
}
