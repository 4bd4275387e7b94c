package stack_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
	"trailkeeper/events"
)

// TestSchedule: the schedule as a whole, and that what it sends is a scheduled event to the guard.
func TestSchedule(t *testing.T) {
	for _, name := range golden.Names() {
		s, tpl := variant(t, name), goldenTemplate(t, name)
		found := tpl.resources("AWS::Scheduler::Schedule")
		if !s.Sweep.Enabled {
			if len(found) > 0 || len(tpl.resources("AWS::SQS::Queue")) != 3 {
				t.Errorf("%s has a schedule, or its queue: %s", name, text(found))
			}
			continue
		}
		_, schedule := tpl.only(t, "AWS::Scheduler::Schedule", "Sweep")
		input := plain(object(schedule["Target"])["Input"])
		delete(object(schedule["Target"]), "Input")
		delete(schedule, "Description")
		want := map[string]any{
			"Name":               s.StackName + "-sweep",
			"State":              "ENABLED",
			"ScheduleExpression": "rate(5 minutes)",
			"FlexibleTimeWindow": map[string]any{"Mode": "OFF"},
			"Target": map[string]any{
				"Arn":              "GuardFunction.Arn",
				"RoleArn":          "SweepRole.Arn",
				"DeadLetterConfig": map[string]any{"Arn": "SweepDeadLetters.Arn"},
				"RetryPolicy":      map[string]any{"MaximumRetryAttempts": 0.0, "MaximumEventAgeInSeconds": 60.0},
			},
		}
		if s.Sweep.Minutes == 1 {
			want["ScheduleExpression"] = "rate(1 minute)"
		}
		if diff := cmp.Diff(any(want), plain(schedule)); diff != "" {
			t.Errorf("%s: the schedule (-want +got):\n%s", name, diff)
		}
		if e := checkInput(t, input.(string)); e.DetailType != "Scheduled Event" {
			t.Errorf("%s: the sweep's event is a %s", name, e.DetailType)
		}
		if s.Sweep.Minutes == 1 || !s.Table.Enabled {
			if tpl.has("AWS::Scheduler::Schedule", "Contested") {
				t.Errorf("%s has a schedule of every minute that does nothing", name)
			}
			continue
		}
		_, schedule = tpl.only(t, "AWS::Scheduler::Schedule", "Contested")
		if e := checkInput(t, plain(object(schedule["Target"])["Input"]).(string)); e.DetailType != events.ContestedSweep {
			t.Errorf("%s: the contested sweep's event is a %s", name, e.DetailType)
		}
		delete(object(schedule["Target"]), "Input")
		delete(schedule, "Description")
		want["Name"], want["ScheduleExpression"] = s.StackName+"-contested", "rate(1 minute)"
		if diff := cmp.Diff(any(want), plain(schedule)); diff != "" {
			t.Errorf("%s: the schedule of a contested incident (-want +got):\n%s", name, diff)
		}
	}
}

func checkInput(t *testing.T, input string) events.Event {
	t.Helper()
	filled := strings.NewReplacer(
		"<aws.scheduler.execution-id>",
		"0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f",
		"<aws.scheduler.scheduled-time>",
		"2026-11-20T10:00:00Z",
	).Replace(
		input,
	)
	if !json.Valid([]byte(input)) || strings.Contains(filled, "<") {
		t.Errorf("the schedule's input is %s; want JSON with Scheduler's own placeholders", input)
	}
	e, err := events.Parse([]byte(filled))
	if err != nil || e.Kind != events.KindScheduled || e.Account != "111122223333" || e.Region != "eu-west-1" {
		t.Errorf("the guard reads %s as %+v, %v; want a scheduled event", filled, e, err)
	}
	return e
}
