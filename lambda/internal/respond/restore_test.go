package respond

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/trail"
)

func TestRestoreOutcomes(t *testing.T) {
	later := now.Add(2 * time.Second)
	for name, tt := range map[string]struct {
		fixture  string
		res      remediate.Result
		made     string
		outcome  finding.Outcome
		severity finding.Severity
		done     []finding.Done
		says     string
		retry    bool
	}{
		"put back": {
			"put-event-selectors-blinding",
			remediate.Result{
				Before:     []trail.Change{blind, extra},
				Restored:   []trail.Change{blind},
				AfterCall:  time.Second,
				RestoredAt: later,
			},
			"restore", finding.OutcomeRestored, finding.SeverityHigh,
			[]finding.Done{finding.DoneRestored, finding.DoneNothing},
			"Verified: the trail matches its baseline.", false,
		},
		"partly": {
			"update-trail-minimise",
			remediate.Result{
				Before:     []trail.Change{blind, moved},
				Restored:   []trail.Change{blind},
				Left:       []remediate.Left{left},
				RestoredAt: later,
				Err:        errors.New("x"),
			},
			"restore", finding.OutcomePartlyRestored, finding.SeverityCritical,
			[]finding.Done{finding.DoneRestored, finding.DoneNotRestored},
			"Some of what weakens", false,
		},
		"not at all": {
			"update-trail-minimise",
			remediate.Result{Before: []trail.Change{moved}, Left: []remediate.Left{left}, Err: errors.New("x")},
			"restore", finding.OutcomeCannotRestore, finding.SeverityCritical,
			[]finding.Done{finding.DoneNotRestored},
			"Nothing of what weakens", false,
		},
		"a retry may help": {
			"update-trail-minimise",
			remediate.Result{
				Before:    []trail.Change{moved},
				Left:      []remediate.Left{left},
				Err:       errors.New("busy"),
				Retryable: true,
			},
			"restore", finding.OutcomeRetrying, finding.SeverityCritical,
			[]finding.Done{finding.DoneNotRestored},
			"runs a failed event again", true,
		},
		"accepted, not verified": {
			"update-trail-minimise",
			remediate.Result{
				Before:      []trail.Change{blind, moved},
				Unverified:  []remediate.Left{{Change: blind, Why: producertest.Because("r.")}, left},
				Unconfirmed: true,
				Err:         errors.New("x"),
			},
			"restore", finding.OutcomeAccepted, finding.SeverityCritical,
			[]finding.Done{finding.DoneAccepted, finding.DoneAccepted},
			"whether that holds could not be verified", false,
		},
		"one accepted, one not restored": {
			"update-trail-minimise",
			remediate.Result{
				Before:      []trail.Change{blind, moved},
				Unverified:  []remediate.Left{{Change: blind, Why: producertest.Because("r.")}},
				Left:        []remediate.Left{left},
				Unconfirmed: true,
				Err:         errors.New("x"),
			},
			"restore", finding.OutcomePartlyRestored, finding.SeverityCritical,
			[]finding.Done{finding.DoneAccepted, finding.DoneNotRestored},
			"Some of what weakens", false,
		},
		"no drift": {
			"update-trail-minimise",
			remediate.Result{Before: []trail.Change{extra}},
			"restore", finding.OutcomeNoDrift, finding.SeverityMedium,
			[]finding.Done{finding.DoneNothing},
			"Verified: nothing weakens the trail", false,
		},
		"not all is seen": {
			"update-trail-minimise",
			remediate.Result{Unseen: map[trail.Part]string{trail.PartSelectors: "The event selectors may not be read."}},
			"restore", finding.OutcomeCannotRestore, finding.SeverityHigh, nil, "The event selectors may not be read.", false,
		},
		"put back, and not all is seen": {
			"update-trail-minimise",
			remediate.Result{
				Before:     []trail.Change{blind},
				Restored:   []trail.Change{blind},
				AfterCall:  time.Second,
				RestoredAt: later,
				Unseen:     map[trail.Part]string{trail.PartTags: "The tags may not be read."},
			},
			"restore", finding.OutcomeRestored, finding.SeverityHigh,
			[]finding.Done{finding.DoneRestored},
			"the rest could not be read. The tags may not be read.", false,
		},
		"created again": {
			"delete-trail",
			remediate.Result{
				Created:    true,
				Before:     []trail.Change{blind},
				Restored:   []trail.Change{blind},
				AfterCall:  time.Second,
				RestoredAt: later,
			},
			"recreate", finding.OutcomeRestored, finding.SeverityHigh, nil, "created again", false,
		},
		"cannot be created": {
			"delete-trail",
			remediate.Result{
				Notes: producertest.Because("The baseline's bucket does not exist."),
				Next:  producertest.Because("Look."),
				Err:   errors.New("x"),
			},
			"recreate", finding.OutcomeCannotRestore, finding.SeverityCritical, nil, "bucket does not exist", false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, made := restoring(tt.res, nil)
			_, err := w.Invoke(t.Context(), payload(t, tt.fixture))
			if (err != nil) != tt.retry {
				t.Errorf("error %v; want one: %v", err, tt.retry)
			}
			if len(*made) != 1 || (*made)[0] != tt.made || w.Order[0] != tt.made || len(w.Slack) != 1 || len(w.SNS) != 1 {
				t.Fatalf("made %v, in all %v", *made, w.Order)
			}
			n := w.Slack[0]
			if n.Outcome != tt.outcome || n.Severity != tt.severity || !strings.Contains(message.Detail(n), tt.says) {
				t.Errorf("%s %s: %q", n.Severity, n.Outcome, message.Detail(n))
			}
			var done []finding.Done
			for _, c := range n.Changes {
				done = append(done, c.Done)
				if (c.Done == finding.DoneNotRestored || c.Done == finding.DoneAccepted) != (len(c.Why) > 0) {
					t.Errorf("%+v", c)
				}
			}
			if len(done) != len(tt.done) {
				t.Fatalf("changes %+v; want %v", n.Changes, tt.done)
			}
			for i := range done {
				if done[i] != tt.done[i] {
					t.Errorf("change %d is %q; want %q", i, done[i], tt.done[i])
				}
			}
			if n.Baseline == nil || !n.Baseline.CapturedAt.Equal(now.AddDate(0, 0, -10)) {
				t.Errorf("baseline %+v", n.Baseline)
			}
			if (n.AfterCall > 0) != (tt.outcome == finding.OutcomeRestored) ||
				(len(n.Next) == 0) != (len(tt.res.Unseen) == 0 &&
					(tt.outcome == finding.OutcomeRestored || tt.outcome == finding.OutcomeNoDrift)) {
				t.Errorf("after call %v, next step %q", n.AfterCall, message.NextStep(n))
			}
		})
	}
}

