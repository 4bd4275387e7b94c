package circuit_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"trailkeeper/lambda/internal/circuit"
	"trailkeeper/lambda/internal/clock"
)

// TestAsk: a question waits for 300 ms, and for a second after one that went unanswered nothing is asked. A refusal is
// an answer.
func TestAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, asked := &circuit.Breaker{Clock: clock.Real()}, 0
		answered := func(context.Context) error { asked++; return nil }
		refused := func(context.Context) error { asked++; return errors.New("throttled") }
		silent := func(ctx context.Context) error { asked++; <-ctx.Done(); return ctx.Err() }

		if b.Ask(t.Context(), answered) != nil || b.Ask(t.Context(), refused) == nil || b.Ask(t.Context(), answered) != nil ||
			asked != 3 {
			t.Errorf("asked %d of 3 times", asked)
		}
		began := time.Now()
		for range 3 {
			if err := b.Ask(t.Context(), silent); err == nil {
				t.Error("silence is taken for an answer")
			}
		}
		if took := time.Since(began); took != 300*time.Millisecond || asked != 4 {
			t.Errorf("asked %d times in %v; want 4 and %v", asked, took, 300*time.Millisecond)
		}
		time.Sleep(time.Second - 1)
		if err := b.Ask(t.Context(), answered); err == nil || asked != 4 {
			t.Errorf("just before the circuit closes: %v, asked %d times", err, asked)
		}
		time.Sleep(time.Nanosecond)
		if err := b.Ask(t.Context(), answered); err != nil || asked != 5 {
			t.Errorf("when the circuit closes: %v, asked %d times", err, asked)
		}
	})
}

// TestAskWithoutABreaker bounds each question by itself.
func TestAskWithoutABreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var none *circuit.Breaker
		silent := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		began := time.Now()
		for range 2 {
			if none.Ask(t.Context(), silent) == nil {
				t.Error("silence is taken for an answer")
			}
		}
		if took := time.Since(began); took != 600*time.Millisecond {
			t.Errorf("two questions take %v", took)
		}
	})
}

// TestInsist: where another run is first, the question is asked again for three seconds, and within what there is of
// time. It opens no circuit.
func TestInsist(t *testing.T) {
	contended := errors.New("another was first")
	for name, c := range map[string]struct {
		timeout  time.Duration
		answer   error
		first    int // how many others are
		min, max time.Duration
		want     error
	}{
		"no other":      {time.Minute, nil, 0, 0, 0, nil},
		"two others":    {time.Minute, nil, 2, 20 * time.Millisecond, 60 * time.Millisecond, nil},
		"all others":    {time.Minute, nil, 1000, time.Second, 3 * time.Second, contended},
		"little time":   {2 * time.Second, nil, 1000, 300 * time.Millisecond, time.Second, contended},
		"no time":       {time.Second, nil, 1000, 0, 0, contended},
		"another error": {time.Minute, context.Canceled, 1, 10 * time.Millisecond, 20 * time.Millisecond, context.Canceled},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), c.timeout)
			defer cancel()
			b, began, others := &circuit.Breaker{Clock: clock.Real()}, time.Now(), c.first
			err := b.Insist(ctx, contended, func(context.Context) error {
				if others--; others >= 0 {
					return contended
				}
				return c.answer
			})
			if took := time.Since(began); !errors.Is(err, c.want) || took < c.min || took > c.max {
				t.Errorf("%s: %v after %v", name, err, took)
			}
		})
	}
	var none *circuit.Breaker
	err := none.Insist(t.Context(), contended, func(context.Context) error { return contended })
	if !errors.Is(err, contended) {
		t.Errorf("without a breaker: %v", err)
	}
}

// TestClockSetBack opens no circuit for as long as the clock was wrong.
func TestClockSetBack(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 15, 30, 0, time.UTC)
	b := &circuit.Breaker{Clock: clock.Clock{Now: func() time.Time { return at }}}
	late := func(context.Context) error { return context.DeadlineExceeded }
	if err := b.Ask(t.Context(), late); err == nil {
		t.Fatal("silence is taken for an answer")
	}
	at = at.Add(-time.Hour)
	if err := b.Ask(t.Context(), func(context.Context) error { return nil }); err != nil {
		t.Errorf("an hour earlier: %v", err)
	}
}
