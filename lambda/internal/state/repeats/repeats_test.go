package repeats_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/repeats"
	"trailkeeper/lambda/internal/state/statetest"
)

var begin = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

const window = 10 * time.Minute

// world is the counters, with a clock that the test moves.
type world struct {
	*repeats.Counters
	memory *statetest.Memory
	now    time.Time
}

func newWorld() *world {
	w := &world{now: begin}
	clk := clock.Clock{Now: func() time.Time { return w.now }}
	w.memory = &statetest.Memory{Now: clk.Now}
	w.Counters = repeats.New(w.memory, clk)
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) forge(t *testing.T, body string) {
	t.Helper()
	_, err := w.memory.PutIf(t.Context(), state.Document{Key: state.Key{Kind: "repeat", ID: "key"}, Body: []byte(body)})
	must(t, err)
}

func (w *world) all(t *testing.T) []repeats.Repeat {
	t.Helper()
	all, err := w.Repeats(t.Context())
	must(t, err)
	return all
}

// TestRepeated: the first is delivered, those within the window are counted, and one after it is delivered again; a
// summary takes off what it delivered.
func TestRepeated(t *testing.T) {
	w := newWorld()
	again := func(after time.Duration, want bool) {
		t.Helper()
		w.now = w.now.Add(after)
		at := w.now.Format(time.TimeOnly)
		got, err := w.Repeated(t.Context(), "key", "e"+at, "at "+at, window)
		must(t, err)
		if got != want {
			t.Errorf("at %v a repeat: %v, want %v", w.now, got, want)
		}
	}
	counted := func(want int64) repeats.Repeat {
		t.Helper()
		all := w.all(t)
		switch {
		case want == 0 && len(all) == 0:
			return repeats.Repeat{}
		case len(all) != 1 || all[0].Count != want || all[0].Key != "key" || all[0].Text != "at "+w.now.Format(time.TimeOnly):
			t.Fatalf("%+v; want %d of key", all, want)
		}
		return all[0]
	}
	again(0, false)
	counted(0)
	again(time.Minute, true)
	again(8*time.Minute, true)
	delivered := counted(2)
	if !delivered.Since.Equal(begin.Add(time.Minute)) || !delivered.Delivered.Equal(begin) || delivered.All != 2 {
		t.Errorf("%+v", delivered)
	}
	again(30*time.Second, true) // while the summary is on its way
	must(t, w.Summed(t.Context(), delivered))
	must(t, w.Summed(t.Context(), delivered)) // by two sweeps at once
	left := counted(1)
	if !left.Since.Equal(left.Delivered) || !left.Delivered.Equal(w.now) {
		t.Errorf("after a summary: %+v", left)
	}
	must(t, w.Summed(t.Context(), left))
	counted(0)
	again(9*time.Minute, true)
	again(2*time.Minute, false)
	again(0, false) // the same event, run again
	if all := w.all(t); len(all) != 1 || all[0].Count != 1 {
		t.Errorf("%+v; want the one of before", all)
	}
}

// TestWindow: where it ends.
func TestWindow(t *testing.T) {
	for age, want := range map[time.Duration]bool{
		-time.Second:         false,
		0:                    true,
		window - time.Second: true,
		window:               false,
	} {
		w := newWorld()
		w.forge(t, `{"since": "`+begin.Add(-age).Format(time.RFC3339)+`", "event": "e0"}`)
		if got, err := w.Repeated(t.Context(), "key", "e1", "text", window); err != nil || got != want {
			t.Errorf("%v after it began: %v, %v", age, got, err)
		}
	}
}