func TestWithoutBaselineSaysHowToCaptureOne(t *testing.T) {
	for found, want := range map[error]string{
		fs.ErrNotExist: "trailkeeper baseline capture --region eu-west-1 --trail " +
			"arn:aws:cloudtrail:eu-west-1:111122223333:trail/",
		errors.New("x.json: no baseline: broken"): "the trail's baseline cannot be used: x.json: no baseline: broken",
	} {
		w, made := restoring(remediate.Result{}, found)
		if _, err := w.Invoke(t.Context(), payload(t, "update-trail-minimise")); err != nil || len(*made) > 0 {
			t.Errorf("error %v, made %v", err, *made)
		}
		n := w.Slack[0]
		if n.Outcome != finding.OutcomeNotified || !strings.Contains(message.Detail(n)+" "+message.NextStep(n), want) {
			t.Errorf("%s: %q %q; want %q", n.Outcome, message.Detail(n), message.NextStep(n), want)
		}
	}
	w, _ := restoring(remediate.Result{}, nil)
	w.baseline = nil
	if _, err := w.Invoke(
		t.Context(), payload(t, "update-trail-minimise"),
	); err != nil ||
		w.Slack[0].Outcome != finding.OutcomeNotified {
		t.Errorf("no baselines at all: %v, %+v", err, w.Slack)
	}
}

