package report_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/state/claims"
)

// ledger is a table in memory.
type ledger struct {
	mu      sync.Mutex
	states  map[string]string // by subject
	digests map[string]string // of what is parked
	err     error
	slow    time.Duration
	lease   time.Duration // of the last claim
	given   chan struct{} // gets one for each claim that is given
}

func (l *ledger) call(ctx context.Context) error {
	select {
	case <-time.After(l.slow):
		return l.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *ledger) Claim(ctx context.Context, subject string, lease time.Duration, digest string) (claims.State, error) {
	if err := l.call(ctx); err != nil {
		return claims.Claimed, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch state := l.states[subject]; {
	case digest != "" && l.digests[subject] != digest:
		return claims.Unknown, nil
	case state == "sent", state == "parked" && digest == "":
		return claims.Delivered, nil
	case state == "claimed":
		return claims.InFlight, nil
	}
	if lease < 10*time.Second || lease > clock.LongestRun+report.LeaseMargin {
		return claims.Claimed, errors.New("odd lease " + lease.String())
	}
	l.states[subject], l.lease = "claimed", lease
	l.given <- struct{}{}
	return claims.Claimed, nil
}

func (l *ledger) set(subject, state string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.states[subject] = state
	return l.err
}

func (l *ledger) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Values(l.states))
}

func (l *ledger) Delivered(_ context.Context, subject string) error { return l.set(subject, "sent") }

func (l *ledger) Parked(_ context.Context, subject, digest string) error {
	l.mu.Lock()
	l.digests[subject] = digest
	l.mu.Unlock()
	return l.set(subject, "parked")
}
func (l *ledger) Release(_ context.Context, subject string) error { return l.set(subject, "") }

// channels are two notifiers that count, and whose answers can be chosen, with a queue.
type channels struct {
	report.Fanout
	ledger     *ledger
	mu         sync.Mutex
	received   map[string]int
	last       finding.Finding
	slackErr   error
	parkErr    error
	parked     int
	keep       *report.Parked // gets what is parked
	whileSlack func()
}

type oneChannel struct {
	name string
	*channels
}

func (c oneChannel) Name() string { return c.name }

