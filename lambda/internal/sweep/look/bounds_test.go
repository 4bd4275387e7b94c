package look_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/asked"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// TestTwoClaims: of two approved calls, the one that does not fit first, each excuses just what it asked for, and only
// what is not there any more is obsolete.
func TestTwoClaims(t *testing.T) {
	change := func(call, id string, set func(*trail.State), fields ...trail.Field) approval.Change {
		state := healthy(main)
		set(&state)
		return approval.Change{
			Note: known.Approved{EventID: id, EventName: call, Principal: "p"},
			Request: asked.Request{
				EventName: call,
				State:     state,
				Fields:    fields,
				Deleted:   call == "DeleteTrail",
			},
		}
	}
	move := change("UpdateTrail", "move", func(s *trail.State) { s.Settings.S3Bucket = "new" }, trail.FieldS3Bucket)
	home := change("UpdateTrail", "home", func(s *trail.State) { s.Settings.MultiRegion = false }, trail.FieldMultiRegion)
	stop := change("StopLogging", "stop", func(s *trail.State) { s.Logging = false }, trail.FieldLogging)
	deletion := change("DeleteTrail", "deletion", func(*trail.State) {})
	moved := func(s *trail.State) { s.Settings.S3Bucket = "new" }
	off := func(s *trail.State) { s.Logging = false }
	for name, test := range map[string]struct {
		state          *trail.State
		proven, over   []approval.Change
		declared       bool
		want, obsolete string
		expired        string
	}{
		"another call stops no trail": {
			ptr(with(off)), []approval.Change{move, home}, nil, true, "main not_logging", "movehome", "",
		},
		"another call stops no trail, no baseline": {
			ptr(with(off)), []approval.Change{move, deletion}, nil, false, "main not_logging", "movedeletion", "",
		},
		"the second stops it":              {ptr(with(off)), []approval.Change{move, stop}, nil, true, "", "move", ""},
		"the second stops it, no baseline": {ptr(with(off)), []approval.Change{move, stop}, nil, false, "", "move", ""},
		"the second moves it":              {ptr(with(moved)), []approval.Change{stop, move}, nil, true, "", "stop", ""},
		"neither moves it": {
			ptr(with(moved)), []approval.Change{stop, home}, nil, true, "main weakened", "stophome", "",
		},
		"the second deletes it": {nil, []approval.Change{stop, deletion}, nil, true, "", "", ""},
		"neither deletes it":    {nil, []approval.Change{stop, move}, nil, true, "main missing", "", ""},
		"the second is over": {
			ptr(with(moved)), []approval.Change{home}, []approval.Change{stop, move}, true, "main weakened", "homestop", "move",
		},
		"the second stop is over": {
			ptr(with(off)), nil, []approval.Change{move, stop}, true, "main not_logging", "move", "stop",
		},
		"the second deletion is over": {nil, nil, []approval.Change{move, deletion}, true, "main missing", "", "deletion"},
	} {
		w := &world{
			states: map[string]trail.State{},
			known:  []known.Trail{{ARN: main, Seen: now, Approved: []known.Approved{{EventID: "e"}}}},
			last:   now,
		}
		if test.state != nil {
			w.states[main] = *test.state
		}
		s := w.looker()
		if s.Recorded = false; test.declared {
			s.Declared = w.declared(healthy(main))
		}
		s.Claims = func(context.Context, events.Trail, known.Trail) approval.Judged {
			return approval.Judged{Proven: test.proven, Over: test.over}
		}
		r := s.Look(t.Context(), false)
		if got := kinds(r); got != test.want {
			t.Errorf("%s: found %q; want %q", name, got, test.want)
		}
		obsolete, expired := "", ""
		for _, note := range r.Sights[0].Obsolete() {
			obsolete += note.EventID
		}
		for _, f := range r.Sights[0].Findings {
			for _, note := range f.Expired {
				expired += note.EventID
			}
		}
		if obsolete != test.obsolete || expired != test.expired {
			t.Errorf("%s: obsolete %q, expired %q; want %q, %q", name, obsolete, expired, test.obsolete, test.expired)
		}
	}
}

func ptr[T any](v T) *T { return &v }

