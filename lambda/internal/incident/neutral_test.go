package incident_test

import (
	"testing"

	"trailkeeper/lambda/internal/finding"
)

// TestAnySubject: an incident is of whatever a finding is about, and of the aspects that its producer names.
func TestAnySubject(t *testing.T) {
	w := newWorld()
	note := func(id string, b finding.Bearing) finding.Finding {
		n := finding.Finding{
			EventID:   id,
			Severity:  finding.SeverityHigh,
			Outcome:   finding.OutcomeNotified,
			EventTime: w.now,
			Subject:   finding.Subject{ARN: "arn:aws:sqs:eu-west-1:111122223333:queue"},
			Bearing:   b,
		}
		noted, _ := w.Book.Note(t.Context(), n)
		return noted
	}
	two := []finding.Aspect{"policy", "key"}
	if n := note("e0", finding.Bearing{}); n.Incident != nil {
		t.Errorf("what bears on none is in %+v", n.Incident)
	}
	if n := note("e1", finding.Bearing{Role: finding.RoleJoins}); n.Incident != nil {
		t.Errorf("what only joins has opened %+v", n.Incident)
	}
	for i, step := range []struct {
		bearing finding.Bearing
		want    finding.IncidentState
		left    int
	}{
		{finding.Bearing{Role: finding.RoleOpens, Aspects: two, Stand: finding.IncidentOpen}, finding.IncidentOpen, 2},
		{finding.Bearing{Role: finding.RoleJoins, Aspects: two[:1], Stand: finding.IncidentHuman}, finding.IncidentHuman, 2},
		{finding.Bearing{Role: finding.RoleJoins, Aspects: two[:1], Stand: finding.IncidentOpen}, finding.IncidentHuman, 2},
		{
			finding.Bearing{Role: finding.RoleJoins, Aspects: two[:1], Stand: finding.IncidentRestored}, finding.IncidentOpen, 1,
		},
		{finding.Bearing{Role: finding.RoleEnds, Aspects: two[:1]}, finding.IncidentOpen, 1},
		{finding.Bearing{Role: finding.RoleEnds}, finding.IncidentRestored, 0},
	} {
		n := note("f"+string(rune('0'+i)), step.bearing)
		left := 0
		for _, u := range w.Open(t.Context()) {
			left = len(u.Aspects)
		}
		if n.Incident == nil || n.Incident.State != step.want || left != step.left {
			t.Errorf("step %d: %+v, %d are left; want %s, %d", i, n.Incident, left, step.want, step.left)
		}
	}
}
