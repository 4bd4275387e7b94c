package report_test

import (
	"testing"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/report"
)

// TestRoutesThatNameNobody leave a finding to the default destinations.
func TestRoutesThatNameNobody(t *testing.T) {
	r := newReporting(nil)
	r.Fanout.To.Route = func(finding.Finding) []report.Notifier { return nil }
	if _, err := r.Report(
		t.Context(),
		findingtest.Stopped(),
		nil,
	); err != nil || len(r.slack.received) != 1 ||
		len(r.sns.received) != 1 {
		t.Errorf("%v, Slack delivered %d times, SNS %d times", err, len(r.slack.received), len(r.sns.received))
	}
}

// TestATestGoesEverywhere, whatever the routes say.
func TestATestGoesEverywhere(t *testing.T) {
	r := newReporting(nil)
	further := &channel{name: "slack:further", do: answers(nil)}
	r.Fanout.To.Further = []report.Notifier{further}
	r.Fanout.To.Route = func(finding.Finding) []report.Notifier { return []report.Notifier{r.sns} }
	n := findingtest.Stopped()
	n.Outcome, n.EventTime = finding.OutcomeTest, time.Time{}
	sent, err := r.Report(t.Context(), n, nil)
	if err != nil || len(sent) != 3 || len(r.slack.received) != 1 || len(r.sns.received) != 1 ||
		len(further.received) != 1 {
		t.Errorf("%v, %+v", err, sent)
	}
}
