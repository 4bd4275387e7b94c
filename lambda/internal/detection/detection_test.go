package detection_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/detection"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/producertest"
)

// TestEveryRuleReports what it finds, once: when the record arrives again, and when it comes by another source.
func TestEveryRuleReports(t *testing.T) {
	w := newWorld(builtIn(), nil, nil)
	payload := producertest.Payload(t, "console-login-without-mfa")
	ev, err := events.Parse(payload)
	if err != nil {
		t.Fatal(err)
	}
	var envelope struct{ Detail json.RawMessage }
	if err := json.Unmarshal(payload, &envelope); err != nil {
		t.Fatal(err)
	}
	bare, err := events.Parse(envelope.Detail)
	if err != nil {
		t.Fatal(err)
	}
	w.detect(t, ev)
	found := w.titles()
	if len(found) == 0 || !strings.HasPrefix(strings.Join(found, "\n"), "console-login-without-mfa: ") {
		t.Fatalf("found %q", found)
	}
	w.detect(t, ev, bare, ev)
	if diff := cmp.Diff(found, w.titles()); diff != "" {
		t.Errorf("of one record that arrives four times, by two sources (-want +got):\n%s", diff)
	}
	n := w.Slack[0]
	if n.Outcome != finding.OutcomeDetected || n.Age <= 0 || n.Recipient != "111122223333" || n.SourceIP == "" ||
		n.Incident == nil || !strings.HasPrefix(n.Incident.ID, "mat-") || n.Stack != w.Config.Stack ||
		message.EventLink(n) == "" || message.Detail(n) == "" {
		t.Errorf("%+v", n)
	}
	w.Want(t, "metrics", map[string]float64{"Detections": float64(4 * len(found)), "RuleErrors": 0})
}

