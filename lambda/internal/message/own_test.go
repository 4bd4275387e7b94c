package message_test

import (
	"encoding/json"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
)

// foreign is what a rule over any record reports: of a resource that is no trail, with a title of its own.
func foreign() finding.Finding {
	return finding.Finding{
		EventID:   "e1",
		EventName: "CreateAccessKey",
		Title:     "Access key for root",
		Source:    "root-access-key",
		Severity:  finding.SeverityCritical,
		Outcome:   finding.OutcomeNotified,
		Actor:     "root",
		Subject: finding.Subject{
			Type:    "AWS::IAM::User",
			ARN:     "arn:aws:iam::111122223333:user/root",
			Name:    "root",
			Account: "111122223333",
			Region:  "us-east-1",
		},
	}
}

// TestForeignSubject: a finding about something else than a trail is shown without a word of trails, sweeps or
// CloudTrail's settings, whatever became of it.
func TestForeignSubject(t *testing.T) {
	for _, outcome := range []finding.Outcome{
		finding.OutcomeNotified, finding.OutcomeAttempt, finding.OutcomeCannotRestore, finding.OutcomeRestored,
		finding.OutcomeNotOurs, finding.OutcomeUnproven, finding.OutcomeGaveUp,
	} {
		for _, unnamed := range []bool{false, true} {
			n := foreign()
			n.Outcome = outcome
			if unnamed {
				n.ARN, n.Name = "", ""
			}
			m := message.Of(n)
			said := []any{m.Title, message.Headline(n), m.Status, m.Fields, m.Links}
			for _, s := range m.Steps {
				said = append(said, s.Text)
			}
			text, err := json.Marshal(said)
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range []string{"trail", "sweep", "logging"} {
				if strings.Contains(strings.ToLower(strings.ReplaceAll(string(text), "Trailkeeper", "")), word) {
					t.Errorf("%s, unnamed %t: %q in %s", outcome, unnamed, word, text)
				}
			}
			for _, want := range []string{"root-access-key", "CreateAccessKey"} {
				if !strings.Contains(string(text), want) {
					t.Errorf("%s: no %q in %s", outcome, want, text)
				}
			}
		}
	}
	n := foreign()
	if got := message.Headline(n); got != "Access key for root" {
		t.Errorf("the title is %q", got)
	}
	n.Title = "x\x1b[31m\u202e" + strings.Repeat("y", 1000)
	if got := []rune(message.Headline(n)); len(got) > 147 || strings.ContainsAny(string(got), "\x1b\u202e") {
		t.Errorf("a hostile title: %q", string(got))
	}
}
