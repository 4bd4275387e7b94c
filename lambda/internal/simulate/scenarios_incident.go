package simulate

import (
	"time"

	"trailkeeper/lambda/config"
)

// incidents are several events of one incident, and of two.
func incidents() []Scenario {
	return []Scenario{
		{
			Name:    "incident-thread",
			Title:   "a trail is stopped three times: with a Slack bot, its messages are in one thread, and its end as well",
			Threads: true,
			sweeps:  true,
			act:     inTime(0, inTime(8*time.Second, stopLogging, stopLogging, stopLogging), passes(21*time.Minute)),
			checks: checks(
				restored(),
				notTwice(),
				threaded(3),
				standing("×", "Restored after", "dark time"),
				toldOrCounted(),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
		{
			Name:    "second-trail",
			Title:   "two trails are stopped by the same actor: the second is not hidden in the thread of the first",
			Threads: true,
			act:     stopBoth,
			checks:  checks(restored(), arrived(), notTwice(), secondSeen(), handled(), calm(), safe(), sound()),
		},
		{
			Name:    "routed",
			Title:   "two trails are stopped: a route has the second one's messages go to a channel of its own",
			Threads: true,
			routed:  true,
			act:     stopBoth,
			checks:  checks(restored(), notTwice(), routedApart(), handled(), calm(), safe(), sound()),
		},
		{
			Name:    "escalation",
			Title:   "a trail is stopped again by somebody who first denied the guard StartLogging",
			Threads: true,
			needs:   inMode(config.ModeRestart),
			act:     stopAndDeny,
			checks: checks(
				arrived(),
				notTwice(),
				threaded(2),
				standing("×2", "Needs a human"),
				broadcast("is not restored"),
				alarmed(),
				safe(),
				sound(),
			),
		},
		{
			Name:   "flood",
			Title:  "a trail is stopped thirty times: each channel gets what is new, and the rest in summaries",
			needs:  both(needsTable, inMode(config.ModeRestart)),
			sweeps: true,
			act:    inTime(0, stopsInTime(30), passes(22*time.Minute)),
			checks: checks(
				restored(),
				startedEachTime(30),
				notTwice(),
				toldOrCounted(),
				toldAtMost(12),
				contestedThenOver(),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
	}
}
