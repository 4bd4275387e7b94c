package incident_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"trailkeeper/lambda/internal/bearing"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/statetest"
)

// table keeps incidents in memory.
type table struct {
	statetest.Memory
	err  error
	slow time.Duration
	lose bool // another run is always first
}

func (t *table) fail(ctx context.Context, call string, _ state.Key) error {
	select {
	case <-time.After(t.slow):
	case <-ctx.Done():
		return ctx.Err()
	}
	if t.lose && call == "PutIf" {
		return state.ErrChanged
	}
	return t.err
}

// kept is what is kept of the trail of the findings.
func (t *table) kept(tb testing.TB) state.Document {
	tb.Helper()
	d, err := t.Get(tb.Context(), state.Key{Kind: "incident", ID: findingtest.Stopped().Subject.ARN})
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// forge keeps something else of it.
func (t *table) forge(tb testing.TB, text string) {
	tb.Helper()
	d := t.kept(tb)
	d.Body = []byte(text)
	if _, err := t.PutIf(tb.Context(), d); err != nil {
		tb.Fatal(err)
	}
}

type world struct {
	*incident.Book
	table *table
	now   time.Time
}

func newWorld() *world {
	w := &world{table: &table{}, now: findingtest.At().Add(2 * time.Second)}
	w.table.Fail = w.table.fail
	c := clock.Real()
	c.Now = func() time.Time { return w.now }
	w.Book = &incident.Book{Documents: w.table, Clock: c, Log: slog.New(slog.DiscardHandler)}
	return w
}

// Note is that of the book, of a finding about a trail.
func (w *world) Note(ctx context.Context, n finding.Finding) (finding.Finding, bool) {
	return w.Book.Note(ctx, bearing.With(n))
}

// note notes an event, or a finding where the name is lower case, and that it was reported.
func (w *world) note(t *testing.T, id, name string, o finding.Outcome) *finding.Incident {
	t.Helper()
	n := w.lose(t, id, name, o)
	w.Delivered(t.Context(), n, false)
	return n.Incident
}

// lose is note of what reaches nobody.
func (w *world) lose(t *testing.T, id, name string, o finding.Outcome) finding.Finding {
	t.Helper()
	n := findingtest.Stopped()
	n.EventID, n.EventName, n.Outcome, n.EventTime = id, name, o, w.now.Add(-time.Second)
	if strings.ToLower(name) == name {
		n.EventName, n.Kind = "", finding.Kind(name)
	}
	noted, _ := w.Note(t.Context(), n)
	return noted
}

// TestStory: one trail from its first stop to the end of the incident.
func TestStory(t *testing.T) {
	w := newWorld()
	first := w.note(t, "e1", "StopLogging", finding.OutcomeRetrying)
	id := first.ID
	for i, step := range []struct {
		after   time.Duration
		id      string
		name    string
		outcome finding.Outcome
		state   finding.IncidentState
		count   int
		closed  bool
		resumed bool
	}{
		{
			0, "e1", "StopLogging", finding.OutcomeRestored, finding.IncidentRestored, 1, true, false,
		}, // the same event, run again
		{time.Minute, "e2", "StopLogging", finding.OutcomeRestored, finding.IncidentRestored, 2, true, false},
		{time.Minute, "e3", "UpdateTrail", finding.OutcomePartlyRestored, finding.IncidentHuman, 3, false, false},
		{time.Minute, "e4", "StopLogging", finding.OutcomeAttempt, finding.IncidentHuman, 4, false, false},
		{time.Minute, "e5", "UpdateTrail", finding.OutcomeNotified, finding.IncidentHuman, 5, false, false},
		{2 * time.Hour, "f1", "weakened", finding.OutcomeRetrying, finding.IncidentHuman, 6, false, true},
		{time.Minute, "f2", "recovered", finding.OutcomeNotified, finding.IncidentRestored, 7, true, false},
		{59 * time.Minute, "e6", "AddTags", finding.OutcomeNoDrift, finding.IncidentRestored, 8, true, false},
	} {
		w.now = w.now.Add(step.after)
		got := w.note(t, step.id, step.name, step.outcome)
		if got == nil || got.ID != id || got.State != step.state || got.Count != step.count ||
			got.Closed.IsZero() == step.closed ||
			got.Resumed != step.resumed {
			t.Fatalf("step %d: %+v; want %+v", i, got, step)
		}
		if got.Last.EventID != step.id || got.Last.Outcome != step.outcome || got.Last.Actor == "" ||
			got.First.EventID != "e1" {
			t.Errorf("step %d: the last is %+v, the first %+v", i, got.Last, got.First)
		}
	}
	w.now = w.now.Add(incident.Quiet)
	if got := w.note(t, "e7", "StopLogging", finding.OutcomeRestored); got == nil || got.ID == id || got.Count != 1 {
		t.Errorf("after the quiet time: %+v; want another incident", got)
	}
	if first.First.EventID != "e1" || !first.Opened.Equal(findingtest.At().Add(time.Second)) {
		t.Errorf("the first: %+v; want it opened at the time of its event", first)
	}
}

// TestWhatOpensNone: what says nothing of a trail out of its baseline opens no incident.
func TestWhatOpensNone(t *testing.T) {
	for name, n := range map[string]finding.Finding{
		"attempt":  {EventName: "StopLogging", Outcome: finding.OutcomeAttempt, Subject: finding.Subject{ARN: "a"}},
		"change":   {EventName: "UpdateTrail", Outcome: finding.OutcomeNotified, Subject: finding.Subject{ARN: "a"}},
		"no drift": {EventName: "UpdateTrail", Outcome: finding.OutcomeNoDrift, Subject: finding.Subject{ARN: "a"}},
		"unconfirmed": {
			EventName:   "StopLogging",
			Outcome:     finding.OutcomeNotified,
			Subject:     finding.Subject{ARN: "a"},
			Unconfirmed: true,
		},
		"approved": {
			EventName: "StopLogging", Outcome: finding.OutcomeApproved, Subject: finding.Subject{ARN: "a"},
		},
		"test":               {Outcome: finding.OutcomeTest},
		"undelivered":        {Outcome: finding.OutcomeUndelivered, Subject: finding.Subject{ARN: "a"}},
		"recorded":           {Kind: "recorded", Outcome: finding.OutcomeNotified, Subject: finding.Subject{ARN: "a"}},
		"recovered":          {Kind: "recovered", Outcome: finding.OutcomeNotified, Subject: finding.Subject{ARN: "a"}},
		"cannot see":         {Kind: "cannot_see", Outcome: finding.OutcomeNotified},
		"no trail is named":  {EventName: "StopLogging", Outcome: finding.OutcomeCannotRestore},
		"a record of others": {EventName: "StopLogging", Outcome: finding.OutcomeNotOurs, Subject: finding.Subject{ARN: "a"}},
	} {
		w := newWorld()
		noted, opened := w.Note(t.Context(), n)
		all, err := w.table.List(t.Context(), "incident")
		if err != nil || noted.Incident != nil || opened || len(all) > 0 {
			t.Errorf("%s opened %+v, %d are kept, %v", name, noted.Incident, len(all), err)
		}
	}
	for name, n := range map[string]finding.Finding{
		"stop in mode notify": {
			EventName: "StopLogging", Outcome: finding.OutcomeNotified, Subject: finding.Subject{ARN: "a"},
		},
		"deletion, only told": {
			EventName: "DeleteTrail", Outcome: finding.OutcomeNotified, Subject: finding.Subject{ARN: "a"},
		},
		"weakened": {
			EventName: "UpdateTrail", Outcome: finding.OutcomeCannotRestore, Subject: finding.Subject{ARN: "a"},
		},
		"found without a cause": {Kind: "not_logging", Outcome: finding.OutcomeNotified, Subject: finding.Subject{ARN: "a"}},
	} {
		w := newWorld()
		if noted, opened := w.Note(
			t.Context(),
			n,
		); noted.Incident == nil || !opened ||
			noted.Incident.State != finding.IncidentHuman {
			t.Errorf("%s: %+v", name, noted.Incident)
		}
	}
}

// TestConcurrentRunsMakeOneIncident, which counts each event once.
func TestConcurrentRunsMakeOneIncident(t *testing.T) {
	w := newWorld()
	w.note(t, "e0", "StopLogging", finding.OutcomeRestored)
	ids := sync.Map{}
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			if got := w.note(t, fmt.Sprintf("e%d", i), "StopLogging", finding.OutcomeRestored); got != nil {
				ids.Store(got.ID, true)
			}
		})
	}
	wg.Wait()
	all := 0
	ids.Range(func(any, any) bool { all++; return true })
	if last := w.note(t, "e3", "StopLogging", finding.OutcomeRestored); all != 1 || last.Count != 4 {
		t.Errorf("%d incidents, %+v; want one of 4 events", all, last)
	}
}

