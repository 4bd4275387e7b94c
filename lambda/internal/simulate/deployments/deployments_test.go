package deployments

import (
	"slices"
	"testing"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/simulate"
)

// restoring are the checks that a deployment cannot keep which restores nothing.
var restoring = []string{
	simulate.CheckRestored,
	simulate.CheckFirst,
	simulate.CheckNoMore,
	simulate.CheckByGuard,
	simulate.CheckTopic,
	simulate.CheckSweepTopic,
	simulate.CheckTruth,
	simulate.CheckParked,
	simulate.CheckAlarmTopic,
	simulate.CheckAlarmSlack,
}

// TestEveryDeployment: every other way to deploy keeps the checks that it can make; in mode notify nothing is
// restored, and the run says so.
func TestEveryDeployment(t *testing.T) {
	for _, name := range golden.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			template, _ := golden.Variant(name)
			for _, s := range simulate.Scenarios() {
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
