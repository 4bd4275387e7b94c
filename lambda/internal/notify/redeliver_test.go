package notify_test

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/internal/notify"
	"trailkeeper/lambda/internal/notify/notifytest"
)

// TestRedeliver: what was parked is sent once, whoever has it from the queue and however its JSON is written there; the run of the event that parked it
// does not send it.
func TestRedeliver(t *testing.T) {
	c := newChannels()
	c.slackErr = errors.New("503")
	var parked notify.Parked
	c.keep = &parked
	if err := c.Tell(t.Context(), notifytest.Stopped(), json.RawMessage(`{"id": "one", "x": "<>"}`)); err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(parked)
	if err != nil || json.Unmarshal(body, &parked) != nil {
		t.Fatal(err)
	}
	var seen []notify.Report
	c.Observe = func(_ context.Context, r notify.Report) { seen = append(seen, r) }
	if err := c.Redeliver(t.Context(), parked); err == nil || seen[0].Deliveries[0].Status != notify.StatusWaiting {
		t.Fatalf("Slack is still down: %v, %+v", err, seen)
	}
	c.slackErr = nil
	if err := c.Tell(t.Context(), notifytest.Stopped(), json.RawMessage(`{"x":"<>","id":"one"}`)); err != nil {
		t.Fatal(err)
	}
	c.want(t, "the event again", 0, 2)
	for range 2 {
		if err := c.Redeliver(t.Context(), parked); err != nil {
			t.Fatal(err)
		}
	}
	c.want(t, "out of the queue, twice", 1, 2)
	if detail := c.last.Detail; !strings.Contains(detail, "This message is late: at ") || !strings.Contains(detail, "because 503.") {
		t.Errorf("detail %q", detail)
	}
}

// TestRedeliverWithoutItsDestination: what is not in the settings any more is told to another of the same channel.
func TestRedeliverWithoutItsDestination(t *testing.T) {
	c := newChannels()
	p := notify.Parked{Version: notify.ParkedVersion, Channel: "slack:C0GONE00001", Reason: "503", Notification: notifytest.Stopped()}
	if err := c.Redeliver(t.Context(), p); err != nil || !strings.Contains(c.last.Detail, "C0GONE00001 is not in the settings any more") {
		t.Errorf("%v, %q", err, c.last.Detail)
	}
	c.want(t, "a destination that is gone", 1, 0)
	c.Notifiers = nil
	p.Subject = "another"
	if err := c.Redeliver(t.Context(), p); err == nil || !strings.Contains(err.Error(), "not in the settings any more") {
		t.Errorf("nobody to tell: %v", err)
	}
}

// TestRedeliverLeavesItToAnotherRun that is about to send it.
func TestRedeliverLeavesItToAnotherRun(t *testing.T) {
	c := newChannels()
	c.Clock.Sleep = func(context.Context, time.Duration) error { return nil }
	p := notify.Parked{Version: notify.ParkedVersion, Channel: notify.ChannelSlack, Subject: "x", Notification: notifytest.Stopped()}
	c.ledger.states["x"] = "claimed"
	if err := c.Redeliver(t.Context(), p); err == nil || c.told[notify.ChannelSlack] != 0 {
		t.Errorf("%v, told %v", err, c.told)
	}
}

// TestAcceptedIsNotedAtOnce, and not when the slowest channel is done.
func TestAcceptedIsNotedAtOnce(t *testing.T) {
	c := newChannels()
	c.whileSlack = func() {
		for !slices.Contains(c.ledger.all(), "sent") { // SNS has accepted it
			runtime.Gosched()
		}
	}
	if err := c.Tell(t.Context(), notifytest.Stopped(), payload); err != nil {
		t.Fatal(err)
	}
}
