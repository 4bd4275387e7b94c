package respond

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/remediate"
)

// TestFaults is the table of the design: restore × Slack × SNS × parking → result, messages, queue.
func TestFaults(t *testing.T) {
	down, full := errors.New("403 from Slack"), errors.New("queue refused")
	restores := []remediate.Result{restored, throttle, final}
	for i := range 24 {
		res := restores[i%3]
		var slackErr, snsErr, parkErr error
		if i/3&1 != 0 {
			slackErr = down
		}
		if i/3&2 != 0 {
			snsErr = errors.New("topic refused")
		}
		if i/3&4 != 0 {
			parkErr = full
		}
		t.Run(fmt.Sprintf("%s, slack %v, sns %v, park %v", res.Outcome, slackErr, snsErr, parkErr), func(t *testing.T) {
			w := newWorld(res, slackErr, snsErr, parkErr)
			_, err := w.Invoke(t.Context(), payload(t, "stop-logging"))

			failures := 0
			for _, e := range []error{slackErr, snsErr} {
				if e != nil {
					failures++
				}
			}
			lost := failures > 0 && parkErr != nil
			if wantErr := res.Retryable || lost; (err != nil) != wantErr {
				t.Errorf("error %v, want one: %v", err, wantErr)
			}
			if w.Order[0] != "restart" {
				t.Errorf("the first thing done is %q", w.Order[0])
			}
			wantQueue := failures
			if parkErr != nil {
				wantQueue = 0
			}
			if len(w.Queue) != wantQueue {
				t.Errorf("%d messages in the queue, want %d", len(w.Queue), wantQueue)
			}
			checkChannel(t, "Slack", w.Slack, slackErr, snsErr, "SNS delivery failed: topic refused", res)
			checkChannel(t, "SNS", w.SNS, snsErr, slackErr, "Slack delivery failed: 403 from Slack", res)
			for _, p := range w.Queue {
				if p.Notification.Outcome != res.Outcome || !json.Valid(p.Payload) || p.Reason == "" {
					t.Errorf("parked %+v", p)
				}
			}
		})
	}
}

// checkChannel: a channel that works has the message, and a notice where the other failed; one that does not has
// nothing.
func checkChannel(
	t *testing.T, name string, got []finding.Finding, own, other error, notice string, res remediate.Result,
) {
	t.Helper()
	want := 0
	if own == nil {
		want = 1
		if other != nil {
			want = 2
		}
	}
	if len(got) != want {
		t.Fatalf("%s has %d messages, want %d: %+v", name, len(got), want, got)
	}
	if want > 0 && (got[0].Outcome != res.Outcome || got[0].EventID == "" || got[0].Subject.Name != "management-events") {
		t.Errorf("%s: %+v", name, got[0])
	}
	if want > 1 &&
		(got[1].Outcome != finding.OutcomeUndelivered || !strings.Contains(
			message.Headline(got[1])+message.Detail(got[1]), notice,
		)) {
		t.Errorf("%s is not told that %q: %q %q", name, notice, message.Headline(got[1]), message.Detail(got[1]))
	}
}

func TestRestoredReportsTheTimes(t *testing.T) {
	w := newWorld(restored, nil, nil, nil)
	if _, err := w.Invoke(t.Context(), payload(t, "stop-logging")); err != nil {
		t.Fatal(err)
	}
	n := w.Slack[0]
	if n.AfterCall != 230*time.Millisecond || n.SinceEvent != 3230*time.Millisecond || n.Severity != finding.SeverityHigh {
		t.Errorf("after call %v, since event %v, %s", n.AfterCall, n.SinceEvent, n.Severity)
	}
	if n.Actor != "role Deployer, session alice (with MFA)" || n.Subject.ARN == "" || n.SourceIP != "203.0.113.24" ||
		string(n.Request) == "" {
		t.Errorf("facts of the record are missing: %+v", n)
	}
}

func TestOnlyStopLoggingRestarts(t *testing.T) {
	for fixture, want := range map[string]finding.Outcome{
		"delete-trail":                 finding.OutcomeNotified,
		"stop-logging-denied":          finding.OutcomeAttempt,
		"stop-logging-forged":          finding.OutcomeNotOurs,
		"stop-logging-foreign-account": finding.OutcomeCannotRestore,
		"stop-logging-omitted":         finding.OutcomeCannotRestore,
		"put-event-selectors-blinding": finding.OutcomeNotified,
		"create-trail":                 finding.OutcomeNotified,
		"stop-logging-vpce":            finding.OutcomeNotified,
	} {
		w := newWorld(restored, nil, nil, nil)
		if _, err := w.Invoke(t.Context(), payload(t, fixture)); err != nil {
			t.Errorf("%s: %v", fixture, err)
		}
		if len(w.Slack) != 1 || len(w.SNS) != 1 || w.Slack[0].Outcome != want ||
			strings.Contains(strings.Join(w.Order, " "), "restart") {
			t.Errorf("%s: %v, %+v; want one message %s and no call", fixture, w.Order, w.Slack, want)
		}
	}
}

func TestCopyOfACallIsReportedAsUnconfirmed(t *testing.T) {
	w := newWorld(restored, nil, nil, nil)
	if _, err := w.Invoke(t.Context(), payload(t, "stop-logging-vpce")); err != nil {
		t.Fatal(err)
	}
	if got := message.Headline(w.Slack[0]); !strings.Contains(got, "does not say whether it succeeded") {
		t.Errorf("headline %q claims more than the record does", got)
	}
}

