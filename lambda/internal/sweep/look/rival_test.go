package look_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/asked"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message/notes"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// TestRivals: what is waited for keeps nothing that CloudTrail knows to be somebody else's. Nobody is looked for where
// the trail is as it should be, or as a call has it that CloudTrail has confirmed.
func TestRivals(t *testing.T) {
	change := func(call string, set func(*trail.State), fields ...trail.Field) []approval.Change {
		state := healthy(main)
		set(&state)
		return []approval.Change{{
			Note: known.Approved{EventID: call, EventName: call},
			Request: asked.Request{
				EventName: call,
				State:     state,
				Fields:    fields,
				Deleted:   call == "DeleteTrail",
			},
		}}
	}
	moved := func(s *trail.State) { s.Settings.S3Bucket = "new" }
	off := func(s *trail.State) { s.Logging = false }
	gone := func(s *trail.State) { *s = trail.State{} }
	asIs := func(*trail.State) {}
	move, stop := change("UpdateTrail", moved, trail.FieldS3Bucket), change("StopLogging", off, trail.FieldLogging)
	deletion := change("DeleteTrail", asIs)
	for name, test := range map[string]struct {
		now             func(*trail.State)
		waiting, proven []approval.Change
		undeclared      bool
		asked           string // about which fields; "-": nobody was asked
		alone, rivalled string // what is found without, and with a rival
	}{
		"stopped":               {off, stop, nil, false, "[logging]", "", "main not_logging"},
		"stopped, no baseline":  {off, stop, nil, true, "[logging]", "", "main not_logging"},
		"moved":                 {moved, move, nil, false, "[s3BucketName]", "", "main weakened"},
		"deleted":               {gone, deletion, nil, false, "[]", "", "main missing"},
		"not stopped":           {asIs, stop, nil, false, "-", "", ""},
		"not moved":             {off, move, nil, false, "-", "main not_logging", "main not_logging"},
		"confirmed":             {off, nil, stop, false, "-", "", ""},
		"confirmed and claimed": {moved, move, move, false, "-", "", ""},
		"deleted, confirmed":    {gone, nil, deletion, false, "[]", "", "main missing"},
		"deleted, two claims":   {gone, deletion, deletion, false, "[]", "", "main missing"},
		"not deleted":           {off, deletion, nil, false, "-", "main not_logging", "main not_logging"},
	} {
		for says, want := range map[string]string{"": test.alone, "Mallory did it.": test.rivalled} {
			state := healthy(main)
			test.now(&state)
			w := &world{
				states: map[string]trail.State{},
				known:  []known.Trail{{ARN: main, Seen: now, Approved: []known.Approved{{EventID: "e"}}}},
				last:   now,
			}
			if state.ARN != "" {
				w.states[main] = state
			}
			s := w.looker()
			if s.Recorded = false; !test.undeclared {
				s.Declared = w.declared(healthy(main))
			}
			s.Claims = func(context.Context, events.Trail, known.Trail) approval.Judged {
				return approval.Judged{Waiting: test.waiting, Proven: test.proven}
			}
			about := "-"
			s.Rival = func(_ context.Context, _ *look.Sight, fields []trail.Field) (finding.Note, bool) {
				about = fmt.Sprint(fields)
				return finding.Say(finding.NoteText, says), says != ""
			}
			r := s.Look(t.Context(), false)
			if got := kinds(r); got != want || about != test.asked {
				t.Errorf("%s, rival %q: found %q, asked about %s; want %q, %s", name, says, got, about, want, test.asked)
			}
			why := ""
			for _, d := range r.Sights[0].Claims.Doubted {
				why += fmt.Sprint(d.Note.EventID, " ", notes.Word(d.Why), d.False)
			}
			if doubted := strings.HasSuffix(why, " Mallory did it.false"); doubted != (says != "" && test.asked != "-") {
				t.Errorf("%s, rival %q: doubted %q", name, says, why)
			}
		}
	}
}

// TestUnfounded: a trail of which records alone have said that there is one is not missing, unless the event history
// shows its deletion; whoever makes such records up pushes no trail out of the sweep that it has seen, and has it ask
// only so often.
func TestUnfounded(t *testing.T) {
	claimed := known.Trail{Approved: []known.Approved{{EventID: "e"}}}
	for name, test := range map[string]struct {
		known    known.Trail
		declared bool
		says     string
		want     string
	}{
		"a claim":                       {claimed, false, "", ""},
		"an outcome that is waited for": {known.Trail{Pending: known.Pending{EventID: "e"}}, false, "", ""},
		"a claim, and it was deleted":   {claimed, false, "Mallory did it.", "main missing"},
		"declared":                      {claimed, true, "", "main missing"},
		"seen":                          {known.Trail{Seen: now}, false, "", "main missing"},
		"recorded": {
			known.Trail{Recorded: &known.Recorded{State: healthy(main), At: now}}, false, "", "main missing",
		},
		"recorded, and not to be read": {known.Trail{Broken: 1}, false, "", "main missing, eu-west-1 cannot_see"},
	} {
		test.known.ARN = main
		w := &world{states: map[string]trail.State{}, known: []known.Trail{test.known}, last: now}
		s := w.looker()
		if test.declared {
			s.Declared = w.declared(healthy(main))
		}
		s.Rival = func(context.Context, *look.Sight, []trail.Field) (finding.Note, bool) {
			return finding.Say(finding.NoteText, test.says), test.says != ""
		}
		if r := s.Look(
			t.Context(), false,
		); kinds(r) != test.want ||
			r.Sights[0].Unfounded() != (test.want == "" || test.says != "") {
			t.Errorf("%s: found %q, unfounded %v; want %q", name, kinds(r), r.Sights[0].Unfounded(), test.want)
		}
	}
	w := &world{
		states: map[string]trail.State{main: healthy(main)},
		known:  []known.Trail{{ARN: main, Seen: now}},
		last:   now,
	}
	for i := range 60 {
		ghost := claimed
		ghost.ARN = fmt.Sprintf("arn:aws:cloudtrail:eu-west-1:111122223333:trail/a-%02d", i)
		w.known = append(w.known, ghost)
	}
	s := w.looker()
	asked := 0
	s.Rival = func(context.Context, *look.Sight, []trail.Field) (finding.Note, bool) {
		asked++
		return finding.Note{}, false
	}
	if s.Look(t.Context(), false); w.read[0] != main || asked != 3 {
		t.Errorf("%s was read first, and the event history was asked about %d; want %s, 3", w.read[0], asked, main)
	}
}
