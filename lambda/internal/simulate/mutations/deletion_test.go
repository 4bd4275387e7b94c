package mutations

import (
	"slices"
	"testing"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/simulate"
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/scenarios"
	"trailkeeper/lambda/internal/simulate/simulatetest"
)

// TestDeletionInEachMode: whatever the mode, a deletion is told when it happens; only mode recreate creates the trail
// again, and in the others the sweeps that follow say once that it is gone. The guard's role has all that mode recreate
// needs, so that the mode alone keeps it from it.
func TestDeletionInEachMode(t *testing.T) {
	t.Parallel()
	content, _ := golden.Variant("recreate")
	for mode, tt := range map[config.Mode]struct {
		outcome string
		checks  []check.Check
	}{
		config.ModeNotify:  {"notified_only", check.All(gone(), check.Harmless(), missingTold(1))},
		config.ModeRestart: {"notified_only", check.All(gone(), check.Harmless(), missingTold(1))},
		config.ModeRestore: {"notified_only", check.All(gone(), check.Harmless(), missingTold(1))},
		config.ModeRecreate: {"restored", check.All(
			check.PutBack(), check.WritesOnly("CreateTrail", "StartLogging"), missingTold(0),
		)},
	} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			template := edited(t, content, func(t *testing.T, r resources) { r.env(t, config.EnvMode, string(mode)) })
			r, err := simulate.Play(t.Context(), template, scenarios.Scenario{
				Name:   "deleted in mode " + string(mode),
				Sweeps: true,
				Act:    act.ThenSweep(act.ThenSweep(act.DeleteTrail)),
				Checks: check.All(
					check.Told("deleted"), check.Outcome(tt.outcome), tt.checks, check.NoNews(), check.Swept(), check.Quiet(),
				),
			})
			if err != nil {
				t.Fatal(err)
			}
			simulatetest.Held(t, r)
			if told := r.Timeline.Outcomes(r.Timeline.Attacks()[0].EventID); !slices.Equal(told, []string{tt.outcome}) {
				t.Errorf("told %v of the deletion; want %s, once", told, tt.outcome)
			}
		})
	}
}

// gone wants CloudTrail to know no such trail.
func gone() []check.Check {
	return check.One("the trail is gone", func(r *check.Run) string {
		if _, ok := r.Cloud.TrailTruth(r.Trail); ok {
			return "there is a trail of its name"
		}
		return ""
	})
}

// missingTold wants each channel to be told so often that a sweep finds no such trail.
func missingTold(n int) []check.Check {
	return check.FoundTimes(n, n, "missing", "found missing")
}
