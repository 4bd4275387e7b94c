package scenarios

import (
	"time"

	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
)

// outside are what a service outside of AWS hears of the deployment, and what its silence means.
func outside() []Scenario {
	const half = 30 * time.Minute
	all := []Scenario{
		{
			Name:   "outside-pinged",
			Title:  "half an hour passes, and a service outside of AWS is pinged after each sweep",
			Sweeps: true,
			Act:    act.Passes(half),
			Checks: check.All(
				check.Pinged(half, 5*time.Minute), check.Untouched(), check.Harmless(), check.Swept(), check.Quiet(),
			),
		},
		{
			Name:   "outside-silent-blind",
			Title:  "CloudTrail refuses the guard's reads: a service outside of AWS hears nothing",
			Sweeps: true,
			Act:    act.Faulty(act.Passes(half), act.StatusDenied()),
			Checks: check.All(
				check.SilentOutside(0), check.Found("cannot_see", "notified_only", "may not"), check.Alarmed(), check.Safe(),
				check.Sound(),
			),
		},
		{
			Name:   "outside-silent-stopped",
			Title:  "somebody disables the schedule of the sweep: a service outside of AWS hears no more",
			Sweeps: true,
			Act:    act.InTurn(0, act.Passes(half), act.DisableSchedules, act.Passes(half)),
			Checks: check.All(
				check.SilentOutside(half), check.HeartbeatMissed(), check.Alarmed(), check.Safe(), check.Sound(),
			),
		},
		{
			Name:   "outside-unknown",
			Title:  "the service outside of AWS does not know the heartbeat any more, which is reported once",
			Sweeps: true,
			Act:    act.Faulty(act.Passes(half), act.HeartbeatUnknown()),
			Checks: check.All(
				check.FoundTimes(1, 1, "heartbeat", "heartbeat cannot be sent"), check.Untouched(), check.Harmless(), check.Swept(),
				check.Quiet(),
			),
		},
	}
	for i := range all {
		all[i].Outside = true
	}
	return all
}
