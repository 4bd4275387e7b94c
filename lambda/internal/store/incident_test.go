package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/store"
)

// TestIncident: of two runs that read the same, one writes.
func TestIncident(t *testing.T) {
	w := newWorld(t)
	none, err := w.Incident(t.Context(), arn)
	must(t, err)
	if none != (store.Kept{}) {
		t.Errorf("%+v; want none", none)
	}
	for i, test := range []struct {
		read int64
		want bool
	}{{0, true}, {0, false}, {2, false}, {1, true}} {
		ok, err := w.KeepIncident(t.Context(), arn, test.read, fmt.Sprintf("text %d", i))
		must(t, err)
		if ok != test.want {
			t.Errorf("write %d of version %d: %v", i, test.read, ok)
		}
	}
	if kept, err := w.Incident(t.Context(), arn); err != nil || kept != (store.Kept{Text: "text 3", Version: 2}) {
		t.Errorf("%+v, %v", kept, err)
	}
}

// TestThread: one run opens it; one that fails, or never comes back, leaves it to the next.
func TestThread(t *testing.T) {
	w := newWorld(t)
	ask := func(wantID string, wantOurs bool) {
		t.Helper()
		id, ours, err := w.Thread(t.Context(), "inc-1", "slack:C1")
		must(t, err)
		if id != wantID || ours != wantOurs {
			t.Errorf("%q, ours %v; want %q, %v", id, ours, wantID, wantOurs)
		}
	}
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

// TestRepeated: the first is told, those within the window are counted, and one after it is told again; a summary takes off what it told.
func TestRepeated(t *testing.T) {
	w := newWorld(t)
	again := func(after time.Duration, want bool) {
		t.Helper()
		w.now = w.now.Add(after)
		got, err := w.Repeated(t.Context(), "key", "e"+w.now.Format(time.TimeOnly), "at "+w.now.Format(time.TimeOnly), 10*time.Minute)
		must(t, err)
		if got != want {
			t.Errorf("at %v a repeat: %v, want %v", w.now, got, want)
		}
	}
	counted := func(want int64) store.Repeat {
		t.Helper()
		all, err := w.Repeats(t.Context())
		must(t, err)
		switch {
		case want == 0 && len(all) == 0:
			return store.Repeat{}
		case len(all) != 1 || all[0].Count != want || all[0].Key != "key" || all[0].Text != "at "+w.now.Format(time.TimeOnly):
			t.Fatalf("%+v; want %d of key", all, want)
		}
		return all[0]
	}
	again(0, false)
	counted(0)
	again(time.Minute, true)
	again(8*time.Minute, true)
	told := counted(2)
	again(30*time.Second, true) // while the summary is on its way
	must(t, w.Summed(t.Context(), told))
	must(t, w.Summed(t.Context(), told)) // by two sweeps at once
	left := counted(1)
	must(t, w.Summed(t.Context(), left))
	counted(0)
	again(9*time.Minute, true)
	again(2*time.Minute, false)
	again(0, false) // the same event, run again
	if all, err := w.Repeats(t.Context()); err != nil || len(all) != 1 || all[0].Count != 1 {
		t.Errorf("%+v, %v; want the one of before", all, err)
	}
}

// TestBeyond: so many are told within a window, and the rest is counted for a summary.
func TestBeyond(t *testing.T) {
	w := newWorld(t)
	begin := w.now
	told := func() (n int) {
		for i := range 5 {
			w.now = w.now.Add(time.Second)
			beyond, err := w.Beyond(t.Context(), "key", fmt.Sprint("text ", i), 10*time.Minute, 3)
			must(t, err)
			if !beyond {
				n++
			}
		}
		return n
	}
	if n := told(); n != 3 {
		t.Errorf("%d were told; want 3", n)
	}
	all, err := w.Repeats(t.Context())
	must(t, err)
	want := []store.Repeat{{Key: "key", Since: begin.Add(4 * time.Second), Told: begin.Add(time.Second), Count: 2, All: 2, Text: "text 4"}}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	w.now = begin.Add(10*time.Minute + time.Second)
	if n := told(); n != 3 {
		t.Errorf("%d were told in the next window; want 3", n)
	}
}
