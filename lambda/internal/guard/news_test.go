package guard

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"

	"trailkeeper/lambda/internal/circuit"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/redrive"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/store"
	"trailkeeper/lambda/internal/sweep/look"
)

// remembering is a world with a table.
func remembering(res remediate.Result, slackErr, snsErr error) (*world, *table) {
	w := newWorld(res, slackErr, snsErr, nil)
	m := newTable()
	w.memory = m
	w.reportWith(w.fanout)
	return w, m
}

// metrics sums up the figures that were logged, by name, and by name and channel or reason.
func (w *world) metrics(t *testing.T) map[string]float64 {
	t.Helper()
	sum := map[string]float64{}
	for line := range strings.SplitSeq(strings.TrimSpace(w.logged.String()), "\n") {
		var root map[string]any
		if json.Unmarshal([]byte(line), &root) != nil || root["_aws"] == nil {
			continue
		}
		for name, v := range root {
			if n, ok := v.(float64); ok {
				sum[name] += n
				for _, dimension := range []string{"Channel", "Reason"} {
					if value, ok := root[dimension].(string); ok {
						sum[name+" "+value] += n
					}
				}
			}
		}
	}
	return sum
}

// TestIncident: what happens to a trail is one incident, whose ID every message has, and it is counted once.
func TestIncident(t *testing.T) {
	w, _ := remembering(restored, nil, nil)
	for _, fixture := range []string{"stop-logging", "stop-logging", "delete-trail"} {
		if _, err := w.Invoke(t.Context(), payload(t, fixture)); err != nil {
			t.Fatal(err)
		}
	}
	first, last := w.slack[0].Incident, w.slack[len(w.slack)-1].Incident
	if first == nil || last == nil || first.ID != last.ID || first.State != finding.IncidentRestored || last.State != finding.IncidentHuman || last.Count != 2 {
		t.Fatalf("%+v, then %+v", first, last)
	}
	m := w.metrics(t)
	if m["Incidents"] != 1 || m["TimeToRestore"] == 0 || m["Deliveries"] != 4 || m["Deliveries slack"] != 2 || m["DeliveryFailures"] != 0 {
		t.Errorf("metrics %v", m)
	}
}

// TestFigures of what goes wrong.
func TestFigures(t *testing.T) {
	refused := &smithy.GenericAPIError{Code: "AccessDeniedException"}
	denied := remediate.Result{Outcome: finding.OutcomeCannotRestore, Detail: "No.", Err: refused}
	for name, test := range map[string]struct {
		res             remediate.Result
		slackErr        error
		fixture         string
		want            map[string]float64
		withoutIncident bool
	}{
		"restored":          {restored, nil, "stop-logging", map[string]float64{"Incidents": 1, "Deliveries sns": 1, "RemediationFailures": 0}, false},
		"denied":            {denied, nil, "stop-logging", map[string]float64{"Incidents": 1, "RemediationFailures": 1, "RemediationFailures denied": 1, "TimeToRestore": 0}, false},
		"refused call":      {restored, nil, "stop-logging-denied", map[string]float64{"Attempts": 1, "Incidents": 0}, true},
		"Slack refuses":     {restored, errors.New("403"), "stop-logging", map[string]float64{"DeliveryFailures slack": 1, "Parked": 1, "Lost": 0, "Deliveries sns": 1}, false},
		"neither is parked": {restored, errors.New("403"), "stop-logging", map[string]float64{"DeliveryFailures slack": 1, "Parked": 0, "Lost": 1}, false},
	} {
		w, _ := remembering(test.res, test.slackErr, nil)
		if name == "neither is parked" {
			w.fanout.Parker = nil
		}
		_, _ = w.Invoke(t.Context(), payload(t, test.fixture)) // the result is the business of TestFaults
		got := w.metrics(t)
		for metric, want := range test.want {
			if got[metric] != want {
				t.Errorf("%s: %s is %v; want %v of %v", name, metric, got[metric], want, got)
			}
		}
		if (w.sns[0].Incident == nil) != test.withoutIncident {
			t.Errorf("%s: incident %+v", name, w.sns[0].Incident)
		}
	}
}

// silent is a table that never answers.
type silent struct{ *table }

func (s silent) Incident(ctx context.Context, _ string) (store.Kept, error) {
	<-ctx.Done()
	return store.Kept{}, ctx.Err()
}

