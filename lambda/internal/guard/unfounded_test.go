package guard

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

// TestIncidentOfNoTrailEnds: a record of a trail that CloudTrail does not know opens an incident, and a sweep ends it, saying so; it ends no other.
func TestIncidentOfNoTrailEnds(t *testing.T) {
	for name, test := range map[string]struct {
		there error
		after time.Duration
		found bool // a sweep has found something of the trail before
		want  string
	}{
		"unknown":                   {trail.ErrNotFound, time.Minute, false, "CloudTrail knows no trail"},
		"there":                     {nil, 48 * time.Hour, false, ""},
		"not to be asked":           {errors.New("no such host"), time.Hour, false, ""},
		"not to be asked, a day":    {errors.New("no such host"), 25 * time.Hour, false, "For more than a day nobody could see a trail"},
		"unknown, and known before": {trail.ErrNotFound, time.Minute, true, ""},
	} {
		w, _ := remembering(final, nil, nil)
		ghost := strings.ReplaceAll(string(payload(t, "stop-logging")), "management-events", "ghost")
		if _, err := w.Invoke(t.Context(), []byte(ghost)); err != nil {
			t.Fatal(err)
		}
		if test.found {
			n := w.slack[0]
			n.EventID, n.Kind, n.EventName, n.Incident = "f1", finding.KindMissing, "", nil
			if _, err := w.reporter.Report(t.Context(), n, nil); err != nil {
				t.Fatal(err)
			}
		}
		begin, before := w.clock.Now(), len(w.slack)
		w.clock.Now = func() time.Time { return begin.Add(test.after) }
		w.book.Clock = w.clock
		w.there = func(_ context.Context, arn string) error {
			if !strings.HasSuffix(arn, ":trail/ghost") {
				t.Errorf("%s: asked for %s", name, arn)
			}
			return test.there
		}
		if _, err := w.Invoke(t.Context(), payload(t, "scheduled-event")); err != nil {
			t.Fatal(err)
		}
		told := w.slack[before:]
		if test.want == "" {
			if len(told) > 0 || len(w.openIncidents(t.Context())) != 1 {
				t.Errorf("%s: told %+v", name, told)
			}
			continue
		}
		if len(told) != 1 || len(w.openIncidents(t.Context())) != 0 {
			t.Fatalf("%s: told %d times, and %d are open", name, len(told), len(w.openIncidents(t.Context())))
		}
		n := told[0]
		got := fmt.Sprint(message.Headline(n), " / ", n.Incident.State, " / ", message.IncidentStanding(*n.Incident))
		if want := "There is no trail ghost, although a record names it / restored / closed: there is no such trail"; got != want || !strings.HasPrefix(n.Detail, test.want) || n.Severity != finding.SeverityLow {
			t.Errorf("%s: %q, %q", name, got, n.Detail)
		}
	}
}

// TestFewIncidentsOfNoTrailAreAskedFor by one sweep.
func TestFewIncidentsOfNoTrailAreAskedFor(t *testing.T) {
	w, _ := remembering(final, nil, nil)
	for i := range 9 {
		if _, err := w.Invoke(t.Context(), []byte(strings.ReplaceAll(string(payload(t, "stop-logging")), "management-events", fmt.Sprint("ghost-", i)))); err != nil {
			t.Fatal(err)
		}
	}
	asked := 0
	begin := w.clock.Now()
	w.clock.Now = func() time.Time { return begin.Add(time.Minute) }
	w.there = func(context.Context, string) error { asked++; return trail.ErrNotFound }
	if _, err := w.Invoke(t.Context(), payload(t, "scheduled-event")); err != nil || asked != mostUnfounded || len(w.openIncidents(t.Context())) != 9-mostUnfounded {
		t.Errorf("%v, asked for %d, and %d are open", err, asked, len(w.openIncidents(t.Context())))
	}
}

// TestIncidentOfAClaimedTrailEnds: that a record has claimed something of a trail which CloudTrail does not know keeps no incident open.
func TestIncidentOfAClaimedTrailEnds(t *testing.T) {
	for missing, want := range map[bool]int{false: 0, true: 1} {
		w, _ := remembering(final, nil, nil)
		ghost := []byte(strings.ReplaceAll(string(payload(t, "stop-logging")), "management-events", "ghost"))
		if _, err := w.Invoke(t.Context(), ghost); err != nil {
			t.Fatal(err)
		}
		begin := w.clock.Now()
		w.clock.Now = func() time.Time { return begin.Add(time.Minute) }
		w.there = func(context.Context, string) error { return trail.ErrNotFound }
		s := look.Sight{Trail: management, Gone: true}
		s.Trail.Name = "ghost"
		if missing {
			s.Findings = []look.Finding{{Kind: finding.KindMissing, Trail: s.Trail, Region: s.Trail.Region}}
		}
		w.sight = look.Report{Sights: []look.Sight{s}}
		if _, err := w.Invoke(t.Context(), payload(t, "scheduled-event")); err != nil || len(w.openIncidents(t.Context())) != want {
			t.Errorf("missing %v: %v, %d are open; want %d", missing, err, len(w.openIncidents(t.Context())), want)
		}
	}
}
