package guard

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/circuit"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/sweep/look"
)

var _ lambda.Handler = (*Handler)(nil)

var now = time.Date(2026, 3, 2, 9, 15, 30, 0, time.UTC) // three seconds after the fixtures' events

// world is a handler with its surroundings, and the order in which they were used.
type world struct {
	*Handler
	fanout *report.Fanout
	mu     sync.Mutex
	order  []string
	slack  []finding.Finding
	sns    []finding.Finding
	queue  []report.Parked
	logged bytes.Buffer
	sight  look.Report // what the sweep sees
}

type sweepFunc func(discover bool) look.Report

func (f sweepFunc) Look(_ context.Context, discover bool) look.Report { return f(discover) }

type restartFunc func(trail events.Trail, stoppedAt, until time.Time) remediate.Result

func (f restartFunc) Restart(_ context.Context, trail events.Trail, stoppedAt, until time.Time) remediate.Result {
	return f(trail, stoppedAt, until)
}

func (f restartFunc) Logging(context.Context, events.Trail) (bool, error) { return true, nil }

type notifyFunc struct {
	name string
	send func(finding.Finding) error
}

func (f notifyFunc) Name() string                                      { return f.name }
func (f notifyFunc) Notify(_ context.Context, n finding.Finding) error { return f.send(n) }

type parkFunc func(report.Parked) error

func (f parkFunc) Park(_ context.Context, p report.Parked) (string, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	return report.DigestOf(string(text)), f(p.Read(string(text)))
}

// newWorld makes a handler whose channels and queue fail with the given errors, and whose restart gives res.
func newWorld(res remediate.Result, slackErr, snsErr, parkErr error) *world {
	w := &world{}
	channel := func(name string, sent *[]finding.Finding, err error) report.Notifier {
		return notifyFunc{name, func(n finding.Finding) error {
			w.note(name)
			if err != nil {
				return err
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			*sent = append(*sent, n)
			return nil
		}}
	}
	parker := parkFunc(func(p report.Parked) error {
		w.note("park " + p.Channel)
		if parkErr != nil {
			return parkErr
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.queue = append(w.queue, p)
		return nil
	})
	log := slog.New(slog.NewJSONHandler(&w.logged, nil))
	clk := clock.Real()
	clk.Now = func() time.Time { return now }
	w.Handler = &Handler{
		breaker: &circuit.Breaker{Clock: clk}, cfg: config.Example(), log: log, metrics: log, clock: clk, parker: parker, region: "eu-west-1",
		sweeper: sweepFunc(func(discover bool) look.Report {
			w.note("sweep")
			report := w.sight
			report.Discovered = report.Discovered || discover
			return report
		}),
		restarts: restartFunc(func(events.Trail, time.Time, time.Time) remediate.Result {
			w.note("restart")
			return res
		}),
	}
	w.fanout = &report.Fanout{
		Notifiers: []report.Notifier{channel(finding.ChannelSlack, &w.slack, slackErr), channel(finding.ChannelSNS, &w.sns, snsErr)},
		Parker:    parker, Log: log, Clock: clk,
	}
	w.reportWith(w.fanout)
	return w
}

func (w *world) note(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.order = append(w.order, what)
}

func payload(tb testing.TB, fixture string) []byte {
	tb.Helper()
	b, err := fs.ReadFile(events.Fixtures(), fixture+".json")
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

var (
	restored = remediate.Result{Outcome: finding.OutcomeRestored, AfterCall: 230 * time.Millisecond, Restored: now.Add(230 * time.Millisecond), Detail: "ok."}
	throttle = remediate.Result{Outcome: finding.OutcomeRetrying, Detail: "CloudTrail throttled the call.", Err: errors.New("throttled"), Retryable: true}
	final    = remediate.Result{Outcome: finding.OutcomeCannotRestore, Detail: "No such trail.", NextStep: "Create it.", Err: errors.New("not found")}
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
			if w.order[0] != "restart" {
				t.Errorf("the first thing done is %q", w.order[0])
			}
			wantQueue := failures
			if parkErr != nil {
				wantQueue = 0
			}
			if len(w.queue) != wantQueue {
				t.Errorf("%d messages in the queue, want %d", len(w.queue), wantQueue)
			}
			checkChannel(t, "Slack", w.slack, slackErr, snsErr, "SNS delivery failed: topic refused", res)
			checkChannel(t, "SNS", w.sns, snsErr, slackErr, "Slack delivery failed: 403 from Slack", res)
			for _, p := range w.queue {
				if p.Notification.Outcome != res.Outcome || !json.Valid(p.Payload) || p.Reason == "" {
					t.Errorf("parked %+v", p)
				}
			}
		})
	}
}

