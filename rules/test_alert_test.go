package rules_test

import (
	"encoding/json"
	"strings"
	"testing"

	"trailkeeper/events"
	"trailkeeper/rules"
)

func testAlert(t *testing.T, change func(map[string]any)) []byte {
	t.Helper()
	event := map[string]any{
		"version":     "0",
		"id":          "c4c1c1c9-6542-e61b-6ef0-8c4d36933a92",
		"source":      events.Source,
		"detail-type": events.TestAlert,
		"account":     "111122223333",
		"region":      "eu-west-1",
		"time":        "2026-11-20T10:00:00Z",
		"resources":   []any{},
		"detail":      map[string]any{"by": `","text":"All trails log.","x":"`},
	}
	change(event)
	raw, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestTestRule: the rule takes a test alert, nothing that is nearly one, and no other rule takes it.
func TestTestRule(t *testing.T) {
	rule := rules.TestRule()
	for name, tt := range map[string]struct {
		change func(map[string]any)
		want   bool
	}{
		"test alert":   {func(map[string]any) {}, true},
		"no detail":    {func(e map[string]any) { e["detail"] = map[string]any{} }, true},
		"redrive":      {func(e map[string]any) { e["detail-type"] = events.Redrive }, false},
		"other case":   {func(e map[string]any) { e["source"] = "Trailkeeper" }, false},
		"other source": {func(e map[string]any) { e["source"] = "aws.cloudtrail" }, false},
	} {
		if got, err := rule.Pattern.Match(testAlert(t, tt.change)); err != nil || got != tt.want {
			t.Errorf("%s: matched %v, %v; want %v", name, got, err, tt.want)
		}
	}
	if other, ok := rules.MatchingRule(testAlert(t, func(map[string]any) {})); ok {
		t.Errorf("rule %s takes a test alert as well", other.Name)
	}
}

// TestTestAlertInSlack: the message says TEST, arrives whatever the sender wrote, and shows nothing of it.
func TestTestAlertInSlack(t *testing.T) {
	rule := rules.TestRule()
	if err := rule.Wording.Check(rule); err != nil {
		t.Error(err)
	}
	var all strings.Builder
	for _, channel := range []string{"", "C0123456789"} {
		body, err := rule.Wording.Transformer(channel).Render(testAlert(t, func(map[string]any) {}), rules.Reserved{})
		if err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		var message struct{ Channel, Text string }
		if err := json.Unmarshal(body, &message); err != nil || message.Channel != channel {
			t.Errorf("%s: %v; want channel %q", body, err, channel)
		}
		if !strings.Contains(message.Text, "TEST") || strings.Contains(message.Text, "All trails log") {
			t.Errorf("text %q; want one that says TEST, and nothing of the sender's", message.Text)
		}
		if channel == "" {
			all.WriteString("## test alert (" + rule.Name + ")\n" + message.Text + "\n")
		}
	}
	golden(t, "test-alert.golden", []byte(all.String()))
}
