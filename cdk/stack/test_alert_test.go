package stack_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
	"trailkeeper/events"
	"trailkeeper/rules"
)

// TestTestAlertSchedule: the weekly schedule as a whole, and that what it sends is what the rule takes.
func TestTestAlertSchedule(t *testing.T) {
	for _, name := range golden.Names() {
		s, tpl := variant(t, name), goldenTemplate(t, name)
		if !s.TestAlert.Weekly {
			for id := range tpl.resources("AWS::Scheduler::Schedule") {
				if strings.HasPrefix(id, "TestAlert") {
					t.Errorf("%s sends a test alert every week though nobody asked for it", name)
				}
			}
			continue
		}
		_, schedule := tpl.only(t, "AWS::Scheduler::Schedule", "TestAlert")
		to := object(schedule["Target"])
		input := to["Input"].(string)
		delete(to, "Input")
		delete(schedule, "Description")
		want := map[string]any{
			"Name":                       s.StackName + "-test-alert",
			"State":                      "ENABLED",
			"ScheduleExpression":         "cron(7 9 ? * MON *)",
			"ScheduleExpressionTimezone": "UTC",
			"FlexibleTimeWindow":         map[string]any{"Mode": "OFF"},
			"Target": map[string]any{
				"Arn":              "arn:aws:scheduler:::aws-sdk:eventbridge:putEvents",
				"RoleArn":          "TestAlertRole.Arn",
				"DeadLetterConfig": map[string]any{"Arn": "TestDeadLetters.Arn"},
				"RetryPolicy":      map[string]any{"MaximumRetryAttempts": 3.0, "MaximumEventAgeInSeconds": 600.0},
			},
		}
		if diff := cmp.Diff(any(want), plain(schedule)); diff != "" {
			t.Errorf("%s: the schedule (-want +got):\n%s", name, diff)
		}
		_, rule := tpl.only(t, "AWS::Events::Rule", "TestRule")
		checkTestAlert(t, patternOf(t, rule), s.Bus, input)
	}
}

// checkTestAlert plays Scheduler and PutEvents.
func checkTestAlert(t *testing.T, rule rules.Pattern, bus, input string) {
	t.Helper()
	var request struct {
		Entries []struct{ Source, DetailType, Detail, EventBusName string }
	}
	filled := strings.ReplaceAll(input, "<aws.scheduler.execution-id>", "0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f")
	if err := json.Unmarshal(
		[]byte(filled),
		&request,
	); err != nil || len(request.Entries) != 1 ||
		strings.Contains(filled, "<") {
		t.Fatalf("the schedule's input is %s: %v; want one entry", input, err)
	}
	e := request.Entries[0]
	if e.EventBusName != bus || !json.Valid([]byte(e.Detail)) {
		t.Errorf("the entry is %+v; want the bus %q and a detail that is JSON", e, bus)
	}
	event := map[string]any{
		"version":     "0",
		"id":          "c4c1c1c9-6542-e61b-6ef0-8c4d36933a92",
		"source":      e.Source,
		"detail-type": e.DetailType,
		"account":     "111122223333",
		"region":      "eu-west-1",
		"time":        "2026-11-23T09:07:00Z",
		"resources":   []any{},
		"detail":      json.RawMessage(e.Detail),
	}
	raw, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := events.Parse(raw); err != nil || got.Kind != events.KindTest {
		t.Errorf("the guard reads %s as %+v, %v; want a test alert", raw, got, err)
	}
	if !matches(t, rule, raw) || matches(t, rule, fromAccount(t, raw, "999999999999")) {
		t.Errorf("the rule takes %s: %v; want it to, and not from another account", raw, matches(t, rule, raw))
	}
}
