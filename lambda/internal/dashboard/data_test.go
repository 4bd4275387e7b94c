package dashboard

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/metric"
)

// TestPeriod: at most 60 bars, and a period that CloudWatch has for figures of that age.
func TestPeriod(t *testing.T) {
	for _, tt := range []struct{ length, want time.Duration }{
		{time.Minute, time.Minute},
		{time.Hour, time.Minute},
		{time.Hour + time.Minute, 5 * time.Minute},
		{24 * time.Hour, 30 * time.Minute},
		{7 * 24 * time.Hour, 3 * time.Hour},
		{30 * 24 * time.Hour, 12 * time.Hour},
		{30*24*time.Hour + time.Minute, 24 * time.Hour},
		{455 * 24 * time.Hour, 8 * 24 * time.Hour},
	} {
		if got := periodOf(to.Add(-tt.length), to); got != tt.want {
			t.Errorf("a page of %s has bars of %s; want %s", tt.length, got, tt.want)
		}
	}
}

// TestAlign: the page begins with a period, holds all of the time asked for, and ends with this minute.
func TestAlign(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 41, 37, 5, time.FixedZone("", 3600))
	for hours := 1; hours <= 720; hours++ {
		length := time.Duration(hours) * time.Hour
		from, to := Align(now, length)
		p := periodOf(from, to)
		whole := from.Equal(from.Truncate(p)) && to.Equal(now.Truncate(time.Minute).Add(time.Minute))
		if got := to.Sub(from); !whole || got < length || got >= length+p || got > 60*p {
			t.Fatalf("%d hours are %s to %s in bars of %s", hours, from, to, p)
		}
	}
	if from, to := Align(now, 0); !from.Before(to) {
		t.Errorf("no time at all: %s to %s", from, to)
	}
}

// TestCompute: the statistics are CloudWatch's, and what is outside of the time or of another name is none of them.
func TestCompute(t *testing.T) {
	at := func(minutes int) time.Time { return from.Add(time.Duration(minutes) * time.Minute) }
	var d diary
	for i := 1; i <= 100; i++ {
		d.add(at(31), metric.TimeToRestore, float64(i))
	}
	d.add(at(0), metric.TimeToRestore, 7)
	d.add(at(-1), metric.TimeToRestore, 9e9)
	d.add(to, metric.TimeToRestore, 9e9)
	d.with(Sample{Metric: metric.TimeToRestore, Channel: "slack"}, at(40), 5)
	got := Compute(d.samples[:len(d.samples)-1], nil, from, to)
	for stat, want := range map[string]Series{
		statSamples: {{At: from, Value: 1}, {At: at(30), Value: 100}},
		statMost:    {{At: from, Value: 7}, {At: at(30), Value: 100}},
	} {
		if diff := cmp.Diff(want, got[Query{Metric: metric.TimeToRestore, Stat: stat}]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", stat, diff)
		}
	}
	for stat, want := range map[string]float64{p50: 50, p90: 90} {
		q := Query{Metric: metric.TimeToRestore, Stat: stat, Span: All}
		if diff := cmp.Diff(Series{{At: from, Value: want}}, got[q]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", stat, diff)
		}
	}
	if len(got) != 4 { // two by the bar, two of all the time
		t.Errorf("%d queries have an answer: %v", len(got), got)
	}
}

// TestQueries: no query twice, every metric is asked for, and one call can ask for all of a span.
func TestQueries(t *testing.T) {
	queues := make([]string, 40)
	for i := range queues {
		queues[i] = fmt.Sprint("queue-", i)
	}
	seen := make(map[Query]bool)
	names := make(map[string]bool)
	for _, q := range Queries(queues) {
		if seen[q] {
			t.Errorf("%+v is asked for twice", q)
		}
		seen[q], names[q.Metric] = true, true
	}
	for _, name := range []string{
		metric.Heartbeat, metric.SweepDuration, metric.TrailsHealthy, metric.TrailsWeakened,
		metric.TrailsStopped, metric.CannotSee, metric.Findings, metric.Incidents, metric.Contested,
		metric.DarkTime, metric.Attempts, metric.TimeToRestore, metric.RemediationFailures, metric.Deliveries,
		metric.DeliveryFailures, metric.DeliveryLatency, metric.Parked, metric.Lost, metric.Redriven,
		metric.TestAlerts, metric.TestAlertsSent, QueueDepth,
	} {
		if !names[name] {
			t.Errorf("nothing asks for %s", name)
		}
	}
	if len(seen) > 500 {
		t.Errorf("%d queries", len(seen))
	}
}

// TestHeadline: one figure without the others is no state of the trails, and neither is an old one.
func TestHeadline(t *testing.T) {
	now := to.Add(-time.Minute)
	sweep := func(at time.Time, healthy, weakened, stopped float64) []Sample {
		var d diary
		d.sweep(at, healthy, weakened, stopped)
		return d.samples
	}
	blind := func(healthy, stopped float64) []Sample {
		var d diary
		d.sweep(now, healthy, 0, stopped)
		d.samples = slices.DeleteFunc(d.samples, func(s Sample) bool { return s.Metric == metric.CannotSee })
		d.add(now, metric.CannotSee, 1)
		return d.samples
	}
	var alone diary
	alone.add(now, metric.TrailsStopped, 0)
	for _, tt := range []struct {
		name    string
		samples []Sample
		want    string
	}{
		{"nothing", nil, "The state of the trails is not known"},
		{"one figure", alone.samples, "The state of the trails is not known"},
		{"old", sweep(to.Add(-recent-time.Minute), 1, 0, 0), "The state of the trails is not known"},
		{"just not old", sweep(to.Add(-recent), 1, 0, 0), "Every trail is healthy"},
		{"healthy", sweep(now, 3, 0, 0), "Every trail is healthy"},
		{"not all is seen", blind(3, 0), "Not everything could be seen"},
		{"what is seen is off", blind(3, 1), "1 trail does not log"},
		{"no trail", sweep(now, 0, 0, 0), "The sweep sees no trail"},
		{"one weakened", sweep(now, 3, 1, 0), "1 trail is weaker than its baseline"},
		{"stopped counts more", sweep(now, 0, 5, 2), "2 trails do not log"},
	} {
		if got := data(tt.samples).Headline(); got != tt.want {
			t.Errorf("%s: %q; want %q", tt.name, got, tt.want)
		}
	}
}