func (s silent) ClaimEvent(ctx context.Context, _ string, _ time.Duration, _ string) (store.Turn, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

func (s silent) Claim(ctx context.Context, _, _ string, _ time.Duration) (store.Turn, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

func (s silent) Repeated(ctx context.Context, _, _, _ string, _ time.Duration) (bool, error) {
	<-ctx.Done()
	return false, ctx.Err()
}

// TestSilentTable: the messages go out after 300 ms in all, and an incident is counted.
func TestSilentTable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, m := remembering(restored, nil, nil)
		w.cfg.SlackChannel = "" // a webhook, of which repeats would be kept
		w.memory = silent{m}
		w.reportWith(w.fanout)
		w.breaker.Clock = clock.Real()
		began, after := time.Now(), map[string]time.Duration{}
		fanout := w.fanout
		var mu sync.Mutex
		for i, name := range []string{finding.ChannelSlack, finding.ChannelSNS} {
			fanout.Notifiers[i] = notifyFunc{name, func(finding.Finding) error {
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
		w.sight.Sights = []look.Sight{sighted(off)}
		time.Sleep(circuit.Open)
		began = time.Now()
		w.sweepNow(t)
		if after["sns"] != 300*time.Millisecond {
			t.Errorf("a finding of the sweep: told after %v", after)
		}
		w.want(t, "silent", map[string]float64{"Incidents": 2, "TimeToRestore": float64(restored.Restored.Sub(now.Add(-3 * time.Second)).Milliseconds())})
	})
}

// TestToldOnlyWhenItIs: what is new with a message stays new for the next run where nobody was told and nothing is parked.
func TestToldOnlyWhenItIs(t *testing.T) {
	denied := remediate.Result{Outcome: finding.OutcomeCannotRestore, Detail: "No.", Err: errors.New("denied")}
	for _, lost := range []bool{false, true} {
		w, _ := remembering(denied, nil, nil)
		fanout := w.fanout
		healthy := fanout.Notifiers
		if lost {
			fanout.Notifiers = []report.Notifier{notifyFunc{"sns", func(finding.Finding) error { return errors.New("down") }}}
			fanout.Parker = nil
		}
		_, err := w.Invoke(t.Context(), payload(t, "stop-logging"))
		fanout.Notifiers = healthy
		if _, again := w.Invoke(t.Context(), payload(t, "update-trail-minimise")); again != nil || (err != nil) != lost {
			t.Fatal(err, again)
		}
		if got := w.sns[len(w.sns)-1].Incident; got.Turned != lost {
			t.Errorf("lost %v: the next message turns: %v", lost, got.Turned)
		}
	}
}

// TestRunbookLink: every message of the guard has it.
func TestRunbookLink(t *testing.T) {
	w, _ := remembering(restored, nil, nil)
	w.cfg.Runbook = "https://wiki.example.com/runbook"
	w.reportWith(w.fanout)
	for _, event := range [][]byte{payload(t, "stop-logging"), payload(t, "stop-logging-denied"), []byte(testAlert), []byte("no event")} {
		_, _ = w.Invoke(t.Context(), event)
	}
	w.sight.Sights = []look.Sight{sighted(off)}
	w.sweepNow(t)
	if len(w.sns) < 5 {
		t.Fatalf("%d messages", len(w.sns))
	}
	for _, n := range w.sns {
		if !strings.HasPrefix(message.RunbookLink(n), "https://wiki.example.com/runbook#runbook-") {
			t.Errorf("%s: %q", message.Headline(n), message.RunbookLink(n))
		}
	}
}

const testAlert = `{"id":"t-1","source":"trailkeeper","detail-type":"Trailkeeper Test Alert","account":"111122223333","region":"eu-west-1","time":"2026-03-02T09:15:27Z","detail":{"by":"cli"}}`

// TestTestAlert says TEST, changes nothing, and counts only when every channel has it.
func TestTestAlert(t *testing.T) {
	for name, slackErr := range map[string]error{"both": nil, "not Slack": errors.New("403")} {
		w, _ := remembering(restored, slackErr, nil)
		if _, err := w.Invoke(t.Context(), []byte(testAlert)); err != nil {
			t.Fatal(err)
		}
		if len(w.sns) == 0 || !strings.HasPrefix(message.Headline(w.sns[0]), "TEST") || w.sns[0].Incident != nil || slices.Contains(w.order, "restart") {
			t.Errorf("%s: told %+v, did %v", name, w.sns, w.order)
		}
		if _, err := w.Invoke(t.Context(), []byte(testAlert)); err != nil { // one that arrives again is not counted again
			t.Fatal(err)
		}
		if got := w.metrics(t)["TestAlerts"]; (got == 1) != (slackErr == nil) {
			t.Errorf("%s: %v test alerts", name, got)
		}
	}
}

type redriveFunc func(until time.Time) redrive.Report

func (f redriveFunc) Run(_ context.Context, until time.Time) redrive.Report { return f(until) }

func (f redriveFunc) RunAgain(_ context.Context, until time.Time) redrive.Report { return f(until) }

// TestAnotherStop: what an old event undoes is told where it is another stop than its own.
func TestAnotherStop(t *testing.T) {
	for after, want := range map[time.Duration]string{time.Second: "", time.Hour: "stopped again since the event"} {
		res := restored
		res.Stopped = now.Add(after)
		w, _ := remembering(res, nil, nil)
		if _, err := w.Invoke(t.Context(), payload(t, "stop-logging")); err != nil {
			t.Fatal(err)
		}
		if got := w.slack[0]; (got.Occasion != "") != (want != "") || !strings.Contains(got.Detail, want) {
			t.Errorf("%v later: %q, %q", after, got.Occasion, got.Detail)
		}
	}
}