// checkChannel: a channel that works has the message, and a notice where the other failed; one that does not has nothing.
func checkChannel(t *testing.T, name string, got []finding.Finding, own, other error, notice string, res remediate.Result) {
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
	if want > 1 && (got[1].Outcome != finding.OutcomeUndelivered || !strings.Contains(message.Headline(got[1])+got[1].Detail, notice)) {
		t.Errorf("%s is not told that %q: %q %q", name, notice, message.Headline(got[1]), got[1].Detail)
	}
}

func TestRestoredTellsTheTimes(t *testing.T) {
	w := newWorld(restored, nil, nil, nil)
	if _, err := w.Invoke(t.Context(), payload(t, "stop-logging")); err != nil {
		t.Fatal(err)
	}
	n := w.slack[0]
	if n.AfterCall != 230*time.Millisecond || n.SinceEvent != 3230*time.Millisecond || n.Severity != finding.SeverityHigh {
		t.Errorf("after call %v, since event %v, %s", n.AfterCall, n.SinceEvent, n.Severity)
	}
	if n.Actor != "role Deployer, session alice (with MFA)" || n.Subject.ARN == "" || n.SourceIP != "203.0.113.24" || string(n.Request) == "" {
		t.Errorf("facts of the record are missing: %+v", n)
	}
}

func TestOnlyStopLoggingRestarts(t *testing.T) {
	for fixture, want := range map[string]finding.Outcome{
		"delete-trail": finding.OutcomeNotified, "stop-logging-denied": finding.OutcomeAttempt, "stop-logging-forged": finding.OutcomeNotOurs,
		"stop-logging-foreign-account": finding.OutcomeCannotRestore, "stop-logging-omitted": finding.OutcomeCannotRestore,
		"put-event-selectors-blinding": finding.OutcomeNotified, "create-trail": finding.OutcomeNotified, "stop-logging-vpce": finding.OutcomeNotified,
	} {
		w := newWorld(restored, nil, nil, nil)
		if _, err := w.Invoke(t.Context(), payload(t, fixture)); err != nil {
			t.Errorf("%s: %v", fixture, err)
		}
		if len(w.slack) != 1 || len(w.sns) != 1 || w.slack[0].Outcome != want || strings.Contains(strings.Join(w.order, " "), "restart") {
			t.Errorf("%s: %v, %+v; want one message %s and no call", fixture, w.order, w.slack, want)
		}
	}
}

func TestCopyOfACallIsToldAsUnconfirmed(t *testing.T) {
	w := newWorld(restored, nil, nil, nil)
	if _, err := w.Invoke(t.Context(), payload(t, "stop-logging-vpce")); err != nil {
		t.Fatal(err)
	}
	if got := message.Headline(w.slack[0]); !strings.Contains(got, "does not say whether it succeeded") {
		t.Errorf("headline %q claims more than the record does", got)
	}
}

func TestIgnoredEventsAreSilent(t *testing.T) {
	for _, fixture := range []string{"console-login-without-mfa", "describe-trails", "start-logging-guard"} {
		w := newWorld(restored, nil, nil, nil)
		if _, err := w.Invoke(t.Context(), payload(t, fixture)); err != nil || len(w.order) != 0 {
			t.Errorf("%s: %v, %v", fixture, w.order, err)
		}
		if w.logged.Len() == 0 {
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
		"started again": {func(*world) {}, finding.OutcomeRestored, "CloudTrail logging was stopped again on trail management-events and restored"},
		"mode notify":   {func(w *world) { w.cfg.Mode = config.ModeNotify }, finding.OutcomeNotified, "CloudTrail logging was started on trail management-events"},
	} {
		w := newWorld(restored, nil, nil, nil)
		w.restarts = notLogging{func(events.Trail, time.Time, time.Time) remediate.Result {
			return remediate.Result{Outcome: finding.OutcomeRestored, Restored: now, Stopped: stopped, Started: now, Accepted: now, Detail: "ok."}
		}}
		test.set(w)
		if _, err := w.Invoke(t.Context(), payload(t, "start-logging-guard")); err != nil {
			t.Fatal(err)
		}
		if len(w.slack) != 1 || w.slack[0].Outcome != test.outcome || !strings.Contains(w.slack[0].Detail, "did not hold") || !strings.HasPrefix(message.Headline(w.slack[0]), test.says) {
			t.Errorf("%s: %+v", name, w.slack)
		}
	}
}

func TestOwnRefusedStartLoggingIsOnlyLogged(t *testing.T) {
	w := newWorld(restored, nil, nil, nil)
	refused := bytes.Replace(payload(t, "start-logging-guard"), []byte(`"responseElements"`), []byte(`"errorCode": "ThrottlingException", "responseElements"`), 1)
	if _, err := w.Invoke(t.Context(), refused); err != nil || len(w.order) != 0 || !strings.Contains(w.logged.String(), "ThrottlingException") {
		t.Errorf("%v, %v, %s", err, w.order, w.logged.String())
	}
}

func TestEventDataStoreIsNamed(t *testing.T) {
	w := newWorld(restored, nil, nil, nil)
	if _, err := w.Invoke(t.Context(), payload(t, "put-insight-selectors-event-data-store")); err != nil {
		t.Fatal(err)
	}
	if got := message.Headline(w.slack[0]); !strings.Contains(got, "eventdatastore/01234567") {
		t.Errorf("headline %q does not name the event data store", got)
	}
}

func TestUnreadablePayload(t *testing.T) {
	for _, bad := range []string{`{"version":`, `{"key1":"value1"}`, ``, `"\xff"`} {
		w := newWorld(restored, nil, nil, nil)
		if _, err := w.Invoke(t.Context(), []byte(bad)); err != nil {
			t.Errorf("%q: %v", bad, err)
		}
		if len(w.queue) != 1 || w.queue[0].Channel != finding.ChannelGuard || len(w.slack) != 1 || w.slack[0].Outcome != finding.OutcomeUnreadable {
			t.Errorf("%q: queue %+v, slack %+v", bad, w.queue, w.slack)
		}
		w = newWorld(restored, nil, nil, errors.New("queue refused"))
		if _, err := w.Invoke(t.Context(), []byte(bad)); err == nil {
			t.Errorf("%q: neither handled nor parked, and no error", bad)
		}
	}
}

// hangs is a queue that answers only when its caller has given up.
type hangs struct{}

func (hangs) Park(ctx context.Context, _ report.Parked) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}

