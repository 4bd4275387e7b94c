package incident_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"trailkeeper/lambda/internal/circuit"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/incident"
)

// over notes that something is over, as a sweep that looked at this time saw it.
func (w *world) over(t *testing.T, id, what string, looked time.Time) finding.Finding {
	t.Helper()
	n := findingtest.Stopped()
	n.EventID = id
	n.EventName = ""
	n.Kind = "recovered"
	n.Ended = finding.Kind(what)
	n.Outcome = finding.OutcomeNotified
	n.Severity = finding.SeverityLow
	n.EventTime = looked
	noted, _ := w.Note(t.Context(), n)
	return noted
}

// TestStaleLook: what a sweep saw before something went wrong closes nothing.
func TestStaleLook(t *testing.T) {
	w := newWorld()
	looked := w.now
	w.now = w.now.Add(time.Minute)
	w.note(t, "e1", "StopLogging", finding.OutcomeCannotRestore)
	if got := w.over(t, "f1", "", looked).Incident; got.State != finding.IncidentHuman || got.Closing {
		t.Errorf("closed by an old look: %+v", got)
	}
	if got := w.over(t, "f2", "", w.now).Incident; got.State != finding.IncidentRestored || !got.Closing {
		t.Errorf("not closed by a new one: %+v", got)
	}
}

// TestUndelivered: what is new with a message stays new until somebody was notified, or it is parked; the sweep tells
// an end that nobody tells.
func TestUndelivered(t *testing.T) {
	w := newWorld()
	arn := findingtest.Stopped().Subject.ARN
	w.note(t, "e1", "StopLogging", finding.OutcomeRetrying)
	var turned finding.Finding
	for range 2 {
		if turned = w.lose(t, "e1", "StopLogging", finding.OutcomeCannotRestore); !turned.Incident.Turned {
			t.Errorf("the run again of the event whose message was lost does not turn: %+v", turned.Incident)
		}
	}
	w.Delivered(t.Context(), turned, false)
	if got := w.note(t, "e2", "StopLogging", finding.OutcomeAttempt); got.Turned {
		t.Errorf("told, and turned again: %+v", got)
	}
	w.now = w.now.Add(time.Minute)
	lost := w.over(t, "f1", "", w.now)
	w.Delivered(t.Context(), turned, false) // comes late, and is not about the end
	if open := w.Open(t.Context()); len(open) != 0 {
		t.Errorf("the message is on its way, and the sweep tells as well: %+v", open)
	}
	w.now = w.now.Add(clock.LongestRun)
	if open := w.Open(t.Context()); len(open) != 1 || !open[arn].Closed.Equal(lost.Incident.Closed) {
		t.Errorf("an end that nobody was told: %+v", open)
	}
	w.now = w.now.Add(2 * incident.Quiet)
	late := w.over(t, "f2", "", w.now)
	if late.Incident == nil || late.Incident.ID != lost.Incident.ID || !late.Incident.Closing ||
		!late.Incident.Closed.Equal(lost.Incident.Closed) {
		t.Fatalf("told late: %+v", late.Incident)
	}
	w.Delivered(t.Context(), late, false)
	w.now = w.now.Add(clock.LongestRun)
	if open := w.Open(t.Context()); len(open) != 0 {
		t.Errorf("told at last: %+v", open)
	}
	if got := w.over(t, "f3", "", w.now).Incident; got != nil {
		t.Errorf("nothing is left to tell: %+v", got)
	}
}

// TestOneMessage that opens and closes an incident ends nothing that was reported.
func TestOneMessage(t *testing.T) {
	w := newWorld()
	for _, id := range []string{"e1", "e1", "e2"} {
		if got := w.note(
			t,
			id,
			"StopLogging",
			finding.OutcomeRestored,
		); got.State != finding.IncidentRestored ||
			got.Closing {
			t.Errorf("%s: %+v", id, got)
		}
	}
}

// TestRouted: the end is routed by all that the messages before were routed by.
func TestRouted(t *testing.T) {
	w := newWorld()
	deliver := func(id, name string, s finding.Severity, o finding.Outcome) finding.Finding {
		n := findingtest.Stopped()
		n.EventID, n.EventName, n.Severity, n.Outcome, n.EventTime = id, name, s, o, w.now
		noted, _ := w.Note(t.Context(), n)
		return noted
	}
	if got := deliver(
		"e1",
		"UpdateTrail",
		finding.SeverityCritical,
		finding.OutcomeCannotRestore,
	).RouteKeys(); len(
		got,
	) != 1 {
		t.Errorf("the first: %v", got)
	}
	w.Delivered(t.Context(), deliver("e2", "StopLogging", finding.SeverityHigh, finding.OutcomeRestored), false)
	end := w.over(t, "f1", "", w.now)
	want := []finding.RouteKey{
		{
			Severity: finding.SeverityLow,
			Event:    "recovered",
		},
		{Severity: finding.SeverityCritical, Event: "UpdateTrail"},
		{Severity: finding.SeverityHigh, Event: "StopLogging"},
	}
	if got := end.RouteKeys(); !slices.Equal(got, want) || end.RoutedSeverity() != finding.SeverityCritical {
		t.Errorf("routed by %v, filtered by %s; want %v", got, end.RoutedSeverity(), want)
	}
}

// TestRepeatedMessageHasNothingNew: an event that comes again, and whose message everybody has, does not stand for
// what is new since.
func TestRepeatedMessageHasNothingNew(t *testing.T) {
	w := newWorld()
	w.note(t, "e1", "StopLogging", finding.OutcomeCannotRestore)
	w.note(t, "e2", "StopLogging", finding.OutcomeAttempt)
	w.now = w.now.Add(time.Minute)
	lost := w.over(t, "f1", "", w.now)
	w.Delivered(t.Context(), w.lose(t, "e2", "StopLogging", finding.OutcomeAttempt), true)
	w.now = w.now.Add(clock.LongestRun)
	if open := w.Open(t.Context()); len(open) != 1 {
		t.Error("the end that nobody was told is forgotten")
	}
	w.Delivered(t.Context(), lost, true) // its own message had reached them, and the run ended before it noted so
	if open := w.Open(t.Context()); len(open) != 0 {
		t.Errorf("told: %+v", open)
	}
}

// TestUndeliveredEndGoesOn: a new stop does not take the place of an incident whose end nobody was notified of.
func TestUndeliveredEndGoesOn(t *testing.T) {
	w := newWorld()
	first := w.note(t, "e1", "StopLogging", finding.OutcomeRetrying)
	w.lose(t, "e1", "StopLogging", finding.OutcomeRestored)
	w.now = w.now.Add(2 * incident.Quiet)
	if got := w.note(t, "e2", "StopLogging", finding.OutcomeRestored); got.ID != first.ID || !got.Closing {
		t.Errorf("%+v; want the end of %s", got, first.ID)
	}
}

// TestBusyTable is not taken for a silent one: it is asked on, and no incident is counted that there was.
func TestBusyTable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.table.slow, w.table.lose = 70*time.Millisecond, true
		w.Breaker = &circuit.Breaker{Clock: w.Clock}
		if noted, opened := w.Note(t.Context(), findingtest.Stopped()); noted.Incident != nil || opened {
			t.Errorf("%+v, opened %v", noted.Incident, opened)
		}
		asked := false
		if err := w.Breaker.Ask(t.Context(), func(context.Context) error { asked = true; return nil }); err != nil || !asked {
			t.Errorf("the next question: %v", err)
		}
	})
}