// TestTrailsAreKeptApart: another trail, also of the same name elsewhere, is another incident.
func TestTrailsAreKeptApart(t *testing.T) {
	w, seen := newWorld(), map[string]bool{}
	for _, arn := range []string{
		"arn:aws:cloudtrail:eu-west-1:111122223333:trail/a", "arn:aws:cloudtrail:us-east-1:111122223333:trail/a",
		"arn:aws:cloudtrail:eu-west-1:444455556666:trail/a", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/b",
	} {
		n := findingtest.Stopped()
		n.Subject.ARN = arn
		noted, _ := w.Note(t.Context(), n)
		seen[noted.Incident.ID] = true
	}
	if len(seen) != 4 {
		t.Errorf("%d incidents; want 4", len(seen))
	}
}

// TestRefresh: what was parked is sent with its incident as it stands then; another incident's state is not taken.
func TestRefresh(t *testing.T) {
	w := newWorld()
	old := findingtest.Stopped()
	old.Outcome = finding.OutcomeRetrying
	old, _ = w.Note(t.Context(), old)
	w.note(t, "e2", "StopLogging", finding.OutcomeRestored)
	if got := w.Refresh(t.Context(), old).Incident; got.State != finding.IncidentRestored || got.Count != 2 {
		t.Errorf("%+v", got)
	}
	w.now = w.now.Add(2 * time.Hour)
	w.note(t, "e3", "StopLogging", finding.OutcomeCannotRestore)
	if got := w.Refresh(t.Context(), old).Incident; got != nil {
		t.Errorf("%+v; want none: the table has another", got)
	}
	w.table.err = errors.New("gone")
	if got := w.Refresh(t.Context(), old).Incident; got != nil {
		t.Errorf("%+v; want none: nothing is known", got)
	}
}

