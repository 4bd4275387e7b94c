package deployments

import (
	"slices"
	"testing"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/simulate"
)

// restoring are the promises that a deployment cannot keep which restores nothing.
var restoring = []string{
	simulate.PromiseRestored,
	simulate.PromiseFirst,
	simulate.PromiseNoMore,
	simulate.PromiseByGuard,
	simulate.PromiseTopic,
	simulate.PromiseSweepTopic,
	simulate.PromiseTruth,
	simulate.PromiseParked,
	simulate.PromiseAlarmTopic,
	simulate.PromiseAlarmSlack,
}

// TestEveryDeployment: every other way to deploy keeps the promises that it can make; in mode notify nothing is
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
					if !notify || !slices.Contains(restoring, v.Promise) {
						t.Errorf("%s: %s: %s", s.Name, v.Promise, v.Why)
					}
				}
				if notify && s.Name == "logging-stopped" && r.Held() {
					t.Error("mode notify is said to restore")
				}
			}
		})
	}
}