// TestBeyond: so many are delivered within a window, and the rest is counted for a summary.
func TestBeyond(t *testing.T) {
	w := newWorld()
	delivered := func() (n int) {
		for i := range 5 {
			w.now = w.now.Add(time.Second)
			beyond, err := w.Beyond(t.Context(), "key", fmt.Sprint("text ", i), window, 3)
			must(t, err)
			if !beyond {
				n++
			}
		}
		return n
	}
	if n := delivered(); n != 3 {
		t.Errorf("%d were delivered; want 3", n)
	}
	want := []repeats.Repeat{{
		Key:       "key",
		Since:     begin.Add(4 * time.Second),
		Delivered: begin.Add(time.Second),
		Count:     2,
		All:       2,
		Text:      "text 4",
	}}
	if diff := cmp.Diff(want, w.all(t)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	w.now = begin.Add(window + time.Second)
	if n := delivered(); n != 3 {
		t.Errorf("%d were delivered in the next window; want 3", n)
	}
}

// remembering are documents that a process remembers.
type remembering struct {
	*statetest.Memory
	last map[state.Key]state.Document
}

// PutIf is that of state.Documents.
func (r remembering) PutIf(ctx context.Context, d state.Document) (state.Document, error) {
	d, err := r.Memory.PutIf(ctx, d)
	r.last[d.Key] = d
	return d, err
}

// Last is that of state.Documents.
func (r remembering) Last(key state.Key) state.Document {
	d := r.last[key]
	d.Key = key
	return d
}

// TestBounded: of very many things that happen twice, as few are delivered, and summed up apart, as the total allows;
// the rest is summed up together, and nothing is kept of each. One that was delivered and happens again is summed up
// apart meanwhile.
func TestBounded(t *testing.T) {
	for name, remembers := range map[string]bool{"in one process": true, "in many": false} {
		w := newWorld()
		if remembers {
			clk := clock.Clock{Now: func() time.Time { return w.now }}
			w.Counters = repeats.New(remembering{w.memory, map[state.Key]state.Document{}}, clk)
		}
		delivered := 0
		thing := func(i, event int) {
			left, err := w.Bounded(
				t.Context(), fmt.Sprint("key ", i), fmt.Sprintf("e%d-%d", i, event), "total", "text", window, 3,
			)
			if must(t, err); !left {
				delivered++
			}
		}
		for event := range 2 {
			for i := range 50 {
				thing(i, event)
			}
		}
		got := map[string]int64{}
		for _, r := range w.all(t) {
			got[r.Key] = r.Count
		}
		want := map[string]int64{
			"key 0": 1,
			"key 1": 1,
			"key 2": 1,
			"total": 94,
		}
		if diff := cmp.Diff(want, got); diff != "" || delivered != 3 {
			t.Errorf("%s: %d were delivered (-want +got):\n%s", name, delivered, diff)
		}
		kept, err := w.memory.List(t.Context(), "repeat")
		if must(t, err); len(kept) != 4 {
			t.Errorf("%s: %d documents are kept", name, len(kept))
		}
		w.now = w.now.Add(window)
		thing(7, 3)
		if thing(7, 4); delivered != 4 {
			t.Errorf("%s: in the next window %d are delivered", name, delivered-3)
		}
	}
}

// TestBoundedKeepsWhatWaits: a thing that the total leaves to its summary loses nothing of what waits for its own.
func TestBoundedKeepsWhatWaits(t *testing.T) {
	w := newWorld()
	for _, event := range []string{"e1", "e2"} {
		_, err := w.Bounded(t.Context(), "key", event, "total", "text", window, 1)
		must(t, err)
	}
	w.now = w.now.Add(window)
	for _, key := range []string{"other", "key", "key"} {
		_, err := w.Bounded(t.Context(), key, "e3", "total", "text", window, 1)
		must(t, err)
	}
	got := map[string]int64{}
	for _, r := range w.all(t) {
		got[r.Key] = r.Count
	}
	if diff := cmp.Diff(map[string]int64{"key": 1, "total": 2}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestManyAtOnce: of what happens many times at once, each is counted once, and no more are delivered than may be.
func TestManyAtOnce(t *testing.T) {
	w := newWorld()
	var mu sync.Mutex
	var all sync.WaitGroup
	again, beyond := 0, 0
	for i := range 16 {
		all.Go(func() {
			r, err := w.Repeated(t.Context(), "repeat", fmt.Sprint("e", i), "text", window)
			b, errB := w.Beyond(t.Context(), "beyond", "text", window, 5)
			mu.Lock()
			defer mu.Unlock()
			if r {
				again++
			}
			if b {
				beyond++
			}
			if err != nil || errB != nil {
				t.Error(err, errB)
			}
		})
	}
	all.Wait()
	counted := w.all(t)
	if again != 15 || beyond != 11 || len(counted) != 2 || counted[0].Count != 11 || counted[1].Count != 15 {
		t.Errorf("of sixteen, %d again and %d beyond: %+v", again, beyond, counted)
	}
}

// TestContended: where other runs are first each time, the answer is how it stands, and the error says that it is not
// counted.
func TestContended(t *testing.T) {
	w := newWorld()
	w.forge(t, `{"since": "2026-03-02T09:00:00Z", "event": "e0", "spent": 3, "count": 3}`)
	w.memory.Fail = func(_ context.Context, call string, _ state.Key) error {
		if call == "PutIf" {
			return state.ErrChanged
		}
		return nil
	}
	for limit, want := range map[int64]bool{3: true, 4: false} {
		beyond, err := w.Beyond(t.Context(), "key", "text", window, limit)
		if !errors.Is(err, state.ErrChanged) || beyond != want {
			t.Errorf("beyond %d: %v, %v", limit, beyond, err)
		}
	}
	for key, want := range map[string]bool{"key": true, "new": false} {
		again, err := w.Repeated(t.Context(), key, "e1", "text", window)
		if !errors.Is(err, state.ErrChanged) || again != want {
			t.Errorf("%s: %v, %v", key, again, err)
		}
	}
}

// TestForged: a summary that is said to have delivered more than there was has delivered nothing, what is reported
// after it counts, and a counter that nothing can have counted begins anew.
func TestForged(t *testing.T) {
	for body, first := range map[string]int64{
		`{"since": "2026-03-02T09:00:00Z", "event": "e0", "count": 3, "summed": 1000000}`:            4,
		`{"since": "2026-03-02T09:00:00Z", "event": "e0", "count": 3, "summed": -9}`:                 4,
		`{"since": "2026-03-02T09:00:00Z", "event": "e0", "count": -3}`:                              1,
		`{"since": "2026-03-02T09:00:00Z", "event": "e0", "count": 9223372036854775807}`:             1,
		`{"since": "2026-03-02T09:00:00Z", "event": "e0", "count": 9223372036854775807, "summed":5}`: 1,
	} {
		w := newWorld()
		w.forge(t, body)
		again, err := w.Repeated(t.Context(), "key", "e1", "text", window)
		must(t, err)
		all := w.all(t)
		if !again || len(all) != 1 || all[0].Count != first {
			t.Fatalf("%s: %v, %+v; want %d", body, again, all, first)
		}
		must(t, w.Summed(t.Context(), all[0]))
		if all = w.all(t); len(all) != 0 {
			t.Errorf("%s: summed up, and %+v", body, all)
		}
		_, err = w.Repeated(t.Context(), "key", "e2", "text", window)
		must(t, err)
		if all = w.all(t); len(all) != 1 || all[0].Count != 1 {
			t.Errorf("%s: one later %+v", body, all)
		}
	}
}

// TestKept: a counter is kept for 90 days after its last change.
func TestKept(t *testing.T) {
	w := newWorld()
	for i, change := range []func() error{
		func() error { _, err := w.Repeated(t.Context(), "key", "e1", "text", window); return err },
		func() error { _, err := w.Beyond(t.Context(), "key", "text", window, 3); return err },
		func() error { return w.Summed(t.Context(), repeats.Repeat{Key: "key", All: 7}) },
	} {
		w.now = begin.AddDate(0, 0, i)
		must(t, change())
		d, err := w.memory.Get(t.Context(), state.Key{Kind: "repeat", ID: "key"})
		if must(t, err); !d.Expires.Equal(w.now.AddDate(0, 0, 90)) {
			t.Errorf("%d: until %v", i, d.Expires)
		}
	}
}

// TestEveryFailureIsAnError: whichever call fails, the error says what was not read or noted, and nothing is kept back.
func TestEveryFailureIsAnError(t *testing.T) {
	broken := &state.Error{What: "x", Why: "broken"}
	for what, call := range map[string]func(*world) (bool, error){
		"see whether it is a repeat": func(w *world) (bool, error) {
			return w.Repeated(t.Context(), "key", "e1", "text", window)
		},
		"count what is delivered": func(w *world) (bool, error) { return w.Beyond(t.Context(), "key", "text", window, 0) },
		"see whether it is a repeat ": func(w *world) (bool, error) {
			return w.Bounded(t.Context(), "key", "e1", "total", "text", window, 0)
		},
		"read what happened again": func(w *world) (bool, error) {
			all, err := w.Repeats(t.Context())
			return len(all) > 0, err
		},
		"note that it was summed up": func(w *world) (bool, error) {
			return false, w.Summed(t.Context(), repeats.Repeat{Key: "key", All: 1})
		},
	} {
		w := newWorld()
		w.forge(t, `{"since": "2026-03-02T09:00:00Z", "event": "e0", "spent": 9, "count": 3}`)
		w.memory.Fail = func(context.Context, string, state.Key) error { return broken }
		kept, err := call(w)
		if failed, ok := errors.AsType[*state.Error](err); !ok || kept ||
			failed.Error() != strings.TrimSpace(what)+": broken" {
			t.Errorf("%s: %v, %v", what, kept, err)
		}
	}
}
