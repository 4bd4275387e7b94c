package mutations

import (
	"encoding/json"
	"slices"
	"testing"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/simulate"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/simulate/simulatetest"
)

// TestTheLocalRunMissesEveryGrantOfARestore: without any one of the permissions that mode recreate adds, a scenario
// breaks the check that is named, so that a template which lacks it is found before it is deployed.
func TestTheLocalRunMissesEveryGrantOfARestore(t *testing.T) {
	t.Parallel()
	for action, tt := range map[string]struct{ scenario, check string }{
		"cloudtrail:DescribeTrails":      {"seven-fields-restored", "the trail is as its baseline has it"},
		"cloudtrail:UpdateTrail":         {"seven-fields-restored", "the trail is as its baseline has it"},
		"cloudtrail:GetEventSelectors":   {"half-blind-restored", "the trail is as its baseline has it"},
		"cloudtrail:PutEventSelectors":   {"half-blind-restored", "the trail is as its baseline has it"},
		"cloudtrail:GetInsightSelectors": {"trail-strengthened", "the outcome was true"},
		"cloudtrail:ListTags":            {"selectors-rewritten", "the outcome was true"},
		"cloudtrail:CreateTrail":         {"trail-recreated", "the trail is as its baseline has it"},
		"cloudtrail:StartLogging":        {"trail-recreated", "the trail is as its baseline has it"},
	} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			s := simulatetest.Scenario(t, tt.scenario)
			r, err := simulate.Play(t.Context(), without(t, action), s)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(r.Broken(), func(v result.Verdict) bool { return v.Check == tt.check }) {
				t.Errorf("scenario %s: broken %v; want %q broken", tt.scenario, r.Broken(), tt.check)
			}
		})
	}
}

// without is the golden template of mode recreate whose guard may not do one thing.
func without(t *testing.T, action string) []byte {
	t.Helper()
	content, _ := golden.Variant("recreate")
	var template object
	if err := json.Unmarshal(content, &template); err != nil {
		t.Fatal(err)
	}
	role := resources(template["Resources"].(object)).get(t, "GuardRole")
	found := 0
	for _, p := range role["Policies"].([]any) {
		for _, v := range p.(object)["PolicyDocument"].(object)["Statement"].([]any) {
			statement := v.(object)
			switch actions := statement["Action"].(type) {
			case string:
				if actions == action {
					statement["Action"] = "cloudtrail:LookupEvents"
					found++
				}
			case []any:
				statement["Action"] = slices.DeleteFunc(actions, func(a any) bool {
					if a == action {
						found++
					}
					return a == action
				})
			}
		}
	}
	if found != 1 {
		t.Fatalf("%s is granted %d times", action, found)
	}
	b, err := json.Marshal(template)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
