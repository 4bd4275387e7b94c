package report_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/report/park"
	"trailkeeper/lambda/internal/secret"
	"trailkeeper/lambda/internal/slack"
	"trailkeeper/lambda/internal/sns"
)

// mood is how a far end behaves.
type mood string

const (
	well  mood = "ok"
	fails mood = "fail"
	hangs mood = "hang"
)

// world is the far ends of the real notifiers and of the real queue. Those that hang do so until their context ends.
type world struct {
	slack, sns, sqs mood
	notices         mood // of what SNS gets after its first message

	mu      sync.Mutex
	toSlack []string
	toSNS   []string
	parked  int
}

func (w *world) behave(ctx context.Context, m mood, refusal error) error {
	switch {
	case m == hangs:
		<-ctx.Done()
		return ctx.Err()
	case ctx.Err() != nil:
		return ctx.Err()
	case m == fails:
		return refusal
	}
	return nil
}

// RoundTrip is Slack.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	refused := errors.New("refused")
	err := w.behave(r.Context(), w.slack, refused)
	if err != nil && !errors.Is(err, refused) {
		return nil, err
	}
	answer := &http.Response{StatusCode: http.StatusForbidden, Body: io.NopCloser(strings.NewReader("action_prohibited"))}
	if err == nil {
		body, _ := io.ReadAll(r.Body)
		w.mu.Lock()
		w.toSlack = append(w.toSlack, string(body))
		w.mu.Unlock()
		answer = &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("ok"))}
	}
	return answer, nil
}

// Publish is SNS.
func (w *world) Publish(
	ctx context.Context,
	in *awssns.PublishInput,
	_ ...func(*awssns.Options),
) (*awssns.PublishOutput, error) {
	w.mu.Lock()
	m := w.sns
	if len(w.toSNS) > 0 {
		m = w.notices
	}
	w.mu.Unlock()
	err := w.behave(ctx, m, &smithy.GenericAPIError{Code: "NotFoundException"})
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		w.toSNS = append(w.toSNS, *in.Message)
	}
	return &awssns.PublishOutput{}, err
}

// SendMessage is SQS.
func (w *world) SendMessage(
	ctx context.Context,
	_ *sqs.SendMessageInput,
	_ ...func(*sqs.Options),
) (*sqs.SendMessageOutput, error) {
	err := w.behave(ctx, w.sqs, &smithy.GenericAPIError{Code: "AccessDenied"})
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		w.parked++
	}
	return &sqs.SendMessageOutput{}, err
}

// Get and Refresh are the deployment's secret.
func (w *world) Get(context.Context) (secret.Value, error) {
	return secret.Value{Webhook: secret.NewKey("https://hooks.example/services/x")}, nil
}

func (w *world) Refresh(ctx context.Context) (secret.Value, error) { return w.Get(ctx) }

func (w *world) fanout(log io.Writer) *report.Fanout {
	c := clock.Real()
	return &report.Fanout{
		To: report.Destinations{Defaults: []report.Notifier{
			slack.New(slack.Options{
				HTTPClient: &http.Client{Transport: w},
				Secret:     w,
				SecretName: "trailkeeper/slack",
				Clock:      c,
			}),
			sns.New(w, "", "arn:aws:sns:eu-west-1:111122223333:trailkeeper", c),
		}},
		Parker: park.New(w, "https://sqs.example/failures", c),
		Log:    slog.New(slog.NewJSONHandler(log, nil)),
		Clock:  c,
	}
}

// deliver runs with this time left and returns what it took.
func (w *world) deliver(t *testing.T, left time.Duration, log io.Writer) (report.Deliveries, time.Duration, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), left)
	defer cancel()
	start := time.Now()
	sent, err := w.fanout(log).Deliver(ctx, findingtest.Stopped(), nil)
	return sent, time.Since(start), err
}

// TestFaultsInTime is Slack × SNS × park, each {ok, fail, hang}, with the least time that the guard keeps and with
// less.
func TestFaultsInTime(t *testing.T) {
	moods := []mood{well, fails, hangs}
	for _, left := range []time.Duration{20 * time.Second, 15 * time.Second} {
		for i := range 27 {
			w := &world{
				slack:   moods[i/9],
				sns:     moods[i/3%3],
				sqs:     moods[i%3],
				notices: well,
			}
			synctest.Test(t, func(t *testing.T) { w.check(t, left) })
		}
	}
}

