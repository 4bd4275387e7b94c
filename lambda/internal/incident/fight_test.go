package incident_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/incident"
)

// strike notes a stop of some time ago that was answered and ended after these times; zero: it was not.
func (w *world) strike(t *testing.T, id string, ago, acted, ended time.Duration, o finding.Outcome) finding.Finding {
	t.Helper()
	n := findingtest.Stopped()
	n.EventID = id
	n.EventName = "StopLogging"
	n.Outcome = o
	n.EventTime = w.now.Add(-ago)
	n.Severity = finding.SeverityHigh
	n.Dark = &finding.Dark{From: n.EventTime}
	if acted > 0 {
		n.Dark.Acted = n.EventTime.Add(acted)
	}
	if ended > 0 {
		n.Dark.To = n.EventTime.Add(ended)
	}
	noted, _ := w.Note(t.Context(), n)
	w.Delivered(t.Context(), noted, false)
	return noted
}

// quiet notes what a sweep finds in order.
func (w *world) quiet(t *testing.T, id string) *finding.Incident {
	t.Helper()
	n := findingtest.Stopped()
	n.EventID = id
	n.EventName = ""
	n.Kind = "recovered"
	n.Outcome = finding.OutcomeNotified
	n.EventTime = w.now
	n.Severity = finding.SeverityLow
	noted, _ := w.Note(t.Context(), n)
	w.Delivered(t.Context(), noted, false)
	return noted.Incident
}

// TestFight: a second strike after our answer makes the incident contested, which a quiet time ends that reading the
// trail has shown, and nothing else.
func TestFight(t *testing.T) {
	w := newWorld()
	check := func(
		what string, n finding.Finding,
		state finding.IncidentState, severity finding.Severity, dark time.Duration, flags finding.Flags,
	) {
		t.Helper()
		if i := n.Incident; i.State != state || n.Severity != severity || i.Dark != dark || i.Flags != flags {
			t.Errorf(
				"%s: %s %s, dark for %v, %+v; want %s %s, %v, %+v",
				what,
				i.State,
				n.Severity,
				i.Dark,
				i.Flags,
				state,
				severity,
				dark,
				flags,
			)
		}
	}
	contested := finding.IncidentContested
	restored := finding.IncidentRestored
	high := finding.SeverityHigh
	critical := finding.SeverityCritical
	check(
		"the first",
		w.strike(t, "e1", 4*time.Second, 3*time.Second, 4*time.Second, finding.OutcomeRestored),
		restored,
		high,
		4*time.Second,
		finding.Flags{},
	)
	check(
		"again",
		w.strike(t, "e1", 4*time.Second, 3*time.Second, 4*time.Second, finding.OutcomeRestored),
		restored,
		high,
		4*time.Second,
		finding.Flags{},
	)
	w.now = w.now.Add(10 * time.Second)
	check(
		"the second",
		w.strike(t, "e2", 5*time.Second, 3*time.Second, 5*time.Second, finding.OutcomeRestored),
		contested,
		critical,
		9*time.Second,
		finding.Flags{Contested: true},
	)
	w.now = w.now.Add(time.Minute)
	check(
		"that lasts",
		w.strike(t, "e3", 50*time.Second, 2*time.Second, 0, finding.OutcomeAccepted),
		contested,
		critical,
		59*time.Second,
		finding.Flags{},
	)
	w.now = w.now.Add(2 * time.Second)
	check(
		"a minute",
		w.strike(t, "e4", time.Second, time.Second, 0, finding.OutcomeAccepted),
		contested,
		critical,
		61*time.Second,
		finding.Flags{Darker: true},
	)
	w.now = w.now.Add(4 * time.Second)
	check(
		"its end",
		w.strike(t, "e4", 5*time.Second, time.Second, 5*time.Second, finding.OutcomeRestored),
		contested,
		critical,
		65*time.Second,
		finding.Flags{},
	)
	w.now = w.now.Add(14 * time.Minute)
	if i := w.quiet(t, "f1"); i.State != contested {
		t.Errorf("too early: %s", i.State)
	}
	open := w.Open(t.Context())
	u := open[findingtest.Stopped().Subject.ARN]
	if !u.Contested() || w.now.After(u.Quiet) || u.Incident.State != contested {
		t.Errorf("%+v", u)
	}
	w.now = u.Quiet.Add(-time.Second)
	if i := w.quiet(t, "f2"); i.State != contested {
		t.Errorf("a second too early: %s", i.State)
	}
	w.now = u.Quiet
	if i := w.quiet(t, "f3"); i.State != restored || !i.Closing || i.Dark != 65*time.Second || i.Closed != w.now {
		t.Errorf("quiet: %+v", i)
	}
	w.now = w.now.Add(time.Minute)
	check(
		"the next day's first",
		w.strike(t, "e5", 4*time.Second, 3*time.Second, 4*time.Second, finding.OutcomeRestored),
		restored,
		high,
		69*time.Second,
		finding.Flags{},
	)
}

