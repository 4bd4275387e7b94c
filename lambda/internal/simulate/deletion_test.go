package simulate

import (
	"slices"
	"testing"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/config"
)

// TestDeletionInEachMode: whatever the mode, a deletion is told when it happens; only mode recreate creates the trail
// again, and in the others the sweeps that follow say once that it is gone. The guard's role has all that mode recreate
// needs, so that the mode alone keeps it from it.
func TestDeletionInEachMode(t *testing.T) {
	t.Parallel()
	content, _ := golden.Variant("recreate")
	for mode, tt := range map[config.Mode]struct {
		outcome string
		checks  []check
	}{
		config.ModeNotify:   {"notified_only", checks(gone(), harmless(), missingTold(1))},
		config.ModeRestart:  {"notified_only", checks(gone(), harmless(), missingTold(1))},
		config.ModeRestore:  {"notified_only", checks(gone(), harmless(), missingTold(1))},
		config.ModeRecreate: {"restored", checks(putBack(), writesOnly("CreateTrail", "StartLogging"), missingTold(0))},
	} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			template := edited(t, content, func(t *testing.T, r resources) { r.env(t, config.EnvMode, string(mode)) })
			r, err := Play(t.Context(), template, Scenario{
				Name:   "deleted in mode " + string(mode),
				sweeps: true,
				act:    thenSweep(thenSweep(deleteTrail)),
				checks: checks(
					told("deleted"),
					outcome(tt.outcome),
					tt.checks,
					noNews(),
					swept(),
					handled(),
					calm(),
					safe(),
					sound(),
				),
			})
			if err != nil {
				t.Fatal(err)
			}
			held(t, r)
			if told := r.outcomes(); !slices.Equal(told, []string{tt.outcome}) {
				t.Errorf("told %v of the deletion; want %s, once", told, tt.outcome)
			}
		})
	}
}

// gone wants CloudTrail to know no such trail.
func gone() []check {
	return one("the trail is gone", func(r *Result) string {
		if _, ok := r.cloud.TrailTruth(r.trail); ok {
			return "there is a trail of its name"
		}
		return ""
	})
}

// missingTold wants each channel to be told so often that a sweep finds no such trail.
func missingTold(n int) []check {
	return toldTimes(n, n, "missing", "found missing")
}
