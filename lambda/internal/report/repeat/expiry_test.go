package repeat_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/internal/circuit"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/report/repeat"
	"trailkeeper/lambda/internal/state/repeats"
	"trailkeeper/lambda/internal/state/statetest"
)

// lifecycle is a limiter and its summaries, with a real count, of buckets whose files expire.
type lifecycle struct {
	limiter   *repeat.Limiter
	summaries *repeat.Summaries
	now       time.Time
	sent      []finding.Finding
}

func (l *lifecycle) Report(_ context.Context, n finding.Finding, _ json.RawMessage) (report.Deliveries, error) {
	l.sent = append(l.sent, n)
	return nil, nil
}

func (l *lifecycle) Open(context.Context) map[string]incident.Unsettled { return nil }

func newLifecycle() *lifecycle {
	l := &lifecycle{now: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)}
	clk, log := clock.Real(), slog.New(slog.DiscardHandler)
	clk.Now = func() time.Time { return l.now }
	counters := repeats.New(&statetest.Memory{Now: clk.Now}, clk)
	l.limiter = &repeat.Limiter{
		Table:     counters,
		Once:      &report.Once{Clock: clk, Log: log},
		Breaker:   &circuit.Breaker{Clock: clk},
		Log:       log,
		IsWebhook: func(string) bool { return false },
	}
	l.summaries = &repeat.Summaries{Table: counters, Reporter: l, Incidents: l, Clock: clk, Log: log}
	return l
}

func expired(bucket string, severity finding.Severity, id int) finding.Finding {
	return finding.Finding{
		EventID:  fmt.Sprint("removed-", id),
		Kind:     finding.KindLogRemoved,
		Title:    "The lifecycle of the bucket " + bucket + " removes log files of CloudTrail",
		Severity: severity,
		Outcome:  finding.OutcomeNotified,
		Minor:    finding.MinorExpired,
	}
}

// run has files expire in the first three hours of each day, one a minute and bucket, and sends summaries every five
// minutes, as the watch does.
func (l *lifecycle) run(t *testing.T, days int, severity finding.Severity, buckets ...string) (full int) {
	t.Helper()
	for minute := range days * 24 * 60 {
		for _, bucket := range buckets {
			if minute%(24*60) < 180 && !l.limiter.Collapse(t.Context(), expired(bucket, severity, minute), "slack:C1") {
				full++
			}
		}
		if minute%5 == 0 {
			if _, err := l.summaries.Send(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		l.now = l.now.Add(time.Minute)
	}
	return full
}

// TestExpiryIsOneMessageADay: of files that expire as they should, each bucket has the first in full, and then one
// summary a day, which count all of them.
func TestExpiryIsOneMessageADay(t *testing.T) {
	l := newLifecycle()
	if full := l.run(t, 5, finding.SeverityLow, "a", "b"); full != 2 || len(l.sent) != 10 {
		t.Fatalf("in 5 days %d messages and %d summaries of 2 buckets", full, len(l.sent))
	}
	for i, n := range l.sent {
		want := "180 times more since"
		if i < 2 {
			want = "179 times more since"
		}
		text := message.Detail(n)
		if !strings.HasPrefix(text, want) || n.Severity != finding.SeverityLow || n.Source != "S3" || n.Incident != nil ||
			!strings.Contains(text, "removes log files of CloudTrail") || !strings.Contains(text, "one message is sent a day") {
			t.Errorf("summary %d: %s, %s", i, n.Severity, text)
		}
	}
}

// TestExpiryOfYoungFiles: a bucket has one message an hour.
func TestExpiryOfYoungFiles(t *testing.T) {
	l := newLifecycle()
	full := l.run(t, 1, finding.SeverityHigh, "a")
	if all := full + len(l.sent); full != 1 || all < 4 || all > 5 {
		t.Errorf("in three hours %d messages and %d summaries", full, len(l.sent))
	}
	if slices.ContainsFunc(l.sent, func(n finding.Finding) bool { return n.Severity != finding.SeverityHigh }) {
		t.Errorf("a summary is not high: %+v", l.sent)
	}
}

// TestExpiryUncounted: where nothing can be counted, one is sent within a window, and other findings are all sent.
func TestExpiryUncounted(t *testing.T) {
	for name, change := range map[string]func(*repeat.Limiter){
		"down":     func(l *repeat.Limiter) { l.Table = &counter{err: errors.New("down")} },
		"no table": func(l *repeat.Limiter) { l.Table = nil },
	} {
		l := newLifecycle()
		change(l.limiter)
		if full := l.run(t, 3, finding.SeverityLow, "a"); full != 3 {
			t.Errorf("%s: %d messages in 3 days", name, full)
		}
		other := expired("a", finding.SeverityHigh, 1)
		other.Minor = finding.MinorDetected
		for range 2 {
			if l.limiter.Collapse(t.Context(), other, "slack:C1") {
				t.Errorf("%s: a removal is left to a summary", name)
			}
		}
	}
}
