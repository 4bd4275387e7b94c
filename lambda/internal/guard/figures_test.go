package guard

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// want compares the figures that were logged; those that are not named may be anything.
func (w *world) want(t *testing.T, name string, want map[string]float64) {
	t.Helper()
	got := w.metrics(t)
	for metric, v := range want {
		if got[metric] != v {
			t.Errorf("%s: %s is %v; want %v of %v", name, metric, got[metric], v, got)
		}
	}
}

// TestReasons: why a trail could not be put back is one of five.
func TestReasons(t *testing.T) {
	refused := func(code string) remediate.Result {
		return remediate.Result{Outcome: finding.OutcomeCannotRestore, Detail: "No.", Err: &smithy.GenericAPIError{Code: code}}
	}
	for code, reason := range map[string]string{
		"AccessDeniedException": "denied", "UnauthorizedOperation": "denied", "InsufficientDependencyServiceAccessPermissionException": "denied",
		"ThrottlingException": "throttled", "TooManyRequestsException": "throttled",
		"TrailNotFoundException": "gone", "S3BucketDoesNotExistException": "gone",
		"MaximumNumberOfTrailsExceededException": "limit", "TagsLimitExceededException": "limit",
		"OperationNotPermittedException": "other",
	} {
		w, _ := remembering(refused(code), nil, nil)
		if _, err := w.Invoke(t.Context(), payload(t, "stop-logging")); err != nil {
			t.Fatal(err)
		}
		w.want(t, code, map[string]float64{"RemediationFailures": 1, "RemediationFailures " + reason: 1})
	}
	w, _ := restoring(remediate.RestoreResult{Before: []trail.Change{moved}, Left: []trail.Left{{Change: moved, Reason: "No."}}, Capped: true}, nil)
	if _, err := w.Invoke(t.Context(), payload(t, "update-trail-minimise")); err != nil {
		t.Fatal(err)
	}
	w.want(t, "attempt cap", map[string]float64{"RemediationFailures limit": 1})
}

// TestTimeToRestore is from the event to the verified restore, whoever noticed and however late it was confirmed.
func TestTimeToRestore(t *testing.T) {
	res := restored
	res.AfterCall, res.Restored = 230*time.Millisecond, now.Add(1500*time.Millisecond)
	already := remediate.Result{Outcome: finding.OutcomeAlreadyLogging, Detail: "It was logging."}
	for name, results := range map[string][]remediate.Result{
		"an event that comes again": {res, already}, "runs side by side, of which the other tells": {already, res},
	} {
		w, _ := remembering(res, nil, nil)
		w.restarts = restartFunc(func(events.Trail, time.Time, time.Time) remediate.Result {
			defer func() { results = results[1:] }()
			return results[0]
		})
		for range 2 {
			if _, err := w.Invoke(t.Context(), payload(t, "stop-logging")); err != nil {
				t.Fatal(err)
			}
		}
		since := res.Restored.Sub(w.sns[0].EventTime)
		w.want(t, name, map[string]float64{"TimeToRestore": float64(since.Milliseconds())})
		if len(w.sns) != 1 || since <= res.AfterCall {
			t.Errorf("%s: told %d times, %v since the event", name, len(w.sns), since)
		}
	}

	w, _, _ := sweeping(t, config.ModeRestart, sighted(off))
	w.restarts = restartFunc(func(_ events.Trail, _, _ time.Time) remediate.Result {
		return remediate.Result{Outcome: finding.OutcomeRestored, Stopped: now.Add(-4 * time.Minute), Restored: now, Detail: "ok."}
	})
	w.sweepNow(t)
	w.want(t, "found by the sweep", map[string]float64{"TimeToRestore": float64((4 * time.Minute).Milliseconds())})

	w, _, _ = sweeping(t, config.ModeRestart, sighted(func(s *look.Sight) {
		s.Known.Pending.EventID, s.Known.Pending.EventName, s.Known.Pending.Since = "e1", "StopLogging", now.Add(-5*time.Minute)
	}))
	w.sweepNow(t)
	w.want(t, "confirmed by the sweep", map[string]float64{"TimeToRestore": float64((5 * time.Minute).Milliseconds())})
}

// TestDeliveryFigures: each try of a channel counts, and how long it took; what waits in the queue was counted as parked before.
func TestDeliveryFigures(t *testing.T) {
	w, _ := remembering(restored, errors.New("403"), nil)
	var passed atomic.Int64
	fanout := w.fanout
	fanout.Clock.Now = func() time.Time { return now.Add(time.Duration(passed.Load())) }
	fanout.Notifiers[1] = notifyFunc{finding.ChannelSNS, func(finding.Finding) error { passed.Store(int64(70 * time.Millisecond)); return nil }}
	if _, err := w.Invoke(t.Context(), payload(t, "stop-logging")); err != nil {
		t.Fatal(err)
	}
	w.want(t, "parked", map[string]float64{"DeliveryLatency sns": 70, "DeliveryFailures slack": 1, "Parked": 1, "Deliveries slack": 0})
	if err := w.send(t.Context(), w.queue[0]); err == nil {
		t.Error("sent to a channel that refuses")
	}
	w.want(t, "waiting", map[string]float64{"DeliveryFailures slack": 2, "Parked": 1, "Lost": 0})
}

