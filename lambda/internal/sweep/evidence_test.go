package sweep

import (
	"context"
	"slices"
	"strings"
	"testing"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sweep/look"
)

// compared is what a comparison of buckets and keys comes to.
type compared struct {
	unseen map[string][]string
	untold int
	err    error
	ids    []string // of the runs that asked
}

func (c *compared) Sweep(_ context.Context, id string, _ map[string]string) (map[string][]string, int, error) {
	c.ids = append(c.ids, id)
	return c.unseen, c.untold, c.err
}

// sweepOnEvent has an event start the sweep.
func (w *world) sweepOnEvent(t *testing.T) {
	t.Helper()
	ev, err := events.Parse(payload(t, "stop-logging"))
	if err != nil || ev.Kind != events.KindRecord {
		t.Fatal(ev.Kind, err)
	}
	if err := w.assembled().Sweep(t.Context(), ev); err != nil {
		t.Fatal(err)
	}
}

// unseenIn are the messages on what could not be seen, as Region and reasons.
func (w *world) unseenIn() (all []string) {
	for _, n := range w.SNS {
		if n.Kind != finding.KindCannotSee {
			continue
		}
		text := n.Region
		for _, why := range n.Notes {
			text += " " + strings.Join(why.Values, " ")
		}
		all = append(all, text)
	}
	return all
}

// TestUnreadEvidence: what could not be read of buckets and keys is reported with what could not be seen of trails, once
// for each Region, and says nothing of whether a trail records.
func TestUnreadEvidence(t *testing.T) {
	trails := []look.Finding{{Kind: finding.KindCannotSee, Region: "eu-west-1", Reasons: because("No trail.")}}
	unseen := func(pairs ...string) map[string][]string {
		m := map[string][]string{"eu-central-1": nil}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = append(m[pairs[i]], pairs[i+1])
		}
		return m
	}
	for name, test := range map[string]struct {
		trails []look.Finding
		unseen map[string][]string
		told   []string
		noted  finding.Severity // of no_trail
	}{
		"all is read":        {nil, unseen(), nil, finding.SeverityCritical},
		"a bucket":           {nil, unseen("eu-west-1", "No bucket."), []string{"eu-west-1 No bucket."}, finding.SeverityCritical},
		"elsewhere":          {nil, unseen("us-east-1", "No bucket."), []string{"us-east-1 No bucket."}, finding.SeverityCritical},
		"two reasons":        {nil, unseen("us-east-1", "No bucket.", "us-east-1", "No key."), []string{"us-east-1 No bucket. No key."}, finding.SeverityCritical},
		"trails":             {trails, unseen(), []string{"eu-west-1 No trail."}, finding.SeverityHigh},
		"trails and buckets": {trails, unseen("eu-west-1", "No bucket."), []string{"eu-west-1 No trail. No bucket."}, finding.SeverityHigh},
		"each elsewhere":     {trails, unseen("us-east-1", "No bucket."), []string{"eu-west-1 No trail.", "us-east-1 No bucket."}, finding.SeverityHigh},
	} {
		w, _, _ := sweeping(t, config.ModeNotify)
		w.sight.Blind, w.sight.Discovered = test.trails, true
		w.evidence = &compared{unseen: test.unseen}
		w.sweepNow(t)
		if got := w.unseenIn(); !slices.Equal(got, test.told) {
			t.Errorf("%s: %q; want %q", name, got, test.told)
		}
		i := slices.IndexFunc(w.SNS, func(n finding.Finding) bool { return n.Kind == finding.KindNoTrail })
		if i < 0 || w.SNS[i].Severity != test.noted || w.SNS[i].Partial != (test.trails != nil) {
			t.Errorf("%s: %+v; want that no trail records, %s", name, w.SNS, test.noted)
			continue
		}
		for _, n := range w.SNS[i].Notes {
			if slices.Contains(n.Values, "No bucket.") {
				t.Errorf("%s: that no trail records names a bucket: %+v", name, w.SNS[i].Notes)
			}
		}
	}
}

// TestEventsCompareNothing: a sweep that an event has started reads no bucket and no key, and neither repeats nor ends what
// is known of them. What it cannot see by itself it reports.
func TestEventsCompareNothing(t *testing.T) {
	w, m, _ := sweeping(t, config.ModeNotify, sighted(func(*look.Sight) {}))
	of := &compared{unseen: map[string][]string{"eu-west-1": {"No bucket."}}}
	w.evidence, w.sight.Discovered = of, true
	blind := func(why string) []look.Finding {
		return []look.Finding{{Kind: finding.KindCannotSee, Region: why, Reasons: because("No trail.")}}
	}
	for i, step := range []struct {
		event bool
		blind []look.Finding
		told  int
	}{
		{false, nil, 1},
		{true, nil, 1},                // not over
		{false, nil, 1},               // and not again
		{true, blind("eu-west-1"), 1}, // a part of the reasons
		{true, blind("us-east-1"), 2}, // a Region of which nothing was said
		{false, blind("us-east-1"), 2},
	} {
		if w.sight.Blind = step.blind; step.event {
			w.sweepOnEvent(t)
		} else {
			w.sweepNow(t)
		}
		if got := w.unseenIn(); len(got) != step.told {
			t.Fatalf("step %d: %q; want %d", i, got, step.told)
		}
	}
	if len(of.ids) != 3 {
		t.Errorf("compared %v; want by the schedule alone", of.ids)
	}
	of.unseen, w.sight.Blind = nil, nil
	if w.sweepNow(t); len(reports(t, m)) > 0 {
		t.Errorf("not over: %v", reports(t, m))
	}
}

// TestEventsWithoutEvidence: where no buckets and keys are compared, a sweep that an event has started sees everything,
// and ends what is over.
func TestEventsWithoutEvidence(t *testing.T) {
	w, m, _ := sweeping(t, config.ModeNotify, sighted(func(*look.Sight) {}))
	w.sight.Discovered = true
	w.sight.Blind = []look.Finding{{Kind: finding.KindCannotSee, Region: "eu-west-1", Reasons: because("No trail.")}}
	w.sweepNow(t)
	w.sight.Blind = nil
	if w.sweepOnEvent(t); len(w.unseenIn()) != 1 || len(reports(t, m)) > 0 {
		t.Errorf("%q, not over: %v", w.unseenIn(), reports(t, m))
	}
}
