package message_test

import (
	"os"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/message"
)

// TestRunbook: lambda/README.md has a row for each kind of message, and every message links to its own.
func TestRunbook(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var all []finding.Finding
	for _, s := range findingtest.Samples() {
		if s.Notification.Outcome != "" && s.Name != "hostile" {
			all = append(all, s.Notification)
		}
	}
	for _, o := range []finding.Outcome{
		finding.OutcomeTest, finding.OutcomeRepeated, finding.OutcomeApproved, finding.OutcomeNoDrift,
		finding.OutcomePartlyRestored,
	} {
		all = append(all, finding.Finding{Outcome: o})
	}
	for _, k := range []finding.Kind{
		finding.KindNotLogging, finding.KindWeakened, finding.KindMissing, finding.KindDeliveryError, finding.KindStale,
		finding.KindNoTrail, finding.KindCannotSee, finding.KindRecorded, finding.KindRecovered, finding.KindConfirmed,
	} {
		all = append(all, finding.Finding{Kind: k, Outcome: finding.OutcomeNotified})
	}
	for _, own := range []finding.Kind{finding.KindAlarm, finding.KindLastQueue} {
		all = append(all, finding.Finding{Kind: own, Outcome: finding.OutcomeNotified})
	}
	for _, n := range all {
		n.Runbook = "https://wiki.example.com/trailkeeper"
		_, anchor, ok := strings.Cut(message.RunbookLink(n), "https://wiki.example.com/trailkeeper#")
		if !ok || !strings.Contains(string(readme), `<a id="`+anchor+`"></a>`+"`"+message.RunbookKey(n)+"`") {
			t.Errorf("lambda/README.md has no row of %s for %s", anchor, message.RunbookKey(n))
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
		if got := message.RunbookLink((finding.Finding{Outcome: finding.OutcomeGaveUp, Runbook: runbook})); got != want {
			t.Errorf("%q: %q; want %q", runbook, got, want)
		}
	}
}
