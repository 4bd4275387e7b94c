package sweep

import (
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/bearing"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// TestSweepClosesIncidents: of a trail that it finds in order; not of one that it cannot see or compare.
func TestSweepClosesIncidents(t *testing.T) {
	undeclared := func(s *look.Sight) { s.Baseline, s.Kind = trail.State{}, "" }
	for name, test := range map[string]struct {
		sight look.Sight
		event string
		want  bool
	}{
		"in order":  {sighted(func(*look.Sight) {}), "stop-logging", true},
		"still off": {sighted(off), "stop-logging", false},
		"not seen in full": {
			sighted(func(s *look.Sight) { s.State.Unseen = map[trail.Part]string{trail.PartTags: "x"} }), "stop-logging", false,
		},
		"nothing to compare":    {sighted(undeclared), "update", false},
		"logging needs no more": {sighted(undeclared), "stop-logging", true},
	} {
		w, m, _ := sweeping(t, config.ModeNotify, test.sight)
		w.WithIncidents(m)
		n := finding.Finding{
			EventID:   "e1",
			EventName: "StopLogging",
			Outcome:   finding.OutcomeCannotRestore,
			Subject:   finding.Subject{ARN: management.ARN()},
		}
		if test.event == "update" {
			n.EventName = "UpdateTrail"
		}
		if noted, _ := w.Book.Note(t.Context(), bearing.With(n)); noted.Incident == nil {
			t.Fatal("no incident")
		}
		w.sweepNow(t)
		open := w.Book.Open(t.Context())
		if _, still := open[management.ARN()]; still == test.want {
			t.Errorf("%s: open %v", name, open)
		}
	}
}

// TestSweepReportsALostEnd once, and says that it was the guard.
func TestSweepReportsALostEnd(t *testing.T) {
	w, m, _ := sweeping(t, config.ModeRestore, sighted(func(*look.Sight) {}))
	at := now
	w.Clock.Now = func() time.Time { return at }
	w.WithIncidents(m)
	stopped := finding.Finding{
		EventID:   "e1",
		EventName: "StopLogging",
		Outcome:   finding.OutcomeRetrying,
		Subject:   finding.Subject{ARN: management.ARN()},
	}
	first, _ := w.Book.Note(t.Context(), bearing.With(stopped))
	stopped.Outcome = finding.OutcomeRestored
	w.Book.Note(t.Context(), bearing.With(stopped)) // and the run ends before it tells
	for range 3 {
		at = at.Add(2 * incident.Quiet)
		w.sweepNow(t)
	}
	if len(w.SNS) != 1 || w.SNS[0].Incident == nil || w.SNS[0].Incident.ID != first.Incident.ID ||
		!strings.Contains(
			message.Detail(w.SNS[0]),
			"It was restored at 2026-03-02 09:15:30 UTC, but the message about that is not known to have reached anybody.",
		) {
		t.Errorf("reported %+v", w.SNS)
	}
}
