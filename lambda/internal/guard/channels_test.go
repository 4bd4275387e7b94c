package guard

import (
	"strings"
	"testing"

	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/internal/notify"
)

// TestEndGoesToAllWhoHeard, by whatever routes they heard.
func TestEndGoesToAllWhoHeard(t *testing.T) {
	named := func(name string) notify.Notifier { return &notifyFunc{name: name} }
	made := map[string]notify.Notifier{"C1": named("slack:C1"), "C2": named("slack:C2"), "C3": named("slack:C3")}
	to := router(route.List{Routes: []route.Route{
		{Events: []string{"StopLogging"}, Slack: []string{"C1"}}, {Severity: "critical", Slack: []string{"C2"}}, {Events: []string{"DeleteTrail"}, Slack: []string{"C3"}},
	}}, made, []notify.Notifier{named("slack")})
	heard := []notify.Heard{{Severity: "critical", Event: "StopLogging"}, {Severity: "critical", Event: "weakened"}}
	for closing, want := range map[bool]string{false: "slack", true: "slack slack:C1 slack:C2"} {
		n := notify.Notification{Finding: "recovered", Severity: notify.SeverityLow, Incident: &notify.Incident{Heard: heard}}
		n.Incident.Closing = closing
		var names []string
		for _, one := range to(n) {
			names = append(names, one.Name())
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("closing %v: to %q; want %q", closing, got, want)
		}
	}
}

// TestTestAlertGoesEverywhere, whatever the routes say.
func TestTestAlertGoesEverywhere(t *testing.T) {
	w, _ := remembering(restored, nil, nil)
	told, further := w.notices.(*news), 0
	one := notifyFunc{"slack:C0PAYMENTS01", func(notify.Notification) error { further++; return nil }}
	told.Further = []notify.Notifier{one}
	told.Route = func(notify.Notification) []notify.Notifier { return []notify.Notifier{one} }
	if _, err := w.Invoke(t.Context(), []byte(testAlert)); err != nil {
		t.Fatal(err)
	}
	if len(w.slack) != 1 || len(w.sns) != 1 || further != 1 || w.metrics(t)["TestAlerts"] != 1 {
		t.Errorf("Slack %d, SNS %d, further %d, metrics %v", len(w.slack), len(w.sns), further, w.metrics(t))
	}
}