func (c oneChannel) Notify(_ context.Context, n finding.Finding) error {
	if c.name == finding.ChannelSlack && c.whileSlack != nil {
		c.whileSlack()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.name == finding.ChannelSlack && c.slackErr != nil {
		return c.slackErr
	}
	c.received[c.name]++
	c.last = n
	return nil
}

func (c *channels) Park(_ context.Context, p report.Parked) (string, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.keep != nil {
		*c.keep = p.Read(string(text))
	}
	if c.parkErr == nil {
		c.parked++
	}
	return report.DigestOf(string(text)), c.parkErr
}

// claiming are the claims of a ledger.
func claiming(l *ledger) *report.Claims {
	return &report.Claims{Events: l, Clock: clock.Real(), Log: slog.New(slog.DiscardHandler)}
}

func newChannels() *channels {
	c := &channels{
		ledger:   &ledger{states: map[string]string{}, digests: map[string]string{}, given: make(chan struct{}, 100)},
		received: map[string]int{},
	}
	c.Fanout = report.Fanout{
		To: report.Destinations{
			Defaults: []report.Notifier{oneChannel{finding.ChannelSlack, c}, oneChannel{finding.ChannelSNS, c}},
		},
		Parker: c,
		Claims: claiming(c.ledger),
		Log:    slog.New(slog.DiscardHandler),
		Clock:  clock.Real(),
	}
	return c
}

var payload = json.RawMessage(`{"id":"one"}`)

// want checks how often each channel was notified.
func (c *channels) want(t *testing.T, what string, slack, sns int) {
	t.Helper()
	if c.received[finding.ChannelSlack] != slack || c.received[finding.ChannelSNS] != sns {
		t.Errorf("%s: reported %v; want slack %d, sns %d", what, c.received, slack, sns)
	}
}

// TestAnEventIsDeliveredOnce on each channel; another outcome, another event and a forged one of the same ID are
// reported as well.
func TestAnEventIsDeliveredOnce(t *testing.T) {
	c := newChannels()
	n := findingtest.Stopped()
	for range 3 {
		if _, err := c.Deliver(t.Context(), n, payload); err != nil {
			t.Fatal(err)
		}
	}
	c.want(t, "three times the same", 1, 1)
	sent, err := c.Deliver(t.Context(), n, payload)
	if err != nil || sent[0].Status != report.StatusRepeated {
		t.Errorf("%+v, %v", sent, err)
	}
	retrying := n
	retrying.Outcome = finding.OutcomeRetrying
	again := n
	again.Outcome = finding.OutcomeAlreadyLogging
	if _, err := c.Deliver(t.Context(), again, payload); err != nil {
		t.Fatal(err)
	}
	c.want(t, "the same, found restored by another run", 1, 1)
	other := n
	other.EventID = "another"
	for _, notify := range []struct {
		n       finding.Finding
		payload json.RawMessage
	}{{retrying, payload}, {other, payload}, {n, json.RawMessage(`{"id":"forged"}`)}} {
		if _, err := c.Deliver(t.Context(), notify.n, notify.payload); err != nil {
			t.Fatal(err)
		}
	}
	c.want(t, "three others", 4, 4)
}

// TestOnlyTheChannelThatFailedIsTriedAgain: what was parked is not sent again by another run, and what was lost is.
func TestOnlyTheChannelThatFailedIsTriedAgain(t *testing.T) {
	c := newChannels()
	c.slackErr = errors.New("503")
	if _, err := c.Deliver(t.Context(), findingtest.Stopped(), payload); err != nil || c.parked != 1 {
		t.Fatalf("parked %d, %v", c.parked, err)
	}
	c.want(t, "Slack is down; SNS is told so", 0, 2)
	c.slackErr = nil
	if _, err := c.Deliver(t.Context(), findingtest.Stopped(), payload); err != nil {
		t.Fatal(err)
	}
	c.want(t, "what is parked is in the queue", 0, 2)

	c = newChannels()
	c.slackErr, c.parkErr = errors.New("503"), errors.New("no queue")
	if _, err := c.Deliver(t.Context(), findingtest.Stopped(), payload); err == nil {
		t.Fatal("a lost message is no error")
	}
	c.slackErr = nil
	if _, err := c.Deliver(t.Context(), findingtest.Stopped(), payload); err != nil {
		t.Fatal(err)
	}
	c.want(t, "the run after the one that lost it", 1, 2)
}

// TestTwoRunsAtOnce: the one that comes second sends nothing, parks nothing, and fails so that Lambda runs it again:
// the first may fail.
func TestTwoRunsAtOnce(t *testing.T) {
	c := newChannels()
	// The second waits for the first, which waits for it.
	c.Claims.Clock.Sleep = func(context.Context, time.Duration) error { return nil }
	var second error
	c.whileSlack = func() {
		c.whileSlack = nil
		<-c.ledger.given // both channels' messages are the first run's
		<-c.ledger.given
		sent, err := c.Deliver(t.Context(), findingtest.Stopped(), payload)
		second = err
		if !slices.ContainsFunc(sent, func(d report.Delivery) bool { return d.Status == "busy" }) {
			t.Errorf("%+v", sent)
		}
	}
	if _, err := c.Deliver(t.Context(), findingtest.Stopped(), payload); err != nil {
		t.Fatal(err)
	}
	if second == nil || c.parked != 0 {
		t.Errorf("the second run: %v, parked %d", second, c.parked)
	}
	c.want(t, "two at once", 1, 1)
	if _, err := c.Deliver(t.Context(), findingtest.Stopped(), payload); err != nil {
		t.Errorf("run again: %v", err)
	}
	c.want(t, "run again", 1, 1)
}

// TestWithoutAnAnswerItIsSent: a table that fails, or takes more than 300 ms, keeps nothing back.
func TestWithoutAnAnswerItIsSent(t *testing.T) {
	c := newChannels()
	c.ledger.err = errors.New("throttled")
	if _, err := c.Deliver(t.Context(), findingtest.Stopped(), payload); err != nil {
		t.Fatal(err)
	}
	c.want(t, "a table that fails", 1, 1)
	synctest.Test(t, func(t *testing.T) {
		c := newChannels()
		c.ledger.slow = time.Hour
		began := time.Now()
		if _, err := c.Deliver(t.Context(), findingtest.Stopped(), payload); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 300*time.Millisecond {
			t.Errorf("waited %v for the table", took)
		}
		c.want(t, "a table that hangs", 1, 1)
	})
}

// TestLease is what is left of the run, and a little more: no longer, or a run that died keeps the next one from
// telling.
func TestLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, left := range []time.Duration{9 * time.Second, time.Minute} {
			c := newChannels()
			ctx, cancel := context.WithTimeout(t.Context(), left)
			if _, err := c.Deliver(ctx, findingtest.Stopped(), payload); err != nil {
				t.Fatal(err)
			}
			cancel()
			if want := left + 10*time.Second; c.ledger.lease != want {
				t.Errorf("with %v left the lease is %v; want %v", left, c.ledger.lease, want)
			}
		}
	})
}
