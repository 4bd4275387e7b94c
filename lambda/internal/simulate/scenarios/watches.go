package scenarios

import (
	"time"

	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
)

// watches are what Trailkeeper says of itself.
func watches() []Scenario {
	return []Scenario{
		{
			Name:  "test-alert",
			Title: "the operator sends a test alert",
			Tests: true,
			Act:   act.SendTestAlert,
			Checks: check.All(
				check.Untouched(), check.Tested(), check.NotTwice(), check.SilentTowardsCloudTrail(), check.Quiet(),
			),
		},
		{
			Name:   "test-alert-missing",
			Title:  "the operator sends a test alert while EventBridge may not invoke the guard",
			Tests:  true,
			Act:    act.Faulty(act.SendTestAlert, act.GuardCutOff()),
			Checks: check.All(check.TestMissed(), check.Alarmed(), check.Safe(), check.Sound()),
		},
		{
			Name:   "test-alert-untaken",
			Title:  "the operator sends a test alert after somebody disabled the rule for it",
			Tests:  true,
			Act:    act.InTurn(0, act.DisableRule, act.SendTestAlert),
			Checks: check.All(check.TestMissed(), check.Alarmed(), check.Safe(), check.Sound()),
		},
		{
			Name:   "heartbeat-present",
			Title:  "half an hour passes in which nothing happens",
			Sweeps: true,
			Act:    act.Passes(30 * time.Minute),
			Checks: check.All(check.Untouched(), check.Harmless(), check.Swept(), check.Quiet()),
		},
		{
			Name:   "heartbeat-missing",
			Title:  "somebody disables the schedule of the sweep",
			Sweeps: true,
			Act:    act.InTurn(0, act.Passes(20*time.Minute), act.DisableSchedules, act.Passes(30*time.Minute)),
			Checks: check.All(check.Untouched(), check.HeartbeatMissed(), check.Alarmed(), check.Safe(), check.Sound()),
		},
	}
}
