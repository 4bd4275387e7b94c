package mutations

import (
	"testing"

	"trailkeeper/cdk/golden"
)

// TestMutationsOfTheHeartbeatBreakChecks: every hole in what a ping needs is found.
func TestMutationsOfTheHeartbeatBreakChecks(t *testing.T) {
	t.Parallel()
	const pinged = "the service outside was pinged after each sweep"
	variables := func(t *testing.T, r resources) object {
		return r.get(t, "GuardFunction")["Environment"].(object)["Variables"].(object)
	}
	for _, m := range []mutation{
		{"the guard may not read the secret", func(t *testing.T, r resources) {
			r.dropAction(t, "GuardRole", "secretsmanager:GetSecretValue")
		}, "outside-pinged", pinged},
		{"another key than the secret's", func(t *testing.T, r resources) {
			set(t, variables(t, r), "TRAILKEEPER_HEARTBEAT_KEY", "heart beat")
		}, "outside-pinged", pinged},
		{"another method than the service takes", func(t *testing.T, r resources) {
			set(t, variables(t, r), "TRAILKEEPER_HEARTBEAT_METHOD", "PUT")
		}, "outside-pinged", pinged},
		{"the schedule is disabled", func(t *testing.T, r resources) {
			set(t, r.get(t, "SweepSchedule"), "State", "DISABLED")
		}, "outside-pinged", pinged},
	} {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			content, ok := golden.Variant("heartbeat")
			if !ok {
				t.Fatal("no golden template heartbeat")
			}
			breaks(t, edited(t, content, m.edit), m.scenario, m.check)
		})
	}
}
