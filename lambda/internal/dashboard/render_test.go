package dashboard

import (
	"bytes"
	"flag"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/goldentest"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	to   = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	from = to.Add(-24 * time.Hour)
)

// diary collects samples of a made-up day.
type diary struct{ samples []Sample }

func (d *diary) add(at time.Time, name string, value float64) {
	d.with(Sample{Metric: name}, at, value)
}

func (d *diary) with(s Sample, at time.Time, value float64) {
	s.Point = Point{At: at, Value: value}
	d.samples = append(d.samples, s)
	if s.Channel != "" || s.Reason != "" { // it counts for the stack as well
		s.Channel, s.Reason = "", ""
		d.samples = append(d.samples, s)
	}
}

// sweep adds what one sweep reports.
func (d *diary) sweep(at time.Time, healthy, weakened, stopped float64) {
	for name, value := range map[string]float64{
		metric.Heartbeat:      1,
		metric.SweepDuration:  700 + 100*float64(at.Hour()%5),
		metric.TrailsHealthy:  healthy,
		metric.TrailsWeakened: weakened,
		metric.TrailsStopped:  stopped,
		metric.CannotSee:      0,
		metric.Findings:       weakened + stopped,
	} {
		d.add(at, name, value)
	}
}

// incident adds what one incident reports. One that is slow to be restored was contested.
func (d *diary) incident(at time.Time, restore float64) {
	d.add(at, metric.Incidents, 1)
	d.add(at.Add(time.Second), metric.TimeToRestore, restore)
	d.add(at.Add(time.Second), metric.DarkTime, restore)
	if restore > 60_000 {
		d.add(at, metric.Contested, 1)
	}
	for _, c := range channels {
		d.with(Sample{Metric: metric.Deliveries, Channel: c.id}, at.Add(2*time.Second), 1)
		d.with(Sample{Metric: metric.DeliveryLatency, Channel: c.id}, at.Add(2*time.Second), 120+restore/20)
	}
}

var queues = []string{
	"trailkeeper-GuardDeadLetters0A1B2C3D-Xy12",
	"trailkeeper-GuardFailures4E5F6A7B-Zz34",
	"trailkeeper-SlackDeadLetters8C9D0E1F-Ab56",
}

// busy is a day with incidents, a Slack that is away for a while, and two hours without a sweep.
func busy() []Sample {
	var d diary
	for i := range 96 {
		at := from.Add(time.Duration(i) * 15 * time.Minute)
		switch {
		case i > 30 && i < 39:
			continue
		case i == 60 || i == 61:
			d.sweep(at, 3, 0, 1)
		case i > 88:
			d.sweep(at, 3, 1, 0)
		default:
			d.sweep(at, 4, 0, 0)
		}
	}
	for i, restore := range []float64{2100, 1800, 9400, 2600, 61_000, 3100, 2500, 2200} {
		d.incident(from.Add(time.Duration(i*i+8)*20*time.Minute), restore)
	}
	d.add(from.Add(5*time.Hour), metric.Attempts, 7)
	for i := range 3 {
		at := from.Add(15*time.Hour + time.Duration(i)*20*time.Minute)
		d.with(Sample{Metric: metric.DeliveryFailures, Channel: "slack"}, at, 1)
		d.add(at, metric.Parked, 1)
		d.with(Sample{Metric: QueueDepth, Queue: queues[1]}, at, float64(i+1))
	}
	d.add(from.Add(17*time.Hour), metric.Redriven, 2)
	d.with(Sample{Metric: QueueDepth, Queue: queues[1]}, to.Add(-time.Minute), 1)
	d.with(Sample{Metric: QueueDepth, Queue: queues[0]}, to.Add(-time.Minute), 0)
	d.with(Sample{Metric: metric.RemediationFailures, Reason: metric.ReasonDenied}, from.Add(14*time.Hour), 1)
	d.with(Sample{Metric: metric.RemediationFailures, Reason: metric.ReasonThrottled}, from.Add(15*time.Hour), 2)
	d.add(from.Add(23*time.Hour), metric.TestAlerts, 1)
	return d.samples
}

// quiet is a day on which nothing happened.
func quiet() []Sample {
	var d diary
	for i := range 96 {
		d.sweep(from.Add(time.Duration(i)*15*time.Minute), 4, 0, 0)
	}
	return d.samples
}

func data(samples []Sample) Data {
	return Data{
		Stack:  "trailkeeper",
		Origin: "Account 111122223333, eu-west-1",
		From:   from,
		To:     to,
		Queues: queues,
		Series: Compute(samples, queues, from, to),
	}
}

func TestRender(t *testing.T) {
	stopped := diary{}
	stopped.sweep(to.Add(-10*time.Minute), 2, 1, 1)
	empty := data(nil)
	empty.Queues = nil
	empty.Notes = []string{"The queues: AWS refused cloudwatch:ListMetrics. Allow it, or name them with --queue."}
	hostile := data(quiet())
	hostile.Stack, hostile.Origin = `<script>alert(1)</script>`, `"><img src=//evil.example onerror=alert(1)>{{.Head}}`
	hostile.Queues = []string{`</td><style>*{display:none}</style>`}
	hostile.Open = []Incident{{
		Trail:  `<script>alert(1)</script>`,
		Actor:  `"><img src=x onerror=alert(1)>`,
		State:  "{{.Head}}",
		Opened: from,
	}}
	hostile.Notes = []string{`</section><a href="javascript:alert(1)">click</a>`}
	worked := data(busy())
	worked.Open = []Incident{
		{
			Trail:   "management-events",
			Account: "111122223333",
			Region:  "eu-west-1",
			Actor:   "user mallory",
			State:   "contested",
			Opened:  to.Add(-20 * time.Minute),
			Dark:    3 * time.Minute,
		},
		{
			Trail:   "audit",
			Account: "444455556666",
			Region:  "us-east-1",
			State:   "needs_human",
			Opened:  to.Add(-3 * time.Hour),
		},
	}
	for _, tt := range []struct {
		name string
		data Data
	}{
		{"busy", worked},
		{"quiet", data(quiet())},
		{"stopped", data(stopped.samples)},
		{"empty", empty},
		{"hostile", hostile},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := Render(&out, tt.data); err != nil {
				t.Fatal(err)
			}
			for _, never := range []string{
				"<script", "<img", "<a ", "<link", "<iframe", "style=", "url(", "@import", "ZgotmplZ", "NaN", "Inf", "%!",
			} {
				if strings.Contains(out.String(), never) {
					t.Errorf("the page holds %q", never)
				}
			}
			goldentest.Compare(t, filepath.Join("testdata", tt.name+".html"), out.String(), *update)
		})
	}
}

// TestRenderNoTime: a page needs time to show.
func TestRenderNoTime(t *testing.T) {
	for _, end := range []time.Time{from, from.Add(-time.Hour), {}} {
		d := data(nil)
		d.To = end
		if err := Render(&bytes.Buffer{}, d); err == nil {
			t.Errorf("a page from %s to %s is drawn", from, end)
		}
	}
}
