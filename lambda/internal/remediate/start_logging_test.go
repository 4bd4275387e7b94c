package remediate_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/remediate"
)

var (
	trail = events.Trail{
		Partition: "aws",
		Region:    "eu-west-1",
		Account:   "111122223333",
		Name:      "main",
	}
	stopped = time.Date(2026, 3, 2, 9, 15, 27, 0, time.UTC)
	called  = stopped.Add(3 * time.Second)
)

// api is a CloudTrail of two functions; n counts the calls of each from 1, now is the clock's time.
type api struct {
	now    *time.Time
	calls  *[]string
	start  func(n int) error
	status func(n int) (*cloudtrail.GetTrailStatusOutput, error)
	starts *int
	reads  *int
}

func (a api) StartLogging(
	_ context.Context,
	in *cloudtrail.StartLoggingInput,
	_ ...func(*cloudtrail.Options),
) (*cloudtrail.StartLoggingOutput, error) {
	*a.starts++
	a.log("StartLogging " + aws.ToString(in.Name))
	return &cloudtrail.StartLoggingOutput{}, a.start(*a.starts)
}

func (a api) GetTrailStatus(
	_ context.Context,
	in *cloudtrail.GetTrailStatusInput,
	_ ...func(*cloudtrail.Options),
) (*cloudtrail.GetTrailStatusOutput, error) {
	*a.reads++
	a.log("GetTrailStatus " + aws.ToString(in.Name))
	return a.status(*a.reads)
}

func (a api) log(call string) {
	*a.calls = append(*a.calls, fmt.Sprintf("%v %s", a.now.Sub(called), call))
}

// run restarts logging against the two functions. Each call takes 10 ms of the fake clock.
func run(
	t *testing.T,
	budget time.Duration,
	start func(n int) error,
	status func(n int) (*cloudtrail.GetTrailStatusOutput, error),
) (remediate.Result, []string) {
	t.Helper()
	now, calls := called, []string(nil)
	fake := api{&now, &calls, nil, nil, new(int), new(int)}
	fake.start = func(n int) error { now = now.Add(10 * time.Millisecond); return start(n) }
	fake.status = func(n int) (*cloudtrail.GetTrailStatusOutput, error) {
		now = now.Add(10 * time.Millisecond)
		return status(n)
	}
	r := &remediate.Restarter{
		Client: func(region string) remediate.API {
			if region != "eu-west-1" {
				t.Errorf("client of Region %s, want the trail's home Region", region)
			}
			return fake
		},
		Clock: clock.Clock{
			Now:   func() time.Time { return now },
			Sleep: func(_ context.Context, d time.Duration) error { now = now.Add(d); return nil },
		},
		Log: slog.New(slog.DiscardHandler),
	}
	res := r.Restart(context.Background(), trail, stopped, called.Add(budget))
	if over := now.Sub(called.Add(max(budget, 20*time.Millisecond))); over > 0 {
		t.Errorf("took %v longer than the time there was", over)
	}
	return res, calls
}

func status(logging bool, started, stopped time.Time) func(int) (*cloudtrail.GetTrailStatusOutput, error) {
	return func(int) (*cloudtrail.GetTrailStatusOutput, error) {
		out := &cloudtrail.GetTrailStatusOutput{IsLogging: aws.Bool(logging)}
		if !started.IsZero() {
			out.StartLoggingTime = aws.Time(started)
		}
		if !stopped.IsZero() {
			out.StopLoggingTime = aws.Time(stopped)
		}
		return out, nil
	}
}

// turn answers with each function in turn, and then with the last.
func turn[T any](fs ...func(int) (T, error)) func(int) (T, error) {
	return func(n int) (T, error) { return fs[min(n, len(fs))-1](n) }
}

func code(code, message string) error {
	return &smithy.OperationError{
		ServiceID:     "CloudTrail",
		OperationName: "StartLogging",
		Err:           &smithy.GenericAPIError{Code: code, Message: message},
	}
}

func always(err error) func(int) error { return func(int) error { return err } }

