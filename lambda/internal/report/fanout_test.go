package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/report"
)

// channel is a notifier that notes what it was given.
type channel struct {
	name     string
	do       func(context.Context, finding.Finding) error
	mu       sync.Mutex
	received []finding.Finding
}

func (c *channel) Name() string { return c.name }

func (c *channel) Notify(ctx context.Context, n finding.Finding) error {
	c.mu.Lock()
	c.received = append(c.received, n)
	c.mu.Unlock()
	return c.do(ctx, n)
}

func answers(err error) func(context.Context, finding.Finding) error {
	return func(context.Context, finding.Finding) error { return err }
}

// headlines says what the channel was notified of and took.
func (c *channel) headlines() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var h []string
	for _, n := range c.received {
		h = append(h, message.Headline(n))
	}
	return h
}

type queue struct {
	err    error
	mu     sync.Mutex
	parked []report.Parked
}

func (q *queue) Park(_ context.Context, p report.Parked) (string, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.err == nil {
		q.parked = append(q.parked, p)
	}
	return "", q.err
}

func fanout(q report.Parker, log *bytes.Buffer, to ...report.Notifier) *report.Fanout {
	c := clock.Real()
	c.Now = findingtest.At
	return &report.Fanout{
		To:     report.Destinations{Defaults: to},
		Parker: q,
		Log:    slog.New(slog.NewJSONHandler(log, nil)),
		Clock:  c,
	}
}

// TestDeliverTable is Slack {ok, fail} × SNS {ok, fail} × park {ok, fail}.
func TestDeliverTable(t *testing.T) {
	said := message.Headline(findingtest.Stopped())
	const slackFailed, snsFailed = "Slack delivery failed: 403: refused", "SNS delivery failed: NotFound: gone"
	for _, c := range []struct {
		slack, sns, park bool
		statuses         string
		toSlack, toSNS   []string
		lost             bool
	}{
		{true, true, true, "delivered delivered", []string{said}, []string{said}, false},
		{true, true, false, "delivered delivered", []string{said}, []string{said}, false},
		{false, true, true, "parked delivered", []string{said}, []string{said, slackFailed}, false},
		{false, true, false, "lost delivered", []string{said}, []string{said, slackFailed}, true},
		{true, false, true, "delivered parked", []string{said, snsFailed}, []string{said}, false},
		{true, false, false, "delivered lost", []string{said, snsFailed}, []string{said}, true},
		{false, false, true, "parked parked", []string{said}, []string{said}, false},
		{false, false, false, "lost lost", []string{said}, []string{said}, true},
	} {
		fails := func(ok bool, text string) error {
			if ok {
				return nil
			}
			return errors.New(text)
		}
		slack := &channel{name: "slack", do: answers(fails(c.slack, "403: refused"))}
		sns := &channel{name: "sns", do: answers(fails(c.sns, "NotFound: gone"))}
		q := &queue{err: fails(c.park, "queue is gone")}
		var log bytes.Buffer
		sent, err := fanout(q, &log, slack, sns).Deliver(t.Context(), findingtest.Stopped(), json.RawMessage(`{"id":"1"}`))

		what := fmt.Sprintf("slack %v, sns %v, park %v", c.slack, c.sns, c.park)
		if got := fmt.Sprintf("%s %s", sent[0].Status, sent[1].Status); got != c.statuses {
			t.Errorf("%s: statuses %q, want %q", what, got, c.statuses)
		}
		if (err != nil) != c.lost {
			t.Errorf("%s: error %v, want one: %v", what, err, c.lost)
		}
		if c.lost && !strings.Contains(err.Error(), "queue is gone") {
			t.Errorf("%s: error %v does not say why it is not parked", what, err)
		}
		if diff := cmp.Diff(c.toSlack, slack.headlines()); diff != "" {
			t.Errorf("%s: Slack (-want +got):\n%s", what, diff)
		}
		if diff := cmp.Diff(c.toSNS, sns.headlines()); diff != "" {
			t.Errorf("%s: SNS (-want +got):\n%s", what, diff)
		}
		if want := strings.Count(c.statuses, "parked"); len(q.parked) != want {
			t.Errorf("%s: %d parked, want %d", what, len(q.parked), want)
		}
		for _, p := range q.parked {
			if p.Version != 1 || p.Reason == "" || string(p.Payload) != `{"id":"1"}` ||
				p.Notification.EventID != findingtest.Stopped().EventID {
				t.Errorf("%s: parked %+v lacks something", what, p)
			}
		}
	}
}

