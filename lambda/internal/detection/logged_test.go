package detection_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/report"
)

// logged is a record as it stood in a log file of an account and a Region.
func logged(t *testing.T, record json.RawMessage, account, region string) events.Event {
	t.Helper()
	ev, err := events.ParseLogged(record, events.Log{Account: account, Region: region})
	if err != nil {
		t.Fatal(err)
	}
	return ev
}

// bare is the record in a fixture, changed, and in another form than EventBridge writes it.
func bare(t *testing.T, fixture string, change map[string]any) json.RawMessage {
	t.Helper()
	var envelope struct{ Detail map[string]any }
	if err := json.Unmarshal(producertest.Payload(t, fixture), &envelope); err != nil {
		t.Fatal(err)
	}
	for key, value := range change {
		envelope.Detail[key] = value
	}
	text, err := json.MarshalIndent(envelope.Detail, "", "   ")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestTwoSources: a record that comes through EventBridge and out of a log file is reported once, whichever is first.
func TestTwoSources(t *testing.T) {
	fromBus, err := events.Parse(producertest.Payload(t, "console-login-without-mfa"))
	if err != nil {
		t.Fatal(err)
	}
	rec := fromBus.Record
	file := logged(t, bare(t, "console-login-without-mfa", nil), rec.RecipientAccountID, rec.Region)
	for name, order := range map[string][]events.Event{
		"EventBridge first": {fromBus, file, file},
		"log file first":    {file, fromBus, fromBus},
	} {
		w := newWorld(builtIn(), nil, nil)
		w.detect(t, order[0])
		once, mails := len(w.Slack), len(w.SNS)
		w.detect(t, order[1:]...)
		if once == 0 || len(w.Slack) != once || mails == 0 || len(w.SNS) != mails {
			t.Errorf("%s: Slack %d, then %d; SNS %d, then %d", name, once, len(w.Slack), mails, len(w.SNS))
		}
		if w.Slack[0].Age <= 0 || w.Slack[0].Account != rec.RecipientAccountID {
			t.Errorf("%s: %+v", name, w.Slack[0])
		}
	}
	other := newWorld(builtIn(), nil, nil)
	other.detect(t, fromBus, logged(t, bare(t, "console-login-without-mfa", map[string]any{
		"eventID": "another", "sourceIPAddress": "192.0.2.9",
	}), rec.RecipientAccountID, rec.Region))
	if w := other; len(w.Slack) < 2 {
		t.Errorf("another event is taken for the same: %v", w.titles())
	}
}

// TestLogFiles: the CloudTrail rules speak for the accounts of a central bucket that no guard covers; what does not
// agree with the file's name is said to be unverified, and nothing is left to the guard because of it.
func TestLogFiles(t *testing.T) {
	const guarded, member, region = "111122223333", "444455556666", producertest.Region
	for name, c := range map[string]struct {
		change          map[string]any
		account, region string
		want            []string
		unverified      string
	}{
		"guarded":        {nil, guarded, region, nil, ""},
		"a member's":     {map[string]any{"recipientAccountId": member}, member, region, []string{"trail-tampering"}, ""},
		"another Region": {map[string]any{"awsRegion": "us-east-1"}, guarded, "us-east-1", []string{"trail-tampering"}, ""},
		"an old record":  {map[string]any{"recipientAccountId": ""}, member, region, []string{"trail-tampering"}, ""},
		"no Region":      {map[string]any{"awsRegion": ""}, guarded, region, []string{"trail-tampering"}, ""},
		"another's file": {nil, member, region, []string{"trail-tampering"}, `the record is of account "111122223333"`},
		"another Region's file": {
			nil, guarded, "us-east-1", []string{"trail-tampering"}, `the record is of Region "eu-west-1"`,
		},
		"not configured": {
			map[string]any{"recipientAccountId": "999900001111"},
			"999900001111", region,
			[]string{"trail-tampering"},
			"not among the configured ones",
		},
	} {
		w := newWorld(builtIn(), nil, nil)
		w.Scope.Accounts = []string{guarded, member}
		w.detect(t, logged(t, bare(t, "stop-logging", c.change), c.account, c.region))
		var got []string
		for _, n := range w.Slack {
			got = append(got, n.Source)
			said := message.Detail(n)
			if (n.Outcome == finding.OutcomeNotOurs) != (c.unverified != "") || !strings.Contains(said, c.unverified) ||
				c.unverified == "" && n.Account != c.account {
				t.Errorf("%s: %s of %s: %s", name, n.Outcome, n.Account, said)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestAnyLogged: where the records of log files count whatever account they are of, those that EventBridge brings still
// must be of a configured one, and a file's name must agree.
func TestAnyLogged(t *testing.T) {
	const member = "999900001111"
	of := map[string]any{"recipientAccountId": member}
	bus := strings.ReplaceAll(string(producertest.Payload(t, "stop-logging")), "111122223333", member)
	fromBus, err := events.Parse([]byte(bus))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		ev         events.Event
		unverified bool
	}{
		"a member's file": {logged(t, bare(t, "stop-logging", of), member, producertest.Region), false},
		"another's file":  {logged(t, bare(t, "stop-logging", nil), member, producertest.Region), true},
		"the bus":         {fromBus, true},
	} {
		w := newWorld(builtIn(), nil, nil)
		w.Scope.Accounts, w.Scope.AnyLogged = []string{"111122223333"}, true
		w.detect(t, c.ev)
		if len(w.Slack) != 1 || (w.Slack[0].Outcome == finding.OutcomeNotOurs) != c.unverified {
			t.Errorf("%s: %+v", name, w.Slack)
		}
	}
}

// deaf takes no finding.
type deaf struct{}

func (deaf) Report(context.Context, finding.Finding, json.RawMessage) (report.Deliveries, error) {
	return nil, errors.New("down")
}

// TestManyErrors: of very many records that fail, some are named and the rest is counted.
func TestManyErrors(t *testing.T) {
	w := newWorld(builtIn(), nil, nil)
	w.Detector.Reporter = deaf{}
	err := w.Detect(t.Context(), func(yield func(events.Event) bool) {
		for i := range 30 {
			if !yield(event(t, refusedCall(fmt.Sprint("e-", i), fmt.Sprint("p-", i)))) {
				return
			}
		}
	})
	if n := strings.Count(fmt.Sprint(err), "\n"); err == nil || n > 20 ||
		!strings.Contains(err.Error(), "more records failed") {
		t.Errorf("%d lines: %v", n, err)
	}
}
