package report_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/claims"
	"trailkeeper/lambda/internal/state/statetest"
)

// table is one in memory. Where err is set, it fails.
type table struct {
	*claims.Findings
	statetest.Memory
	err error
}

func newTable() *table {
	m := &table{}
	m.Fail = func(context.Context, string, state.Key) error { return m.err }
	m.Findings = claims.NewFindings(m, clock.Real())
	return m
}

func once(m *table) *report.Once {
	o := &report.Once{Clock: clock.Real(), Log: slog.New(slog.DiscardHandler)}
	if m != nil {
		o.Claims = m.Findings
	}
	return o
}

// TestOnce: the same is reported once, until it is over; with the table and without.
func TestOnce(t *testing.T) {
	for name, m := range map[string]*table{"with the table": newTable(), "without": nil} {
		o, ctx := once(m), t.Context()
		if got := o.Claim(ctx, "a", "1"); got != claims.Claimed {
			t.Errorf("%s, new: %v", name, got)
		}
		if busy := o.Claim(ctx, "a", "1"); (busy == claims.InFlight) != (m != nil) || busy == claims.Delivered {
			t.Errorf("%s, not reported yet: %v", name, busy)
		}
		o.Reported(ctx, "a", "1")
		for what, test := range map[string]struct {
			subject, sign string
			want          claims.State
		}{"the same": {"a", "1", claims.Delivered}, "of another": {"b", "1", claims.Claimed}} {
			if got := o.Claim(ctx, test.subject, test.sign); got != test.want {
				t.Errorf("%s, %s: %v", name, what, got)
			}
		}
		if all := o.All(ctx); all["a"] != "1" {
			t.Errorf("%s: %v was reported", name, all)
		}
		if !o.Over(ctx, "a", "1") {
			t.Errorf("%s: it is not over by this call", name)
		}
		if again := o.Over(ctx, "a", "1"); again != (m == nil) {
			t.Errorf("%s: over twice: %v", name, again)
		}
		if got := o.Claim(ctx, "a", "1"); got != claims.Claimed {
			t.Errorf("%s, after it was over: %v", name, got)
		}
		if got := o.Claim(ctx, "a", "2"); got != claims.Claimed {
			t.Errorf("%s, another sign: %v", name, got)
		}
	}
}

// TestOnceWhereTheTableIsAway goes by what this process has reported, and nothing is over.
func TestOnceWhereTheTableIsAway(t *testing.T) {
	m, logged := newTable(), &bytes.Buffer{}
	o, ctx := once(m), t.Context()
	o.Log = slog.New(slog.NewTextHandler(logged, nil))
	o.Claim(ctx, "a", "1")
	o.Reported(ctx, "a", "1")
	m.err = errors.New("down")
	if a, b := o.Claim(ctx, "a", "1"), o.Claim(ctx, "b", "1"); a != claims.Delivered || b != claims.Claimed {
		t.Errorf("%v, %v; want told, ours", a, b)
	}
	if all := o.All(ctx); !maps.Equal(all, map[string]string{"a": "1"}) {
		t.Errorf("%v was reported", all)
	}
	o.Reported(ctx, "c", "1")
	if o.Over(ctx, "c", "1") {
		t.Error("over, although the table did not say so")
	}
	if got := o.Claim(ctx, "c", "1"); got != claims.Claimed {
		t.Errorf("what is over here is kept back: %v", got)
	}
	if n := strings.Count(logged.String(), `level=WARN msg="state table" error=`); n != 6 {
		t.Errorf("%d of 6 calls that failed are logged:\n%s", n, logged)
	}
	m.err = nil
	o.Over(ctx, "a", "1")
	if _, err := m.Claim(ctx, "z", "9", time.Minute); err != nil { // by another process
		t.Fatal(err)
	}
	if all := o.All(ctx); !maps.Equal(all, map[string]string{"z": "9"}) {
		t.Errorf("the table is there again, and %v was reported", all)
	}
}

// TestOnceLease outlasts the run by its margin.
func TestOnceLease(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 15, 30, 0, time.UTC)
	for left, want := range map[time.Duration]time.Duration{
		time.Minute:  time.Minute + report.LeaseMargin,
		time.Hour:    clock.LongestRun + report.LeaseMargin,
		-time.Second: report.LeaseMargin,
	} {
		m := newTable()
		o := once(m)
		o.Clock.Now = func() time.Time { return now }
		o.Claims = claims.NewFindings(m, o.Clock)
		o.Clock.Deadline = func(context.Context) (time.Time, bool) { return now.Add(left), true }
		o.Claim(t.Context(), "a", "1")
		of := state.Of[struct{ Until time.Time }]{Documents: m, Kind: "told"}
		noted, err := of.Get(t.Context(), "", "a")
		if lease := noted.Until.Sub(now); err != nil || lease != want {
			t.Errorf("with %v left the lease is %v, %v; want %v", left, lease, err, want)
		}
	}
}
