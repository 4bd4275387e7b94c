package queues

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/report"
)

// TestLanesDoNotWait: 120 events that take all the time there is keep no message from being sent, and 120 messages no
// event from being handled.
func TestLanesDoNotWait(t *testing.T) {
	r := newRun("failures", "dead")
	for i := range 120 {
		r.queues["dead"].put(fmt.Sprintf("d%03d", i), i, event(fmt.Sprintf("e%03d", i)))
		r.queues["failures"].put(fmt.Sprintf("f%03d", i), i, parkedFor("slack", fmt.Sprintf("s%03d", i), i))
	}
	r.queues["failures"].put("real", 200, parkedFor("sns", "real", 200)).put("stop", 300, event("stop"))
	slow := func(what string) error {
		_ = r.note(what)
		r.now = r.now.Add(7 * time.Second)
		return errors.New("no answer in time")
	}
	r.Handle = func(_ context.Context, payload []byte) error {
		if strings.Contains(string(payload), `"stop"`) {
			return r.note("handle stop")
		}
		return slow("handle")
	}
	r.Send = func(_ context.Context, p report.Parked) error {
		if p.Channel == "sns" {
			return r.note("send real")
		}
		return slow("send " + p.Channel)
	}
	got := r.minute()
	// The events have half of a minute: three of the oldest until two thirds of that are over, then the newest. The
	// messages have the rest.
	r.wantDone(
		t, "handle", "handle", "handle", "handle stop", "handle", "handle", "send slack", "send slack", "send slack",
		"send real",
	)
	if got.Redriven() != 2 || r.queues["failures"].left()[0] == "" {
		t.Errorf("%+v", got)
	}
}