func TestNoticeIsTrueAndDoesNotCascade(t *testing.T) {
	slack := &channel{name: "slack", do: answers(errors.New("403: refused"))}
	sns := &channel{name: "sns", do: func(_ context.Context, n finding.Finding) error {
		if n.Outcome == finding.OutcomeUndelivered {
			return errors.New("throttled")
		}
		return nil
	}}
	q, log := &queue{}, bytes.Buffer{}
	if _, err := fanout(q, &log, slack, sns).Deliver(t.Context(), findingtest.Stopped(), nil); err != nil {
		t.Errorf("a notice that fails fails the delivery: %v", err)
	}
	if len(q.parked) != 1 || len(slack.headlines()) != 1 || len(sns.headlines()) != 2 {
		t.Errorf("%d parked, Slack reported %q, SNS reported %q", len(q.parked), slack.headlines(), sns.headlines())
	}
	notice := sns.received[1]
	want := `Slack delivery failed: 403: refused. The message is kept in the failure queue. It says: "` +
		message.Headline(findingtest.Stopped()) + `".`
	if got := message.Detail(notice); got != want || message.NextStep(notice) == "" {
		t.Errorf("notice says %q, want %q", got, want)
	}
	if !strings.Contains(log.String(), `"error":"throttled"`) {
		t.Errorf("the failed notice is not in the log:\n%s", log.String())
	}
}

func TestLogKeys(t *testing.T) {
	var log bytes.Buffer
	slack := &channel{name: "slack", do: answers(errors.New("403: refused"))}
	_, _ = fanout(&queue{err: errors.New("gone")}, &log, slack).Deliver(t.Context(), findingtest.Stopped(), nil)
	var line map[string]any
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	delete(line, "time")
	want := map[string]any{
		"level":      "ERROR",
		"msg":        "notification",
		"channel":    "slack",
		"status":     "lost",
		"latency_ms": 0.0,
		"event_id":   findingtest.Stopped().EventID,
		"outcome":    "restored",
		"error":      "403: refused",
		"park_error": "gone",
	}
	if diff := cmp.Diff(want, line); diff != "" {
		t.Errorf("log line (-want +got):\n%s", diff)
	}
}

func TestPanicDoesNotTakeOthersDown(t *testing.T) {
	crash := &channel{name: "slack", do: func(context.Context, finding.Finding) error { panic("https://hooks/SECRET") }}
	var none []error
	index := &channel{name: "index", do: func(context.Context, finding.Finding) error { return none[len(none)] }}
	well := &channel{name: "sns", do: answers(nil)}
	q, log := &queue{}, bytes.Buffer{}
	sent, err := fanout(q, &log, crash, index, well).Deliver(t.Context(), findingtest.Stopped(), nil)
	if err != nil || len(q.parked) != 2 || sent[2].Status != report.StatusDelivered {
		t.Errorf("error %v, %d parked; want nil, 2", err, len(q.parked))
	}
	for i, want := range []string{"the slack notifier crashed with a string", "the index notifier crashed: runtime " +
		"error: index out of range [0] with length 0"} {
		if got := sent[i].Err; got == nil || got.Error() != want {
			t.Errorf("delivery %d: %v, want %q", i, got, want)
		}
	}
	if strings.Contains(log.String()+fmt.Sprint(q.parked), "SECRET") {
		t.Error("what was thrown is shown")
	}
}

func TestHangIsLeftBehind(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	ctx, cancel := context.WithCancel(t.Context())
	hang := &channel{name: "slack", do: func(context.Context, finding.Finding) error { cancel(); <-release; return nil }}
	q, log := &queue{}, bytes.Buffer{}
	sent, err := fanout(q, &log, hang).Deliver(ctx, findingtest.Stopped(), nil)
	if err != nil || len(q.parked) != 1 || sent[0].Err.Error() != "no answer in the time that there was" {
		t.Errorf("error %v, %d parked, delivery %v", err, len(q.parked), sent[0].Err)
	}
}

func TestNoNotifierNoParkerBrokenPayload(t *testing.T) {
	var log bytes.Buffer
	if sent, err := fanout(nil, &log).Deliver(t.Context(), findingtest.Stopped(), nil); err != nil || len(sent) != 0 {
		t.Errorf("no notifier: %v, %v", sent, err)
	}
	slack := &channel{name: "slack", do: answers(errors.New("403"))}
	if _, err := fanout(nil, &log, slack).Deliver(t.Context(), findingtest.Stopped(), nil); err == nil {
		t.Error("no parker: a lost message is no error")
	}
	q, n := &queue{}, findingtest.Stopped()
	n.Request = json.RawMessage("{broken")
	if _, err := fanout(q, &log, slack).Deliver(t.Context(), n, json.RawMessage("{broken")); err != nil {
		t.Fatal(err)
	}
	if _, err := json.Marshal(q.parked[0]); err != nil || string(q.parked[0].Payload) != `"{broken"` {
		t.Errorf("what is parked is no JSON: %v", err)
	}
}

func TestSideBySide(t *testing.T) {
	// Each waits for the other: in series this would hang until the time is over.
	var both sync.WaitGroup
	both.Add(2)
	meet := func(ctx context.Context, _ finding.Finding) error {
		both.Done()
		done := make(chan struct{})
		go func() { both.Wait(); close(done) }()
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var log bytes.Buffer
	if _, err := fanout(
		&queue{},
		&log,
		&channel{name: "slack", do: meet},
		&channel{name: "sns", do: meet},
	).Deliver(
		ctx,
		findingtest.Stopped(),
		nil,
	); err != nil ||
		strings.Contains(log.String(), "ERROR") {
		t.Errorf("not side by side: %v\n%s", err, log.String())
	}
}
