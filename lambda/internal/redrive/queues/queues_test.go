package queues

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/report"
)

var start = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// run is one run with what was done in it. Its clock stands, but for what a test adds.
type run struct {
	*Redriver
	queues map[string]*fakeQueue
	now    time.Time
	done   []string
	fail   map[string]error // by what is done
	log    bytes.Buffer
}

func newRun(names ...string) *run {
	r := &run{queues: make(map[string]*fakeQueue), now: start, fail: make(map[string]error)}
	r.Redriver = &Redriver{
		Clock: clock.Clock{
			Now: func() time.Time { return r.now }, Sleep: func(context.Context, time.Duration) error { return nil },
			Deadline: func(ctx context.Context) (time.Time, bool) { return ctx.Deadline() },
		},
		Log: slog.New(slog.NewJSONHandler(&r.log, nil)),
		Send: func(_ context.Context, p report.Parked) error {
			return r.note("send " + p.Channel + " " + p.Notification.EventID)
		},
		Handle: func(_ context.Context, payload []byte) error {
			var event struct{ ID string }
			_ = json.Unmarshal(payload, &event)
			return r.note("handle " + event.ID)
		},
	}
	for _, name := range names {
		r.queues[name] = &fakeQueue{}
		r.Queues = append(r.Queues, Queue{Name: name, URL: "https://sqs/" + name, Client: r.queues[name]})
	}
	return r
}

// addLast gives the run a last queue.
func (r *run) addLast() *fakeQueue {
	q := &fakeQueue{}
	r.queues["last"], r.Last = q, &Queue{Name: "last", URL: "https://sqs/last", Client: q}
	return q
}

func (r *run) note(what string) error {
	r.done = append(r.done, what)
	return r.fail[what]
}

func (r *run) minute() Report { return r.Run(context.Background(), start.Add(time.Minute)) }

func (r *run) wantDone(t *testing.T, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, r.done); diff != "" {
		t.Errorf("done (-want +got):\n%s", diff)
	}
}

func parkedFor(channel, event string, at int) string {
	b, err := json.Marshal(report.Parked{
		Version:      report.ParkedVersion,
		Channel:      channel,
		Reason:       "refused",
		Time:         start.Add(time.Duration(at) * time.Second),
		Notification: finding.Finding{EventID: event, Outcome: finding.OutcomeRestored},
		Payload:      json.RawMessage(`{"id":"` + event + `"}`),
	})
	if err != nil {
		panic(err)
	}
	return string(b)
}

func event(id string) string {
	return `{"version":"0","id":"` + id +
		`","source":"aws.cloudtrail","detail-type":"AWS API Call via CloudTrail","detail":` +
		`{"eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com","eventID":"` + id +
		`","channel":"slack","notification":{}}}`
}

func schedule(id string) string {
	return `{"version":"0","id":"` + id + `","source":"aws.scheduler","detail-type":"Scheduled Event","detail":{}}`
}

func failed(payload string) string {
	return `{"version":"1.0","timestamp":"2026-03-10T12:00:00.000Z","requestContext":{"requestId":"r",
		"condition":"RetriesExhausted",` +
		`"approximateInvokeCount":3},"requestPayload":` + payload +
		`,"responseContext":{"functionError":"Unhandled"},"responsePayload":null}`
}

