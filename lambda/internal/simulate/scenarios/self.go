package scenarios

import (
	"slices"
	"time"

	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/need"
)

// self are attacks on the deployment itself.
func self() []Scenario {
	all := slices.Concat(onFunctions(), onState(), []Scenario{
		{
			Name:   "every-call",
			Title:  "every call against the deployment, told by EventBridge alone",
			Act:    act.EveryCall,
			Checks: check.All(check.ToldByRules(100), check.Sound()),
		},
	})
	for i := range all {
		all[i].Self = true
		all[i].Needs = need.Protect
	}
	return all
}

// attacked is what is done to the deployment, one thing a minute, and a sweep after it.
func attacked(acts ...act.Act) act.Act {
	return act.ThenSweep(act.InTurn(time.Minute, acts...))
}

const guardFunction = "GuardFunction"

// onFunctions are attacks on the functions.
func onFunctions() []Scenario {
	return []Scenario{
		{
			Name:  "guard-starved",
			Title: "the guard is left no concurrency, nobody may invoke it, and its failed events are dropped",
			Act: attacked(
				act.Starves(guardFunction), act.RevokesInvoke(guardFunction), act.DropsEvents(guardFunction),
			),
			Checks: check.All(check.ToldByRules(3)),
		},
		{
			Name:   "guard-replaced",
			Title:  "the guard gets another program, and one second to run",
			Act:    attacked(act.ReplacesCode(guardFunction), act.Reconfigures(guardFunction)),
			Checks: check.All(check.ToldByRules(2)),
		},
		{
			Name:   "guard-deleted",
			Title:  "the guard is deleted",
			Act:    attacked(act.DeletesFunction(guardFunction)),
			Checks: check.All(check.ToldByRules(1)),
		},
	}
}

// onState are attacks on what carries messages and what remembers.
func onState() []Scenario {
	return []Scenario{
		{
			Name:   "queue-attacked",
			Title:  "a queue loses its policy, its messages and itself",
			Act:    attacked(act.OpensQueue("GuardFailures"), act.Purges("GuardFailures"), act.DeletesQueue("GuardFailures")),
			Checks: check.All(check.ToldByRules(3)),
		},
		{
			Name:   "table-attacked",
			Title:  "the state table loses its policy, its expiry and itself",
			Act:    attacked(act.LiftsTablePolicy(), act.EndsTimeToLive(), act.DeletesTable()),
			Checks: check.All(check.ToldByRules(4)),
		},
		{
			Name:   "unsubscribed",
			Title:  "every subscription of the topic is taken away: Slack tells",
			Act:    attacked(act.Unsubscribes()),
			Checks: check.All(check.RulesToldSlack(1)),
		},
		{
			Name:   "topic-closed",
			Title:  "nobody may publish to the topic any more: Slack tells",
			Act:    attacked(act.ClosesTopic()),
			Checks: check.All(check.RulesToldSlack(1)),
		},
		{
			Name:   "topic-deleted",
			Title:  "the topic is deleted: Slack tells",
			Act:    attacked(act.DeletesTopic()),
			Checks: check.All(check.RulesToldSlack(1)),
		},
	}
}
