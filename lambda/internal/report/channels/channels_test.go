package channels_test

import (
	"testing"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/report/channels"
)

// TestEndGoesToABrokenDestinationOnce: one whose settings are wrong is a destination as well.
func TestEndGoesToABrokenDestinationOnce(t *testing.T) {
	wrong := channels.Broken{Destination: finding.ChannelSlack, Problems: config.Problems{{}}}
	to := report.Router(
		route.List{},
		nil,
		[]report.Notifier{channels.Broken{Destination: finding.ChannelSNS, Problems: config.Problems{{}}}, wrong},
	)
	heard := []finding.RouteKey{{Severity: "critical", Event: "StopLogging"}, {Severity: "critical", Event: "weakened"}}
	if got := to(
		finding.Finding{Incident: &finding.Incident{RouteKeys: heard, Flags: finding.Flags{Closing: true}}},
	); len(
		got,
	) != 2 {
		t.Errorf("%d destinations; want 2", len(got))
	}
}

// TestWebhookIsKnown by its destination: the default one is a webhook where no channel is set, a route's where its name
// says so.
func TestWebhookIsKnown(t *testing.T) {
	for destination, want := range map[string][2]bool{ // with a channel in the settings, and without
		"slack":             {false, true},
		"slack:C0000000001": {false, false},
		"slack:secret:one":  {true, true},
		"sns":               {false, false},
		"sns:secret:one":    {false, false},
	} {
		for i, channel := range []string{"C0123456789", ""} {
			if channels.IsWebhook(config.Reporting{SlackChannel: channel}, destination) != want[i] {
				t.Errorf("%s with channel %q: %v", destination, channel, !want[i])
			}
		}
	}
}
