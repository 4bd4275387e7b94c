package respond

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/state"
)

// TestIncident: what happens to a trail is one incident, whose ID every message has, and it is counted once.
func TestIncident(t *testing.T) {
	w, _ := remembering(restored, nil, nil)
	for _, fixture := range []string{"stop-logging", "stop-logging", "delete-trail"} {
		if _, err := w.Invoke(t.Context(), payload(t, fixture)); err != nil {
			t.Fatal(err)
		}
	}
	first, last := w.Slack[0].Incident, w.Slack[len(w.Slack)-1].Incident
	if first == nil || last == nil || first.ID != last.ID || first.State != finding.IncidentRestored ||
		last.State != finding.IncidentHuman ||
		last.Count != 2 {
		t.Fatalf("%+v, then %+v", first, last)
	}
	m := w.Metrics(t)
	if m["Incidents"] != 1 || m["TimeToRestore"] == 0 || m["Deliveries"] != 4 || m["Deliveries slack"] != 2 ||
		m["DeliveryFailures"] != 0 {
		t.Errorf("metrics %v", m)
	}
}

// TestFigures of what goes wrong.
func TestFigures(t *testing.T) {
	refused := &smithy.GenericAPIError{Code: "AccessDeniedException"}
	denied := remediate.Result{Outcome: finding.OutcomeCannotRestore, Notes: producertest.Because("No."), Err: refused}
	for name, test := range map[string]struct {
		res             remediate.Result
		slackErr        error
		fixture         string
		want            map[string]float64
		withoutIncident bool
	}{
		"restored": {
			restored, nil, "stop-logging",
			map[string]float64{"Incidents": 1, "Deliveries sns": 1, "RemediationFailures": 0},
			false,
		},
		"denied": {denied, nil, "stop-logging", map[string]float64{
			"Incidents":                  1,
			"RemediationFailures":        1,
			"RemediationFailures denied": 1,
			"TimeToRestore":              0,
		}, false},
		"refused call": {restored, nil, "stop-logging-denied", map[string]float64{"Attempts": 1, "Incidents": 0}, true},
		"Slack refuses": {restored, errors.New("403"), "stop-logging", map[string]float64{
			"DeliveryFailures slack": 1,
			"Parked":                 1,
			"Lost":                   0,
			"Deliveries sns":         1,
		}, false},
		"neither is parked": {
			restored, errors.New("403"), "stop-logging",
			map[string]float64{"DeliveryFailures slack": 1, "Parked": 0, "Lost": 1},
			false,
		},
	} {
		w, _ := remembering(test.res, test.slackErr, nil)
		if name == "neither is parked" {
			w.Fanout.Parker = nil
		}
		_, _ = w.Invoke(t.Context(), payload(t, test.fixture)) // the result is the business of TestFaults
		got := w.Metrics(t)
		for metric, want := range test.want {
			if got[metric] != want {
				t.Errorf("%s: %s is %v; want %v of %v", name, metric, got[metric], want, got)
			}
		}
		if (w.SNS[0].Incident == nil) != test.withoutIncident {
			t.Errorf("%s: incident %+v", name, w.SNS[0].Incident)
		}
	}
}

// TestSilentTable: the messages go out after 300 ms in all, and an incident is counted.
func TestSilentTable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, m := remembering(restored, nil, nil)
		w.Config.SlackChannel = "" // a webhook, of which repeats would be kept
		m.Documents.Fail = func(ctx context.Context, _ string, _ state.Key) error {
			<-ctx.Done() // it never answers
			return ctx.Err()
		}
		w.reportWith()
		w.Breaker.Clock = clock.Real()
		began, after := time.Now(), map[string]time.Duration{}
		fanout := w.Fanout
		var mu sync.Mutex
		for i, name := range []string{finding.ChannelSlack, finding.ChannelSNS} {
			fanout.To.Defaults[i] = producertest.NotifyFunc{Channel: name, Send: func(finding.Finding) error {
				mu.Lock()
				defer mu.Unlock()
				after[name] = time.Since(began)
				return nil
			}}
		}
		if _, err := w.Invoke(t.Context(), payload(t, "stop-logging")); err != nil {
			t.Fatal(err)
		}
		if want := 300 * time.Millisecond; after["slack"] != want || after["sns"] != want {
			t.Errorf("told after %v; want %v", after, want)
		}
		w.Want(
			t,
			"silent",
			map[string]float64{
				"Incidents":     1,
				"TimeToRestore": float64(restored.RestoredAt.Sub(now.Add(-3 * time.Second)).Milliseconds()),
			},
		)
	})
}

// TestReportedOnlyWhenItIs: what is new with a message stays new for the next run where nobody was notified and
// nothing is parked.
func TestReportedOnlyWhenItIs(t *testing.T) {
	denied := remediate.Result{
		Outcome: finding.OutcomeCannotRestore,
		Notes:   producertest.Because("No."),
		Err:     errors.New("denied"),
	}
	for _, lost := range []bool{false, true} {
		w, _ := remembering(denied, nil, nil)
		fanout := w.Fanout
		healthy := fanout.To.Defaults
		if lost {
			fanout.To.Defaults = []report.Notifier{
				producertest.NotifyFunc{Channel: "sns", Send: func(finding.Finding) error { return errors.New("down") }},
			}
			fanout.Parker = nil
		}
		_, err := w.Invoke(t.Context(), payload(t, "stop-logging"))
		fanout.To.Defaults = healthy
		if _, again := w.Invoke(t.Context(), payload(t, "update-trail-minimise")); again != nil || (err != nil) != lost {
			t.Fatal(err, again)
		}
		if got := w.SNS[len(w.SNS)-1].Incident; got.Turned != lost {
			t.Errorf("lost %v: the next message turns: %v", lost, got.Turned)
		}
	}
}

// TestRunbookLink: every message of the guard has it.
func TestRunbookLink(t *testing.T) {
	w, _ := remembering(restored, nil, nil)
	w.Config.Runbook = "https://wiki.example.com/runbook"
	w.reportWith()
	for _, event := range [][]byte{payload(t, "stop-logging"), payload(t, "stop-logging-denied")} {
		_, _ = w.Invoke(t.Context(), event)
	}
	if len(w.SNS) != 2 {
		t.Fatalf("%d messages", len(w.SNS))
	}
	for _, n := range w.SNS {
		if !strings.HasPrefix(message.RunbookLink(n), "https://wiki.example.com/runbook#runbook-") {
			t.Errorf("%s: %q", message.Headline(n), message.RunbookLink(n))
		}
	}
}

// TestAnotherStop: what an old event undoes is reported where it is another stop than its own.
func TestAnotherStop(t *testing.T) {
	for after, want := range map[time.Duration]string{time.Second: "", time.Hour: "stopped again since the event"} {
		res := restored
		res.Stopped = now.Add(after)
		w, _ := remembering(res, nil, nil)
		if _, err := w.Invoke(t.Context(), payload(t, "stop-logging")); err != nil {
			t.Fatal(err)
		}
		if got := w.Slack[0]; (got.Occasion != "") != (want != "") || !strings.Contains(message.Detail(got), want) {
			t.Errorf("%v later: %q, %q", after, got.Occasion, message.Detail(got))
		}
	}
}
