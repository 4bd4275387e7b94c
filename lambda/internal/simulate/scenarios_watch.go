package simulate

import "time"

// watches are what Trailkeeper says of itself.
func watches() []Scenario {
	return []Scenario{
		{
			Name:   "test-alert",
			Title:  "the operator sends a test alert",
			tests:  true,
			act:    sendTestAlert,
			checks: checks(untouched(), tested(), notTwice(), silentTowardsCloudTrail(), handled(), calm(), safe(), sound()),
		},
		{
			Name:   "test-alert-missing",
			Title:  "the operator sends a test alert while EventBridge may not invoke the guard",
			tests:  true,
			act:    faulty(sendTestAlert, guardCutOff()),
			checks: checks(testMissed(), alarmed(), safe(), sound()),
		},
		{
			Name:   "test-alert-untaken",
			Title:  "the operator sends a test alert after somebody disabled the rule for it",
			tests:  true,
			act:    inTurn(0, disableRule, sendTestAlert),
			checks: checks(testMissed(), alarmed(), safe(), sound()),
		},
		{
			Name:   "heartbeat-present",
			Title:  "half an hour passes in which nothing happens",
			sweeps: true,
			act:    passes(30 * time.Minute),
			checks: checks(untouched(), harmless(), swept(), handled(), calm(), safe(), sound()),
		},
		{
			Name:   "heartbeat-missing",
			Title:  "somebody disables the schedule of the sweep",
			sweeps: true,
			act:    inTurn(0, passes(20*time.Minute), disableSchedules, passes(30*time.Minute)),
			checks: checks(untouched(), heartbeatMissed(), alarmed(), safe(), sound()),
		},
	}
}
