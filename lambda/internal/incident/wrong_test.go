package incident_test

import (
	"fmt"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
)

// TestWhatIsStillWrong: only what was verified ends, so that an incident closes when nothing is wrong any more.
func TestWhatIsStillWrong(t *testing.T) {
	ended := func(w *world, id, was string) *finding.Incident { return w.over(t, id, was, w.now).Incident }
	w := newWorld()
	w.note(t, "e1", "UpdateTrail", finding.OutcomeCannotRestore)
	if got := w.note(
		t,
		"e2",
		"StopLogging",
		finding.OutcomeRestored,
	); got.State != finding.IncidentHuman || !got.Closed.IsZero() ||
		got.Turned {
		t.Errorf("a stop was restored while the settings are still weaker: %+v", got)
	}
	w.note(t, "f1", "not_logging", finding.OutcomeCannotRestore)
	if got := w.note(t, "f2", "weakened", finding.OutcomeRestored); got.State != finding.IncidentHuman {
		t.Errorf("the settings are back while it does not log: %+v", got)
	}
	if open := w.Open(
		t.Context(),
	); len(open) != 1 ||
		fmt.Sprint(open[findingtest.Stopped().Subject.ARN].Aspects) != "[logging]" {
		t.Errorf("%+v", open)
	}
	if got := ended(w, "f3", "weakened"); got.State != finding.IncidentHuman {
		t.Errorf("something else is over: %+v", got)
	}
	if got := ended(w, "f4", "not_logging"); got.State != finding.IncidentRestored {
		t.Errorf("all is over: %+v", got)
	}
	w.note(t, "f5", "delivery_error", finding.OutcomeNotified)
	w.note(t, "e3", "DeleteTrail", finding.OutcomeNotified)
	if got := ended(w, "f6", ""); got.State != finding.IncidentRestored {
		t.Errorf("the sweep finds it in order: %+v", got)
	}
	if open := w.Open(t.Context()); len(open) != 0 {
		t.Errorf("open: %+v", open)
	}
}

// TestWhatWasNotReadIsNotInOrder.
func TestWhatWasNotReadIsNotInOrder(t *testing.T) {
	w := newWorld()
	w.note(t, "e1", "PutEventSelectors", finding.OutcomeCannotRestore)
	n := findingtest.Stopped()
	n.EventID, n.EventName, n.Partial = "e0", "UpdateTrail", true
	if noted, _ := newWorld().Note(t.Context(), n); noted.Incident.State != finding.IncidentOpen {
		t.Errorf("the first: %+v", noted.Incident)
	}
	n.EventID = "e2"
	if noted, _ := w.Note(t.Context(), n); noted.Incident.State != finding.IncidentHuman {
		t.Errorf("%+v", noted.Incident)
	}
	w.note(t, "f1", "delivery_error", finding.OutcomeNotified)
	w.note(t, "f2", "stale", finding.OutcomeNotified)
	w.over(t, "f3", "stale", w.now)
	if open := w.Open(t.Context()); fmt.Sprint(open[n.Subject.ARN].Aspects) != "[delivery settings]" {
		t.Errorf("%+v", open)
	}
}

// TestCreatedAgain: a trail that was created again logs, as its baseline has it; whether it delivers is yet to be seen.
func TestCreatedAgain(t *testing.T) {
	w := newWorld()
	w.note(t, "f1", "stale", finding.OutcomeNotified)
	w.note(t, "e1", "UpdateTrail", finding.OutcomeCannotRestore)
	w.note(t, "e2", "DeleteTrail", finding.OutcomeRestored)
	if open := w.Open(t.Context()); fmt.Sprint(open[findingtest.Stopped().Subject.ARN].Aspects) != "[digests]" {
		t.Errorf("open: %+v", open)
	}
}

// TestForgedMark: a mark of a time to come keeps no incident open.
func TestForgedMark(t *testing.T) {
	w := newWorld()
	w.note(t, "f1", "not_logging", finding.OutcomeNotified)
	arn := findingtest.Stopped().Subject.ARN
	kept := string(w.table.kept(t).Body)
	was := w.now.Format(`"at":"2006-01-02T15:04:05Z"`)
	forged := strings.Replace(kept, was, `"at":"2999-01-01T00:00:00Z"`, 1)
	if forged == kept {
		t.Fatalf("no %s in %s", was, kept)
	}
	w.table.forge(t, forged)
	if open := w.Open(t.Context()); len(open) != 1 || open[arn].Noted.After(w.now) {
		t.Errorf("open: %+v", open)
	}
	if got := w.over(t, "f2", "", w.now).Incident; got.State != finding.IncidentRestored {
		t.Errorf("%+v", got)
	}
}