func TestRun(t *testing.T) {
	r := newRun("failures", "dead")
	r.queues["failures"].
		put(
			"m1", 3, parkedFor("slack", "e3", 3),
		).put("m2", 0, parkedFor("slack", "e1", 1)).put("m3", 1, parkedFor("sns", "e1", 1)).
		put("m4", 2, failed(event("e2"))).put("m5", 4, failed(schedule("s"))).put("m6", 5, failed(`"no event"`))
	r.queues["dead"].put("d1", 0, event("e0")).put("d2", 9, schedule("s2"))
	got := r.minute()
	r.wantDone(t, "handle e0", "handle e2", "handle ", "send slack e1", "send sns e1", "send slack e3")
	want := Report{Queues: []QueueReport{{
		Name:    "failures",
		Read:    6,
		Sent:    3,
		Handled: 2,
		Settled: 1,
	}, {
		Name:    "dead",
		Read:    2,
		Handled: 1,
		Settled: 1,
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if left := append(
		r.queues["failures"].left(),
		r.queues["dead"].left()...); len(left) > 0 || got.Redriven() != 6 || got.Remaining() != 0 ||
		got.Refused() {
		t.Errorf("left: %v; %d redriven, %d remain", left, got.Redriven(), got.Remaining())
	}
	if n := strings.Count(r.log.String(), `"msg":"redrive"`); n != 8 || strings.Contains(r.log.String(), "WARN") {
		t.Errorf("%d lines of log:\n%s", n, r.log.String())
	}
}

// TestRunGetsPastOneMessage: one that its destination refuses for itself does not hold up the others.
func TestRunGetsPastOneMessage(t *testing.T) {
	r := newRun("failures")
	r.queues["failures"].put("m1", 0, parkedFor("sns", "e1", 1)).
		put("m2", 0, parkedFor("sns", "e2", 2)).
		put("m3", 0, parkedFor("sns", "e3", 3))
	r.fail["send sns e1"] = errors.New("SNS refused the call with InvalidParameter")
	if got := r.minute(); got.Remaining() != 1 || got.Redriven() != 2 {
		t.Errorf("%+v", got)
	}
}

// TestRunGetsPastMany: however many are refused for themselves.
func TestRunGetsPastMany(t *testing.T) {
	r := newRun("failures")
	for i := range 6 {
		id := fmt.Sprintf("e%d", i)
		r.queues["failures"].put("m"+id, 0, parkedFor("sns", id, i))
		if i < 4 {
			r.fail["send sns "+id] = errors.New("SNS refused the call with InvalidParameter")
		}
	}
	if got := r.minute(); got.Redriven() != 2 || got.Remaining() != 4 {
		t.Errorf("%+v", got)
	}
}

// TestRunKeepsOrder: after a destination's second failure its other messages wait, those of others do not, and events
// never wait for each other.
func TestRunKeepsOrder(t *testing.T) {
	r := newRun("failures")
	r.queues["failures"].
		put("m1", 0, parkedFor("slack", "e1", 1)).
		put("m2", 0, parkedFor("slack", "e2", 2)).put("m3", 0, parkedFor("slack:C012", "e2", 2)).
		put("m4", 0, parkedFor("sns", "e2", 2)).
		put("m5", 3, event("e3")).
		put("m6", 4, event("e4")).put("m7", 5, parkedFor("slack", "e5", 5)).put("m8", 6, parkedFor("slack", "e6", 6))
	r.fail["send slack e1"] = errors.New("Slack answered 403:\nrestore the webhook.")
	r.fail["send slack e2"], r.fail["send slack e6"] = r.fail["send slack e1"], r.fail["send slack e1"]
	r.fail["handle e3"] = errors.New("start logging on main: denied")
	got := r.minute()
	r.wantDone(
		t, "handle e3", "handle e4", "send slack e1", "send slack e2", "send slack:C012 e2", "send sns e2", "send slack e6",
	)
	want := []Left{
		{Reason: "start logging on main: denied", Count: 1, Oldest: start.Add(3 * time.Second)},
		{
			Channel: "slack",
			Reason:  "Slack answered 403:; restore the webhook",
			Count:   3,
			Oldest:  start.Add(time.Second),
		},
		{
			Channel: "slack",
			Reason:  "it waits behind older ones that slack did not take",
			Count:   1,
			Oldest:  start.Add(5 * time.Second),
		},
	}
	if diff := cmp.Diff(want, got.Queues[0].Left); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"m1", "m2", "m5", "m7", "m8"}, r.queues["failures"].left()); diff != "" {
		t.Errorf("in the queue (-want +got):\n%s", diff)
	}
	// The next run finds them, and this time all goes well.
	clear(r.fail)
	r.done = nil
	if got := r.minute(); got.Remaining() != 0 || got.Redriven() != 5 || len(r.queues["failures"].left()) > 0 {
		t.Errorf("the next run: %+v", got)
	}
	r.wantDone(t, "handle e3", "send slack e1", "send slack e2", "send slack e5", "send slack e6")
}

// TestRunProbesOnce: a destination that takes nothing is asked three times, however much waits for it, and each message
// is counted once.
func TestRunProbesOnce(t *testing.T) {
	r := newRun("failures")
	for i := range 20 {
		id := fmt.Sprintf("e%02d", i)
		r.queues["failures"].put("m"+id, 0, parkedFor("slack", id, i))
		r.fail["send slack "+id] = errors.New("Slack answered 403")
	}
	if got := r.minute(); got.Remaining() != 20 {
		t.Errorf("%d of 20 remain: %+v", got.Remaining(), got)
	}
	r.wantDone(t, "send slack e00", "send slack e01", "send slack e19")
}

// TestRunRestoresFirst: a slow destination takes the time of no event.
func TestRunRestoresFirst(t *testing.T) {
	r := newRun("failures")
	for i := range 20 {
		r.queues["failures"].put(fmt.Sprintf("m%d", i), 0, parkedFor(fmt.Sprintf("slack:%d", i), "e", i))
	}
	r.queues["failures"].put("stop", 40, event("stop"))
	r.Send = func(_ context.Context, p report.Parked) error {
		r.now = r.now.Add(30 * time.Second)
		return r.note("send " + p.Channel)
	}
	r.minute()
	r.wantDone(t, "handle stop", "send slack:0", "send slack:1")
}

// TestRunIsBounded: by number, by size and by time; what is over comes next time.
func TestRunIsBounded(t *testing.T) {
	r := newRun("q")
	for i := range 1100 {
		r.queues["q"].put(fmt.Sprintf("m%04d", i), i, event(fmt.Sprintf("e%04d", i)))
	}
	for i, want := range []int{500, 500, 100} {
		got := r.minute().Queues[0]
		r.queues["q"].expire()
		if got.Handled != want || got.Read != want || got.More != (i < 2) {
			t.Errorf("run %d: %+v; want %d", i, got, want)
		}
	}

	r = newRun("q")
	for i := range 900 {
		r.queues["q"].put(fmt.Sprintf("m%03d", i), i, "nothing known")
	}
	r.queues["q"].put("y", 0, event("behind them")).put("z", 0, parkedFor("sns", "behind them", 0))
	if got := r.minute().Queues[0]; got.Handled != 1 || got.Sent != 1 || got.Read != maxWork+2 || !got.More {
		t.Errorf("what is nothing keeps others out: %+v", got)
	}

	r = newRun("q")
	for i := range maxRead + 1 {
		r.queues["q"].put(fmt.Sprintf("m%04d", i), i, "nothing known")
	}
	if got := r.minute().Queues[0]; r.queues["q"].calls["receive"] != maxRead/perCall || !got.More {
		t.Errorf("%d calls, %+v", r.queues["q"].calls["receive"], got)
	}

	r = newRun("q")
	big := strings.Replace(event("big"), `"detail":{`, `"detail":{"x":"`+strings.Repeat("x", 1<<20-1000)+`",`, 1)
	for i := range 40 {
		r.queues["q"].put(fmt.Sprintf("m%03d", i), i, big)
	}
	if got := r.minute().Queues[0]; got.Handled != 17 || !got.More {
		t.Errorf("large messages: %+v", got)
	}

	r = newRun("q")
	for i := range 5 {
		r.queues["q"].put(fmt.Sprintf("m%d", i), i, event(fmt.Sprintf("e%d", i)))
	}
	r.Handle = func(ctx context.Context, _ []byte) error {
		if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > 31*time.Second {
			t.Errorf("a message has until %v", deadline)
		}
		r.now = r.now.Add(25 * time.Second)
		return nil
	}
	got := r.minute().Queues[0]
	want := []Left{
		{Reason: "the time of this run was up; the next sweep goes on", Count: 2, Oldest: start.Add(2 * time.Second)},
	}
	if diff := cmp.Diff(want, got.Left); got.Handled != 3 || diff != "" {
		t.Errorf("handled %d, left (-want +got):\n%s", got.Handled, diff)
	}
	if got := r.Run(t.Context(), r.now).Queues[0]; got.Read != 0 || !got.More {
		t.Errorf("without time: %+v", got)
	}
}

// TestRunSurvivesACrash: a message that crashed the function before does not end the run, and what was thrown is not
// shown.
func TestRunSurvivesACrash(t *testing.T) {
	r := newRun("q")
	r.queues["q"].put("m1", 0, failed(event("e1"))).put("m2", 1, event("e2")).put("m3", 2, event("e3"))
	var list []int
	r.Handle = func(_ context.Context, payload []byte) error {
		switch {
		case bytes.Contains(payload, []byte("e1")):
			panic("xoxb-secret")
		case bytes.Contains(payload, []byte("e2")):
			list[3] = 1
		}
		return nil
	}
	got := r.minute().Queues[0]
	if got.Handled != 1 || len(got.Left) != 2 ||
		got.Left[0].Reason != "it crashed the function with a string; report this with the message" ||
		!strings.HasPrefix(got.Left[1].Reason, "it crashed the function: runtime error: index out of range [3]") {
		t.Errorf("%+v", got)
	}
	if strings.Contains(r.log.String(), "xoxb") {
		t.Error("the log holds what was thrown")
	}
}
