package respond

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/signs"
	"trailkeeper/lambda/internal/state/claims"
	"trailkeeper/lambda/internal/trail"
)

// ids are those of notes, in their order.
func ids(notes []finding.Note) (all []finding.NoteID) {
	for _, n := range notes {
		all = append(all, n.ID)
	}
	return all
}

// TestGiveUp: what was not seen is said, and the next sweep is named only where there is one, be it every minute.
func TestGiveUp(t *testing.T) {
	res := remediate.Result{
		Notes:  []finding.Note{finding.Say("why")},
		Unseen: map[trail.Part]string{trail.PartLogging: "The status could not be read."},
	}
	for minutes, next := range map[int][]finding.NoteID{
		0: {finding.NextRestoreNow},
		1: {finding.NextRestoreNow, finding.NextSweepTries},
	} {
		r := &Restores{Retries: &Retries{Async: 0}, Escalates: &Escalates{SweepMinutes: minutes}}
		n := finding.Finding{Outcome: finding.OutcomeRetrying}
		r.giveUp(Request{ID: "r"}, &n, res)
		said := []finding.NoteID{"why", finding.NoteGaveUpRestore, finding.NoteText}
		if n.Outcome != finding.OutcomeGaveUp || !slices.Equal(ids(n.Notes), said) || !slices.Equal(ids(n.Next), next) {
			t.Errorf("a sweep every %d minutes: %s, %v, next %v; want %v", minutes, n.Outcome, n.Notes, n.Next, next)
		}
	}
	r := &Restores{Retries: &Retries{Async: 1}, Escalates: &Escalates{}}
	n := finding.Finding{}
	if r.giveUp(Request{ID: "r"}, &n, res); n.Outcome != "" {
		t.Errorf("given up although Lambda runs the event again: %s", n.Outcome)
	}
}

// TestKnownBefore: a restore that made a call is news, whatever it found; one that found all as wanted is not.
func TestKnownBefore(t *testing.T) {
	r := &Restores{Escalates: &Escalates{Once: newWorld(restored, nil, nil, nil).Once}}
	for name, test := range map[string]struct {
		res  remediate.Result
		want bool
	}{
		"a call":           {remediate.Result{Calls: []string{"UpdateTrail"}}, false},
		"nothing to do":    {remediate.Result{}, true},
		"something failed": {remediate.Result{Err: errors.New("denied")}, false},
	} {
		if got := r.knownBefore(t.Context(), management, remediate.Request{}, test.res); got != test.want {
			t.Errorf("%s: known before %v; want %v", name, got, test.want)
		}
	}
}

// TestLeftSign is the same for a run of an event and for a sweep: the kind, and each change as it is.
func TestLeftSign(t *testing.T) {
	res := remediate.Result{Left: []remediate.Left{{
		Change: trail.Change{
			Field:  "kmsKey",
			Effect: trail.Weakens,
			Before: "old",
			After:  "new",
		},
	}}}
	if got := leftSign(res); got != signs.Open("weakened", "", "kmsKey", string(trail.Weakens), "old", "new", "") {
		t.Errorf("a sign of other parts: %s", got)
	}
}

// TestWhichEventsAreUnnamed: those of calls that succeeded on a trail that the record does not name, if a sweep can
// find it.
func TestWhichEventsAreUnnamed(t *testing.T) {
	sweep := func(context.Context, events.Event) error { return nil }
	w := newWorld(restored, nil, nil, nil)
	for fixture, want := range map[string]bool{
		"stop-logging-omitted": true,
		"stop-logging":         false,
		"stop-logging-denied":  false,
	} {
		ev, err := events.Parse(payload(t, fixture))
		if err != nil {
			t.Fatal(err)
		}
		a := assess.Assess(ev, w.scope())
		if got := (&Unnamed{Sweep: sweep}).is(ev, a); got != want {
			t.Errorf("%s: unnamed %v; want %v", fixture, got, want)
		}
		if (&Unnamed{}).is(ev, a) {
			t.Errorf("%s: unnamed without a sweep", fixture)
		}
	}
	if _, err := w.Invoke(t.Context(), payload(t, "stop-logging-omitted")); err != nil {
		t.Fatal(err)
	}
	if got := ids(w.Slack[0].Notes); !slices.Contains(got, finding.NoteLooksItself) {
		t.Errorf("the message does not say that the guard looks itself: %v", got)
	}
}

