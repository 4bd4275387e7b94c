package message_test

import (
	"testing"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/message"
)

// TestOfIncident: how an incident stands and how it began, without what became of its first event.
func TestOfIncident(t *testing.T) {
	for _, c := range []struct {
		state       finding.IncidentState
		first, want string
	}{
		{
			finding.IncidentOpen, "CloudTrail logging was stopped on trail m; not restored yet, retrying",
			"🔴 CloudTrail logging was stopped on trail m",
		},
		{
			finding.IncidentOpen, "CloudTrail logging was stopped on trail m and restored in 812 ms, 34 s after the event",
			"🔴 CloudTrail logging was stopped on trail m",
		},
		{finding.IncidentRestored, "CloudTrail logging was stopped on trail m and restored", "✅ Restored: CloudTrail " +
			"logging was stopped on trail m"},
		{finding.IncidentHuman, "Needs a human: trail m is not restored. No bucket", "🚨 Needs a human: trail m is not " +
			"restored"},
		{finding.IncidentContested, "CloudTrail logging was stopped on trail m and restored", "🚨 Contested: CloudTrail " +
			"logging was stopped on trail m"},
		{"", "", "🔴 CloudTrail incident"},
	} {
		m := message.OfIncident(
			finding.Finding{Incident: &finding.Incident{State: c.state, First: finding.EventSummary{Headline: c.first}}},
		)
		if got := m.State.Icon() + " " + m.Title; got != c.want {
			t.Errorf("OfIncident = %q, want %q", got, c.want)
		}
	}
}

func TestIncidentLine(t *testing.T) {
	at := findingtest.At()
	for _, c := range []struct {
		i    finding.Incident
		want string
	}{
		{finding.Incident{
			ID:     "inc-1",
			State:  finding.IncidentOpen,
			Opened: at,
			Count:  1,
		}, "inc-1 · open since 2026-10-01 12:00:00 UTC"},
		{finding.Incident{
			ID:     "inc-1",
			State:  finding.IncidentOpen,
			Opened: at,
			Count:  3,
		}, "inc-1 · ×3 · open since 2026-10-01 12:00:00 UTC"},
		{finding.Incident{
			ID:     "inc-1",
			State:  finding.IncidentHuman,
			Opened: at,
			Count:  3,
		}, "inc-1 · ×3 · needs a human, open since 2026-10-01 12:00:00 UTC"},
		{finding.Incident{
			ID:     "inc-1",
			State:  finding.IncidentRestored,
			Opened: at,
			Closed: at.Add(34 * time.Second),
			Count:  2,
		}, "inc-1 · ×2 · restored after 34 s"},
		{finding.Incident{
			ID:     "inc-1",
			State:  finding.IncidentRestored,
			Opened: at,
			Closed: at.Add(-time.Second),
		}, "inc-1 · restored"},
		{finding.Incident{ID: "inc-1", State: finding.IncidentRestored, Closed: at}, "inc-1 · restored"},
		{finding.Incident{
			ID:     "inc-1",
			State:  finding.IncidentContested,
			Opened: at,
			Count:  9,
			Dark:   80 * time.Second,
		}, "inc-1 · ×9 · contested since 2026-10-01 12:00:00 UTC, dark time 1 min 20 s"},
		{finding.Incident{
			ID:     "inc-1",
			State:  finding.IncidentRestored,
			Opened: at,
			Closed: at.Add(time.Hour),
			Dark:   80 * time.Second,
		}, "inc-1 · restored after 1 h, dark time 1 min 20 s"},
		{finding.Incident{
			ID:     "inc-1",
			State:  finding.IncidentRestored,
			Opened: at,
			Closed: at.Add(time.Hour),
			Absent: true,
		}, "inc-1 · closed: there is no such trail"},
		{finding.Incident{ID: "inc-1", State: "novel"}, "inc-1 · open"},
	} {
		if got := message.IncidentLine(c.i); got != c.want {
			t.Errorf("%+v gives %q, want %q", c.i, got, c.want)
		}
	}
}
