package stack_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/config/metric"
)

// body is the dashboard's as CloudWatch reads it.
type body struct {
	Widgets []struct {
		Type                string
		X, Y, Width, Height int
		Properties          struct {
			Title, Markdown, Region, View string
			Period                        int
			Alarms                        []string
			Metrics                       [][]any
		}
	}
}

func dashboardOf(t *testing.T, tpl template) body {
	t.Helper()
	_, properties := tpl.only(t, "AWS::CloudWatch::Dashboard", "Dashboard")
	var b body
	text := fmt.Sprint(plain(properties["DashboardBody"]))
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return b
}

// shownMetrics lists "namespace name" of every graph.
func (b body) shownMetrics() map[string]bool {
	found := map[string]bool{}
	for _, w := range b.Widgets {
		for _, m := range w.Properties.Metrics {
			found[fmt.Sprint(m[0], " ", m[1])] = true
		}
	}
	return found
}

// TestDashboard: everything has a title, lies in the grid without overlap, is of the deployment and its Region, and
// every alarm is there.
func TestDashboard(t *testing.T) {
	for _, name := range golden.Names() {
		t.Run(name, func(t *testing.T) {
			s, tpl := variant(t, name), goldenTemplate(t, name)
			b := dashboardOf(t, tpl)
			taken := map[[2]int]string{}
			for _, w := range b.Widgets {
				p := w.Properties
				if p.Title == "" && p.Markdown == "" {
					t.Errorf("%+v has no title", w)
				}
				for x := w.X; x < w.X+w.Width; x++ {
					for y := w.Y; y < w.Y+w.Height; y++ {
						if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
							t.Fatalf("%q lies outside of the grid or on %q", p.Title, other)
						}
						taken[[2]int{x, y}] = p.Title + "!"
					}
				}
				for _, m := range p.Metrics {
					if p.Region != "eu-west-1" || p.Period%60 != 0 ||
						(m[0] == metric.Namespace && (m[2] != metric.DimensionStack || m[3] != s.StackName)) {
						t.Errorf("%q is in %q, with period %d, and shows %v; want the stack's own", p.Title, p.Region, p.Period, m)
					}
				}
			}
			var alarms []string
			for _, w := range b.Widgets {
				alarms = append(alarms, w.Properties.Alarms...)
			}
			own := len(tpl.resources("AWS::CloudWatch::Alarm")) - len(tpl.resources("AWS::Logs::MetricFilter")) // not those of rules
			if got, want := len(alarms), own; got != want || got > 100 {
				t.Errorf("%d alarms; want %d, of at most 100", got, want)
			}
		})
	}
}

// TestDashboardShowsEveryMetric: what is measured is seen, and with the sweep off nothing that never comes.
func TestDashboardShowsEveryMetric(t *testing.T) {
	all := []string{
		metric.Heartbeat,
		metric.SweepDuration,
		metric.TrailsHealthy,
		metric.TrailsWeakened,
		metric.TrailsStopped,
		metric.Findings,
		metric.Incidents,
		metric.Attempts,
		metric.TimeToRestore,
		metric.RemediationFailures,
		metric.Deliveries,
		metric.DeliveryFailures,
		metric.DeliveryLatency,
		metric.Parked,
		metric.Lost,
		metric.Redriven,
		metric.TestAlerts,
	}
	shown := dashboardOf(t, goldenTemplate(t, "default")).shownMetrics()
	for _, name := range all {
		if !shown["Trailkeeper "+name] {
			t.Errorf("no graph shows %s; there are %v", name, slices.Sorted(maps.Keys(shown)))
		}
	}
	shown = dashboardOf(t, goldenTemplate(t, "existing")).shownMetrics() // without a sweep
	for _, name := range []string{metric.Heartbeat, metric.SweepDuration, metric.TrailsHealthy, metric.Findings} {
		if shown["Trailkeeper "+name] {
			t.Errorf("%s is shown though there is no sweep", name)
		}
	}
}

// TestNoDashboard: the setting is obeyed.
func TestNoDashboard(t *testing.T) {
	s := variant(t, "sns-only")
	s.Dashboard = false
	if found := unvalidated(t, s).resources("AWS::CloudWatch::Dashboard"); len(found) > 0 {
		t.Errorf("there is a dashboard: %s", strings.Join(slices.Sorted(maps.Keys(found)), ", "))
	}
}