// TestMostSevereFirst: of what several rules find in a record, the most severe is reported first, and rules that fail
// are reported last: who has no time left has reported what counts.
func TestMostSevereFirst(t *testing.T) {
	files := map[string]string{
		"throws": `{id: a-throws, title: a, severity: critical, match: record.sourceIPAddress == 7}`,
	}
	for id, severity := range map[string]string{
		"a": "low",
		"b": "medium",
		"c": "critical",
		"d": "low",
		"e": "high",
	} {
		files[id] = fmt.Sprintf("{id: %s, title: %s, severity: %s, match: record.eventName == \"ConsoleLogin\"}",
			id, id, severity)
	}
	w := newWorld(of(t, files), nil, nil)
	w.detect(t, event(t, failedLogin("e0", 0)))
	var got []string
	for _, n := range w.Slack {
		got = append(got, n.Source)
	}
	if diff := cmp.Diff([]string{"c", "e", "b", "a", "d", "a-throws"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestThreshold: enough of them make one finding, whenever they arrive and however often, and the next needs as many
// again.
func TestThreshold(t *testing.T) {
	w := newWorld(of(t, map[string]string{"a": failedLogins}), nil, nil)
	for _, i := range []int{4, 0, 3, 1} { // out of order
		w.detect(t, event(t, failedLogin(fmt.Sprint("e", i), i)), event(t, failedLogin(fmt.Sprint("e", i), i)))
	}
	other := failedLogin("of-bob", 2)
	other["userIdentity"] = map[string]any{"type": "IAMUser", "userName": "bob"}
	w.detect(t, event(t, other))
	if len(w.Slack) > 0 {
		t.Fatalf("reported after four: %q", w.titles())
	}
	w.detect(t, event(t, failedLogin("e2", 2)))
	if got := w.titles(); len(got) != 1 || got[0] != "failed-logins: Sign-ins of alice fail" {
		t.Fatalf("reported %q", got)
	}
	if said := message.Detail(w.Slack[0]); !strings.HasPrefix(said, "There were at least 5 such events within 10 min") {
		t.Errorf("said %q", said)
	}
	for i := range 4 {
		w.detect(t, event(t, failedLogin(fmt.Sprint("f", i), 10+i)))
	}
	if len(w.Slack) != 1 {
		t.Errorf("reported again after four more: %q", w.titles())
	}
	w.detect(t, event(t, failedLogin("f4", 14)))
	if len(w.Slack) != 2 {
		t.Errorf("after ten: %q", w.titles())
	}
}

// TestCutOffAfterCounting: a run that counted the last event and ended before it could report is made good by the next
// run of the same event.
func TestCutOffAfterCounting(t *testing.T) {
	w := newWorld(of(t, map[string]string{"a": failedLogins}), nil, nil)
	for i := range 4 {
		w.detect(t, event(t, failedLogin(fmt.Sprint("e", i), i)))
	}
	report := w.Detector.Reporter
	w.Detector.Reporter = reporterFunc(func() error { return errors.New("cut off") })
	last := event(t, failedLogin("e4", 4))
	if err := w.Detect(t.Context(), slices.Values([]events.Event{last})); err == nil {
		t.Error("a message that is lost is no error")
	}
	w.Detector.Reporter = report
	w.detect(t, last, last)
	if len(w.Slack) != 1 || len(w.SNS) != 1 {
		t.Errorf("reported %q", w.titles())
	}
}

// TestCannotCount: where the table does not answer, the event is reported by itself, and says so; of the same, once an
// hour.
func TestCannotCount(t *testing.T) {
	w := newWorld(of(t, map[string]string{"a": failedLogins}), nil, nil)
	w.table.Err = context.DeadlineExceeded
	for i := range 3 {
		w.detect(t, event(t, failedLogin(fmt.Sprint("e", i), i)))
		w.at = w.at.Add(2 * time.Second) // the table is asked again
	}
	if len(w.Slack) != 1 || !strings.Contains(message.Detail(w.Slack[0]), "the state table did not answer") {
		t.Fatalf("reported %q", w.titles())
	}
	w.at = w.at.Add(time.Hour)
	w.detect(t, event(t, failedLogin("e3", 3)))
	if len(w.Slack) != 2 {
		t.Errorf("in the next hour: %q", w.titles())
	}
	w = newWorld(of(t, map[string]string{"a": failedLogins}), nil, nil)
	w.Counts, w.Matters = nil, nil
	w.detect(t, event(t, failedLogin("e0", 0)))
	if len(w.Slack) != 1 {
		t.Errorf("without a table: %q", w.titles())
	}
}

// TestCutOffBeforeReporting: what a run was about to report once an hour, and did not, is reported by the next run of
// the same event: a match that could not be counted, and a rule that fails.
func TestCutOffBeforeReporting(t *testing.T) {
	throws := `{id: failed-logins, title: a, severity: low, match: record.sourceIPAddress == 7}`
	for name, c := range map[string]struct {
		rule string
		down error
	}{
		"uncounted":                        {failedLogins, context.DeadlineExceeded},
		"uncounted, and the claims answer": {failedLogins, nil},
		"a rule that fails":                {throws, nil},
		"a rule that fails, and no table":  {throws, context.DeadlineExceeded},
	} {
		w := newWorld(of(t, map[string]string{"a": c.rule}), nil, nil)
		w.table.Err, w.Counts = c.down, nil
		failures, reporter := *w.Failures, w.Detector.Reporter
		w.Detector.Reporter = reporterFunc(func() error { return errors.New("cut off") })
		w.Failures.Reporter = w.Detector.Reporter
		ev := event(t, failedLogin("e0", 0))
		if w.Detect(t.Context(), slices.Values([]events.Event{ev})) == nil {
			t.Errorf("%s: a message that is lost is no error", name)
		}
		w.Failures, w.Detector.Reporter = &failures, reporter
		w.at = w.at.Add(2 * time.Second)
		w.detect(t, ev, event(t, failedLogin("e1", 1)))
		if len(w.Slack) != 1 {
			t.Errorf("%s: reported %q", name, w.titles())
		}
	}
}

// TestForgedTime: a record of the time to come does not make the others too old.
func TestForgedTime(t *testing.T) {
	w := newWorld(of(t, map[string]string{"a": failedLogins}), nil, nil)
	forged := failedLogin("forged", 0)
	forged["eventTime"] = "2999-01-01T00:00:00Z"
	w.detect(t, event(t, forged))
	for i := range 5 {
		w.detect(t, event(t, failedLogin(fmt.Sprint("e", i), i)))
	}
	if len(w.Slack) != 1 {
		t.Errorf("reported %q", w.titles())
	}
}

// TestLeftToTheGuard: what the guard reports is reported again only where something speaks against its being so.
func TestLeftToTheGuard(t *testing.T) {
	stop := func(change func(envelope, detail map[string]any)) events.Event {
		var envelope map[string]any
		if err := json.Unmarshal(producertest.Payload(t, "stop-logging"), &envelope); err != nil {
			t.Fatal(err)
		}
		change(envelope, envelope["detail"].(map[string]any))
		return parsed(t, envelope)
	}
	tampering := []string{"trail-tampering"}
	for name, c := range map[string]struct {
		change func(envelope, detail map[string]any)
		scope  func(*detection.Scope)
		want   []string
	}{
		"covered": {},
		"refused": {change: func(_, d map[string]any) { d["errorCode"] = "AccessDenied" }},
		"by root": {
			change: func(_, d map[string]any) { identity(d)["type"] = "Root" },
			want:   []string{"root-activity"},
		},
		"not a call":  {change: func(_, d map[string]any) { d["eventType"] = "AwsVpceEvent" }, want: tampering},
		"another bus": {change: func(e, _ map[string]any) { e["source"] = "aws.s3" }, want: tampering},
		"another type": {
			change: func(e, _ map[string]any) { e["detail-type"] = "AWS Service Event via CloudTrail" },
			want:   tampering,
		},
		"elsewhere":    {change: func(_, d map[string]any) { d["awsRegion"] = "us-east-1" }, want: tampering},
		"no recipient": {change: func(_, d map[string]any) { delete(d, "recipientAccountId") }, want: tampering},
		"no guard":     {scope: func(s *detection.Scope) { s.GuardedAccounts = nil }, want: tampering},
		"no guard in the Region": {
			scope: func(s *detection.Scope) { s.GuardedRegions = []string{"eu-west-2"} },
			want:  tampering,
		},
		"another call": {change: func(_, d map[string]any) {
			d["eventName"], d["errorCode"] = "DescribeTrails", "AccessDenied"
		}, want: []string{"refused-calls"}},
		"an account of ours that the guard does not cover": {
			change: func(_, d map[string]any) { d["recipientAccountId"] = "444455556666" },
			scope:  func(s *detection.Scope) { s.Accounts = append(s.Accounts, "444455556666") },
			want:   tampering,
		},
	} {
		w := newWorld(builtIn(), nil, nil)
		if c.scope != nil {
			c.scope(&w.Scope)
		}
		if c.change == nil {
			c.change = func(_, _ map[string]any) {}
		}
		w.detect(t, stop(c.change))
		var got []string
		for _, n := range w.Slack {
			got = append(got, n.Source)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	w := newWorld(builtIn(), nil, nil)
	bare, err := events.Parse(producertest.Payload(t, "stop-logging-record"))
	if err != nil {
		t.Fatal(err)
	}
	w.detect(t, bare)
	if len(w.Slack) == 0 {
		t.Error("a record without an envelope is left to the guard, which does not get it")
	}
}

func identity(detail map[string]any) map[string]any { return detail["userIdentity"].(map[string]any) }

// TestNotOurs: a record that does not agree with its envelope or with the deployment is reported as such. It counts
// nowhere, and is in no thread.
func TestNotOurs(t *testing.T) {
	for name, change := range map[string]func(envelope map[string]any){
		"account":   func(e map[string]any) { e["account"] = "999900001111" },
		"recipient": func(e map[string]any) { e["detail"].(map[string]any)["recipientAccountId"] = "999900001111" },
		"source":    func(e map[string]any) { e["source"] = "com.example" },
	} {
		w := newWorld(of(t, map[string]string{"a": failedLogins}), nil, nil)
		var envelope map[string]any
		if err := json.Unmarshal(event(t, failedLogin("e0", 0)).JSON(), &envelope); err != nil {
			t.Fatal(err)
		}
		change(envelope)
		w.detect(t, parsed(t, envelope))
		if len(w.Slack) != 1 || w.Slack[0].Outcome != finding.OutcomeNotOurs || w.Slack[0].Incident != nil ||
			!strings.HasPrefix(message.Headline(w.Slack[0]), "Unverified: Sign-ins of alice fail") {
			t.Errorf("%s: %+v", name, w.Slack)
		}
		if kept := producertest.Kept[map[string]any](t, w.table, "count"); len(kept) > 0 || len(w.refused) > 0 {
			t.Errorf("%s: counted: %v, %v", name, kept, w.refused)
		}
	}
}

// TestRuleErrors: a rule that fails is reported once an hour, counted each time, and stops no other. What cannot be
// said of a match takes nothing from the rest of it.
func TestRuleErrors(t *testing.T) {
	rules := map[string]string{
		"throws": `{id: throws, title: a, severity: low,
match: 'record.eventName.startsWith("R") && record.apiVersion == "x"'}`,
		"halves": `{id: halves, title: '{{ record.apiVersion.startsWith("x") }}', severity: low,
match: record.eventName == "RunInstances"}`,
		"works": `{id: works, title: it works, severity: low, match: record.eventName == "RunInstances"}`,
	}
	for _, on := range []bool{true, false} {
		w := newWorld(of(t, rules), nil, nil)
		if !on {
			w.Failures = nil
		}
		for i := range 3 {
			bad := refusedCall(fmt.Sprint("e", i), "mallory")
			bad["apiVersion"] = 7
			w.detect(t, event(t, bad))
		}
		var failed []string
		works, halves := 0, 0
		for _, n := range w.Slack {
			switch {
			case n.Kind == finding.KindRuleError:
				failed = append(failed, n.Source)
			case n.Source == "works":
				works++
			case n.Source == "halves" && n.Title == "halves":
				halves++
			}
		}
		want := []string{"halves", "throws"}
		if !on {
			want = nil
		}
		if diff := cmp.Diff(want, failed); diff != "" || works != 3 || halves != 3 {
			t.Errorf("reported %v: works %d, halves %d (-want +got):\n%s", on, works, halves, diff)
		}
		w.Want(t, "errors", map[string]float64{"RuleErrors": 6})
		w.at = w.at.Add(time.Hour)
		again := refusedCall("e9", "mallory")
		again["apiVersion"] = 7
		w.detect(t, event(t, again))
		if got := strings.Count(strings.Join(w.titles(), "\n"), "could not be applied"); got != 2*len(want) {
			t.Errorf("in the next hour %d failures are reported", got)
		}
	}
}

// TestRefusedCalls are counted as the other module does: by account, ignored ones as well, and all of a run at once.
func TestRefusedCalls(t *testing.T) {
	ignore := `{match: record.userIdentity.userName == "scanner", reason: r, owner: o}`
	w := newWorld(of(t, map[string]string{"ignore/scanner": ignore}), nil, nil)
	w.Scope.Accounts = append(w.Scope.Accounts, "444455556666")
	foreign := refusedCall("e5", "mallory")
	foreign["recipientAccountId"] = "999900001111"
	elsewhere := refusedCall("e4", "mallory")
	elsewhere["recipientAccountId"] = "444455556666"
	other := refusedCall("e3", "mallory")
	other["errorCode"] = "Client.UnauthorizedOperation"
	long := refusedCall("e6", "mallory")
	long["errorCode"] = "AccessDeniedException"
	anonymous := refusedCall("e7", "x")
	anonymous["userIdentity"] = map[string]any{"type": "AWSAccount", "accountId": "ANONYMOUS_PRINCIPAL"}
	var all []events.Event
	for _, r := range []map[string]any{
		refusedCall("e1", "mallory"), refusedCall("e2", "scanner"), other, elsewhere, foreign, long, anonymous,
	} {
		all = append(all, event(t, r))
	}
	if err := w.Detect(t.Context(), slices.Values(all)); err != nil {
		t.Fatal(err)
	}
	want := map[string]metrics.Refused{"111122223333": {All: 4, Ignored: 1}, "444455556666": {All: 1}}
	if diff := cmp.Diff(want, w.refused); diff != "" || w.flushes != 2 {
		t.Errorf("%d flushes (-want +got):\n%s", w.flushes, diff)
	}
}

// TestRefusedCallsOfARetry: a call whose run failed counts when the run after it has handled it, and once.
func TestRefusedCallsOfARetry(t *testing.T) {
	w := newWorld(builtIn(), nil, nil)
	reporter := w.Detector.Reporter
	w.Detector.Reporter = deaf{}
	call := slices.Values([]events.Event{event(t, refusedCall("e1", "mallory"))})
	if err := w.Detect(t.Context(), call); err == nil || w.flushes > 0 {
		t.Errorf("%v, %d flushes, want an error and none", err, w.flushes)
	}
	w.Detector.Reporter = reporter
	if err := w.Detect(t.Context(), call); err != nil || w.flushes != 1 || w.refused["111122223333"].All != 1 {
		t.Errorf("%v, %d flushes of %v", err, w.flushes, w.refused)
	}
}

// TestAggregatedEvent is told as what it is: no call, of no caller, in no event history; two of them are two.
func TestAggregatedEvent(t *testing.T) {
	w := newWorld(of(t, map[string]string{
		"a": `{id: objects-read, title: "Many reads of {{ record.eventSource }}", severity: low,
match: record.eventType == "AwsAggregatedEvent"}`,
		"b": `{id: counted, title: a, severity: low, match: record.eventType == "AwsAggregatedEvent",
threshold: {count: 2, within: 1h}}`,
	}), nil, nil)
	for _, id := range []string{"a1", "a2"} {
		w.detect(t, parsed(t, map[string]any{
			"eventVersion":  "1.0",
			"eventId":       id,
			"accountId":     "111122223333",
			"eventCategory": "Aggregated",
			"eventType":     "AwsAggregatedEvent",
			"eventSource":   "s3.amazonaws.com",
			"awsRegion":     "eu-west-1",
			"timeWindow": map[string]any{
				"windowStart": "2026-03-02T09:10:00Z", "windowEnd": "2026-03-02T09:15:00Z", "windowSize": "PT5M",
			},
			"summary": map[string]any{},
		}))
	}
	var reads []finding.Finding
	for _, n := range w.Slack {
		if n.Source == "objects-read" {
			reads = append(reads, n)
		}
	}
	if len(reads) != 2 || reads[0].EventID != "a1" || reads[1].EventID != "a2" {
		t.Fatalf("%+v", reads)
	}
	n := reads[0]
	if !strings.Contains(message.Detail(n), "no single call: it sums up calls of data events from 2026-03-02T09:10:00Z") ||
		message.EventLink(n) != "" || !strings.Contains(message.NextStep(n), "log files") || n.Age != 30*time.Second {
		t.Errorf("%q, %q, %v", message.Detail(n), message.NextStep(n), n.Age)
	}
	if got := strings.Count(strings.Join(w.titles(), "\n"), "counted: The rule counted could not be applied"); got != 1 {
		t.Errorf("%q: a sum of calls is counted as one call", w.titles())
	}
}

// TestNoRecord is for good: no retry makes a record of it.
func TestNoRecord(t *testing.T) {
	w := newWorld(of(t, nil), nil, nil)
	for _, name := range []any{
		map[string]any{"source": "aws.s3", "detail": map[string]any{"eventName": []string{"A"}, "eventSource": "s3"}},
		map[string]any{"source": "aws.s3", "detail": []any{map[string]any{"eventName": "A", "eventSource": "s3"}}},
	} {
		text, err := json.Marshal(name)
		if err != nil {
			t.Fatal(err)
		}
		ev, err := events.Parse(text)
		if err != nil {
			continue // it does not come that far
		}
		err = w.Detect(t.Context(), slices.Values([]events.Event{ev}))
		if _, ok := errors.AsType[*detection.NotRecordError](err); !ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}
