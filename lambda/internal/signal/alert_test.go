package signal

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/report"
)

// TestTestAlert says TEST, changes nothing, and counts only when every channel has it.
func TestTestAlert(t *testing.T) {
	for name, slackErr := range map[string]error{"both": nil, "not Slack": errors.New("403")} {
		w := remembering(slackErr)
		if _, err := w.Invoke(t.Context(), []byte(testAlert)); err != nil {
			t.Fatal(err)
		}
		if len(w.SNS) == 0 || !strings.HasPrefix(message.Headline(w.SNS[0]), "TEST") || w.SNS[0].Incident != nil ||
			slices.Contains(w.Order, "restart") {
			t.Errorf("%s: reported %+v, did %v", name, w.SNS, w.Order)
		}
		if _, err := w.Invoke(t.Context(), []byte(testAlert)); err != nil { // one that arrives again is not counted again
			t.Fatal(err)
		}
		if got := w.Metrics(t)["TestAlerts"]; (got == 1) != (slackErr == nil) {
			t.Errorf("%s: %v test alerts", name, got)
		}
	}
}

// TestTestAlertGoesEverywhere, whatever the routes say.
func TestTestAlertGoesEverywhere(t *testing.T) {
	w := remembering(nil)
	further := 0
	one := producertest.NotifyFunc{
		Channel: "slack:C0PAYMENTS01",
		Send:    func(finding.Finding) error { further++; return nil },
	}
	w.Fanout.To.Further = []report.Notifier{one}
	w.Fanout.To.Route = func(finding.Finding) []report.Notifier { return []report.Notifier{one} }
	if _, err := w.Invoke(t.Context(), []byte(testAlert)); err != nil {
		t.Fatal(err)
	}
	if len(w.Slack) != 1 || len(w.SNS) != 1 || further != 1 || w.Metrics(t)["TestAlerts"] != 1 {
		t.Errorf("Slack %d, SNS %d, further %d, metrics %v", len(w.Slack), len(w.SNS), further, w.Metrics(t))
	}
}
