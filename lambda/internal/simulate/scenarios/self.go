package scenarios

import (
	"slices"
	"time"

	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/stage"
	"trailkeeper/rules/evidence"
)

// self are attacks on the deployment itself.
func self() []Scenario {
	all := slices.Concat(onRules(), onFunctions(), onState(), onStack(), []Scenario{
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
	return append(all, Scenario{
		Name:     "every-evidence-call",
		Title:    "every call on a trail's evidence, told by EventBridge alone",
		Evidence: true,
		Needs:    need.Evidence,
		Act:      act.EveryEvidenceCall(goldenEvidence),
		Checks:   check.All(check.EvidenceTold(40), check.Sound()),
	})
}

// goldenEvidence is what the baseline of the golden template "evidence" names.
var goldenEvidence = evidence.Names{
	Buckets:   []evidence.Bucket{{Name: "management-logs", Prefix: "trail/AWSLogs/"}},
	Keys:      []string{stage.At(stage.Region, stage.Account).ARN("kms", "key/44444444-4444-4444-4444-444444444444")},
	LogGroups: []string{stage.At(stage.Region, stage.Account).ARN("logs", "log-group:management:*")},
}

// attacked is what is done to the deployment, one thing a minute, and a sweep after it.
func attacked(acts ...act.Act) act.Act {
	return act.ThenSweep(act.InTurn(time.Minute, acts...))
}

// onRules are attacks on EventBridge.
func onRules() []Scenario {
	return []Scenario{
		{
			Name:  "rules-attacked",
			Title: "rules are disabled, deleted, repointed, and their targets removed and poisoned",
			Act: attacked(
				act.DisablesRule("tampering"), act.DeletesRule("change"), act.RepointsRule("attempt"),
				act.RemovesTargets("odd-actor"), act.PoisonsTarget("activity", "Guard"),
			),
			Checks: check.All(check.ToldByRules(6)),
		},
		{
			Name:   "slack-repointed",
			Title:  "the API destination posts elsewhere, and the secret has a foreign webhook: SNS tells",
			Act:    attacked(act.RepointsDestination("slack-protect"), act.ReplacesSecret()),
			Checks: check.All(check.RulesToldTopic(2)),
		},
		{
			Name:   "slack-deauthorized",
			Title:  "the connection to Slack is deauthorized: SNS tells",
			Act:    attacked(act.Deauthorizes()),
			Checks: check.All(check.RulesToldTopic(1)),
		},
	}
}

const guardFunction = "GuardFunction"

// onFunctions are attacks on the functions.
func onFunctions() []Scenario {
	return []Scenario{
		{
			Name:  "guard-starved",
			Title: "the guard is left no concurrency, nobody may invoke it, its failed events are dropped, and no sweep starts",
			Act: attacked(
				act.Starves(guardFunction), act.RevokesInvoke(guardFunction), act.DropsEvents(guardFunction),
				act.DeletesSchedule("sweep"),
			),
			Checks: check.All(check.ToldByRules(4)),
		},
		{
			Name:   "guard-replaced",
			Title:  "the guard gets another program, and one second to run",
			Act:    attacked(act.ReplacesCode(guardFunction), act.Reconfigures(guardFunction)),
			Checks: check.All(check.ToldByRules(2)),
		},
		{
			Name:   "guard-deleted",
			Title:  "the guard and its log are deleted",
			Act:    attacked(act.DeletesFunction(guardFunction), act.DeletesLog("GuardLog")),
			Checks: check.All(check.ToldByRules(2)),
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

// onStack are attacks on what the functions may do, on alarms, and on the stack as a whole.
func onStack() []Scenario {
	return []Scenario{
		{
			Name:   "alarms-disabled",
			Title:  "the alarms of the stack tell nobody any more",
			Act:    attacked(act.DisablesAlarms()),
			Checks: check.All(check.ToldByRules(1)),
		},
		{
			Name:   "own-key-disabled",
			Title:  "the key of the topic and the queues is disabled, and its deletion scheduled: Slack tells",
			Act:    attacked(act.DisablesOwnKey(), act.DeletesOwnKey()),
			Checks: check.All(check.RulesToldSlack(2)),
		},
		{
			Name:  "role-attacked",
			Title: "the guard's role loses its policies, is denied everything, bounded, and trusted by nobody",
			Setup: stage.Setup{Cloud: act.InVirginia},
			Act: attacked(
				act.TakesPolicies("GuardRole"), act.DeniesRole("GuardRole"), act.BoundsRole("GuardRole"),
				act.DistrustsRole("GuardRole"),
			),
			Checks: check.All(check.ToldByRules(4)),
		},
		{
			Name:   "stack-deleted",
			Title:  "the stack loses its protection, and is deleted",
			Act:    attacked(act.Unprotects(), act.DeletesStack()),
			Checks: check.ToldByRulesBut("DeleteStack"),
		},
	}
}
