package scenarios

import (
	"fmt"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/stage"
)

// fights are what somebody does who does not give up: the guard goes on, says how long the trail was dark, and floods
// nobody.
func fights() []Scenario {
	return []Scenario{
		{
			Name:     "fight-over-selectors",
			Title:    "a trail is blinded by PutEventSelectors again and again",
			Recreate: true,
			Sweeps:   true,
			Needs:    need.Table,
			Act:      act.Strikes(8, act.PutSelectors),
			Checks: check.All(
				check.PutBack(), check.DarkAtMost(), check.ToldOrCounted(), check.ToldAtMost(24), check.ContestedThenOver(),
				check.Handled(), check.Safe(), check.Sound(),
			),
		},
		{
			Name:   "stop-loop",
			Title:  "a trail is stopped again whenever it has been restarted",
			Sweeps: true,
			Needs:  need.All(need.Table, need.InMode(config.ModeRestart)),
			Act:    act.Strikes(8, act.StopLogging),
			Checks: check.All(
				check.Restored(), check.DarkAtMost(), check.ToldOrCounted(), check.ToldAtMost(24), check.ContestedThenOver(),
				check.Handled(), check.Safe(), check.Sound(),
			),
		},
		{
			Name:   "fight-unseen",
			Title:  "a trail is stopped again and again, and every third event is lost",
			Sweeps: true,
			Needs:  need.All(need.Table, need.InMode(config.ModeRestart)),
			Act:    act.Strikes(9, act.Losing(3, act.StopLogging)),
			Checks: check.All(
				check.Restored(), check.DarkAtMost(), check.ContestedThenOver(), check.Handled(), check.Safe(), check.Sound(),
			),
		},
		{
			Name:   "storm",
			Title:  "somebody without any right makes sixty StopLogging calls, which AWS refuses",
			Sweeps: true,
			Needs:  need.Table,
			Setup: stage.Setup{Denied: map[string]string{
				"cloudtrail:StopLogging": fmt.Sprintf(localcloud.NoIdentityPolicy, "cloudtrail:StopLogging"),
			}},
			Act:    act.InOrder(act.StopsRefused(60), act.Passes(15*time.Minute)),
			Checks: check.All(check.Untouched(), check.ToldOrCounted(), check.ToldAtMost(3), check.Harmless(), check.Quiet()),
		},
	}
}