func (w *world) check(t *testing.T, left time.Duration) {
	var log bytes.Buffer
	sent, took, err := w.deliver(t, left, &log)
	what := fmt.Sprintf("slack %s, sns %s, park %s, %v left", w.slack, w.sns, w.sqs, left)
	if took > left-time.Second {
		t.Errorf("%s: took %v", what, took)
	}
	status := func(m mood) report.Status {
		switch {
		case m == well:
			return report.StatusDelivered
		case w.sqs == well:
			return "parked"
		}
		return "lost"
	}
	want := []report.Status{status(w.slack), status(w.sns)}
	if got := []report.Status{sent[0].Status, sent[1].Status}; !cmp.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
	lost := w.sqs != well && (w.slack != well || w.sns != well)
	if (err != nil) != lost || strings.Contains(fmt.Sprint(err), "no answer in the time") {
		t.Errorf("%s: error %v, want one: %v", what, err, lost)
	}
	if got := strings.Count(log.String(), `"channel"`); got < len(want) {
		t.Errorf("%s: %d deliveries in the log", what, got)
	}
	w.checkNotice(t, what+": Slack", w.toSlack, w.slack, w.sns, "SNS delivery failed")
	w.checkNotice(t, what+": SNS", w.toSNS, w.sns, w.slack, "Slack delivery failed")
}

// checkNotice holds what a channel was notified of against how it and the other fared.
func (w *world) checkNotice(t *testing.T, what string, received []string, self, other mood, notice string) {
	t.Helper()
	want := 0
	if self == well {
		if want = 1; other != well {
			want = 2
		}
	}
	if len(received) != want {
		t.Errorf("%s: delivered %d times, want %d", what, len(received), want)
		return
	}
	if want == 2 && (!strings.Contains(received[1], notice) || strings.Contains(
		received[1], "is kept in the failure queue",
	) != (w.sqs == well)) {
		t.Errorf("%s: the notice is not true: %s", what, received[1])
	}
}

func TestWhatHangsIsGivenItsShare(t *testing.T) {
	for _, c := range []struct {
		world *world
		left  time.Duration
		took  time.Duration
	}{
		{&world{
			slack:   hangs,
			sns:     well,
			sqs:     well,
			notices: well,
		}, 20 * time.Second, 12 * time.Second},
		{&world{
			slack:   hangs,
			sns:     well,
			sqs:     hangs,
			notices: well,
		}, 20 * time.Second, 16 * time.Second},
		{&world{slack: hangs, sns: hangs, sqs: hangs}, 20 * time.Second, 16 * time.Second},
		{&world{
			slack:   hangs,
			sns:     well,
			sqs:     hangs,
			notices: hangs,
		}, 20 * time.Second, 18500 * time.Millisecond},
		{&world{
			slack:   hangs,
			sns:     well,
			sqs:     hangs,
			notices: hangs,
		}, time.Minute, 18500 * time.Millisecond},
		{&world{
			slack:   hangs,
			sns:     well,
			sqs:     hangs,
			notices: hangs,
		}, 5 * time.Second, 3500 * time.Millisecond},
		{&world{
			slack:   hangs,
			sns:     well,
			sqs:     hangs,
			notices: hangs,
		}, time.Second, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := c.world
			_, took, err := w.deliver(t, c.left, io.Discard)
			if took.Round(10*time.Millisecond) != c.took || (err != nil) != (w.sqs != well) {
				t.Errorf("slack %s, sns %s, park %s, notices %s, %v left: took %v, want %v; error %v",
					w.slack, w.sns, w.sqs, w.notices, c.left, took, c.took, err)
			}
		})
	}
}

// deaf hangs whatever its context says.
type deaf struct{ until chan struct{} }

func (d deaf) Park(context.Context, report.Parked) (string, error) { <-d.until; return "", nil }

func TestDeafQueueIsLeftBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		d := deaf{make(chan struct{})}
		defer close(d.until)
		w := &world{slack: hangs, sns: well, notices: hangs}
		f := w.fanout(io.Discard)
		f.Parker = d
		start := time.Now()
		_, err := f.Deliver(ctx, findingtest.Stopped(), nil)
		if took := time.Since(
			start,
		); took > 19*time.Second || err == nil ||
			!strings.Contains(err.Error(), "no answer in the time that there was") {
			t.Errorf("took %v, error %v", took, err)
		}
	})
}

func TestCrashOfTheQueueIsAnError(t *testing.T) {
	slack := &channel{name: "slack", do: answers(errors.New("403"))}
	var log bytes.Buffer
	_, err := fanout(
		parkFunc(func() { panic("https://queue/SECRET") }),
		&log,
		slack,
	).Deliver(
		t.Context(),
		findingtest.Stopped(),
		nil,
	)
	if err == nil || !strings.Contains(err.Error(), "the failure queue's sender crashed with a string") ||
		strings.Contains(err.Error(), "SECRET") {
		t.Errorf("error %v", err)
	}
}

type parkFunc func()

func (f parkFunc) Park(context.Context, report.Parked) (string, error) { f(); return "", nil }
