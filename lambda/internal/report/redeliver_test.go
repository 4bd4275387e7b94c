package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/report"
)

// asParked derives what was parked, as the guard does with what proves to be its own.
func asParked(p report.Parked) func(bool) (finding.Finding, error) {
	return func(proven bool) (finding.Finding, error) {
		n := p.Notification
		if !proven {
			n = finding.Finding{EventID: n.EventID, Outcome: finding.OutcomeUnproven}
		}
		return message.Late(n, p.Time, p.Reason, proven), nil
	}
}

// TestRedeliver: what was parked is sent once, whoever has it from the queue; the run of the event that parked it does
// not send it.
func TestRedeliver(t *testing.T) {
	c := newChannels()
	c.slackErr = errors.New("503")
	var parked report.Parked
	c.keep = &parked
	if _, err := c.Deliver(t.Context(), findingtest.Stopped(), json.RawMessage(`{"id": "one", "x": "<>"}`)); err != nil {
		t.Fatal(err)
	}
	var seen []report.Deliveries
	c.Observe = func(_ context.Context, r report.Deliveries) { seen = append(seen, r) }
	if err := c.Redeliver(t.Context(), parked, asParked(parked)); err == nil || seen[0][0].Status != "waiting" {
		t.Fatalf("Slack is still down: %v, %+v", err, seen)
	}
	c.slackErr = nil
	if _, err := c.Deliver(t.Context(), findingtest.Stopped(), json.RawMessage(`{"x":"<>","id":"one"}`)); err != nil {
		t.Fatal(err)
	}
	c.want(t, "the event again", 0, 2)
	for range 2 {
		if err := c.Redeliver(t.Context(), parked, asParked(parked)); err != nil {
			t.Fatal(err)
		}
	}
	c.want(t, "out of the queue, twice", 1, 2)
	want := findingtest.Stopped()
	want.Note(finding.NoteLate, parked.Time, "503")
	if diff := cmp.Diff(want, c.last); diff != "" {
		t.Errorf("the message (-want +got):\n%s", diff)
	}
}

// TestRedeliverOfAForgery: whoever writes to the queue takes the place of no message: not of one that is parked, not of
// one that was sent, and not of one that is yet to come. Its own is reported once.
func TestRedeliverOfAForgery(t *testing.T) {
	for name, forge := range map[string]func(real report.Parked) report.Parked{
		"as it is, but for the words": func(p report.Parked) report.Parked {
			p.Notification.ErrorCode = "All is well."
			return p
		},
		"another reason": func(p report.Parked) report.Parked { p.Reason = "never mind"; return p },
		"under the subject alone": func(p report.Parked) report.Parked {
			return report.Parked{Version: 1, Channel: p.Channel, Subject: p.Subject}
		},
	} {
		c := newChannels()
		c.slackErr = errors.New("503")
		var real report.Parked
		c.keep = &real
		if _, err := c.Deliver(t.Context(), findingtest.Stopped(), json.RawMessage(`{"id":"one"}`)); err != nil {
			t.Fatal(err)
		}
		c.slackErr, c.keep = nil, nil
		forged := forge(real)
		text, err := json.Marshal(forged)
		if err != nil {
			t.Fatal(err)
		}
		forged = forged.Read(string(text))
		for range 2 {
			if err := c.Redeliver(t.Context(), forged, asParked(forged)); err != nil {
				t.Fatal(err)
			}
		}
		c.want(t, name+", forged", 1, 2)
		if c.last.Outcome != finding.OutcomeUnproven || strings.Contains(message.Detail(c.last), "never mind") {
			t.Errorf("%s: %+v", name, c.last)
		}
		if err := c.Redeliver(t.Context(), real, asParked(real)); err != nil {
			t.Fatal(err)
		}
		c.want(t, name+", and then the real one", 2, 2)
		if c.last.Outcome != finding.OutcomeRestored {
			t.Errorf("%s: %+v", name, c.last)
		}
	}
}

// TestRedeliverWithoutTheLedger: what this process has parked it knows again, where the claims were away then, or where
// there is none; another process does not.
func TestRedeliverWithoutTheLedger(t *testing.T) {
	for name, without := range map[string]func(*channels){
		"away then": func(c *channels) { c.ledger.err = errors.New("DynamoDB is down") },
		"none":      func(c *channels) { c.Claims = nil },
	} {
		c, other := newChannels(), newChannels()
		without(c)
		c.slackErr = errors.New("503")
		var parked report.Parked
		c.keep = &parked
		if _, err := c.Deliver(t.Context(), findingtest.Stopped(), nil); err != nil {
			t.Fatal(err)
		}
		c.slackErr, c.ledger.err = nil, nil
		c.ledger.states, c.ledger.digests = map[string]string{}, map[string]string{}
		if err := c.Redeliver(
			t.Context(),
			parked,
			asParked(parked),
		); err != nil ||
			c.last.Outcome != finding.OutcomeRestored {
			t.Errorf("%s: %v, %+v", name, err, c.last)
		}
		if err := other.Redeliver(
			t.Context(),
			parked,
			asParked(parked),
		); err != nil ||
			other.last.Outcome != finding.OutcomeUnproven {
			t.Errorf("%s: another process: %v, %+v", name, err, other.last)
		}
	}
}

