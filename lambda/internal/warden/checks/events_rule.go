package checks

import (
	"context"
	"fmt"
	"strings"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// rules checks AWS::Events::Rule: its state, pattern or schedule, and targets. Differences are put back as deployed by
// EnableRule, PutRule and PutTargets; a target that the template has not is left to a person.
type rules struct{ Tools }

const (
	enabled  = "ENABLED"
	disabled = "DISABLED"
)

func (r rules) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	got, err := r.ask(ctx, of, "events", "DescribeRule", onBus(of, map[string]any{"Name": ruleName(of)}))
	if missing(err) {
		gone := compare.Missing("rule", ruleName(of))
		gone.Repair = func(ctx context.Context) error { return r.create(ctx, of) }
		return []check.Difference{gone}, nil
	}
	if err != nil {
		return nil, err
	}
	differences := r.settings(of, got)
	targets, err := r.targets(ctx, of)
	if err != nil {
		return differences, err
	}
	return append(differences, r.compareTargets(of, targets)...), nil
}

// ruleName is the rule's name: Ref, from which the record has it, puts another bus than the default one before it.
func ruleName(of deployment.Deployed) string {
	return of.Name[strings.LastIndexByte(of.Name, '|')+1:]
}

// onBus adds the rule's bus to an input.
func onBus(of deployment.Deployed, input map[string]any) map[string]any {
	if bus := awsapi.Text(of.Properties["EventBusName"]); bus != "" {
		input["EventBusName"] = bus
	}
	return input
}

func (r rules) settings(of deployment.Deployed, got map[string]any) []check.Difference {
	state := compare.Fields(of.Properties, got, compare.Field{Name: "State", Default: enabled})
	next := "aws events enable-rule --name " + compare.Word(ruleName(of))
	if wanted := awsapi.Text(of.Properties["State"]); (wanted == "" || wanted == enabled) && got["State"] == disabled {
		state = compare.With(state, func(ctx context.Context) error { return r.enable(ctx, of) }, next)
		state = compare.ByName(state)
	} else {
		state = compare.With(state, func(ctx context.Context) error { return r.put(ctx, of) }, "")
	}
	rest := compare.Fields(of.Properties, got,
		compare.Field{Name: "EventPattern", Same: samePattern},
		compare.Field{Name: "ScheduleExpression"},
		compare.Field{Name: "RoleArn"},
	)
	return append(state, compare.With(rest, func(ctx context.Context) error { return r.put(ctx, of) }, "")...)
}

// samePattern compares patterns, of which a rule with a schedule has none.
func samePattern(want, got any) bool {
	if want == nil || got == nil {
		return compare.Scalar(want, got)
	}
	return compare.Pattern(want, got)
}

func (r rules) enable(ctx context.Context, of deployment.Deployed) error {
	_, err := r.ask(ctx, of, "events", "EnableRule", onBus(of, map[string]any{"Name": ruleName(of)}))
	return err
}

// put makes the rule as it was deployed, but for its targets.
func (r rules) put(ctx context.Context, of deployment.Deployed) error {
	input := onBus(of, map[string]any{"Name": ruleName(of), "State": enabled})
	for _, name := range []string{"State", "Description", "ScheduleExpression", "RoleArn"} {
		if value := awsapi.Text(of.Properties[name]); value != "" {
			input[name] = value
		}
	}
	if pattern := of.Properties["EventPattern"]; pattern != nil {
		input["EventPattern"] = compare.Text(pattern)
	}
	_, err := r.ask(ctx, of, "events", "PutRule", input)
	return err
}

func (r rules) create(ctx context.Context, of deployment.Deployed) error {
	if err := r.put(ctx, of); err != nil {
		return err
	}
	return r.putTargets(ctx, of, awsapi.List(of.Properties["Targets"]))
}

// putTargets gives the rule targets as they were deployed. Some may fail though the call succeeds.
func (r rules) putTargets(ctx context.Context, of deployment.Deployed, targets []any) error {
	if len(targets) == 0 {
		return nil
	}
	input := onBus(of, map[string]any{"Rule": ruleName(of), "Targets": targets})
	out, err := r.ask(ctx, of, "events", "PutTargets", input)
	if err != nil {
		return err
	}
	for _, failed := range awsapi.List(out["FailedEntries"]) {
		e := awsapi.Object(failed)
		return fmt.Errorf("EventBridge did not take the target %s: %s", compare.Show(e["TargetId"]), compare.Show(e["ErrorMessage"]))
	}
	return nil
}