// unreadable is a restarter that cannot read whether the trail logs.
type unreadable struct{ restarter }

func (unreadable) Logging(context.Context, events.Trail) (bool, error) {
	return false, errors.New("throttled")
}

// TestOwnStartThatCannotBeVerified is reported, as a medium finding that says so, with how to read the status.
func TestOwnStartThatCannotBeVerified(t *testing.T) {
	w := newWorld(restored, nil, nil, nil)
	w.Config.RoleARN = deployer
	w.restarts = unreadable{w.restarts}
	event := strings.ReplaceAll(string(payload(t, "start-logging")), mallory, deployer)
	ev, err := events.Parse([]byte(event))
	if err != nil {
		t.Fatal(err)
	}
	n := finding.Finding{Severity: finding.SeverityLow, Notes: []finding.Note{finding.Say("before")}}
	held, off := w.responder().OwnCalls.startHeld(t.Context(), ev, assess.Assess(ev, w.scope()), &n)
	if held || off || n.Severity != finding.SeverityMedium ||
		!slices.Equal(ids(n.Notes), []finding.NoteID{finding.NoteOwnUnknown}) ||
		!slices.Equal(ids(n.Next), []finding.NoteID{finding.NextReadStatus}) {
		t.Errorf("held %v, off %v: %+v", held, off, n)
	}
}

// TestOwnRefusedCallIsNoted once for a day, under the call; one that was not refused is not.
func TestOwnRefusedCallIsNoted(t *testing.T) {
	for refused, want := range map[bool]int{true: 1, false: 0} {
		w, m := remembering(restored, nil, nil)
		w.Config.RoleARN = "arn:aws:iam::111122223333:role/Deployer" // of the fixture
		event := string(payload(t, "stop-logging"))
		if refused {
			event = strings.Replace(event, `"eventID": "`, `"errorCode": "AccessDenied", "eventID": "a`, 1)
		}
		ev, err := events.Parse([]byte(event))
		if err != nil {
			t.Fatal(err)
		}
		a, calls := assess.Assess(ev, w.scope()), w.responder().OwnCalls
		if refused && calls.Once.Claim(t.Context(), refusedSubject(ev, a), calls.today()) != claims.Claimed {
			t.Fatal("not claimed")
		}
		calls.reported(t.Context(), ev, a, nil)
		noted := producertest.Kept[struct{ Sign, State string }](t, m, "told")
		if len(noted) != want || refused && noted[refusedSubject(ev, a)].State != "delivered" {
			t.Errorf("refused %v: noted %+v", refused, noted)
		}
	}
}

// TestWhatARestoreNotes: tampering only with a trail that has a name, and what a sweep is to settle only where it is
// not settled.
func TestWhatARestoreNotes(t *testing.T) {
	for name, test := range map[string]struct {
		of   events.Trail
		res  remediate.Result
		want string
	}{
		"nothing":     {management, remediate.Result{}, ""},
		"found it so": {management, remediate.Result{Missing: true}, "disturb"},
		"no name":     {events.Trail{}, remediate.Result{Missing: true}, ""},
		"unconfirmed": {management, remediate.Result{Unconfirmed: true}, "await StopLogging"},
		"a retry":     {management, remediate.Result{Retryable: true}, "await StopLogging"},
	} {
		w, m := newWorld(restored, nil, nil, nil), newTable()
		r := &Results{Table: m, Clock: w.Clock, Log: w.Log}
		ev := events.Event{ID: "of the envelope"}
		ev.Record.EventID, ev.Record.EventName = "of the record", "StopLogging"
		r.restored(t.Context(), ev, test.of, test.res)
		if got := strings.Join(m.Noted, ", "); got != test.want {
			t.Errorf("%s: noted %q; want %q", name, got, test.want)
		}
	}
	if noting != 3*time.Second {
		t.Errorf("noting takes up to %v of what a delivery leaves", noting)
	}
}
