package respond

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aws/smithy-go"

	"trailkeeper/events"
	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/trail"
)

// TestTimeToRestore is from the event to the verified restore, whoever noticed and however late it was confirmed.
func TestTimeToRestore(t *testing.T) {
	res := restored
	res.AfterCall, res.RestoredAt = 230*time.Millisecond, now.Add(1500*time.Millisecond)
	already := remediate.Result{Outcome: finding.OutcomeAlreadyLogging, Notes: producertest.Because("It was logging.")}
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
		since := res.RestoredAt.Sub(w.SNS[0].EventTime)
		w.Want(t, name, map[string]float64{"TimeToRestore": float64(since.Milliseconds())})
		if len(w.SNS) != 1 || since <= res.AfterCall {
			t.Errorf("%s: delivered %d times, %v since the event", name, len(w.SNS), since)
		}
	}
}

// TestDeliveryFigures: each try of a channel counts, and how long it took; what waits in the queue was counted as
// parked before.
func TestDeliveryFigures(t *testing.T) {
	w, _ := remembering(restored, errors.New("403"), nil)
	var passed atomic.Int64
	fanout := w.Fanout
	fanout.Clock.Now = func() time.Time { return now.Add(time.Duration(passed.Load())) }
	fanout.To.Defaults[1] = producertest.NotifyFunc{Channel: finding.ChannelSNS, Send: func(finding.Finding) error {
		passed.Store(int64(70 * time.Millisecond))
		return nil
	}}
	if _, err := w.Invoke(t.Context(), payload(t, "stop-logging")); err != nil {
		t.Fatal(err)
	}
	w.Want(t, "parked", map[string]float64{
		"DeliveryLatency sns":    70,
		"DeliveryFailures slack": 1,
		"Parked":                 1,
		"Deliveries slack":       0,
	})
	if err := w.Fanout.Redeliver(
		t.Context(), w.Queue[0], func(bool) (finding.Finding, error) { return w.Queue[0].Notification, nil },
	); err == nil {
		t.Error("sent to a channel that refuses")
	}
	w.Want(t, "waiting", map[string]float64{"DeliveryFailures slack": 2, "Parked": 1, "Lost": 0})
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
		"still dark":      {finding.Finding{Dark: &finding.Dark{From: at}}, nil},
		"not dark at all": {finding.Finding{Dark: &finding.Dark{From: at, To: at}}, nil},
		"contested now": {
			finding.Finding{Incident: &became}, []metrics.Metric{{Name: metric.Contested, Unit: "Count", Value: 1}},
		},
		"contested before": {finding.Finding{Incident: &contested}, nil},
	} {
		if diff := cmp.Diff(tt.want, report.Figures(tt.n, false)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestReasons: why a trail could not be put back is one of five.
func TestReasons(t *testing.T) {
	refused := func(code string) remediate.Result {
		return remediate.Result{
			Outcome: finding.OutcomeCannotRestore,
			Notes:   producertest.Because("No."),
			Err:     &smithy.GenericAPIError{Code: code},
		}
	}
	for code, reason := range map[string]string{
		"AccessDeniedException":                                  "denied",
		"UnauthorizedOperation":                                  "denied",
		"InsufficientDependencyServiceAccessPermissionException": "denied",
		"ThrottlingException":                                    "throttled",
		"TooManyRequestsException":                               "throttled",
		"TrailNotFoundException":                                 "gone",
		"S3BucketDoesNotExistException":                          "gone",
		"MaximumNumberOfTrailsExceededException":                 "limit",
		"TagsLimitExceededException":                             "limit",
		"OperationNotPermittedException":                         "other",
	} {
		w, _ := remembering(refused(code), nil, nil)
		if _, err := w.Invoke(t.Context(), payload(t, "stop-logging")); err != nil {
			t.Fatal(err)
		}
		w.Want(t, code, map[string]float64{"RemediationFailures": 1, "RemediationFailures " + reason: 1})
	}
	w, _ := restoring(
		remediate.Result{
			Before: []trail.Change{moved},
			Left:   []remediate.Left{{Change: moved, Why: producertest.Because("No.")}},
			Capped: true,
		},
		nil,
	)
	if _, err := w.Invoke(t.Context(), payload(t, "update-trail-minimise")); err != nil {
		t.Fatal(err)
	}
	w.Want(t, "attempt cap", map[string]float64{"RemediationFailures limit": 1})
}
