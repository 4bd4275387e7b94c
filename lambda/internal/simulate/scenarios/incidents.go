package scenarios

import (
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/simulate/stage"
)

// incidents are several events of one incident, and of two.
func incidents() []Scenario {
	return []Scenario{
		{
			Name:    "incident-thread",
			Title:   "a trail is stopped three times: with a Slack bot, its messages are in one thread, and its end as well",
			Threads: true,
			Sweeps:  true,
			Act:     act.InOrder(act.StopsInTime(3), act.Passes(21*time.Minute)),
			Checks: check.All(
				check.Restored(), check.NotTwice(), check.Threaded(3), check.Standing("×", "Restored after", "dark time"),
				check.ToldOrCounted(), check.Quiet(),
			),
		},
		{
			Name:    "second-trail",
			Title:   "two trails are stopped by the same actor: the second is not hidden in the thread of the first",
			Threads: true,
			Act:     act.StopBoth(),
			Checks: check.All(
				check.Restored(), check.Arrived(), check.NotTwice(), check.SecondSeen(stage.SecondTrail), check.Quiet(),
			),
		},
		{
			Name:    "routed",
			Title:   "two trails are stopped: a route has the second one's messages go to a channel of its own",
			Threads: true,
			Setup:   stage.Setup{Routed: true},
			Act:     act.StopBoth(),
			Checks: check.All(
				check.Restored(), check.NotTwice(), check.RoutedApart(stage.SecondTrail, result.SecondChannel), check.Quiet(),
			),
		},
		{
			Name:    "escalation",
			Title:   "a trail is stopped again by somebody who first denied the guard StartLogging",
			Threads: true,
			Needs:   need.InMode(config.ModeRestart),
			Act:     act.StopAndDeny(),
			Checks: check.All(
				check.Arrived(), check.NotTwice(), check.Threaded(2), check.Standing("×2", "Needs a human"),
				check.Broadcast("is not restored"), check.Alarmed(), check.Safe(), check.Sound(),
			),
		},
		{
			Name:   "flood",
			Title:  "a trail is stopped thirty times: each channel gets what is new, and the rest in summaries",
			Needs:  need.All(need.Table, need.InMode(config.ModeRestart)),
			Sweeps: true,
			Act:    act.InOrder(act.StopsInTime(30), act.Passes(22*time.Minute)),
			Checks: check.All(
				check.Restored(), check.StartedEachTime(30), check.NotTwice(), check.ToldOrCounted(), check.ToldAtMost(12),
				check.ContestedThenOver(), check.Quiet(),
			),
		},
	}
}
