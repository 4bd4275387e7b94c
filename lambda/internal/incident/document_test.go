package incident_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"trailkeeper/lambda/internal/bearing"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/state"
)

// TestKeptFor: an incident is remembered for 90 days after it was last touched, to the second.
func TestKeptFor(t *testing.T) {
	w := newWorld()
	for range 2 {
		w.now = w.now.AddDate(0, 0, 1)
		w.note(t, "e1", "StopLogging", finding.OutcomeRetrying)
		if d := w.table.kept(t); !d.Expires.Equal(w.now.AddDate(0, 0, 90)) {
			t.Errorf("kept until %v at %v", d.Expires, w.now)
		}
	}
	w.now = w.now.AddDate(0, 0, 1)
	n := w.lose(t, "e1", "StopLogging", finding.OutcomeRestored)
	if w.Delivered(t.Context(), n, false); !w.table.kept(t).Expires.Equal(w.now.AddDate(0, 0, 90)) {
		t.Errorf("told, and kept until %v at %v", w.table.kept(t).Expires, w.now)
	}
}

// TestSideBySide: of runs that note at the same time, one opens the incident, and every event counts.
func TestSideBySide(t *testing.T) {
	w := newWorld()
	var wg sync.WaitGroup
	var mu sync.Mutex
	opened := 0
	for _, id := range []string{"e1", "e2", "e3", "e4"} {
		wg.Go(func() {
			n := findingtest.Stopped()
			n.EventID = id
			_, isNew := w.Note(t.Context(), n)
			mu.Lock()
			defer mu.Unlock()
			if isNew {
				opened++
			}
		})
	}
	wg.Wait()
	got := w.Open(t.Context())[findingtest.Stopped().Subject.ARN]
	if last := w.note(t, "e4", "StopLogging", finding.OutcomeRestored); opened != 1 || last.Count != 4 {
		t.Errorf("opened %d times, %d events; %+v", opened, last.Count, got)
	}
}

// TestFailures say what was not read or noted.
func TestFailures(t *testing.T) {
	w, logged := newWorld(), &bytes.Buffer{}
	w.note(t, "e1", "StopLogging", finding.OutcomeRetrying)
	n := w.lose(t, "e1", "StopLogging", finding.OutcomeRestored)
	w.Log, w.table.err = slog.New(slog.NewTextHandler(logged, nil)), &state.Error{Why: "throttled"}
	if _, opened := w.Note(t.Context(), findingtest.Stopped()); !opened {
		t.Error("what opens an incident does not say so without the table")
	}
	w.Delivered(t.Context(), n, false)
	w.Open(t.Context())
	for i, line := range strings.Split(strings.TrimSpace(logged.String()), "\n") {
		if !strings.Contains(line, "throttled") || i == 1 && !strings.Contains(line, "event_id=e1") ||
			i < 2 && !strings.Contains(line, "note the subject's incident") {
			t.Errorf("%d: %s", i, line)
		}
	}
	if n := strings.Count(logged.String(), "\n"); n != 3 {
		t.Errorf("%d lines:\n%s", n, logged)
	}
}

// TestForNoting: what is noted after a message takes 300 ms at most.
func TestForNoting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.note(t, "e1", "StopLogging", finding.OutcomeRetrying)
		n := w.lose(t, "e1", "StopLogging", finding.OutcomeRestored)
		w.table.slow = time.Hour
		began := time.Now()
		if w.Delivered(t.Context(), n, false); time.Since(began) != 300*time.Millisecond {
			t.Errorf("it took %v", time.Since(began))
		}
	})
}

// TestNobodysFinding: a finding without a subject belongs to no incident, nor does one that bears on nothing.
func TestNobodysFinding(t *testing.T) {
	w := newWorld()
	for name, change := range map[string]func(*finding.Finding){
		"no subject":       func(n *finding.Finding) { n.Subject.ARN = "" },
		"bears on nothing": func(n *finding.Finding) { n.Bearing = finding.Bearing{} },
	} {
		n := bearing.With(findingtest.Stopped())
		change(&n)
		if noted, opened := w.Book.Note(t.Context(), n); noted.Incident != nil || opened {
			t.Errorf("%s: %+v", name, noted.Incident)
		}
	}
	if all, err := w.table.List(t.Context(), "incident"); err != nil || len(all) != 0 {
		t.Errorf("kept: %v, %v", all, err)
	}
	w.table.err = errors.New("throttled")
	n := bearing.With(findingtest.Stopped())
	n.Bearing.Role = finding.RoleEnds
	if _, opened := w.Book.Note(t.Context(), n); opened {
		t.Error("what ends an incident opens one without the table")
	}
}

// TestHeard: nobody was named where there is no incident, or no answer.
func TestHeard(t *testing.T) {
	w := newWorld()
	n := findingtest.Stopped()
	heard := func() bool { return w.Heard(t.Context(), n.Subject.ARN, n.EventID, n.Principal) }
	if heard() {
		t.Error("heard before there was anything")
	}
	w.Note(t.Context(), n)
	if !heard() {
		t.Error("not heard of what was noted")
	}
	if w.table.err = errors.New("throttled"); heard() {
		t.Error("heard without an answer")
	}
}

// TestOpenSkips what is not believed, and says since when the rest is wrong.
func TestOpenSkips(t *testing.T) {
	w := newWorld()
	w.note(t, "f1", "not_logging", finding.OutcomeNotified)
	first := w.now
	w.now = w.now.Add(time.Minute)
	w.note(t, "f2", "weakened", finding.OutcomeNotified)
	arn := findingtest.Stopped().Subject.ARN
	open := w.Open(t.Context())[arn]
	if !open.Noted.Equal(w.now) || open.Noted.Equal(first) || len(open.Aspects) != 2 {
		t.Errorf("%+v", open)
	}
	w.table.forge(t, `{"id":"inc-00"}`)
	if all := w.Open(t.Context()); len(all) != 0 {
		t.Errorf("forged: %+v", all)
	}
}

// TestRefreshFlags: what was new with a message that waited is so only where it still is.
func TestRefreshFlags(t *testing.T) {
	all := finding.Flags{
		Turned:    true,
		Closing:   true,
		Contested: true,
		Darker:    true,
		Resumed:   true,
	}
	for outcome, want := range map[finding.Outcome]finding.Flags{
		finding.OutcomeRetrying:      {Resumed: true},
		finding.OutcomeCannotRestore: {Resumed: true, Turned: true},
		finding.OutcomeRestored:      {Resumed: true, Closing: true},
	} {
		w := newWorld()
		n := w.lose(t, "e1", "StopLogging", outcome)
		n.Incident.Flags = all
		if got := w.Refresh(t.Context(), n).Incident; got.Flags != want {
			t.Errorf("%s: %+v; want %+v", outcome, got.Flags, want)
		}
		n = w.lose(t, "e1", "StopLogging", outcome)
		n.Incident.Flags = finding.Flags{}
		if got := w.Refresh(t.Context(), n).Incident; got.Flags != (finding.Flags{}) {
			t.Errorf("%s, nothing new: %+v", outcome, got.Flags)
		}
	}
	w := newWorld()
	var n finding.Finding
	for _, id := range []string{"e1", "e2"} {
		n = w.strike(t, id, 4*time.Second, 3*time.Second, 4*time.Second, finding.OutcomeRestored)
		w.now = w.now.Add(10 * time.Second)
	}
	n.Incident.Flags = all
	want := finding.Flags{Contested: true, Darker: true, Resumed: true}
	if got := w.Refresh(t.Context(), n).Incident; got.Flags != want {
		t.Errorf("a fight: %+v; want %+v", got.Flags, want)
	}
}
