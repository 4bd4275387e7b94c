package checks

import (
	"context"
	"maps"
	"slices"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// schedules checks AWS::Scheduler::Schedule: its state, times and target. Differences are put back by UpdateSchedule, and
// a schedule that is gone by CreateSchedule.
type schedules struct{ Tools }

const schedulePath = "/schedules/{Name}"

func (s schedules) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	input := map[string]any{"Name": of.Name}
	if group := awsapi.Text(of.Properties["GroupName"]); group != "" {
		input["groupName"] = group
	}
	got, err := s.ask(ctx, of, "scheduler", "GET "+schedulePath, input)
	if missing(err) {
		gone := compare.Missing("schedule", of.Name)
		gone.Repair = func(ctx context.Context) error { return s.put(ctx, of, "POST") }
		return []check.Difference{gone}, nil
	}
	if err != nil {
		return nil, err
	}
	differences := compare.Fields(of.Properties, got, scheduleFields(of.Properties, got)...)
	if len(differences) == 1 && differences[0].Field == "State" {
		return compare.ByName(compare.With(differences, func(ctx context.Context) error { return s.setState(ctx, of, got) }, "")), nil
	}
	return compare.With(differences, func(ctx context.Context) error { return s.put(ctx, of, "PUT") }, ""), nil
}

// scheduleFields are those of a schedule, with the defaults of CreateSchedule and RetryPolicy in the EventBridge
// Scheduler API reference. Every property of the target is compared.
func scheduleFields(want, got map[string]any) []compare.Field {
	fields := []compare.Field{
		{Name: "State", Default: enabled},
		{Name: "ScheduleExpression"},
		{Name: "ScheduleExpressionTimezone", Default: "UTC"},
		{Name: "FlexibleTimeWindow.Mode", Default: "OFF"},
		{Name: "FlexibleTimeWindow.MaximumWindowInMinutes"},
		{Name: "StartDate"},
		{Name: "EndDate"},
		{Name: "ActionAfterCompletion", Default: "NONE"},
		{Name: "KmsKeyArn"},
		{Name: "Target.RetryPolicy.MaximumRetryAttempts", Default: 185},
		{Name: "Target.RetryPolicy.MaximumEventAgeInSeconds", Default: 86400},
	}
	both := maps.Clone(awsapi.Object(want["Target"]))
	if both == nil {
		both = map[string]any{}
	}
	maps.Copy(both, awsapi.Object(got["Target"]))
	for _, name := range slices.Sorted(maps.Keys(both)) {
		if name != "RetryPolicy" {
			fields = append(fields, compare.Field{Name: "Target." + name})
		}
	}
	return fields
}

// put makes the schedule as it was deployed. What the template does not have gets its default.
func (s schedules) put(ctx context.Context, of deployment.Deployed, method string) error {
	input := maps.Clone(of.Properties)
	if input == nil {
		input = map[string]any{}
	}
	input["Name"] = of.Name
	_, err := s.ask(ctx, of, "scheduler", method+" "+schedulePath, input)
	return err
}

// setState gives the schedule its state back, and leaves the rest as it is: UpdateSchedule gives what it is not told its
// default.
func (s schedules) setState(ctx context.Context, of deployment.Deployed, got map[string]any) error {
	input := map[string]any{"Name": of.Name, "State": enabled}
	for _, name := range []string{
		"ActionAfterCompletion", "Description", "EndDate", "FlexibleTimeWindow", "GroupName", "KmsKeyArn", "ScheduleExpression",
		"ScheduleExpressionTimezone", "StartDate", "Target",
	} {
		if value := got[name]; value != nil {
			input[name] = value
		}
	}
	if state := awsapi.Text(of.Properties["State"]); state != "" {
		input["State"] = state
	}
	_, err := s.ask(ctx, of, "scheduler", "PUT "+schedulePath, input)
	return err
}
