package scenarios

import (
	"slices"
	"time"

	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/act/tamper"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/stage"
	"trailkeeper/rules/evidence"
)

// self are attacks on the deployment itself.
func self() []Scenario {
	all := slices.Concat(atRest(), onRules(), onFunctions(), onState(), onTopic(), onStack(), bothGone(), []Scenario{{
		Name:   "every-call",
		Title:  "every call against the deployment, told by EventBridge alone",
		Act:    act.EveryCall,
		Checks: check.All(check.ToldByRules(100), check.Sound()),
	}})
	for i := range all {
		all[i].Self = true
		needs := []need.Need{need.Protect, need.OwnSecret}
		if all[i].Needs != nil {
			needs = append(needs, all[i].Needs)
		}
		all[i].Needs = need.All(needs...)
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

// attacked is what is done to the deployment, one thing a minute, and a run of guard and warden after it.
func attacked(acts ...act.Act) act.Act {
	return act.ThenSweep(act.InTurn(time.Minute, acts...))
}

// told is that EventBridge told both channels of every call, and of that many at least, and the warden of what it found.
func told(calls int, phrases ...string) []check.Check {
	return check.All(check.ToldByRules(calls), check.ToldByWarden(phrases...))
}

// toldOnSlack is told where Slack is the channel that is left.
func toldOnSlack(calls int, phrases ...string) []check.Check {
	return check.All(check.RulesToldSlack(calls), check.WardenToldSlack(phrases...))
}

// atRest is the deployment when nobody does anything to it.
func atRest() []Scenario {
	const quarter = 15 * time.Minute
	return []Scenario{{
		Name:   "unharmed",
		Needs:  need.Warden,
		Title:  "a quarter of an hour passes in which guard and warden check each other, and find nothing",
		Act:    act.Passes(quarter),
		Checks: check.All(check.ToldToNobody(), check.BothPinged(quarter, 5*time.Minute), check.Untouched(), check.Quiet()),
	}}
}

// onRules are attacks on EventBridge.
func onRules() []Scenario {
	return []Scenario{
		{
			Name:  "rules-attacked",
			Title: "rules are disabled, deleted, repointed, and their targets removed and poisoned",
			Act: tamper.Keeping(map[string]tamper.Read{
				"the rule tampering": tamper.RuleRead("tampering"), "the rule change": tamper.RuleRead("change"),
				"the rule attempt": tamper.RuleRead("attempt"), "the rule odd-actor": tamper.RuleRead("odd-actor"),
				"the rule activity": tamper.RuleRead("activity"),
			}, attacked(
				tamper.DisablesRule("tampering"), tamper.DeletesRule("change"), tamper.RepointsRule("attempt"),
				tamper.RemovesTargets("odd-actor"), tamper.PoisonsTarget("activity", "Guard"),
			)),
			Checks: check.All(
				check.ToldByRules(6), check.PutBackAsDeployed(), check.Sound(),
				check.RestoredByWarden("-tampering was found changed and restored", "-change was found deleted and restored",
					"-attempt was found changed and restored", "-odd-actor was found changed and restored",
					"-activity was found changed and restored"),
			),
		},
		{
			Name:  "slack-repointed",
			Title: "the API destination posts elsewhere, and the secret has a foreign webhook: SNS tells",
			Act: act.InOrder(
				act.Passes(6*time.Minute), attacked(tamper.RepointsDestination("slack-protect"), tamper.ReplacesSecret()),
			),
			Checks: check.All(
				check.RulesToldTopic(2), check.WardenToldTopic("trailkeeper-slack-protect", "secret trailkeeper was found changed"),
			),
		},
		{
			Name:   "slack-deauthorized",
			Title:  "the connection to Slack is deauthorized: SNS tells",
			Act:    attacked(tamper.Deauthorizes()),
			Checks: check.All(check.RulesToldTopic(1), check.ToldByWarden("connection trailkeeper-slack was found changed")),
		},
	}
}

// The functions and the warden's role, by their logical IDs.
const (
	guardFunction  = "GuardFunction"
	wardenFunction = "WardenFunction"
	wardenRole     = "WardenRole"
)

// onFunctions are attacks on the functions.
func onFunctions() []Scenario {
	return []Scenario{
		{
			Name:  "guard-starved",
			Title: "the guard is left no concurrency, nobody may invoke it, its failed events are dropped, and no sweep starts",
			Act: tamper.Keeping(map[string]tamper.Read{
				"the guard's concurrency":  tamper.ConcurrencyRead(guardFunction),
				"who may invoke the guard": tamper.InvokersRead(guardFunction),
				"the schedule sweep":       tamper.ScheduleRead("sweep"),
			}, attacked(
				tamper.Starves(guardFunction), tamper.RevokesInvoke(guardFunction), tamper.DropsEvents(guardFunction),
				tamper.DeletesSchedule("sweep"),
			)),
			Checks: check.All(
				check.ToldByRules(4), check.PutBackAsDeployed(), check.ToldByWarden("AWS::Lambda::Permission", "AWS::Scheduler::Schedule"),
			),
		},
		{
			Name:   "guard-replaced",
			Title:  "the guard gets another program, and one second to run",
			Act:    attacked(tamper.ReplacesCode(guardFunction), tamper.Reconfigures(guardFunction)),
			Checks: told(2, "was found changed", "CodeSha256", "Timeout"),
		},
		{
			Name:   "guard-deleted",
			Title:  "the guard and its log are deleted",
			Act:    attacked(tamper.DeletesFunction(guardFunction), tamper.DeletesLog("GuardLog")),
			Checks: told(2, "AWS::Lambda::Function", "gone"),
		},
		{
			Name:  "warden-starved",
			Needs: need.Warden,
			Title: "the warden is left no concurrency, and its schedule is deleted",
			Act: tamper.Keeping(map[string]tamper.Read{
				"the warden's concurrency": tamper.ConcurrencyRead(wardenFunction),
				"the schedule warden":      tamper.ScheduleRead("warden"),
			}, attacked(tamper.Starves(wardenFunction), tamper.DeletesSchedule("warden"))),
			Checks: check.All(
				check.ToldByRules(2), check.PutBackAsDeployed(),
				check.RestoredByGuard("function trailkeeper-warden was found changed and restored",
					"schedule trailkeeper-warden was found deleted and restored"),
			),
		},
		{
			Name:  "warden-attacked",
			Needs: need.Warden,
			Title: "the warden's program, settings and role are changed, and its log is deleted",
			Setup: stage.Setup{Cloud: act.InVirginia},
			Act: attacked(
				tamper.ReplacesCode(wardenFunction), tamper.Reconfigures(wardenFunction), tamper.DropsEvents(wardenFunction),
				tamper.DeletesLog("WardenLog"), tamper.TakesPolicies(wardenRole), tamper.DeniesRole(wardenRole), tamper.BoundsRole(wardenRole),
				tamper.DistrustsRole(wardenRole),
			),
			Checks: check.All(
				check.ToldByRules(8),
				check.ToldByGuardOfWarden("function trailkeeper-warden was found changed", "CodeSha256", "event-invoke settings",
					"role trailkeeper-warden-us-east-1 was found changed", "log group trailkeeper-WardenLog"),
			),
		},
		{
			Name:   "warden-role-deleted",
			Needs:  need.Warden,
			Title:  "the warden's role is deleted",
			Setup:  stage.Setup{Cloud: act.InVirginia},
			Act:    attacked(tamper.DeletesRole(wardenRole)),
			Checks: check.All(check.ToldByRules(2), check.ToldByGuardOfWarden("trailkeeper-warden-us-east-1 was found deleted")),
		},
		{
			Name:   "warden-deleted",
			Needs:  need.Warden,
			Title:  "the warden is deleted",
			Act:    attacked(tamper.DeletesFunction(wardenFunction)),
			Checks: check.All(check.ToldByRules(1), check.ToldByGuardOfWarden("trailkeeper-warden was found deleted")),
		},
	}
}

// onState are attacks on queues and the state table.
func onState() []Scenario {
	const failures = "GuardFailures"
	return []Scenario{
		{
			Name:  "queue-opened",
			Title: "a queue loses its policy and its messages",
			Act: tamper.Keeping(map[string]tamper.Read{"the queue's policy": tamper.QueueRead(failures)},
				attacked(tamper.OpensQueue(failures), tamper.Purges(failures))),
			Checks: check.All(
				check.ToldByRules(2), check.PutBackAsDeployed(), check.RestoredByWarden("was found changed and restored"), check.Sound(),
			),
		},
		{
			Name:   "queue-deleted",
			Title:  "a queue is deleted by somebody who first took its policy away",
			Act:    attacked(tamper.OpensQueue(failures), tamper.DeletesQueue(failures)),
			Checks: told(2, "was found deleted"),
		},
		{
			Name:  "table-opened",
			Title: "the state table loses its policy, and keeps its items for ever",
			Act: tamper.Keeping(map[string]tamper.Read{"the table's policy": tamper.TableRead()},
				attacked(tamper.LiftsTablePolicy(), tamper.EndsTimeToLive())),
			Checks: check.All(
				check.ToldByRules(2), check.PutBackAsDeployed(), check.RestoredByWarden("1 of 2 weakening changes to table"), check.Sound(),
			),
		},
		{
			Name:   "table-deleted",
			Title:  "the state table is deleted",
			Act:    attacked(tamper.DeletesTable()),
			Checks: check.All(check.ToldByRules(2), check.ToldByWarden("was found deleted"), check.ToldByGuardOfWarden("state table")),
		},
	}
}

// onTopic are attacks on the topic, of which Slack tells.
func onTopic() []Scenario {
	return []Scenario{
		{
			Name:   "unsubscribed",
			Title:  "every subscription of the topic is taken away: Slack tells",
			Act:    attacked(tamper.Unsubscribes()),
			Checks: toldOnSlack(1, "subscription"),
		},
		{
			Name:   "topic-closed",
			Title:  "nobody may publish to the topic any more: Slack tells",
			Act:    attacked(tamper.ClosesTopic()),
			Checks: toldOnSlack(1, "topic policy"),
		},
		{
			Name:   "topic-deleted",
			Title:  "the topic is deleted: Slack tells",
			Act:    attacked(tamper.DeletesTopic()),
			Checks: toldOnSlack(1, "was found deleted"),
		},
		{
			Name:   "own-key-disabled",
			Title:  "the key of the topic and the queues is disabled, and its deletion scheduled: Slack tells",
			Act:    attacked(tamper.DisablesOwnKey(), tamper.DeletesOwnKey()),
			Checks: toldOnSlack(2, "key", "was found changed"),
		},
	}
}

// onStack are attacks on what the functions may do, on alarms, and on the stack as a whole.
func onStack() []Scenario {
	return []Scenario{
		{
			Name:   "alarms-disabled",
			Title:  "the alarms of the stack tell nobody any more",
			Act:    attacked(tamper.DisablesAlarms()),
			Checks: check.All(check.ToldByRules(1), check.ToldByWarden("AWS::CloudWatch::Alarm"), check.Sound()),
		},
		{
			Name:  "role-attacked",
			Title: "the guard's role loses its policies, is denied everything, bounded, and trusted by nobody",
			Setup: stage.Setup{Cloud: act.InVirginia},
			Act: attacked(
				tamper.TakesPolicies("GuardRole"), tamper.DeniesRole("GuardRole"), tamper.BoundsRole("GuardRole"),
				tamper.DistrustsRole("GuardRole"),
			),
			Checks: told(4, "role trailkeeper-GuardRole", "was found changed"),
		},
		{
			Name:   "role-deleted",
			Title:  "the role with which EventBridge posts to Slack is deleted: SNS tells",
			Setup:  stage.Setup{Cloud: act.InVirginia},
			Act:    attacked(tamper.DeletesRole("SlackRole")),
			Checks: check.All(check.RulesToldTopic(2), check.ToldByWarden("role trailkeeper-SlackRole", "was found deleted")),
		},
		{
			Name:   "parameter-deleted",
			Title:  "the parameter that says what was deployed is deleted",
			Act:    attacked(tamper.DeletesParameter()),
			Checks: told(1, "trailkeeper-deployment"),
		},
		{
			Name:  "parameter-rewritten",
			Title: "the parameter names another function as the guard, and a rule is disabled: no rule is led there",
			Act: tamper.Keeping(map[string]tamper.Read{
				"the rule change": tamper.RuleRead("change"), "the rule tampering": tamper.RuleRead("tampering"),
			}, act.InOrder(act.Passes(time.Minute), attacked(tamper.RewritesParameter(guardFunction), tamper.DisablesRule("tampering")))),
			Checks: check.All(
				check.ToldByRules(2), check.PutBackAsDeployed(), check.ToldByWarden("AWS::SSM::Parameter"), check.Sound(),
			),
		},
		{
			Name:   "stack-deleted",
			Title:  "the stack loses its protection, and is deleted",
			Act:    attacked(tamper.Unprotects(), tamper.DeletesStack()),
			Checks: check.ToldByRulesBut("DeleteStack"),
		},
	}
}

// bothGone is what still works without guard and warden.
func bothGone() []Scenario {
	return []Scenario{{
		Name:  "both-gone",
		Needs: need.Warden,
		Title: "guard and warden are deleted, then the trail is stopped: EventBridge tells, and the service outside hears no more",
		Act: act.InTurn(0,
			act.Passes(10*time.Minute), tamper.DeletesFunction(wardenFunction), tamper.DeletesFunction(guardFunction),
			act.Passes(10*time.Minute), act.StopLogging, act.Passes(30*time.Minute),
		),
		Checks: check.All(
			check.ToldByRules(2), check.ToldByEventBridge(), check.SilentOutside(10*time.Minute),
		),
	}}
}