// TestWhatIsNoFight: one attack in several calls, calls that are far apart, a stop that is reported twice, and one that
// nobody could answer.
func TestWhatIsNoFight(t *testing.T) {
	for name, test := range map[string]struct {
		second time.Duration // after the first
		answer time.Duration // to the first
		want   finding.IncidentState
	}{
		"before the answer":     {2 * time.Second, 4 * time.Second, finding.IncidentRestored},
		"the same second":       {900 * time.Millisecond, time.Millisecond, finding.IncidentRestored},
		"after the answer":      {5 * time.Second, 4 * time.Second, finding.IncidentContested},
		"in the answer's":       {3100 * time.Millisecond, 4 * time.Second, finding.IncidentContested},
		"at the end of a while": {incident.Calm, 4 * time.Second, finding.IncidentContested},
		"after a while":         {incident.Calm + time.Second, 4 * time.Second, finding.IncidentRestored},
		"not answered":          {time.Minute, 0, finding.IncidentRestored},
	} {
		w := newWorld()
		w.strike(t, "e1", 0, test.answer, test.answer, finding.OutcomeRestored)
		w.now = w.now.Add(test.second)
		if n := w.strike(t, "e2", 0, test.answer, test.answer, finding.OutcomeRestored); n.Incident.State != test.want {
			t.Errorf("%s: %s; want %s", name, n.Incident.State, test.want)
		}
	}
	w := newWorld()
	for i := range 3 {
		w.now = w.now.Add(time.Minute)
		if i := w.note(
			t,
			fmt.Sprint("e", i),
			"StopLogging",
			finding.OutcomeRestored,
		); i.State != finding.IncidentRestored ||
			i.Dark != 0 {
			t.Errorf("records alone: %+v", i)
		}
	}
}

// TestContestedAndWorse: what needs a human is no less so for being contested, and a refused call in a fight is not
// critical.
func TestContestedAndWorse(t *testing.T) {
	w := newWorld()
	for i := range 3 {
		w.now = w.now.Add(time.Minute)
		w.strike(t, fmt.Sprint("e", i), 10*time.Second, time.Second, 2*time.Second, finding.OutcomeRestored)
	}
	if n := w.lose(
		t,
		"a1",
		"StopLogging",
		finding.OutcomeAttempt,
	); n.Severity == finding.SeverityCritical && findingtest.Stopped().Severity != n.Severity ||
		n.Incident.State != finding.IncidentContested {
		t.Errorf("a refused call: %s %s", n.Severity, n.Incident.State)
	}
	if n := w.strike(
		t,
		"e4",
		10*time.Second,
		0,
		0,
		finding.OutcomeCannotRestore,
	); n.Incident.State != finding.IncidentHuman ||
		!n.Incident.Turned {
		t.Errorf("cannot restore: %+v", n.Incident)
	}
	w.now = w.now.Add(time.Second)
	if n := w.strike(
		t,
		"e5",
		11*time.Second,
		time.Second,
		11*time.Second,
		finding.OutcomeRestored,
	); n.Incident.State != finding.IncidentContested || n.Incident.Closing ||
		n.Incident.Dark != 15*time.Second {
		t.Errorf("restored after all: %+v", n.Incident)
	}
}

// TestManyStrikes: what is kept of a long fight is bounded, and its dark time is whole.
func TestManyStrikes(t *testing.T) {
	w := newWorld()
	escalated := 0
	var i *finding.Incident
	for n := range 500 {
		w.now = w.now.Add(20 * time.Second)
		i = w.strike(t, fmt.Sprint("e", n), 5*time.Second, time.Second, 4*time.Second, finding.OutcomeRestored).Incident
		if i.Darker {
			escalated++
		}
	}
	kept := w.table.kept(t).Body
	if i.Dark != 2000*time.Second || i.Count != 500 || escalated != 3 || len(kept) > 16<<10 {
		t.Errorf("dark for %v after %d, escalated %d times, %d bytes", i.Dark, i.Count, escalated, len(kept))
	}
}

// TestForgedStrike: a strike of a time to come keeps no incident contested.
func TestForgedStrike(t *testing.T) {
	w := newWorld()
	for _, id := range []string{"e1", "e2"} {
		w.strike(t, id, 4*time.Second, 3*time.Second, 4*time.Second, finding.OutcomeRestored)
		w.now = w.now.Add(10 * time.Second)
	}
	arn := findingtest.Stopped().Subject.ARN
	kept := string(w.table.kept(t).Body)
	forged := strings.Replace(kept, `}],"fought"`, `},{"at":"2999-01-01T00:00:00Z"}],"fought"`, 1)
	if forged == kept {
		t.Fatalf("no strikes in %s", forged)
	}
	w.table.forge(t, forged)
	open := w.Open(t.Context())
	if u := open[arn]; !u.Contested() || u.Quiet.After(w.now.Add(incident.Calm)) {
		t.Errorf("%+v", u)
	}
	w.now = w.now.Add(incident.Calm)
	if i := w.quiet(t, "f1"); i.State != finding.IncidentRestored {
		t.Errorf("%+v", i)
	}
}
