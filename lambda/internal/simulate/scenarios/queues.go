package scenarios

import (
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/stage"
)

// queues are what somebody does who writes into the queues.
func queues() []Scenario {
	return []Scenario{
		{
			Name: "forged-undelivered",
			Title: "a trail stays stopped, and somebody writes into the failure queue that it is restored, with the real " +
				"incident",
			Needs:  need.All(need.Redrive, need.Topic, need.InMode(config.ModeRestart)),
			Sweeps: true,
			Setup:  stage.Setup{Cloud: act.CloudTrailStuck},
			Act:    act.InOrder(act.StopLogging, act.Run, act.ForgeRestored, act.Passes(6*time.Minute)),
			Checks: check.All(
				check.NoForgery(act.ForgedWords, "mallory.example.com"), check.ClosedNothing(),
				check.ToldAsHistory("not logging"), check.Sound(),
			),
		},
		{
			Name: "finding-claimed-ahead",
			Title: "somebody writes messages under the names of the next finding into the failure queue, and then stops a " +
				"trail unseen",
			Needs:  need.All(need.Redrive, need.Topic, need.InMode(config.ModeRestart)),
			Sweeps: true,
			Setup:  stage.Setup{State: stage.WithInsights},
			Act:    act.UnseenBetweenSweeps(act.ClaimAhead),
			Checks: check.All(
				check.Restored(), check.NoForgery(act.ForgedWords, "mallory.example.com"), check.FoundThough(), check.Sound(),
			),
		},
		{
			Name:   "redelivery-starved",
			Title:  "a message waits for Slack, behind 120 forged events of a Region that does not exist",
			Needs:  need.All(need.Redrive, need.InMode(config.ModeRestart)),
			Sweeps: true,
			Act:    act.Starve(),
			Checks: check.All(check.Restored(), check.SentByNextSweep(), check.LaidAside(act.MostStarving), check.Sound()),
		},
	}
}