// TestNewestHasAShare: what is new waits for nothing that is old and slow, and the other way round.
func TestNewestHasAShare(t *testing.T) {
	for _, name := range []string{"events", "messages"} {
		r := newRun("q")
		for i := range 50 {
			body := event(fmt.Sprintf("e%02d", i))
			if name == "messages" {
				body = parkedFor(fmt.Sprintf("slack:%02d", i), fmt.Sprintf("e%02d", i), i)
			}
			r.queues["q"].put(fmt.Sprintf("m%02d", i), i, body)
		}
		took := func() { r.now = r.now.Add(9 * time.Second) }
		r.Handle = func(_ context.Context, payload []byte) error {
			took()
			return r.note(string(payload[strings.Index(string(payload), `"id":"`)+6:][:3]))
		}
		r.Send = func(_ context.Context, p report.Parked) error { took(); return r.note(p.Notification.EventID) }
		r.minute()
		if diff := cmp.Diff([]string{"e00", "e01", "e02", "e03", "e04", "e49", "e48"}, r.done); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestFinalErrors: what can never succeed is laid aside at once, with the event or the message as it is; what may
// succeed later is not.
func TestFinalErrors(t *testing.T) {
	r := newRun("q")
	last := r.addLast()
	r.queues["q"].put("m1", 0, event("e1")).
		put("m2", 1, event("e2")).
		put("m3", 2, parkedFor("slack", "e3", 2)).
		put("m4", 3, parkedFor("sns", "e4", 3))
	r.queues["q"].messages[0].attributes = map[string]string{"ERROR_CODE": "NO_PERMISSIONS", "last_from": "forged"}
	r.fail["handle e1"] = fmt.Errorf("handle: %w", &FinalError{errors.New(`there is no Region "xx-nowhere-1"`)})
	r.fail["handle e2"] = errors.New("CloudTrail throttled the call")
	r.fail["send slack e3"] = &FinalError{errors.New("its destination is not in the settings")}
	r.fail["send sns e4"] = errors.New("SNS is down")
	got := r.minute()
	want := Report{Queues: []QueueReport{{
		Name: "q",
		Read: 4,
		Left: []Left{
			{Reason: "CloudTrail throttled the call", Count: 1, Oldest: start.Add(time.Second)},
			{
				Channel: "sns",
				Reason:  "SNS is down",
				Count:   1,
				Oldest:  start.Add(3 * time.Second),
			},
		},
		Aside: []Left{
			{Reason: `there is no Region "xx-nowhere-1"`, Count: 1, Oldest: start},
			{
				Channel: "slack",
				Reason:  "its destination is not in the settings",
				Count:   1,
				Oldest:  start.Add(2 * time.Second),
			},
		},
	}}}
	if diff := cmp.Diff(want, got); diff != "" || got.Aside() != 2 {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"m2", "m4"}, r.queues["q"].left()); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	wantAside := map[string]string{
		"ERROR_CODE":    "NO_PERMISSIONS",
		"last_from":     "q",
		"last_receives": "1",
		"last_reason":   `there is no Region "xx-nowhere-1"`,
	}
	if diff := cmp.Diff(wantAside, last.messages[0].attributes); diff != "" || last.messages[0].body != event("e1") {
		t.Errorf("%q (-want +got):\n%s", last.messages[0].body, diff)
	}
}

// TestTriedTooOften: a message is tried for a week, or 10,000 times, and then laid aside, whether it was its turn or
// not. Slack may be away for days.
func TestTriedTooOften(t *testing.T) {
	for name, test := range map[string]struct {
		age      time.Duration
		receives int
		aside    bool
	}{
		"new":             {0, 0, false},
		"six days":        {6 * 24 * time.Hour, 2000, false},
		"just not a week": {longestTried - time.Second, 9998, false},
		"a week":          {longestTried, 5, true},
		"too often":       {time.Hour, maxReceives - 1, true},
	} {
		r := newRun("q")
		last := r.addLast()
		for i := range 5 {
			id := fmt.Sprintf("e%d", i)
			r.queues["q"].put("m"+id, i, parkedFor("slack", id, i))
			r.fail["send slack "+id] = errors.New("Slack answered 503")
			m := r.queues["q"].messages[i]
			m.sent, m.receives = r.now.Add(-test.age), test.receives
		}
		got := r.minute()
		if aside := got.Aside() == 5; aside != test.aside || len(last.messages) != got.Aside() ||
			len(r.queues["q"].left())+len(last.messages) != 5 {
			t.Errorf("%s: %+v", name, got)
		}
		if test.aside && !strings.HasPrefix(got.Queues[0].Aside[0].Reason, "it was tried for too long: Slack answered 503") {
			t.Errorf("%s: %+v", name, got.Queues[0].Aside)
		}
	}
}

// TestLastQueueRefuses: then nothing is deleted, and the reason says so.
func TestLastQueueRefuses(t *testing.T) {
	r := newRun("q")
	r.addLast().refuse = func(string) error { return &smithy.GenericAPIError{Code: "AccessDenied"} }
	r.queues["q"].put("m", 0, "nothing known")
	got := r.minute().Queues[0]
	want := []Left{
		{
			Count:  1,
			Oldest: start,
			Reason: "it is no JSON object; it could not be put into the last queue: the function's role may not send to the " +
				"queue; " +
				"grant it sqs:SendMessage by deploying again",
		},
	}
	if diff := cmp.Diff(want, got.Left); diff != "" || got.Aside != nil || len(r.queues["q"].left()) != 1 {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestRunAgain tries what lies in the last queue once more: what succeeds is gone from there, what does not stays. A
// sweep leaves it alone.
func TestRunAgain(t *testing.T) {
	r := newRun("q")
	last := r.addLast()
	last.put("l1", 0, event("e1")).
		put("l2", 1, event("e2")).
		put("l3", 2, "nothing known").
		put("l4", 3, parkedFor("slack", "e4", 3))
	r.fail["handle e2"] = &FinalError{errors.New("no such Region")}
	r.minute()
	if last.calls["receive"] != 0 {
		t.Error("a sweep reads the last queue")
	}
	got := r.RunAgain(t.Context(), start.Add(time.Minute))
	r.wantDone(t, "handle e1", "handle e2", "send slack e4")
	if len(got.Queues) != 2 || got.Queues[1].Name != "last" || got.Redriven() != 2 || got.Aside() != 0 ||
		got.Remaining() != 2 {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff([]string{"l2", "l3"}, last.left()); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
}

// TestLargeAside: a message as large as SQS takes is moved with as many words as fit.
func TestLargeAside(t *testing.T) {
	for _, size := range []int{maxMessage, maxMessage - 500, 5000} {
		r := newRun("q")
		last := r.addLast()
		r.queues["q"].put("m", 0, strings.Repeat("x", size))
		r.queues["q"].messages[0].attributes = map[string]string{"ERROR_MESSAGE": strings.Repeat("y", 200)}
		if got := r.minute(); got.Aside() != 1 {
			t.Fatalf("%d bytes: %+v", size, got)
		}
		total := size
		for name, value := range last.messages[0].attributes {
			total += len(name) + len("String") + len(value)
		}
		if total > maxMessage || (size < maxMessage) != (last.messages[0].attributes["ERROR_MESSAGE"] != "") {
			t.Errorf("%d bytes: %d in all, %d attributes", size, total, len(last.messages[0].attributes))
		}
	}
}
