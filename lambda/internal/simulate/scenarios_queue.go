package simulate

import (
	"net/http"

	"trailkeeper/lambda/config"
)

// queues are what somebody does who writes into the queues.
func queues() []Scenario {
	return []Scenario{
		{
			Name: "forged-undelivered",
			Title: "a trail stays stopped, and somebody writes into the failure queue that it is restored, with the real " +
				"incident",
			needs:  both(both(needsRedrive, needsTopic), inMode(config.ModeRestart)),
			sweeps: true,
			setup: failing(
				"cloudtrail",
				"StartLogging",
				http.StatusBadRequest,
				"ConflictException",
				"The trail is being changed.",
			),
			act:    forgeRestored,
			checks: checks(noForgery(), closedNothing(), toldAsHistory("not logging"), sound()),
		},
		{
			Name: "finding-claimed-ahead",
			Title: "somebody writes messages under the names of the next finding into the failure queue, and then stops a " +
				"trail unseen",
			needs:  both(both(needsRedrive, needsTopic), inMode(config.ModeRestart)),
			sweeps: true,
			state:  withInsights,
			act:    claimAhead,
			checks: checks(restored(), noForgery(), foundThough(), sound()),
		},
		{
			Name:   "redelivery-starved",
			Title:  "a message waits for Slack, behind 120 forged events of a Region that does not exist",
			needs:  both(needsRedrive, inMode(config.ModeRestart)),
			sweeps: true,
			act:    starve,
			checks: checks(restored(), sentByNextSweep(), laidAside(mostStarving), sound()),
		},
	}
}
