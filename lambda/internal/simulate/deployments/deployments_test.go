package deployments

import (
	"slices"
	"testing"

	"trailkeeper/lambda/internal/simulate/scenarios"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/simulate"
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

// TestEveryDeployment: every other way to deploy keeps the checks that it can make; in mode notify nothing is
// restored, and the run says so.
func TestEveryDeployment(t *testing.T) {
	for _, name := range golden.Names() {
		if name == "backtest" {
			continue // to the scenarios it is "archive" without Slack, which some of them are about
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			template, _ := golden.Variant(name)
			for _, s := range scenarios.All() {
				r, err := simulate.Play(t.Context(), template, s)
				if err != nil {
					t.Fatal(err)
				}
				notify := name == "notify"
				for _, v := range r.Broken() {
					if !notify || !slices.Contains(restoring, v.Check) {
						t.Errorf("%s: %s: %s", s.Name, v.Check, v.Why)
					}
				}
				if notify && s.Name == "logging-stopped" && r.Held() {
					t.Error("mode notify is said to restore")
				}
			}
		})
	}
}