func TestModesRestoreNoMoreThanTheyMay(t *testing.T) {
	for mode, want := range map[config.Mode]map[string]int{
		config.ModeNotify:   {},
		config.ModeRestart:  {},
		config.ModeRestore:  {"update-trail-minimise": 1},
		config.ModeRecreate: {"update-trail-minimise": 1, "delete-trail": 1},
	} {
		for _, fixture := range []string{"update-trail-minimise", "delete-trail", "stop-logging-denied"} {
			w, made := restoring(remediate.Result{}, nil)
			w.Config.Mode = mode
			if _, err := w.Invoke(t.Context(), payload(t, fixture)); err != nil || len(*made) != want[fixture] {
				t.Errorf("%s, %s: made %v, %v", mode, fixture, *made, err)
			}
		}
	}
}

func TestDeclaredOffIsNotRestarted(t *testing.T) {
	w, _ := restoring(remediate.Result{}, nil)
	w.baseline = func(arn string) (baseline.Baseline, error) {
		return baseline.Baseline{Trail: baseline.State{ARN: arn}}, nil
	}
	w.WithIncidents(newTable())
	if _, err := w.Invoke(
		t.Context(), payload(t, "stop-logging"),
	); err != nil || w.Order[0] == "restart" ||
		!strings.Contains(message.Detail(w.Slack[0]), "does not log") ||
		w.Slack[0].Incident != nil {
		t.Errorf("%v, %v, %+v", err, w.Order, w.Slack)
	}
	w.Config.Mode, w.Order = config.ModeRestart, nil
	if _, err := w.Invoke(t.Context(), payload(t, "stop-logging")); err != nil || w.Order[0] != "restart" {
		t.Errorf("mode restart knows no baseline: %v, %v", err, w.Order)
	}
}

// TestRestoreGivesUp: the last run says so, and out of a queue there is no last run.
func TestRestoreGivesUp(t *testing.T) {
	left := remediate.Left{Change: moved, Why: producertest.Because("CloudTrail throttled the call.")}
	w, _ := restoring(remediate.Result{
		Before:    []trail.Change{moved},
		Left:      []remediate.Left{left},
		Err:       errors.New("busy"),
		Retryable: true,
	}, nil)
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "one"})
	for range w.Config.AsyncRetries + 1 {
		if _, err := w.Invoke(ctx, payload(t, "update-trail-minimise")); err == nil {
			t.Fatal("a restore that may be tried again is no error")
		}
	}
	for i, n := range w.Slack {
		if want := map[bool]finding.Outcome{
			true: finding.OutcomeGaveUp, false: finding.OutcomeRetrying,
		}[i == w.Config.AsyncRetries]; n.Outcome != want {
			t.Errorf("run %d: %s; want %s", i+1, n.Outcome, want)
		}
	}
	if n := w.Slack[len(w.Slack)-1]; !strings.Contains(message.Detail(n), "not restored in 3 runs") ||
		!strings.Contains(message.NextStep(n), "by hand now") ||
		strings.Contains(message.NextStep(n), "sweep tries again") != (w.Config.SweepMinutes > 0) {
		t.Errorf("%q, %q", message.Detail(n), message.NextStep(n))
	}
	if err := w.handle(
		ctx, payload(t, "update-trail-minimise"),
	); err == nil ||
		w.Slack[len(w.Slack)-1].Outcome != finding.OutcomeRetrying ||
		!strings.Contains(message.Detail(w.Slack[len(w.Slack)-1]), "stays in the queue") {
		t.Errorf("out of the queue: %v, %+v", err, w.Slack[len(w.Slack)-1])
	}
}
