package redrive

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/redrive/queues"
	"trailkeeper/lambda/internal/report"
)

// TestRedrive: the operator gets the report of everything, a sweep redrives what waits, and one without time leaves it.
func TestRedrive(t *testing.T) {
	w, _ := remembering(nil)
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

// TestLateMessage has its incident as it stands when it is sent.
func TestLateMessage(t *testing.T) {
	w, _ := remembering(errors.New("403"))
	w.answer(t, "stop-logging", finding.OutcomeRetrying)
	w.answer(t, "stop-logging", finding.OutcomeRestored)
	w.standing = standingAs{logging: true}
	var late finding.Finding
	fanout := w.Fanout
	fanout.To.Defaults = []report.Notifier{
		producertest.NotifyFunc{Channel: finding.ChannelSlack, Send: func(n finding.Finding) error { late = n; return nil }},
	}
	if err := w.send(t.Context(), w.Queue[0]); err != nil {
		t.Fatal(err)
	}
	if late.Outcome != finding.OutcomeRetrying || late.Incident == nil || late.Incident.State != finding.IncidentRestored {
		t.Errorf("%s, %+v", late.Outcome, late.Incident)
	}
}