// TestHealth: each trail counts as one of three, and one that cannot be seen as it was last told to be: never as healthy.
func TestHealth(t *testing.T) {
	named := func(name string, change func(*look.Sight)) look.Sight {
		s := sighted(change)
		s.Trail.Name = name
		return s
	}
	unseen := func(s *look.Sight) { s.State = trail.State{} }
	hidden := func(parts ...trail.Part) func(*look.Sight) {
		return func(s *look.Sight) {
			s.State.Unseen = map[trail.Part]string{}
			for _, p := range parts {
				s.State.Unseen[p] = "AccessDenied."
			}
		}
	}
	for mode, want := range map[config.Mode]map[string]float64{
		config.ModeNotify:  {"TrailsHealthy": 2, "TrailsWeakened": 3, "TrailsStopped": 4},
		config.ModeRestore: {"TrailsHealthy": 5, "TrailsWeakened": 1, "TrailsStopped": 3}, // c, d and m are put back
	} {
		w, m, _ := sweeping(t, mode,
			named("a", func(*look.Sight) {}), named("b", func(*look.Sight) {}), named("c", weaker), named("d", off), named("e", gone),
			named("f", unseen), named("g", unseen), named("h", unseen), named("i", hidden(trail.PartLogging)), named("j", hidden(trail.PartLogging)),
			named("k", hidden(trail.PartTags)), named("l", hidden(trail.PartTags)),
			named("m", func(s *look.Sight) { weaker(s); hidden(trail.PartTags)(s) }))
		w.sight.Blind = []look.Finding{{Kind: finding.KindCannotSee, Region: "eu-west-1", Reasons: []string{"AccessDenied."}}}
		told := func(name string, kind finding.Kind, sign string) {
			s := named(name, unseen)
			m.told[look.Finding{Kind: kind, Trail: s.Trail}.Subject()] = sign
		}
		told("g", finding.KindNotLogging, signOpen+"x") // f was told nothing about
		told("h", finding.KindWeakened, signOpen+"x")
		told("j", finding.KindNotLogging, signOpen+"x") // i was told nothing about
		told("k", finding.KindNotLogging, signOpen+"x") // but that it logs is seen
		told("l", finding.KindWeakened, signDone+"x")   // was put back
		told("m", finding.KindWeakened, signOpen+"x")
		at := now
		w.clock.Now = func() time.Time { at = at.Add(time.Millisecond); return at }
		w.sweepNow(t)
		if got := w.metrics(t); got["SweepDuration"] < 1 || got["Heartbeat"] != 1 || got["CannotSee"] != 1 {
			t.Errorf("%s: %v", mode, got)
		}
		w.want(t, string(mode), want)
	}
}

// TestCannotSee lasts as long as it does: the next sweep looks everywhere, and forgets what it sees again.
func TestCannotSee(t *testing.T) {
	subject := look.Finding{Kind: finding.KindCannotSee, Region: "eu-west-1"}.Subject()
	w, m, _ := sweeping(t, config.ModeNotify, sighted(func(*look.Sight) {}))
	w.sight.Blind = []look.Finding{{Kind: finding.KindCannotSee, Region: "eu-west-1", Reasons: []string{"Throttled."}}}
	w.sweepNow(t)
	w.sweepNow(t)
	w.want(t, "blind twice", map[string]float64{"CannotSee": 2})
	if len(w.sns) != 1 || m.told[subject] == "" {
		t.Errorf("told %d times; want once", len(w.sns))
	}
	w.sight.Blind = nil
	w.sweepNow(t)
	w.want(t, "then it sees", map[string]float64{"CannotSee": 2})
	if m.told[subject] != "" {
		t.Error("it sees everything, and has not forgotten that it did not")
	}
}

// TestFiguresOfIncidents: the dark time counts once it has ended, and a contested incident when it becomes so.
func TestFiguresOfIncidents(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	contested := finding.Incident{State: finding.IncidentContested}
	became := contested
	became.Contested = true
	for name, tt := range map[string]struct {
		n    finding.Finding
		want []metrics.Metric
	}{
		"dark for a while": {
			finding.Finding{Dark: &finding.Dark{From: at, To: at.Add(1500 * time.Millisecond)}},
			[]metrics.Metric{{Name: metric.DarkTime, Unit: "Milliseconds", Value: 1500}},
		},
		"still dark":       {finding.Finding{Dark: &finding.Dark{From: at}}, nil},
		"not dark at all":  {finding.Finding{Dark: &finding.Dark{From: at, To: at}}, nil},
		"contested now":    {finding.Finding{Incident: &became}, []metrics.Metric{{Name: metric.Contested, Unit: "Count", Value: 1}}},
		"contested before": {finding.Finding{Incident: &contested}, nil},
	} {
		if diff := cmp.Diff(tt.want, report.Figures(tt.n, false)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
