package report_test

import (
	"strings"
	"testing"

	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/report"
)

// TestEndGoesToAllWhoHeard, by whatever routes they heard.
func TestEndGoesToAllWhoHeard(t *testing.T) {
	named := func(name string) report.Notifier { return &channel{name: name} }
	made := map[string]report.Notifier{"C1": named("slack:C1"), "C2": named("slack:C2"), "C3": named("slack:C3")}
	to := report.Router(route.List{Routes: []route.Route{
		{
			Events: []string{"StopLogging"},
			Slack:  []string{"C1"},
		},
		{Severity: "critical", Slack: []string{"C2"}},
		{Events: []string{"DeleteTrail"}, Slack: []string{"C3"}},
	}}, made, []report.Notifier{named("slack")})
	heard := []finding.RouteKey{{Severity: "critical", Event: "StopLogging"}, {Severity: "critical", Event: "weakened"}}
	for flags, want := range map[finding.Flags]string{
		{}:              "slack",
		{Closing: true}: "slack slack:C1 slack:C2",
		{Turned: true}:  "slack slack:C1 slack:C2",
		{Resumed: true}: "slack",
	} {
		n := finding.Finding{
			Kind:     "recovered",
			Severity: finding.SeverityLow,
			Incident: &finding.Incident{RouteKeys: heard, Flags: flags},
		}
		var names []string
		for _, one := range to(n) {
			names = append(names, one.Name())
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%+v: to %q; want %q", flags, got, want)
		}
	}
}

// TestRouter: the first route that fits says where, by all its names that there are; what none takes goes to the
// default ones. A route goes by the account that the record was delivered to, and by the subject's own.
func TestRouter(t *testing.T) {
	named := func(name string) report.Notifier { return &channel{name: name} }
	made := map[string]report.Notifier{"C1": named("slack:C1"), "C2": named("slack:C2"), "arn": named("sns:t")}
	list := route.List{Routes: []route.Route{
		{Events: []string{"StopLogging"}, Severity: "critical", Slack: []string{"C2"}},
		{Events: []string{"StopLogging"}, Slack: []string{"C1", "CGONE"}, Topics: []string{"arn"}},
		{Accounts: []string{"222222222222"}, Slack: []string{"C2"}},
	}}
	const trail = "arn:aws:cloudtrail:eu-west-1:222222222222:trail/name"
	for name, test := range map[string]struct {
		n    finding.Finding
		want string
	}{
		"the second, whole": {
			finding.Finding{EventName: "StopLogging", Severity: finding.SeverityHigh}, "slack:C1 sns:t",
		},
		"the first":          {finding.Finding{EventName: "StopLogging", Severity: finding.SeverityCritical}, "slack:C2"},
		"none":               {finding.Finding{EventName: "DeleteTrail"}, "slack"},
		"none, as a finding": {finding.Finding{EventName: "StopLogging", Kind: finding.KindNamed}, "slack"},
		"the recipient's": {
			finding.Finding{Recipient: "222222222222", Subject: finding.Subject{Account: "1"}}, "slack:C2",
		},
		"the subject's account": {finding.Finding{Subject: finding.Subject{Account: "222222222222"}}, "slack:C2"},
		"another recipient's": {
			finding.Finding{Recipient: "333333333333", Subject: finding.Subject{Account: "222222222222"}}, "slack",
		},
		"the owner's": {
			finding.Finding{Recipient: "333333333333", Subject: finding.Subject{ARN: trail}}, "slack:C2",
		},
		"what is no ARN owns it": {
			finding.Finding{Recipient: "333333333333", Subject: finding.Subject{ARN: "222222222222"}}, "slack",
		},
	} {
		var names []string
		for _, one := range report.Router(list, made, []report.Notifier{named("slack")})(test.n) {
			names = append(names, one.Name())
		}
		if got := strings.Join(names, " "); got != test.want {
			t.Errorf("%s: to %q; want %q", name, got, test.want)
		}
	}
}
