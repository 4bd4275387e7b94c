package sweep_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/asked"
	"trailkeeper/lambda/internal/store"
	"trailkeeper/lambda/internal/sweep"
	"trailkeeper/lambda/internal/trail"
)

// TestRivals: what is waited for keeps nothing that CloudTrail knows to be somebody else's. Nobody is looked for where the trail is as it should be, or as
// a call has it that CloudTrail has confirmed.
func TestRivals(t *testing.T) {
	change := func(call string, set func(*trail.State), fields ...trail.Field) []approval.Change {
		state := healthy(main)
		set(&state)
		return []approval.Change{{
			Note:    store.Approved{EventID: call, EventName: call},
			Request: asked.Request{EventName: call, State: state, Fields: fields, Deleted: call == "DeleteTrail"},
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
		"deleted, confirmed":    {gone, deletion, deletion, false, "-", "", ""},
		"not deleted":           {off, deletion, nil, false, "-", "main not_logging", "main not_logging"},
	} {
		for says, want := range map[string]string{"": test.alone, "Mallory did it.": test.rivalled} {
			state := healthy(main)
			test.now(&state)
			w := &world{states: map[string]trail.State{}, known: []store.Trail{{ARN: main, Seen: now, Approved: []store.Approved{{EventID: "e"}}}}, last: now}
			if state.ARN != "" {
				w.states[main] = state
			}
			s := w.sweeper()
			if s.Recorded = false; !test.undeclared {
				s.Declared = w.declared(healthy(main))
			}
			s.Claims = func(context.Context, events.Trail, store.Trail) approval.Judged {
				return approval.Judged{Waiting: test.waiting, Proven: test.proven}
			}
			about := "-"
			s.Rival = func(_ context.Context, _ *sweep.Sight, fields []trail.Field) string {
				about = fmt.Sprint(fields)
				return says
			}
			r := s.Look(t.Context(), false)
			if got := kinds(r); got != want || about != test.asked {
				t.Errorf("%s, rival %q: found %q, asked about %s; want %q, %s", name, says, got, about, want, test.asked)
			}
			why := ""
			for _, d := range r.Sights[0].Claims.Doubted {
				why += fmt.Sprint(d.Note.EventID, " ", d.Why, d.False)
			}
			if doubted := strings.HasSuffix(why, " Mallory did it.false"); doubted != (says != "" && test.asked != "-") {
				t.Errorf("%s, rival %q: doubted %q", name, says, why)
			}
		}
	}
}