// TestRefreshClosesNothing that the table does not have closed, whatever the message says.
func TestRefreshClosesNothing(t *testing.T) {
	w := newWorld()
	old := findingtest.Stopped()
	old.Outcome = finding.OutcomeRetrying
	old, _ = w.Note(t.Context(), old)
	for _, after := range []struct {
		outcome finding.Outcome
		want    finding.Flags
	}{
		{finding.OutcomeRetrying, finding.Flags{Resumed: true}},
		{finding.OutcomeCannotRestore, finding.Flags{Turned: true, Resumed: true}},
	} {
		w.note(t, "e2 "+string(after.outcome), "StopLogging", after.outcome)
		forged := old
		incident := *old.Incident
		incident.State = finding.IncidentRestored
		incident.Closed = w.now
		incident.Flags = finding.Flags{Turned: true, Closing: true, Resumed: true}
		forged.Incident = &incident
		if got := w.Refresh(
			t.Context(),
			forged,
		).Incident; got.State == finding.IncidentRestored || got.Flags != after.want ||
			!got.Closed.IsZero() {
			t.Errorf("after %s: %+v", after.outcome, got)
		}
	}
}

// TestForgedEntry: what the package would not have written counts as nothing, and a text is bounded.
func TestForgedEntry(t *testing.T) {
	w := newWorld()
	w.note(t, "e1", "StopLogging", finding.OutcomeRestored)
	good := w.table.kept(t).Body
	for name, change := range map[string]func(map[string]any){
		"no JSON":      func(m map[string]any) { clear(m) },
		"another ID":   func(m map[string]any) { m["id"] = "<!channel>" },
		"odd state":    func(m map[string]any) { m["state"] = "fine" },
		"no count":     func(m map[string]any) { m["count"] = -1 },
		"never opened": func(m map[string]any) { delete(m, "opened") },
		"41 events":    func(m map[string]any) { m["events"] = make([]string, 41) },
		"41 heard":     func(m map[string]any) { m["heard"] = make([]finding.RouteKey, 41) },
		"13 strikes":   func(m map[string]any) { m["strikes"] = make([]struct{}, 13) },
		"17 spans":     func(m map[string]any) { m["darkness"] = map[string]any{"spans": make([]struct{}, 17)} },
		"a short ID":   func(m map[string]any) { m["id"] = "inc-00" },
		"no hex":       func(m map[string]any) { m["id"] = "inc-0000000000000x00" },
		"no prefix":    func(m map[string]any) { m["id"] = "0000000000000000" },
		"all that is kept": func(m map[string]any) { // as much as the package itself writes
			m["events"], m["heard"], m["strikes"] = make([]string, 40), make([]finding.RouteKey, 40), make([]struct{}, 12)
			m["darkness"], m["count"] = map[string]any{"spans": make([]struct{}, 16)}, 40
		},
	} {
		var m map[string]any
		if err := json.Unmarshal(good, &m); err != nil {
			t.Fatal(err)
		}
		change(m)
		forged, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		w.table.forge(t, string(forged))
		want := map[bool]int{true: 41, false: 1}[name == "all that is kept"]
		if got := w.note(t, "e2", "StopLogging", finding.OutcomeRestored); got == nil || got.Count != want {
			t.Errorf("%s: %+v; want a new incident, but where all is as the package writes it", name, got)
		}
	}
	var m map[string]any
	if err := json.Unmarshal(good, &m); err != nil {
		t.Fatal(err)
	}
	m["first"].(map[string]any)["actor"] = strings.Repeat("x", 9000)
	forged, _ := json.Marshal(m)
	w.table.forge(t, string(forged))
	if got := w.note(t, "e2", "StopLogging", finding.OutcomeRestored); len([]rune(got.First.Actor)) > 200 {
		t.Errorf("an actor of %d characters", len(got.First.Actor))
	}
}

