package claims_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"testing"
	"time"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/report/claims"
	stateclaims "trailkeeper/lambda/internal/state/claims"
)

// table is one in memory. Where err is set, it fails.
type table struct {
	signs map[string]string
	sent  map[string]bool
	lease time.Duration
	err   error
}

func newTable() *table { return &table{signs: map[string]string{}, sent: map[string]bool{}} }

func (m *table) Claim(_ context.Context, subject, sign string, lease time.Duration) (stateclaims.State, error) {
	m.lease = lease
	switch {
	case m.err != nil:
		return 0, m.err
	case m.signs[subject] != sign:
		m.signs[subject], m.sent[subject] = sign, false
		return stateclaims.Claimed, nil
	case m.sent[subject]:
		return stateclaims.Delivered, nil
	}
	return stateclaims.InFlight, nil
}

func (m *table) Sent(_ context.Context, subject, sign string) error {
	if m.err == nil && m.signs[subject] == sign {
		m.sent[subject] = true
	}
	return m.err
}

func (m *table) Clear(_ context.Context, subject, sign string) (bool, error) {
	if m.err != nil || m.signs[subject] != sign {
		return false, m.err
	}
	delete(m.signs, subject)
	return true, nil
}

func (m *table) Told(context.Context) (map[string]string, error) { return m.signs, m.err }

func once(m *table) *claims.Once {
	o := &claims.Once{Clock: clock.Real(), Log: slog.New(slog.DiscardHandler)}
	if m != nil {
		o.Table = m
	}
	return o
}

// TestOnce: the same is reported once, until it is over; with the table and without.
func TestOnce(t *testing.T) {
	for name, m := range map[string]*table{"with the table": newTable(), "without": nil} {
		o, ctx := once(m), t.Context()
		if got := o.Claim(ctx, "a", "1"); got != stateclaims.Claimed {
			t.Errorf("%s, new: %v", name, got)
		}
		if busy := o.Claim(ctx, "a", "1"); (busy == stateclaims.InFlight) != (m != nil) || busy == stateclaims.Delivered {
			t.Errorf("%s, not reported yet: %v", name, busy)
		}
		o.Reported(ctx, "a", "1")
		for what, test := range map[string]struct {
			subject, sign string
			want          stateclaims.State
		}{"the same": {"a", "1", stateclaims.Delivered}, "of another": {"b", "1", stateclaims.Claimed}} {
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
		if got := o.Claim(ctx, "a", "1"); got != stateclaims.Claimed {
			t.Errorf("%s, after it was over: %v", name, got)
		}
		if got := o.Claim(ctx, "a", "2"); got != stateclaims.Claimed {
			t.Errorf("%s, another sign: %v", name, got)
		}
	}
}

// TestOnceWhereTheTableIsAway goes by what this process has reported, and nothing is over.
func TestOnceWhereTheTableIsAway(t *testing.T) {
	m := newTable()
	o, ctx := once(m), t.Context()
	o.Claim(ctx, "a", "1")
	o.Reported(ctx, "a", "1")
	m.err = errors.New("down")
	if a, b := o.Claim(ctx, "a", "1"), o.Claim(ctx, "b", "1"); a != stateclaims.Delivered || b != stateclaims.Claimed {
		t.Errorf("%v, %v; want told, ours", a, b)
	}
	if all := o.All(ctx); !maps.Equal(all, map[string]string{"a": "1"}) {
		t.Errorf("%v was reported", all)
	}
	o.Reported(ctx, "c", "1")
	if o.Over(ctx, "c", "1") {
		t.Error("over, although the table did not say so")
	}
	if got := o.Claim(ctx, "c", "1"); got != stateclaims.Claimed {
		t.Errorf("what is over here is kept back: %v", got)
	}
	m.err = nil
	m.signs = map[string]string{"z": "9"}
	if all := o.All(ctx); !maps.Equal(all, m.signs) {
		t.Errorf("the table is there again, and %v was reported", all)
	}
}

// TestLease outlasts the run by its margin.
func TestLease(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 15, 30, 0, time.UTC)
	for left, want := range map[time.Duration]time.Duration{
		time.Minute: time.Minute + report.LeaseMargin, time.Hour: clock.LongestRun + report.LeaseMargin, -time.Second: report.LeaseMargin,
	} {
		m := newTable()
		o := once(m)
		o.Clock.Now = func() time.Time { return now }
		o.Clock.Deadline = func(context.Context) (time.Time, bool) { return now.Add(left), true }
		if o.Claim(t.Context(), "a", "1"); m.lease != want {
			t.Errorf("with %v left the lease is %v; want %v", left, m.lease, want)
		}
	}
}

// events is a table of single messages, which notes what it is asked.
type events struct {
	turn  stateclaims.State
	err   error
	asked []string
}

func (e *events) ClaimEvent(
	_ context.Context, subject string, lease time.Duration, digest string,
) (stateclaims.State, error) {
	e.asked = append(e.asked, "claim "+subject+" "+lease.String()+" "+digest)
	return e.turn, e.err
}

func (e *events) EventSent(_ context.Context, subject string) error {
	e.asked = append(e.asked, "sent "+subject)
	return e.err
}

func (e *events) EventParked(_ context.Context, subject, digest string) error {
	e.asked = append(e.asked, "parked "+subject+" "+digest)
	return e.err
}

func (e *events) EventReleased(_ context.Context, subject string) error {
	e.asked = append(e.asked, "released "+subject)
	return e.err
}

// TestEvents are the table's, call by call.
func TestEvents(t *testing.T) {
	for turn, want := range map[stateclaims.State]report.ClaimState{
		stateclaims.Claimed:   report.Claimed,
		stateclaims.InFlight:  report.InFlight,
		stateclaims.Delivered: report.Delivered,
		stateclaims.Unknown:   report.Unknown,
	} {
		m := &events{turn: turn}
		if got, err := (claims.Events{Table: m}).Claim(
			t.Context(),
			"s",
			time.Minute,
			"d",
		); got != want || err != nil ||
			m.asked[0] != "claim s 1m0s d" {
			t.Errorf("%v: %v, %v after %q", turn, got, err, m.asked)
		}
	}
	m := &events{err: errors.New("down")}
	e := claims.Events{Table: m}
	if _, err := e.Claim(t.Context(), "s", 0, ""); err == nil {
		t.Error("the claim's error is lost")
	}
	for what, call := range map[string]func() error{
		"sent s":     func() error { return e.Delivered(t.Context(), "s") },
		"parked s d": func() error { return e.Parked(t.Context(), "s", "d") },
		"released s": func() error { return e.Release(t.Context(), "s") },
	} {
		if err := call(); err == nil || m.asked[len(m.asked)-1] != what {
			t.Errorf("%s: %v after %q", what, err, m.asked)
		}
	}
}
