package deployments

import (
	"slices"
	"testing"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/simulate/scenarios"
)

// restoring are the checks that a deployment cannot keep which restores nothing.
var restoring = []string{
	"logging was restored",
	"StartLogging was the first call",
	"nothing else was changed",
	"Slack was told by the guard",
	"SNS was told",
	"SNS was told what the sweep found",
	"the outcome was true",
	"what was refused was parked",
	"an alarm told SNS",
	"an alarm told Slack",
}

// backtest is to the scenarios "archive" without Slack, which some of them are about.
const backtest = "backtest"

// TestEveryDeployment: every other way to deploy keeps the checks that it can make, in the scenarios that are planned for
// it; in mode notify nothing is restored, and the run says so.
func TestEveryDeployment(t *testing.T) {
	for name := range groups {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			template, _ := golden.Variant(name)
			all := slices.DeleteFunc(scenarios.All(), func(s scenarios.Scenario) bool { return !planned(name, s) })
			fit := 0
			for _, s := range all {
				r, err := simulate.Play(t.Context(), template, s)
				if err != nil {
					t.Errorf("%s: %v", s.Name, err)
					continue
				}
				if r.NotPlayed == "" {
					fit++
				}
				notify := name == "notify"
				for _, v := range r.Broken() {
					if !notify || !slices.Contains(restoring, v.Check) {
						t.Errorf("%s: %s: %s", s.Name, v.Check, v.Why)
					}
				}
				if s.Name == everyCall && name == "guardrail" {
					wantCalls(t, r, "DetachPolicy", "UpdatePolicy", "DeletePolicy", "DisablePolicyType")
				}
				if notify && s.Name == "logging-stopped" && r.Held() {
					t.Error("mode notify is said to restore")
				}
			}
			if len(all) > 0 && fit == 0 {
				t.Errorf("none of %d scenarios fits", len(all))
			}
		})
	}
}

// wantCalls wants a record of each call to have arrived.
func wantCalls(t *testing.T, r result.Result, calls ...string) {
	t.Helper()
	for _, call := range calls {
		if !slices.ContainsFunc(r.Timeline.OnOthers(), func(e localcloud.Entry) bool { return e.Op == call }) {
			t.Errorf("%s was not played", call)
		}
	}
}