func TestIgnoredEventsAreSilent(t *testing.T) {
	for _, fixture := range []string{"console-login-without-mfa", "describe-trails", "start-logging-guard"} {
		w := newWorld(restored, nil, nil, nil)
		if _, err := w.Invoke(t.Context(), payload(t, fixture)); err != nil || len(w.Order) != 0 {
			t.Errorf("%s: %v, %v", fixture, w.Order, err)
		}
		if w.Logged.Len() == 0 {
			t.Errorf("%s: not even logged", fixture)
		}
	}
}

type notLogging struct{ restartFunc }

func (notLogging) Logging(context.Context, events.Trail) (bool, error) { return false, nil }

// TestOwnStartLoggingThatDidNotHold is started again, and told as a stop, but where the trail is meant to be off.
func TestOwnStartLoggingThatDidNotHold(t *testing.T) {
	stopped := now.Add(-2 * time.Second)
	for name, test := range map[string]struct {
		set     func(*world)
		outcome finding.Outcome
		says    string
	}{
		"started again": {func(*world) {}, finding.OutcomeRestored, "CloudTrail logging was stopped again on trail " +
			"management-events and restored"},
		"mode notify": {
			func(w *world) { w.Config.Mode = config.ModeNotify }, finding.OutcomeNotified,
			"CloudTrail logging was started on trail management-events",
		},
	} {
		w := newWorld(restored, nil, nil, nil)
		w.restarts = notLogging{func(events.Trail, time.Time, time.Time) remediate.Result {
			return remediate.Result{
				Outcome:    finding.OutcomeRestored,
				RestoredAt: now,
				Stopped:    stopped,
				Started:    now,
				Accepted:   now,
				Notes:      producertest.Because("ok."),
			}
		}}
		test.set(w)
		if _, err := w.Invoke(t.Context(), payload(t, "start-logging-guard")); err != nil {
			t.Fatal(err)
		}
		if len(w.Slack) != 1 || w.Slack[0].Outcome != test.outcome ||
			!strings.Contains(message.Detail(w.Slack[0]), "did not hold") ||
			!strings.HasPrefix(message.Headline(w.Slack[0]), test.says) {
			t.Errorf("%s: %+v", name, w.Slack)
		}
	}
}

func TestOwnRefusedStartLoggingIsOnlyLogged(t *testing.T) {
	w := newWorld(restored, nil, nil, nil)
	refused := bytes.Replace(
		payload(t, "start-logging-guard"),
		[]byte(`"responseElements"`),
		[]byte(`"errorCode": "ThrottlingException", "responseElements"`),
		1,
	)
	if _, err := w.Invoke(
		t.Context(), refused,
	); err != nil || len(w.Order) != 0 ||
		!strings.Contains(w.Logged.String(), "ThrottlingException") {
		t.Errorf("%v, %v, %s", err, w.Order, w.Logged.String())
	}
}

func TestEventDataStoreIsNamed(t *testing.T) {
	w := newWorld(restored, nil, nil, nil)
	if _, err := w.Invoke(t.Context(), payload(t, "put-insight-selectors-event-data-store")); err != nil {
		t.Fatal(err)
	}
	if got := message.Headline(w.Slack[0]); !strings.Contains(got, "eventdatastore/01234567") {
		t.Errorf("headline %q does not name the event data store", got)
	}
}

func TestGaveUpIsSaidOnceByTheLastRun(t *testing.T) {
	for retries := range 3 {
		w := newWorld(throttle, nil, nil, nil)
		w.Config.AsyncRetries = retries
		ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "one"})
		other := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "two"})
		for run := range retries + 1 {
			if _, err := w.Invoke(ctx, payload(t, "stop-logging")); err == nil {
				t.Error("no error: Lambda would not run it again, nor put it in the failure queue")
			}
			want := finding.OutcomeRetrying
			if run == retries {
				want = finding.OutcomeGaveUp
			}
			if got := w.Slack[len(w.Slack)-1]; got.Outcome != want {
				t.Errorf("%d retries, run %d: %s, want %s", retries, run+1, got.Outcome, want)
			} else if next := message.NextStep(got); run == retries &&
				!strings.Contains(next, "start-logging --region eu-west-1 --name arn:aws:cloudtrail:eu-west-1:") {
				t.Errorf("the last run says %q", next)
			}
			if retries > 0 && run == 0 { // another event between two runs changes nothing
				if _, err := w.Invoke(
					other, payload(t, "stop-logging"),
				); err == nil ||
					w.Slack[len(w.Slack)-1].Outcome != finding.OutcomeRetrying {
					t.Errorf("another event: %v, %+v", err, w.Slack[len(w.Slack)-1])
				}
			}
		}
	}
	w := newWorld(throttle, nil, nil, nil)
	for range 5 { // without request IDs nothing is known of other runs
		if _, err := w.Invoke(
			t.Context(), payload(t, "stop-logging"),
		); err == nil ||
			w.Slack[len(w.Slack)-1].Outcome != finding.OutcomeRetrying {
			t.Errorf("%v, %+v", err, w.Slack[len(w.Slack)-1])
		}
	}
}

func TestRetriesForget(t *testing.T) {
	var f Retries
	for i := range 3 * maxRemembered {
		f.count(fmt.Sprint(i))
	}
	if len(f.runs) > maxRemembered {
		t.Errorf("%d events remembered", len(f.runs))
	}
}

func TestNotificationsKeepTheirTime(t *testing.T) {
	w := newWorld(restored, nil, nil, nil)
	var until time.Time
	w.restarts = restartFunc(func(_ events.Trail, _, u time.Time) remediate.Result { until = u; return restored })
	w.Clock.Deadline = func(context.Context) (time.Time, bool) { return now.Add(60 * time.Second), true }
	if _, err := w.Invoke(t.Context(), payload(t, "stop-logging")); err != nil {
		t.Fatal(err)
	}
	if want := now.Add(40 * time.Second); !until.Equal(want) {
		t.Errorf("restoring may last until %v, want %v", until, want)
	}
}