func TestRestart(t *testing.T) {
	var (
		old      = stopped.Add(-30 * 24 * time.Hour)
		off      = status(false, old, stopped)
		on       = status(true, called, stopped)
		others   = status(true, called.Add(-2500*time.Millisecond), stopped) // somebody was faster
		stale    = status(true, old, time.Time{})                            // the status does not know of the stop yet
		older    = status(true, old, old.Add(-time.Hour))                    // nor does this one, after an earlier stop
		odd      = status(true, old, stopped)                                // "logging", but no start after the stop
		flapping = status(true, stopped.Add(-time.Second), stopped)          // stopped again by now
		before   = status(true, stopped.Add(700*time.Millisecond), time.Time{})
		same     = status(true, stopped, stopped) // times without fractions
		noTimes  = status(true, time.Time{}, time.Time{})
		denied   = func(int) (*cloudtrail.GetTrailStatusOutput, error) { return nil, code("AccessDeniedException", "no") }
		broken   = func(int) (*cloudtrail.GetTrailStatusOutput, error) { return nil, io.ErrUnexpectedEOF }
		throttle = code("ThrottlingException", "Rate exceeded")
		conflict = code("ConflictException", "busy")
	)
	after := func(n int, then, before error) func(int) error {
		return func(i int) error {
			if i > n {
				return then
			}
			return before
		}
	}
	tests := []struct {
		name      string
		start     func(int) error
		status    func(int) (*cloudtrail.GetTrailStatusOutput, error)
		want      finding.Outcome
		retryable bool
		calls     int // 0: not checked
	}{
		{"at once", always(nil), on, finding.OutcomeRestored, false, 2},
		{"status lags", always(nil), turn(off, off, on), finding.OutcomeRestored, false, 4},
		{"status lags behind the stop as well", always(nil), turn(stale, off, on), finding.OutcomeRestored, false, 4},
		{"status without times", always(nil), noTimes, finding.OutcomeAccepted, false, 0},
		{"somebody was faster", always(nil), others, finding.OutcomeAlreadyLogging, false, 2},
		{"the stop never shows", always(nil), stale, finding.OutcomeAccepted, false, 0}, // a stale read is no proof
		{"an earlier stop shows", always(nil), older, finding.OutcomeAccepted, false, 0},
		{"logging without a start after the stop", always(nil), odd, finding.OutcomeAccepted, false, 0},
		{"stopped again", always(nil), flapping, finding.OutcomeAccepted, false, 0},
		{"a start in the second of the stop, which does not show", always(nil), before, finding.OutcomeAccepted, false, 0},
		{"start and stop in the same second", always(nil), same, finding.OutcomeAlreadyLogging, false, 2},
		{"never confirmed", always(nil), off, finding.OutcomeAccepted, false, 0},
		{"status denied", always(nil), denied, finding.OutcomeAccepted, false, 2},
		{"status unreadable, then on", always(nil), turn(broken, on), finding.OutcomeRestored, false, 3},
		{"status unreadable", always(nil), broken, finding.OutcomeAccepted, false, 0},
		{"throttled once", after(1, nil, throttle), turn(off, on), finding.OutcomeRestored, false, 4},
		{"conflict twice", after(2, nil, conflict), turn(off, off, on), finding.OutcomeRestored, false, 6},
		{"throttled, and on by somebody else", always(throttle), others, finding.OutcomeAlreadyLogging, false, 2},
		{
			"throttled, and the status does not know of the stop yet",
			after(1, nil, throttle),
			turn(stale, on),
			finding.OutcomeRestored,
			false,
			4,
		},
		{"throttled for good", always(throttle), off, finding.OutcomeRetrying, true, 0},
		{"throttled for good, and the stop never shows", always(throttle), stale, finding.OutcomeRetrying, true, 0},
		{"throttled for good, and stopped again", always(throttle), flapping, finding.OutcomeRetrying, true, 0},
		{
			"throttled for good, logging without a start after the stop",
			always(throttle),
			odd,
			finding.OutcomeRetrying,
			true,
			0,
		},
		{"answer lost, but it arrived", always(io.ErrUnexpectedEOF), on, finding.OutcomeRestored, false, 2},
		{"connection lost once", after(1, nil, io.EOF), turn(off, on), finding.OutcomeRestored, false, 4},
		{"connection always lost", always(io.EOF), off, finding.OutcomeRetrying, true, 0},
		{"unreachable", always(errors.New("no route")), broken, finding.OutcomeRetrying, true, 0},
		{"no such trail", always(code("TrailNotFoundException", "gone")), on, finding.OutcomeCannotRestore, false, 1},
		{"not permitted", always(code("AccessDeniedException", "no")), on, finding.OutcomeCannotRestore, false, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res, calls := run(t, 40*time.Second, tt.start, tt.status)
			if res.Outcome != tt.want || res.Retryable != tt.retryable {
				t.Errorf("%s, retryable %v; want %s, %v\n%+v\n%v", res.Outcome, res.Retryable, tt.want, tt.retryable, res, calls)
			}
			if len(calls) > 40 {
				t.Errorf("%d calls: it does not pace itself", len(calls))
			}
			if tt.calls > 0 && len(calls) != tt.calls {
				t.Errorf("%d calls, want %d: %v", len(calls), tt.calls, calls)
			}
			if calls[0] != "0s StartLogging "+trail.ARN() {
				t.Errorf("the first call is %s", calls[0])
			}
			failed := tt.want == finding.OutcomeCannotRestore || tt.want == finding.OutcomeRetrying
			if (res.Err != nil) != failed || len(res.Notes) == 0 ||
				(tt.want == finding.OutcomeRestored) == res.RestoredAt.IsZero() {
				t.Errorf("%+v", res)
			}
		})
	}
}