func TestUnreadablePayloadIsToldThoughTheQueueHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(restored, nil, nil, nil)
		w.parker = hangs{}
		start := time.Now()
		if _, err := w.Invoke(t.Context(), []byte("{")); err == nil || len(w.slack) != 1 || time.Since(start) > 5*time.Second {
			t.Errorf("%v after %v, %d messages", err, time.Since(start), len(w.slack))
		}
	})
}

func TestGaveUpIsSaidOnceByTheLastRun(t *testing.T) {
	for retries := range 3 {
		w := newWorld(throttle, nil, nil, nil)
		w.cfg.AsyncRetries = retries
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
			if got := w.slack[len(w.slack)-1]; got.Outcome != want {
				t.Errorf("%d retries, run %d: %s, want %s", retries, run+1, got.Outcome, want)
			}
			if retries > 0 && run == 0 { // another event between two runs changes nothing
				if _, err := w.Invoke(other, payload(t, "stop-logging")); err == nil || w.slack[len(w.slack)-1].Outcome != finding.OutcomeRetrying {
					t.Errorf("another event: %v, %+v", err, w.slack[len(w.slack)-1])
				}
			}
		}
	}
	w := newWorld(throttle, nil, nil, nil)
	for range 5 { // without request IDs nothing is known of other runs
		if _, err := w.Invoke(t.Context(), payload(t, "stop-logging")); err == nil || w.slack[len(w.slack)-1].Outcome != finding.OutcomeRetrying {
			t.Errorf("%v, %+v", err, w.slack[len(w.slack)-1])
		}
	}
}

func TestFailuresForget(t *testing.T) {
	var f failures
	for i := range 3 * rememberedEvents {
		f.count(fmt.Sprint(i))
	}
	if len(f.runs) > rememberedEvents {
		t.Errorf("%d events remembered", len(f.runs))
	}
}

func TestNotificationsKeepTheirTime(t *testing.T) {
	w := newWorld(restored, nil, nil, nil)
	var until time.Time
	w.restarts = restartFunc(func(_ events.Trail, _, u time.Time) remediate.Result { until = u; return restored })
	w.clock.Deadline = func(context.Context) (time.Time, bool) { return now.Add(60 * time.Second), true }
	if _, err := w.Invoke(t.Context(), payload(t, "stop-logging")); err != nil {
		t.Fatal(err)
	}
	if want := now.Add(40 * time.Second); !until.Equal(want) {
		t.Errorf("restoring may last until %v, want %v", until, want)
	}
}

func FuzzInvoke(f *testing.F) {
	for _, fixture := range []string{"stop-logging", "stop-logging-hostile", "stop-logging-denied", "put-event-selectors-advanced", "ec2-state-change"} {
		f.Add(payload(f, fixture))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		w := newWorld(restored, errors.New("down"), nil, nil)
		if _, err := w.Invoke(t.Context(), payload); err != nil {
			t.Errorf("%q: %v", payload, err)
		}
		if len(w.queue) != 0 && len(w.sns) == 0 {
			t.Errorf("%q: parked, and nobody told", payload)
		}
	})
}
