package redrive

import (
	"errors"
	"testing"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/report"
)

// TestLateMessage has its incident as it stands when it is sent.
func TestLateMessage(t *testing.T) {
	w, _ := remembering(errors.New("403"))
	w.answer(t, "stop-logging", finding.OutcomeRetrying)
	w.answer(t, "stop-logging", finding.OutcomeRestored)
	w.standing = standingAs{logging: true}
	var late finding.Finding
	fanout := w.Fanout
	fanout.To.Defaults = []report.Notifier{
		producertest.NotifyFunc{Channel: finding.ChannelSlack, Send: func(n finding.Finding) error { late = n; return nil }},
	}
	if err := w.send(t.Context(), w.Queue[0]); err != nil {
		t.Fatal(err)
	}
	if late.Outcome != finding.OutcomeRetrying || late.Incident == nil || late.Incident.State != finding.IncidentRestored {
		t.Errorf("%s, %+v", late.Outcome, late.Incident)
	}
}
