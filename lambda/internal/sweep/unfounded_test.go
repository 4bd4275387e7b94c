package sweep

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// TestIncidentOfNoTrailEnds: a record of a trail that CloudTrail does not know opens an incident, and a sweep ends it,
// saying so; it ends no other.
func TestIncidentOfNoTrailEnds(t *testing.T) {
	for name, test := range map[string]struct {
		there error
		after time.Duration
		found bool // a sweep has found something of the trail before
		want  string
	}{
		"unknown":         {trail.ErrNotFound, time.Minute, false, "CloudTrail knows no trail"},
		"there":           {nil, 48 * time.Hour, false, ""},
		"not to be asked": {errors.New("no such host"), time.Hour, false, ""},
		"not to be asked, a day": {errors.New("no such host"), 25 * time.Hour, false, "For more than a day nobody could " +
			"see a trail"},
		"unknown, and known before": {trail.ErrNotFound, time.Minute, true, ""},
	} {
		w, _ := remembering()
		w.stopped(t, "ghost")
		if test.found {
			n := w.Slack[0]
			n.EventID, n.Kind, n.EventName, n.Incident = "f1", finding.KindMissing, "", nil
			if _, err := w.Reporter.Report(t.Context(), n, nil); err != nil {
				t.Fatal(err)
			}
		}
		begin, before := w.Clock.Now(), len(w.Slack)
		w.Clock.Now = func() time.Time { return begin.Add(test.after) }
		w.Book.Clock = w.Clock
		w.there = func(_ context.Context, arn string) error {
			if !strings.HasSuffix(arn, ":trail/ghost") {
				t.Errorf("%s: asked for %s", name, arn)
			}
			return test.there
		}
		if _, err := w.Invoke(t.Context(), payload(t, "scheduled-event")); err != nil {
			t.Fatal(err)
		}
		reported := w.Slack[before:]
		if test.want == "" {
			if len(reported) > 0 || len(w.Book.Open(t.Context())) != 1 {
				t.Errorf("%s: reported %+v", name, reported)
			}
			continue
		}
		if len(reported) != 1 || len(w.Book.Open(t.Context())) != 0 {
			t.Fatalf("%s: delivered %d times, and %d are open", name, len(reported), len(w.Book.Open(t.Context())))
		}
		n := reported[0]
		got := fmt.Sprint(message.Headline(n), " / ", n.Incident.State, " / ", message.IncidentStanding(*n.Incident))
		if want := "There is no trail ghost, although a record names it / restored / closed: there is no " +
			"such trail"; got != want ||
			!strings.HasPrefix(message.Detail(n), test.want) ||
			n.Severity != finding.SeverityLow {
			t.Errorf("%s: %q, %q", name, got, message.Detail(n))
		}
	}
}

// TestFewIncidentsOfNoTrailAreAskedFor by one sweep.
func TestFewIncidentsOfNoTrailAreAskedFor(t *testing.T) {
	w, _ := remembering()
	for i := range 9 {
		w.stopped(t, fmt.Sprint("ghost-", i))
	}
	asked := 0
	begin := w.Clock.Now()
	w.Clock.Now = func() time.Time { return begin.Add(time.Minute) }
	w.there = func(context.Context, string) error { asked++; return trail.ErrNotFound }
	if _, err := w.Invoke(
		t.Context(), payload(t, "scheduled-event"),
	); err != nil || asked != maxUnfounded ||
		len(w.Book.Open(t.Context())) != 9-maxUnfounded {
		t.Errorf("%v, asked for %d, and %d are open", err, asked, len(w.Book.Open(t.Context())))
	}
}

// TestIncidentOfAClaimedTrailEnds: that a record has claimed something of a trail which CloudTrail does not know keeps
// no incident open.
func TestIncidentOfAClaimedTrailEnds(t *testing.T) {
	for missing, want := range map[bool]int{false: 0, true: 1} {
		w, _ := remembering()
		w.stopped(t, "ghost")
		begin := w.Clock.Now()
		w.Clock.Now = func() time.Time { return begin.Add(time.Minute) }
		w.there = func(context.Context, string) error { return trail.ErrNotFound }
		s := look.Sight{Trail: management, Gone: true}
		s.Trail.Name = "ghost"
		if missing {
			s.Findings = []look.Finding{{Kind: finding.KindMissing, Trail: s.Trail, Region: s.Trail.Region}}
		}
		w.sight = look.Report{Sights: []look.Sight{s}}
		if _, err := w.Invoke(
			t.Context(), payload(t, "scheduled-event"),
		); err != nil ||
			len(w.Book.Open(t.Context())) != want {
			t.Errorf("missing %v: %v, %d are open; want %d", missing, err, len(w.Book.Open(t.Context())), want)
		}
	}
}