// TestWithoutTheTable the message goes out without an incident, after 300 ms at the most.
func TestWithoutTheTable(t *testing.T) {
	w := newWorld()
	w.table.err = errors.New("throttled")
	if got := w.note(t, "e1", "StopLogging", finding.OutcomeRestored); got != nil {
		t.Errorf("%+v", got)
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.table.slow = time.Hour
		began := time.Now()
		if got := w.note(
			t,
			"e1",
			"StopLogging",
			finding.OutcomeRestored,
		); got != nil ||
			time.Since(began) != 300*time.Millisecond {
			t.Errorf("%+v after %v", got, time.Since(began))
		}
	})
}

// TestDuration is that of the last time that the trail was out of its baseline, whatever came before and after.
func TestDuration(t *testing.T) {
	w := newWorld()
	w.note(t, "e1", "StopLogging", finding.OutcomeRestored)
	w.now = w.now.Add(50 * time.Minute)
	for name, got := range map[string]*finding.Incident{
		"the same event again": w.note(
			t, "e1", "StopLogging", finding.OutcomeAlreadyLogging,
		), "no drift": w.note(t, "e2", "AddTags", finding.OutcomeNoDrift),
	} {
		if message.IncidentStanding(*got) != "restored after 1.0 s" {
			t.Errorf("%s: %s", name, message.IncidentStanding(*got))
		}
	}
	w.now = w.now.Add(time.Minute)
	if got := w.note(
		t,
		"e3",
		"StopLogging",
		finding.OutcomeRestored,
	); message.IncidentStanding(
		*got,
	) != "restored after 1.0 s" {
		t.Errorf("another stop: %s", message.IncidentStanding(*got))
	}
	w.now = w.now.Add(time.Minute)
	w.note(t, "e4", "StopLogging", finding.OutcomeRetrying)
	w.now = w.now.Add(9 * time.Second)
	if got := w.note(
		t,
		"f1",
		"not_logging",
		finding.OutcomeRestored,
	); message.IncidentStanding(
		*got,
	) != "restored after 10 s" {
		t.Errorf("a slow one: %s", message.IncidentStanding(*got))
	}
}

// TestStaysOpen: an incident that nobody closed goes on, with all that is wrong, and is seen again.
func TestStaysOpen(t *testing.T) {
	w := newWorld()
	first := w.note(t, "f1", "delivery_error", finding.OutcomeNotified)
	w.now = w.now.Add(30 * 24 * time.Hour)
	if got := w.note(
		t,
		"e2",
		"StopLogging",
		finding.OutcomeRestored,
	); got.ID != first.ID || got.State != finding.IncidentHuman ||
		!got.Resumed {
		t.Errorf("%+v", got)
	}
}
