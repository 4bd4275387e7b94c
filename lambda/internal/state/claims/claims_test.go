package claims_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/claims"
	"trailkeeper/lambda/internal/state/statetest"
)

var begin = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// world is every claim, with a clock that the test moves.
type world struct {
	*claims.Findings
	*claims.Events
	*claims.Threads
	memory *statetest.Memory
	now    time.Time
}

func newWorld() *world {
	w := &world{now: begin}
	clk := clock.Clock{Now: func() time.Time { return w.now }}
	w.memory = &statetest.Memory{Now: clk.Now}
	w.Findings, w.Events = claims.NewFindings(w.memory, clk), claims.NewEvents(w.memory, clk)
	w.Threads = claims.NewThreads(w.memory, clk)
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// forge writes a document, whatever there is.
func (w *world) forge(t *testing.T, kind, id, body string) {
	t.Helper()
	d, err := w.memory.Get(t.Context(), state.Key{Kind: kind, ID: id})
	must(t, err)
	d.Body = []byte(body)
	_, err = w.memory.PutIf(t.Context(), d)
	must(t, err)
}

// TestManyAtOnce: of many runs that claim at once, one has it.
func TestManyAtOnce(t *testing.T) {
	for name, claim := range map[string]func(*world) (claims.State, error){
		"finding": func(w *world) (claims.State, error) {
			return w.Findings.Claim(t.Context(), "weakened", "a", time.Minute)
		},
		"event":  func(w *world) (claims.State, error) { return w.Events.Claim(t.Context(), "e1", time.Minute, "") },
		"parked": func(w *world) (claims.State, error) { return w.Events.Claim(t.Context(), "parked", time.Minute, "d1") },
		"thread": func(w *world) (claims.State, error) {
			_, ours, err := w.Thread(t.Context(), "inc-1", "slack:C1")
			return map[bool]claims.State{true: claims.Claimed, false: claims.InFlight}[ours], err
		},
	} {
		w := newWorld()
		must(t, w.Events.Parked(t.Context(), "parked", "d1"))
		var mu sync.Mutex
		var all sync.WaitGroup
		got := map[claims.State]int{}
		for range 16 {
			all.Go(func() {
				s, err := claim(w)
				mu.Lock()
				defer mu.Unlock()
				if got[s]++; err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got[claims.Claimed] != 1 || got[claims.InFlight] != 15 {
			t.Errorf("%s: of sixteen at once: %v", name, got)
		}
	}
}

// TestClaim: another run may take over what a run failed to deliver, and whatever changes is new.
func TestClaim(t *testing.T) {
	w := newWorld()
	ask := func(sign string) claims.State {
		t.Helper()
		got, err := w.Findings.Claim(t.Context(), "weakened", sign, time.Minute)
		must(t, err)
		return got
	}
	if ask("a") != claims.Claimed || ask("a") != claims.InFlight {
		t.Error("the first claims")
	}
	w.now = w.now.Add(time.Minute + time.Second)
	if ask("a") != claims.Claimed {
		t.Error("what a run failed to deliver was not taken over")
	}
	must(t, w.Findings.Delivered(t.Context(), "weakened", "a"))
	w.now = w.now.Add(time.Hour)
	if ask("a") != claims.Delivered || ask("b") != claims.Claimed || ask("b") != claims.InFlight {
		t.Error("delivered once, and again when it changes")
	}
	must(t, w.Findings.Delivered(t.Context(), "weakened", "a")) // of an older one
	if ask("b") != claims.InFlight {
		t.Error("an old message counts for a new one")
	}
	sent, err := w.Findings.All(t.Context())
	if err != nil || len(sent) != 1 || sent["weakened"] != "b" {
		t.Errorf("%v, %v", sent, err)
	}
	for i, sign := range []string{"", "a", "b", "b"} {
		if ours, err := w.Findings.Clear(t.Context(), "weakened", sign); err != nil || ours != (i == 2) {
			t.Errorf("clearing %q, %d: %v, %v", sign, i, ours, err)
		}
	}
	if sent, err := w.Findings.All(t.Context()); err != nil || len(sent) > 0 {
		t.Errorf("cleared, and %v, %v", sent, err)
	}
	if ask("b") != claims.Claimed {
		t.Error("what was over and came back is not new")
	}
}

// TestEvents: what was sent is never sent again; what was parked only by whoever has it from the queue; what was
// neither, by anybody.
func TestEvents(t *testing.T) {
	w := newWorld()
	const subject = "e1 digest slack restored"
	want := func(what, digest string, want claims.State) {
		t.Helper()
		got, err := w.Events.Claim(t.Context(), subject, time.Minute, digest)
		if must(t, err); got != want {
			t.Errorf("%s: %d, want %d", what, got, want)
		}
	}
	want("out of the queue, and never parked", "d1", claims.Unknown)
	want("first", "", claims.Claimed)
	want("at once", "", claims.InFlight)
	want("at once, from the queue", "d1", claims.Unknown)
	w.now = w.now.Add(time.Minute + time.Second)
	want("after the lease, from the queue", "d1", claims.Unknown)
	want("after the lease", "", claims.Claimed)
	must(t, w.Events.Release(t.Context(), subject))
	must(t, w.Events.Release(t.Context(), subject))
	want("after it was given back", "", claims.Claimed)
	must(t, w.Events.Parked(t.Context(), subject, "d1"))
	want("parked", "", claims.Delivered)
	want("parked, another text from the queue", "d2", claims.Unknown)
	want("parked, from the queue", "d1", claims.Claimed)
	want("again at once, from the queue", "d1", claims.InFlight)
	want("at once, another text", "d2", claims.Unknown)
	w.now = w.now.Add(time.Minute + time.Second)
	want("after that lease, from the queue", "d1", claims.Claimed)
	must(t, w.Events.Parked(t.Context(), subject, ""))
	want("left in the queue", "d1", claims.Claimed)
	must(t, w.Events.Release(t.Context(), subject))
	want("given back, from the queue", "d1", claims.InFlight)
	want("given back", "", claims.Claimed)
	must(t, w.Events.Delivered(t.Context(), subject))
	must(t, w.Events.Parked(t.Context(), subject, "d2"))
	must(t, w.Events.Release(t.Context(), subject))
	want("sent", "", claims.Delivered)
	want("sent, from the queue", "d1", claims.Delivered)
	want("sent, another text from the queue", "d2", claims.Unknown)
	if sent, err := w.Findings.All(t.Context()); err != nil || len(sent) > 0 {
		t.Errorf("the sweep reads of every event what was told: %v, %v", sent, err)
	}
}

// TestThread: one run opens it; one that fails, or never comes back, leaves it to the next.
func TestThread(t *testing.T) {
	w := newWorld()
	ask := func(wantID string, wantOurs bool) {
		t.Helper()
		id, ours, err := w.Thread(t.Context(), "inc-1", "slack:C1")
		must(t, err)
		if id != wantID || ours != wantOurs {
			t.Errorf("%q, ours %v; want %q, %v", id, ours, wantID, wantOurs)
		}
	}
	must(t, w.Failed(t.Context(), "inc-1", "slack:C1"))
	ask("", true)
	ask("", false)
	must(t, w.Failed(t.Context(), "inc-1", "slack:C1"))
	ask("", true)
	w.now = w.now.Add(31 * time.Second)
	ask("", true)
	must(t, w.Opened(t.Context(), "inc-1", "slack:C1", "17.5"))
	ask("17.5", false)
	w.now = w.now.Add(time.Hour)
	ask("17.5", false)
	must(t, w.Failed(t.Context(), "inc-1", "slack:C1"))
	ask("17.5", false)
	if id, ours, err := w.Thread(t.Context(), "inc-2", "slack:C1"); err != nil || id != "" || !ours {
		t.Errorf("another incident: %q, %v, %v", id, ours, err)
	}
}

// TestLeases: a claim counts up to and with its last second, and one that says it counts for longer than any run lasts
// is forged.
func TestLeases(t *testing.T) {
	for until, ours := range map[time.Duration]bool{
		-time.Second:                   true,
		0:                              false,
		16 * time.Minute:               false,
		16*time.Minute + time.Second:   true,
		10 * 365 * 24 * time.Hour:      true,
		-20 * 365 * 24 * time.Hour * 2: true,
	} {
		w := newWorld()
		at := begin.Add(until).Format(time.RFC3339)
		w.forge(t, "told", "x", `{"sign": "a", "state": "claimed", "until": "`+at+`"}`)
		w.forge(t, "event", "x", `{"state": "claimed", "until": "`+at+`"}`)
		w.forge(t, "thread", "inc-1 slack", `{"until": "`+at+`"}`)
		finding, err := w.Findings.Claim(t.Context(), "x", "a", time.Minute)
		must(t, err)
		event, err := w.Events.Claim(t.Context(), "x", time.Minute, "")
		must(t, err)
		_, thread, err := w.Thread(t.Context(), "inc-1", "slack")
		must(t, err)
		if finding == claims.Claimed != ours || event == claims.Claimed != ours || thread != ours {
			t.Errorf("claimed until %v from now: finding %d, event %d, thread %v; ours %v", until, finding, event, thread, ours)
		}
	}
}

// TestForgedStates: a state that nothing here writes is no word that anything was delivered, and what cannot be read
// counts as nothing.
func TestForgedStates(t *testing.T) {
	for body, want := range map[string]claims.State{
		`{"sign": "a", "state": "delivered"}`:                   claims.Delivered,
		`{"sign": "a", "state": "parked"}`:                      claims.Delivered,
		`{"sign": "a", "state": "sent"}`:                        claims.InFlight,
		`{"sign": "a", "state": "claimed"}`:                     claims.Claimed, // without an end
		`{"sign": "a", "state": "delivered", "until": "never"}`: claims.Claimed,
		`{"sign": "a", "state": 7}`:                             claims.Claimed,
		`7`:                                                     claims.Claimed,
	} {
		w := newWorld()
		w.forge(t, "told", "x", body)
		w.forge(t, "event", "x", body)
		finding, err := w.Findings.Claim(t.Context(), "x", "a", time.Minute)
		must(t, err)
		event, err := w.Events.Claim(t.Context(), "x", time.Minute, "")
		must(t, err)
		if finding != want || event != want {
			t.Errorf("%s: finding %d, event %d; want %d", body, finding, event, want)
		}
	}
}

// TestKept: how many days each claim is kept after its last change.
func TestKept(t *testing.T) {
	w := newWorld()
	for i, test := range []struct {
		change   func() error
		kind, id string
		days     float64
	}{
		{func() error { _, err := w.Findings.Claim(t.Context(), "x", "a", time.Minute); return err }, "told", "x", 90},
		{func() error { return w.Findings.Delivered(t.Context(), "x", "a") }, "told", "x", 89},
		{func() error { _, err := w.Findings.Clear(t.Context(), "x", "a"); return err }, "told", "x", 0},
		{func() error { _, err := w.Events.Claim(t.Context(), "x", time.Minute, ""); return err }, "event", "x", 15},
		{func() error { return w.Events.Release(t.Context(), "x") }, "event", "x", 15},
		{func() error { return w.Events.Parked(t.Context(), "x", "d") }, "event", "x", 15},
		{func() error { return w.Events.Delivered(t.Context(), "x") }, "event", "x", 15},
		{func() error { _, _, err := w.Thread(t.Context(), "inc-1", "s"); return err }, "thread", "inc-1 s", 90},
		{func() error { return w.Opened(t.Context(), "inc-1", "s", "17.5") }, "thread", "inc-1 s", 90},
	} {
		w.now = begin.AddDate(0, 0, i)
		must(t, test.change())
		w.memory.Now = nil // what has expired is shown, too
		d, err := w.memory.Get(t.Context(), state.Key{Kind: test.kind, ID: test.id})
		w.memory.Now = func() time.Time { return w.now }
		if must(t, err); d.Expires.Sub(w.now).Hours()/24 != test.days {
			t.Errorf("%d: %s until %v; want %v days", i, d.Body, d.Expires, test.days)
		}
	}
}

// TestEveryFailureIsAnError: whichever call fails, the error says what was not read or noted, and nothing is claimed.
func TestEveryFailureIsAnError(t *testing.T) {
	broken := &state.Error{What: "x", Why: "broken"}
	ctx := t.Context()
	for i, test := range []struct {
		what string
		call func(*world) error
	}{
		{"see whether it was delivered", func(w *world) error {
			return second(w.Findings.Claim(ctx, "x", "a", time.Minute))
		}},
		{"note that it was delivered", func(w *world) error { return w.Findings.Delivered(ctx, "x", "a") }},
		{"read what was delivered", func(w *world) error { return second(w.Findings.All(ctx)) }},
		{"note that it is over", func(w *world) error {
			ours, err := w.Findings.Clear(ctx, "x", "a")
			if ours {
				t.Error("cleared")
			}
			return err
		}},
		{"see whether it was delivered", func(w *world) error { return second(w.Events.Claim(ctx, "x", time.Minute, "")) }},
		{"see whether it was delivered", func(w *world) error { return second(w.Events.Claim(ctx, "x", time.Minute, "d")) }},
		{"note that it was delivered", func(w *world) error { return w.Events.Delivered(ctx, "x") }},
		{"note that it is parked", func(w *world) error { return w.Events.Parked(ctx, "x", "d") }},
		{"note that it was not delivered", func(w *world) error { return w.Events.Release(ctx, "x") }},
		{"see which message opened the thread", func(w *world) error {
			id, ours, err := w.Thread(ctx, "inc-1", "slack")
			if ours || id != "" {
				t.Error("a thread")
			}
			return err
		}},
		{"note which message opened the thread", func(w *world) error { return w.Opened(ctx, "inc-1", "slack", "17.5") }},
		{"note that no message opened the thread", func(w *world) error { return w.Failed(ctx, "inc-1", "slack") }},
	} {
		w := newWorld()
		w.memory.Fail = func(context.Context, string, state.Key) error { return broken }
		err := test.call(w)
		if failed, ok := errors.AsType[*state.Error](err); !ok || fmt.Sprint(failed) != test.what+": broken" {
			t.Errorf("%d: %v; want %s", i, err, test.what)
		}
	}
}

func second[T any](_ T, err error) error { return err }
