package report_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/report"
)

func counted(name string) metrics.Metric { return metrics.Metric{Name: name, Unit: "Count", Value: 1} }

func lasted(name string, ms int64) metrics.Metric {
	return metrics.Metric{Name: name, Unit: "Milliseconds", Value: ms}
}

func failed(reason string) metrics.Metric {
	return metrics.Metric{
		Name:   metric.RemediationFailures,
		Unit:   "Count",
		Value:  1,
		Reason: reason,
	}
}

// TestFigures are all that one finding says of the deployment, and nothing else.
func TestFigures(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 15, 30, 0, time.UTC)
	dark := func(to time.Time) *finding.Dark { return &finding.Dark{From: at, To: to} }
	for name, test := range map[string]struct {
		n      finding.Finding
		opened bool
		want   []metrics.Metric
	}{
		"nothing":     {finding.Finding{}, false, nil},
		"an incident": {finding.Finding{}, true, []metrics.Metric{counted(metric.Incidents)}},
		"newly contested": {
			finding.Finding{Incident: &finding.Incident{Flags: finding.Flags{Contested: true}}},
			false,
			[]metrics.Metric{counted(metric.Contested)},
		},
		"still contested": {finding.Finding{Incident: &finding.Incident{State: finding.IncidentContested}}, false, nil},
		"was dark": {
			finding.Finding{Dark: dark(at.Add(7 * time.Second))}, false, []metrics.Metric{lasted(metric.DarkTime, 7000)},
		},
		"is dark":          {finding.Finding{Dark: dark(time.Time{})}, false, nil},
		"dark for no time": {finding.Finding{Dark: dark(at)}, false, nil},
		"a refused call": {
			finding.Finding{Outcome: finding.OutcomeAttempt}, false, []metrics.Metric{counted(metric.Attempts)},
		},
		"restored": {
			finding.Finding{Outcome: finding.OutcomeRestored, SinceEvent: 3 * time.Second},
			false,
			[]metrics.Metric{lasted(metric.TimeToRestore, 3000)},
		},
		"confirmed": {
			finding.Finding{Outcome: finding.OutcomeNotified, SinceEvent: time.Second},
			false,
			[]metrics.Metric{lasted(metric.TimeToRestore, 1000)},
		},
		"restored, since when": {finding.Finding{Outcome: finding.OutcomeRestored}, false, nil},
		"accepted":             {finding.Finding{Outcome: finding.OutcomeAccepted, SinceEvent: time.Second}, false, nil},
		"denied": {
			finding.Finding{Outcome: finding.OutcomeCannotRestore, Cause: metric.ReasonDenied},
			false,
			[]metrics.Metric{failed(metric.ReasonDenied)},
		},
		"gave up": {finding.Finding{Outcome: finding.OutcomeGaveUp}, false, []metrics.Metric{failed(metric.ReasonOther)}},
		"in part": {
			finding.Finding{Outcome: finding.OutcomePartlyRestored}, false, []metrics.Metric{failed(metric.ReasonOther)},
		},
		"retrying": {finding.Finding{Outcome: finding.OutcomeRetrying, Cause: metric.ReasonDenied}, false, nil},
		"all at once": {
			finding.Finding{
				Outcome:    finding.OutcomeRestored,
				SinceEvent: 2 * time.Second,
				Dark:       dark(at.Add(time.Second)),
				Incident:   &finding.Incident{Flags: finding.Flags{Contested: true}},
			},
			true,
			[]metrics.Metric{
				counted(metric.Incidents), counted(metric.Contested), lasted(metric.DarkTime, 1000),
				lasted(metric.TimeToRestore, 2000),
			},
		},
	} {
		if diff := cmp.Diff(test.want, report.Figures(test.n, test.opened)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