// TestRedeliverClaimsNothingAhead: a forged message with the name of a finding to come does not keep the finding back.
func TestRedeliverClaimsNothingAhead(t *testing.T) {
	c := newChannels()
	finding := findingtest.Stopped()
	finding.EventID, finding.Kind = "sweep-0123456789ab-2026-03-02T09:20:00Z", "not_logging"
	c.slackErr = errors.New("503")
	var parked report.Parked
	c.keep = &parked
	other := newChannels() // a deployment of the attacker's, to see how the finding would be named
	other.slackErr, other.keep = c.slackErr, &parked
	if _, err := other.Deliver(t.Context(), finding, nil); err != nil || parked.Subject == "" {
		t.Fatal(err)
	}
	c.slackErr = nil
	if err := c.Redeliver(t.Context(), parked, asParked(parked)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Deliver(t.Context(), finding, nil); err != nil {
		t.Fatal(err)
	}
	c.want(t, "the forgery, and the finding", 2, 1)
	if c.last.Kind != "not_logging" {
		t.Errorf("%+v", c.last)
	}
}

// TestRedeliverToFurtherDestinations: each message goes to the one that refused it, also where only a route names it,
// and to no other.
func TestRedeliverToFurtherDestinations(t *testing.T) {
	refuses := func(name string) *channel { return &channel{name: name, do: answers(errors.New("503 of " + name))} }
	standard, team, other := refuses("slack"), refuses("slack:C0TEAM00001"), refuses("slack:C0OTHER0001")
	q := &queue{}
	var log bytes.Buffer
	f := fanout(q, &log, standard)
	f.To.Further = []report.Notifier{other, team}
	f.To.Route = func(n finding.Finding) []report.Notifier {
		if n.Subject.Name == "other" {
			return []report.Notifier{other}
		}
		return []report.Notifier{standard, team}
	}
	if _, err := f.Deliver(t.Context(), findingtest.Stopped(), json.RawMessage(`{"id":"1"}`)); err != nil {
		t.Fatal(err)
	}
	want := map[string]report.Parked{}
	for _, name := range []string{"slack", "slack:C0TEAM00001"} {
		want[name] = report.Parked{
			Version:      report.ParkedVersion,
			Channel:      name,
			Reason:       "503 of " + name,
			Time:         findingtest.At(),
			Notification: findingtest.Stopped(),
			Payload:      json.RawMessage(`{"id":"1"}`),
		}
	}
	got := map[string]report.Parked{}
	for _, p := range q.parked {
		p.Subject = ""
		got[p.Channel] = p
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("parked (-want +got):\n%s", diff)
	}
	f.To.Route = func(finding.Finding) []report.Notifier { return nil } // it may be another one by then
	for _, c := range []*channel{standard, team, other} {
		c.received, c.do = nil, answers(nil)
	}
	for _, p := range q.parked {
		if err := f.Redeliver(
			t.Context(),
			p,
			func(bool) (finding.Finding, error) { return p.Notification, nil },
		); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []*channel{standard, team} {
		if diff := cmp.Diff([]finding.Finding{findingtest.Stopped()}, c.received); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	if len(other.received) > 0 {
		t.Errorf("told to %s as well", other.name)
	}
}

// TestRedeliverWithoutItsDestination: what is not in the settings any more is reported to another of the same channel,
// if it proves to be ours; of anything else it is final.
func TestRedeliverWithoutItsDestination(t *testing.T) {
	c := newChannels()
	p := report.Parked{
		Version:      report.ParkedVersion,
		Channel:      "slack:C0GONE00001",
		Subject:      "x",
		Reason:       "503",
		Notification: findingtest.Stopped(),
	}.Read("text")
	if err := c.Redeliver(t.Context(), p, asParked(p)); !errors.Is(err, report.ErrNoDestination) || len(c.received) > 0 {
		t.Errorf("not ours: %v, reported %v", err, c.received)
	}
	c.ledger.states["x"], c.ledger.digests["x"] = "parked", p.Digest
	if err := c.Redeliver(
		t.Context(),
		p,
		asParked(p),
	); err != nil ||
		!strings.Contains(message.Detail(c.last), "C0GONE00001 is not in the settings any more") {
		t.Errorf("%v, %q", err, message.Detail(c.last))
	}
	c.want(t, "a destination that is gone", 1, 0)
	c.To.Defaults = nil
	p = p.Read("another text")
	c.ledger.states["x"], c.ledger.digests["x"] = "parked", p.Digest
	if err := c.Redeliver(t.Context(), p, asParked(p)); !errors.Is(err, report.ErrNoDestination) {
		t.Errorf("nobody to tell: %v", err)
	}
}

// TestRedeliverWhatCannotBeDerived: the cause is returned, nobody is notified, and nothing counts as a channel's
// failure.
func TestRedeliverWhatCannotBeDerived(t *testing.T) {
	c := newChannels()
	c.Observe = func(context.Context, report.Deliveries) { t.Error("it counts as a delivery") }
	p := report.Parked{Version: report.ParkedVersion, Channel: finding.ChannelSlack}.Read("text")
	why := errors.New("there is nothing in it")
	for range 2 {
		if err := c.Redeliver(
			t.Context(),
			p,
			func(bool) (finding.Finding, error) { return finding.Finding{}, why },
		); !errors.Is(err, why) ||
			len(c.received) > 0 {
			t.Errorf("%v, reported %v", err, c.received)
		}
	}
}

// TestRedeliverLeavesItToAnotherRun that is about to send it.
func TestRedeliverLeavesItToAnotherRun(t *testing.T) {
	c := newChannels()
	c.Clock.Sleep = func(context.Context, time.Duration) error { return nil }
	p := report.Parked{
		Version:      report.ParkedVersion,
		Channel:      finding.ChannelSlack,
		Subject:      "x",
		Notification: findingtest.Stopped(),
	}.Read("text")
	c.ledger.states["x"], c.ledger.digests["x"] = "claimed", p.Digest
	if err := c.Redeliver(t.Context(), p, asParked(p)); err == nil || c.received[finding.ChannelSlack] != 0 {
		t.Errorf("%v, reported %v", err, c.received)
	}
}

// TestReadBounds: whatever a queue holds, no field of it is longer than any of ours.
func TestReadBounds(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	n := finding.Finding{
		EventID:   long,
		EventName: long,
		Kind:      finding.Kind(long),
		Severity:  finding.Severity(long),
		Outcome:   finding.Outcome(long),
		Actor:     long,
		ActorARN:  long,
		Subject: finding.Subject{
			ARN:       long,
			Name:      long,
			Account:   long,
			Region:    long,
			Partition: long,
		},
		SourceIP:     long,
		UserAgent:    long,
		ErrorCode:    long,
		ErrorMessage: long,
		Cause:        long,
		Occasion:     long,
		Ended:        finding.Kind(long),
		Recipient:    long,
		Channel:      long,
		Reason:       long,
		Runbook:      long,
		Stack:        long,
		Changes: slices.Repeat([]finding.Change{{
			Field:    long,
			Before:   long,
			After:    long,
			Effect:   finding.Effect(long),
			Sentence: long,
			Done:     finding.Done(long),
			Reason:   long,
		}}, 1000),
		Baseline: &finding.Baseline{Kind: long},
		Incident: &finding.Incident{
			ID:        long,
			State:     finding.IncidentState(long),
			First:     finding.EventSummary{Headline: long, EventID: long},
			Last:      finding.EventSummary{Actor: long},
			RouteKeys: slices.Repeat([]finding.RouteKey{{Event: long}}, 1000),
		},
	}
	p := report.Parked{
		Channel:      long,
		Subject:      long,
		Reason:       long,
		Notification: n,
	}.Read("text")
	b, err := json.Marshal(p)
	if err != nil || len(b) > 100*7*2200+30*2200 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	if strings.Contains(string(b), strings.Repeat("x", 2049)) {
		t.Error("a field is not bounded")
	}
	if p.Digest != report.DigestOf("text") || p.Digest == report.DigestOf("texT") {
		t.Errorf("digest %s", p.Digest)
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
	if _, err := c.Deliver(t.Context(), findingtest.Stopped(), payload); err != nil {
		t.Fatal(err)
	}
}

// TestRedeliverUnprovenUntilItIsTaken: what nobody proves is tried again as well, and is sent once.
func TestRedeliverUnprovenUntilItIsTaken(t *testing.T) {
	c := newChannels()
	c.slackErr = errors.New("503")
	p := report.Parked{
		Version:      report.ParkedVersion,
		Channel:      finding.ChannelSlack,
		Notification: findingtest.Stopped(),
	}.Read(
		"text",
	)
	for range 2 {
		if err := c.Redeliver(t.Context(), p, asParked(p)); err == nil {
			t.Fatal("taken by Slack, which is down")
		}
	}
	c.slackErr = nil
	for range 2 {
		if err := c.Redeliver(t.Context(), p, asParked(p)); err != nil {
			t.Fatal(err)
		}
	}
	c.want(t, "unproven", 1, 0)
}

// TestRedeliverInstead: to the first of the same channel, wherever it stands, or else to the first of any.
func TestRedeliverInstead(t *testing.T) {
	for gone, want := range map[string][2]int{"slack:GONE": {1, 0}, "sns:gone": {0, 1}, "pigeon": {0, 1}} {
		c := newChannels()
		c.To.Defaults = []report.Notifier{c.To.Defaults[1], c.To.Defaults[0]} // SNS first
		p := report.Parked{
			Version:      report.ParkedVersion,
			Channel:      gone,
			Subject:      "x",
			Notification: findingtest.Stopped(),
		}.Read("text")
		c.ledger.states["x"], c.ledger.digests["x"] = "parked", p.Digest
		if err := c.Redeliver(t.Context(), p, asParked(p)); err != nil {
			t.Fatal(err)
		}
		c.want(t, gone, want[0], want[1])
	}
}
