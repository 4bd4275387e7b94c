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
		{Events: []string{"StopLogging"}, Slack: []string{"C1"}}, {Severity: "critical", Slack: []string{"C2"}}, {Events: []string{"DeleteTrail"}, Slack: []string{"C3"}},
	}}, made, []report.Notifier{named("slack")})
	heard := []finding.RouteKey{{Severity: "critical", Event: "StopLogging"}, {Severity: "critical", Event: "weakened"}}
	for flags, want := range map[finding.Flags]string{
		{}: "slack", {Closing: true}: "slack slack:C1 slack:C2", {Turned: true}: "slack slack:C1 slack:C2", {Resumed: true}: "slack",
	} {
		n := finding.Finding{Kind: "recovered", Severity: finding.SeverityLow, Incident: &finding.Incident{RouteKeys: heard, Flags: flags}}
		var names []string
		for _, one := range to(n) {
			names = append(names, one.Name())
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%+v: to %q; want %q", flags, got, want)
		}
	}
}