func TestRestartPacesItself(t *testing.T) {
	_, calls := run(t, 40*time.Second, always(nil), status(false, stopped, stopped))
	want := []string{
		"0s StartLogging",
		"10ms GetTrailStatus",
		"220ms GetTrailStatus",
		"630ms GetTrailStatus",
		"1.44s GetTrailStatus",
		"3.05s GetTrailStatus",
	}
	for i := range calls {
		calls[i] = strings.TrimSuffix(calls[i], " "+trail.ARN())
	}
	if diff := cmp.Diff(want, calls[:len(want)]); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if last := calls[len(calls)-1]; !strings.HasPrefix(last, "18.") {
		t.Errorf("the last look is %q, want one in the last seconds of the twenty", last)
	}
}

func TestRestartWithoutTimeStillStarts(t *testing.T) {
	res, calls := run(t, 0, always(nil), status(true, called, stopped))
	if res.Outcome != finding.OutcomeRestored || len(calls) != 2 {
		t.Errorf("%+v, %v", res, calls)
	}
}

func TestRestartWithoutEventTime(t *testing.T) {
	for name, tt := range map[string]struct {
		status func(int) (*cloudtrail.GetTrailStatusOutput, error)
		want   finding.Outcome
	}{
		"started since the call": {status(true, called, stopped), finding.OutcomeRestored},
		"started long ago":       {status(true, stopped.Add(-time.Hour), stopped.Add(-2*time.Hour)), finding.OutcomeAccepted},
	} {
		now := called
		fake := api{&now, new([]string), always(nil), tt.status, new(int), new(int)}
		r := &remediate.Restarter{
			Client: func(string) remediate.API { return fake }, Log: slog.New(slog.DiscardHandler),
			Clock: clock.Clock{
				Now:   func() time.Time { return now },
				Sleep: func(_ context.Context, d time.Duration) error { now = now.Add(d); return nil },
			},
		}
		if res := r.Restart(context.Background(), trail, time.Time{}, called.Add(40*time.Second)); res.Outcome != tt.want {
			t.Errorf("%s: %+v, want %s", name, res, tt.want)
		}
	}
}

// hang is a CloudTrail that does not answer.
type hang struct{ start, status bool }

func (h hang) StartLogging(
	ctx context.Context,
	_ *cloudtrail.StartLoggingInput,
	_ ...func(*cloudtrail.Options),
) (*cloudtrail.StartLoggingOutput, error) {
	if h.start {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return &cloudtrail.StartLoggingOutput{}, nil
}

func (h hang) GetTrailStatus(
	ctx context.Context,
	_ *cloudtrail.GetTrailStatusInput,
	_ ...func(*cloudtrail.Options),
) (*cloudtrail.GetTrailStatusOutput, error) {
	if h.status {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return &cloudtrail.GetTrailStatusOutput{IsLogging: aws.Bool(false)}, nil
}

func TestRestartEndsInTime(t *testing.T) {
	for _, h := range []hang{{true, true}, {true, false}, {false, true}} {
		for _, budget := range []time.Duration{0, 10 * time.Second, 40 * time.Second} {
			synctest.Test(t, func(t *testing.T) {
				r := &remediate.Restarter{
					Client: func(string) remediate.API { return h }, Clock: clock.Real(), Log: slog.New(slog.DiscardHandler),
				}
				start := time.Now()
				res := r.Restart(t.Context(), trail, start, start.Add(budget))
				if over := time.Since(start) - budget; over > 2*time.Second {
					t.Errorf("%+v with %v: %v too late", h, budget, over)
				}
				if want := map[bool]finding.Outcome{
					true: finding.OutcomeRetrying, false: finding.OutcomeAccepted,
				}[h.start]; res.Outcome != want {
					t.Errorf("%+v with %v: %s, want %s", h, budget, res.Outcome, want)
				}
			})
		}
	}
}

func TestRestored(t *testing.T) {
	off, on := status(false, stopped, stopped), status(true, called, stopped)
	res, _ := run(t, 40*time.Second, always(nil), turn(off, on))
	if res.AfterCall != 230*time.Millisecond || !res.RestoredAt.Equal(called.Add(230*time.Millisecond)) {
		t.Errorf("restored after %v, at %v", res.AfterCall, res.RestoredAt)
	}
}

func TestLogging(t *testing.T) {
	for _, want := range []bool{true, false} {
		now := called
		fake := api{&now, new([]string), nil, status(want, called, stopped), new(int), new(int)}
		r := &remediate.Restarter{Client: func(string) remediate.API { return fake }}
		if got, err := r.Logging(context.Background(), trail); err != nil || got != want {
			t.Errorf("%v, %v; want %v", got, err, want)
		}
	}
}
