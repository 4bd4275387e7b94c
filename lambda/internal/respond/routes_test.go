package respond

import (
	"strings"
	"testing"

	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/report"
)

// TestRoutedByWhereItHappened: by the account that the record was delivered to and the trail's own, never by the
// caller's.
func TestRoutedByWhereItHappened(t *testing.T) {
	const caller, recipient, owner = "444444444444", "111122223333", "999999999999"
	event := strings.ReplaceAll(
		string(payload(t, "stop-logging")),
		`"accountId": "`+recipient+`"`,
		`"accountId": "`+caller+`"`,
	)
	event = strings.Replace(
		event,
		`"name": "management-events"`,
		`"name": "arn:aws:cloudtrail:eu-west-1:`+owner+`:trail/management-events"`,
		1,
	)
	w, _ := remembering(restored, nil, nil)
	w.Config.Accounts = []string{recipient, owner}
	if _, err := w.Invoke(t.Context(), []byte(event)); err != nil {
		t.Fatal(err)
	}
	n := w.SNS[0]
	if !strings.Contains(n.Subject.ARN, owner) || n.Recipient != recipient {
		t.Fatalf("the trail %s, delivered to %s", n.Subject.ARN, n.Recipient)
	}
	for account, want := range map[string]string{caller: "slack", recipient: "slack:C1", owner: "slack:C1"} {
		to := report.Router(
			route.List{Routes: []route.Route{{Accounts: []string{account}, Slack: []string{"C1"}}}},
			map[string]report.Notifier{
				"C1": &producertest.NotifyFunc{Channel: "slack:C1"},
			},
			[]report.Notifier{&producertest.NotifyFunc{Channel: "slack"}},
		)
		if got := to(n)[0].Name(); got != want {
			t.Errorf("a route for %s: to %s; want %s", account, got, want)
		}
	}
}

// TestSeveritiesAreThoseOfRoutes: what a route or sns.emailFrom can ask for is what a notification has, in the same
// order.
func TestSeveritiesAreThoseOfRoutes(t *testing.T) {
	all := []finding.Severity{finding.SeverityLow, finding.SeverityMedium, finding.SeverityHigh, finding.SeverityCritical}
	for i, name := range route.Severities() {
		if i >= len(all) || string(all[i]) != name || i > 0 && finding.Higher(all[i-1], all[i]) != all[i] {
			t.Errorf("severity %d of a route is %s", i, name)
		}
	}
	if len(route.Severities()) != len(all) {
		t.Errorf("routes know %v", route.Severities())
	}
}
