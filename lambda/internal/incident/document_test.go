package incident_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
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
	if w.Told(t.Context(), n, false); !w.table.kept(t).Expires.Equal(w.now.AddDate(0, 0, 90)) {
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
	w.Log, w.table.err = slog.New(slog.NewTextHandler(logged, nil)), errors.New("throttled")
	if _, opened := w.Note(t.Context(), findingtest.Stopped()); !opened {
		t.Error("what opens an incident does not say so without the table")
	}
	w.Told(t.Context(), n, false)
	w.Open(t.Context())
	for i, line := range strings.Split(strings.TrimSpace(logged.String()), "\n") {
		if !strings.Contains(line, "throttled") || i == 1 && !strings.Contains(line, "event_id=e1") {
			t.Errorf("%d: %s", i, line)
		}
	}
	if n := strings.Count(logged.String(), "\n"); n != 3 {
		t.Errorf("%d lines:\n%s", n, logged)
	}
}
