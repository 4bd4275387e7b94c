package checks

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

const (
	// maxTargetPages bounds the pages of targets that are read: a rule has at most five targets, or what a quota allows.
	maxTargetPages = 10
	// maxForeign bounds the targets that are named one by one which the template has not.
	maxForeign = 5
)

// targets are those that the rule has.
func (r rules) targets(ctx context.Context, of deployment.Deployed) ([]map[string]any, error) {
	var all []map[string]any
	input := onBus(of, map[string]any{"Rule": ruleName(of)})
	for range maxTargetPages {
		out, err := r.ask(ctx, of, "events", "ListTargetsByRule", input)
		if err != nil {
			return nil, err
		}
		for _, target := range awsapi.List(out["Targets"]) {
			all = append(all, awsapi.Object(target))
		}
		if input["NextToken"] = out["NextToken"]; awsapi.Text(out["NextToken"]) == "" {
			return all, nil
		}
	}
	return nil, fmt.Errorf("the rule %s has more than %d pages of targets", compare.Show(ruleName(of)), maxTargetPages)
}

func (r rules) compareTargets(of deployment.Deployed, got []map[string]any) []check.Difference {
	there := map[string]map[string]any{}
	for _, target := range got {
		there[awsapi.Text(target["Id"])] = target
	}
	var out []check.Difference
	for _, t := range awsapi.List(of.Properties["Targets"]) {
		want := awsapi.Object(t)
		id := awsapi.Text(want["Id"])
		now, ok := there[id]
		delete(there, id)
		differences := targetDifferences(id, want, now)
		if !ok {
			differences = []check.Difference{{Field: "Targets." + id, Want: compare.Show(want["Arn"]), Got: "none"}}
		}
		repair := func(ctx context.Context) error { return r.putTargets(ctx, of, []any{t}) }
		out = append(out, compare.With(differences, repair, "")...)
	}
	return append(out, foreignTargets(of, there)...)
}

// targetFields are those with a form of their own or a default ("Target" and "RetryPolicy" in the EventBridge API
// reference). Every other property of a target is compared as it is.
func targetFields(want, got map[string]any) []compare.Field {
	fields := []compare.Field{
		{Name: "RetryPolicy.MaximumRetryAttempts", Default: 185},
		{Name: "RetryPolicy.MaximumEventAgeInSeconds", Default: 86400},
		{Name: "HttpParameters", Hidden: true}, // a header may be a secret
	}
	both := maps.Clone(got)
	if both == nil {
		both = map[string]any{}
	}
	maps.Copy(both, want)
	for _, name := range slices.Sorted(maps.Keys(both)) {
		if name != "Id" && name != "RetryPolicy" && name != "HttpParameters" {
			fields = append(fields, compare.Field{Name: name})
		}
	}
	return fields
}

func targetDifferences(id string, want, got map[string]any) []check.Difference {
	out := compare.Fields(want, got, targetFields(want, got)...)
	for i := range out {
		out[i].Field = "Targets." + id + "." + out[i].Field
	}
	return out
}

// foreignTargets are those that the template has not.
func foreignTargets(of deployment.Deployed, foreign map[string]map[string]any) []check.Difference {
	var out []check.Difference
	for _, id := range slices.Sorted(maps.Keys(foreign)) {
		if len(out) == maxForeign {
			more := fmt.Sprintf("%d more targets", len(foreign)-maxForeign)
			return append(out, check.Difference{Field: "Targets", Want: "none", Got: more, Next: removing(of, "ID")})
		}
		out = append(out, check.Difference{
			Field: "Targets." + compare.Show(id),
			Want:  "none",
			Got:   compare.Show(foreign[id]["Arn"]),
			Next:  removing(of, id),
		})
	}
	return out
}

func removing(of deployment.Deployed, id string) string {
	return "aws events remove-targets --rule " + compare.Word(ruleName(of)) + " --ids " + compare.Word(id)
}