// TestDeliveries: each kind of file counts where the trail is to deliver it, and a digest is missed only where there
// should have been one for three hours.
func TestDeliveries(t *testing.T) {
	const three = 3 * time.Hour
	late := func(s *trail.State) { s.Delivery.LatestDigest = now.Add(-three - time.Second) }
	for name, test := range map[string]struct {
		change    func(*trail.State)
		disturbed time.Duration // before now
		want      string
		reasons   []string
	}{
		"log files, digests and events": {func(s *trail.State) {
			s.Settings.LogGroupARN = "arn:group"
			s.Delivery.LatestError, s.Delivery.LatestDigestError, s.Delivery.LatestLogError = "A", "B", "C"
		}, 0, "main delivery_error", []string{
			"CloudTrail cannot deliver log files to bucket logs: A.", "CloudTrail cannot deliver digests to bucket logs: B.",
			"CloudTrail cannot deliver events to CloudWatch Logs: C.",
		}},
		"digests and events that are off": {func(s *trail.State) {
			s.Settings.LogValidation = false
			s.Delivery.LatestDigestError, s.Delivery.LatestLogError = "B", "C"
		}, 0, "", nil},
		"the status is not seen": {func(s *trail.State) {
			s.Delivery.LatestError, s.Unseen = "A", map[trail.Part]string{trail.PartLogging: "no"}
		}, 0, "eu-west-1 cannot_see", []string{"No."}},
		"undelivered, and no digest": {
			func(s *trail.State) { late(s); s.Delivery.LatestError = "A" },
			0,
			"main delivery_error",
			[]string{
				"CloudTrail cannot deliver log files to bucket logs: A.",
			},
		},
		"no digest": {late, 0, "main stale", []string{
			"The trail logs, and CloudTrail delivers a digest every hour; the last at 2026-03-02 08:59:59 UTC.",
		}},
		"no digest, off":           {func(s *trail.State) { late(s); s.Logging = false }, 0, "", nil},
		"no digest, no validation": {func(s *trail.State) { late(s); s.Settings.LogValidation = false }, 0, "", nil},
		"no digest, started 3 h ago": {
			func(s *trail.State) { late(s); s.Delivery.Started = now.Add(-three) }, 0, "", nil,
		},
		"no digest, started 3 h 1 s ago": {
			func(s *trail.State) { late(s); s.Delivery.Started = now.Add(-three - time.Second) }, 0, "main stale", nil,
		},
		"no digest, never started":         {func(s *trail.State) { late(s); s.Delivery.Started = time.Time{} }, 0, "", nil},
		"no digest, disturbed 3 h ago":     {late, three, "", nil},
		"no digest, disturbed 3 h 1 s ago": {late, three + time.Second, "main stale", nil},
	} {
		state := with(test.change)
		w := &world{states: map[string]trail.State{main: state}, last: now}
		if test.disturbed > 0 {
			w.known = []known.Trail{{ARN: main, Seen: now, TamperedAt: now.Add(-test.disturbed)}}
		}
		s := w.looker()
		s.Declared = w.declared(state)
		r := s.Look(t.Context(), false)
		if got := kinds(r); got != test.want {
			t.Errorf("%s: found %q; want %q", name, got, test.want)
		}
		if diff := cmp.Diff(test.reasons, reasons(r)); test.reasons != nil && diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestWhenTrailsAreLookedFor: when 59 minutes have passed, when it is asked for, and when the time of the last search
// is none that can be.
func TestWhenTrailsAreLookedFor(t *testing.T) {
	const limit = 59 * time.Minute
	for name, test := range map[string]struct {
		last  time.Time
		again bool
		err   error
		want  bool
	}{
		"a moment ago":                {now, false, nil, false},
		"just under 59 minutes ago":   {now.Add(-limit + time.Second), false, nil, false},
		"59 minutes ago":              {now.Add(-limit), false, nil, true},
		"never":                       {time.Time{}, false, nil, true},
		"a moment ago, asked for":     {now, true, nil, true},
		"a moment ago, without table": {now, false, errors.New("gone"), true},
		"in 59 minutes":               {now.Add(limit), false, nil, false},
		"in more than 59 minutes":     {now.Add(limit + time.Second), false, nil, true},
	} {
		w := &world{states: map[string]trail.State{}, last: test.last, memoryErr: test.err}
		if got := w.looker().Look(t.Context(), test.again).Discovered; got != test.want {
			t.Errorf("%s: looked for trails: %v", name, got)
		}
	}
}

// TestSignsOfFindings: a finding that differs in one thing has another sign, the same one has the same.
func TestSignsOfFindings(t *testing.T) {
	base := func() look.Finding {
		return look.Finding{
			Kind:    finding.KindWeakened,
			Sign:    "s",
			Reasons: because("one", "two"),
			Changes: []trail.Change{
				{
					Field:  trail.FieldTags,
					Before: "a",
					After:  "b",
					Effect: trail.Neutral,
				}, {
					Field:  trail.FieldS3Bucket,
					Before: "c",
					After:  "d",
					Effect: trail.Weakens,
				},
			},
		}
	}
	seen := map[string]string{base().Signed("x", "y"): "the first"}
	for name, change := range map[string]func(*look.Finding){
		"kind":             func(f *look.Finding) { f.Kind = finding.KindMissing },
		"sign":             func(f *look.Finding) { f.Sign = "s2" },
		"second reason":    func(f *look.Finding) { f.Reasons[1] = because("2")[0] },
		"second field":     func(f *look.Finding) { f.Changes[1].Field = trail.FieldKMSKey },
		"second before":    func(f *look.Finding) { f.Changes[1].Before = "x" },
		"second after":     func(f *look.Finding) { f.Changes[1].After = "x" },
		"second effect":    func(f *look.Finding) { f.Changes[1].Effect = trail.Neutral },
		"no second change": func(f *look.Finding) { f.Changes = f.Changes[:1] },
		"moved between":    func(f *look.Finding) { f.Changes[1].Before, f.Changes[1].After = "cd", "" },
	} {
		f := base()
		change(&f)
		if was, ok := seen[f.Signed("x", "y")]; ok {
			t.Errorf("%s has the sign of %s", name, was)
		}
		seen[f.Signed("x", "y")] = name
	}
	if f := base(); f.Signed("x", "y") != base().Signed("x", "y") || f.Signed("x") == f.Signed("x", "y") ||
		f.Signed("x", "z") == f.Signed("x", "y") {
		t.Error("the same finding has another sign, or what became of it is not in it")
	}
}
