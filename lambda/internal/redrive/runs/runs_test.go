package runs

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/redrive/queues"
)

var now = producertest.Now

// world is a redrive with its surroundings.
type world struct {
	*producertest.World
	waiting queuesFunc
}

// queuesFunc are queues that are emptied until a time.
type queuesFunc func(until time.Time, again bool) queues.Report

func (f queuesFunc) Run(_ context.Context, until time.Time) queues.Report { return f(until, false) }

func (f queuesFunc) RunAgain(_ context.Context, until time.Time) queues.Report { return f(until, true) }

func newWorld() *world {
	w := &world{World: producertest.New(nil, nil, nil)}
	w.ReportWith(producertest.NewTable(), true)
	return w
}

func (w *world) redriver() *Redriver {
	return &Redriver{
		Queues: w.waiting,
		Aside: Aside{
			Base:     finding.Finding{Stack: w.Config.Stack},
			Reporter: w.Reporter,
			Clock:    w.Clock,
			Log:      w.Log,
		},
		Measure: w.Measure,
		Clock:   w.Clock,
	}
}

// TestRedrive: the operator gets the report of everything, a sweep redrives what waits, and one without time leaves it.
func TestRedrive(t *testing.T) {
	w := newWorld()
	var runs []string
	w.waiting = func(until time.Time, again bool) queues.Report {
		runs = append(runs, fmt.Sprint(until.Sub(now), " ", again))
		return queues.Report{Queues: []queues.QueueReport{{
			Name:    "failures",
			Read:    2,
			Sent:    1,
			Handled: 1,
		}}}
	}
	answer, err := w.redriver().Now(t.Context())
	if err != nil || !strings.Contains(string(answer), `"name":"failures"`) || w.Metrics(t)["Redriven"] != 2 {
		t.Errorf("%s, %v, %v", answer, err, w.Metrics(t))
	}
	w.redriver().AfterSweep(t.Context())
	for _, left := range []time.Duration{
		afterRedriving + leastForRedriving, afterRedriving + leastForRedriving + time.Second,
	} {
		w.Clock.Deadline = func(context.Context) (time.Time, bool) { return now.Add(left), true }
		w.redriver().AfterSweep(t.Context())
	}
	if diff := cmp.Diff([]string{"2m0s true", "2m0s false", "9s false"}, runs); diff != "" {
		t.Errorf("until, and with the last queue (-want +got):\n%s", diff)
	}
}

// TestAsideIsReportedOnce with the commonest reasons, and not of what was reported before.
func TestAsideIsReportedOnce(t *testing.T) {
	w := newWorld()
	report := queues.Report{Queues: []queues.QueueReport{
		{
			Name:  "a",
			Aside: []queues.Left{{Reason: "one", Count: 1}, {Channel: finding.ChannelGuard, Reason: "told", Count: 50}},
		},
		{
			Name: "b",
			Aside: []queues.Left{
				{Reason: `there is no Region "xx-nowhere-1"`, Count: 120},
				{Reason: "three", Count: 3},
				{Reason: "two", Count: 2},
			},
		},
	}}
	w.waiting = func(time.Time, bool) queues.Report { return report }
	w.redriver().AfterSweep(t.Context())
	if len(w.Slack) != 1 || len(w.SNS) != 1 {
		t.Fatalf("reported %d and %d times", len(w.Slack), len(w.SNS))
	}
	n := w.Slack[0]
	if !strings.HasPrefix(message.Headline(n), "Trailkeeper: 126 queued messages went to the last queue") ||
		!strings.Contains(
			message.Detail(n),
			`120 messages: there is no Region "xx-nowhere-1". 3 messages: three. 2 messages: two.`,
		) || strings.Contains(message.Detail(n), "one") {
		t.Errorf("%q, %q", message.Headline(n), message.Detail(n))
	}
	report = queues.Report{
		Queues: []queues.QueueReport{
			{Name: "a", Aside: []queues.Left{{Channel: finding.ChannelGuard, Reason: "told", Count: 1}}},
		},
	}
	w.redriver().AfterSweep(t.Context())
	if len(w.Slack) != 1 {
		t.Error("told again of a payload that could not be read")
	}
}
