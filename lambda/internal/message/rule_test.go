package message_test

import (
	"strings"
	"testing"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
)

// TestRuleLinks: what a rule refers to is a link where it is a technique or a page, whole; anything else is named.
func TestRuleLinks(t *testing.T) {
	const attack = "https://attack.mitre.org/techniques/"
	for reference, want := range map[string]message.Link{
		"T1562":                  {Label: "ATT&CK T1562", URL: attack + "T1562"},
		"T1562.008":              {Label: "ATT&CK T1562.008", URL: attack + "T1562/008"},
		"T1562.08":               {Label: "Reference: T1562.08"},
		"T15622":                 {Label: "Reference: T15622"},
		"t1562":                  {Label: "Reference: t1562"},
		"T1562.008|x":            {Label: "Reference: T1562.008|x"},
		"1562":                   {Label: "Reference: 1562"},
		"https://a.example/b?c":  {Label: "Reference: a.example", URL: "https://a.example/b?c"},
		"http://a.example/":      {Label: "Reference: http://a.example/"},
		"https://u@a.example/":   {Label: "Reference: https://u@a.example/"},
		"https://a.example/<x>":  {Label: "Reference: https://a.example/<x>"},
		"https://a.example/|x":   {Label: "Reference: https://a.example/|x"},
		"https:///x":             {Label: "Reference: https:///x"},
		"javascript:alert(1)":    {Label: "Reference: javascript:alert(1)"},
		"the handbook,\n page 4": {Label: "Reference: the handbook, page 4"},
		strings.Repeat("a", 300): {Label: "Reference: " + strings.Repeat("a", 199) + "…"},
		"https://a.example/" + strings.Repeat("b", 300): {
			Label: "Reference: https://a.example/" + strings.Repeat("b", 181) + "…",
		},
	} {
		n := finding.Finding{
			Outcome: finding.OutcomeDetected,
			Title:   "t",
			Rule:    &finding.Rule{References: []string{reference}},
		}
		if got := message.Of(n).Links; len(got) != 2 || got[0] != want {
			t.Errorf("%.40q: %+v; want %+v", reference, got, want)
		}
	}
	n := finding.Finding{Outcome: finding.OutcomeDetected, Title: "t", Rule: &finding.Rule{}}
	for page, want := range map[string]message.Link{
		"https://wiki.example/root": {Label: "Runbook of the rule", URL: "https://wiki.example/root"},
		"page 4":                    {Label: "Runbook of the rule: page 4"},
	} {
		n.Rule.Runbook = page
		if got := message.Of(n).Links[0]; got != want {
			t.Errorf("%q: %+v", page, got)
		}
	}
}

// TestShortTitle: for the subject of an e-mail, an ARN is its resource, shortened, and its account where that is
// another.
func TestShortTitle(t *testing.T) {
	const role = "arn:aws:sts::111122223333:assumed-role/Deployer/"
	for title, want := range map[string]string{
		role + "ci called StopLogging":                         "assumed-role/Deployer/ci called StopLogging",
		role + strings.Repeat("a", 64) + " called StopLogging": "assumed-role/Deployer/aaaaaaaaa… called StopLogging",
		"Shared with arn:aws:iam::999900001111:root":           "Shared with 999900001111:root",
		"arn:aws:s3:::logs is public":                          "logs is public",
		"arn:aws and arn:aws:iam::1: stay":                     "arn:aws and arn:aws:iam::1: stay",
	} {
		n := finding.Finding{
			Outcome: finding.OutcomeDetected,
			Title:   title,
			Subject: finding.Subject{Account: "111122223333"},
		}
		if got, _ := message.Summary(n); got != want {
			t.Errorf("%s: %q; want %q", title, got, want)
		}
	}
}

// TestUnlisted: an event that CloudTrail's event history does not have is not linked there, and nobody is sent there.
func TestUnlisted(t *testing.T) {
	n := finding.Finding{
		EventID:   "e1",
		EventName: "GetObject",
		Subject:   finding.Subject{Region: "eu-west-1", Partition: "aws"},
	}
	if message.EventLink(n) == "" {
		t.Error("an event without a link")
	}
	if n.Unlisted = true; message.EventLink(n) != "" {
		t.Error("a link to what is not there")
	}
}
