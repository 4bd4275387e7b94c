package scenarios

import (
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/stage"
)

// failures are attacks while something does not work.
func failures() []Scenario {
	return []Scenario{
		{
			Name:  "event-repeated",
			Title: "logging is stopped, and the event arrives three times",
			Needs: need.Table,
			Act:   act.Repeated(2, act.StopLogging),
			Checks: check.All(
				check.Restored(), check.RestartedFirst(), check.ToldByGuard("and restored"), check.ToldByTopic("and restored"),
				check.Outcome("restored"), check.ToldOnce(), check.Quiet(),
			),
		},
		{
			Name:   "cloudtrail-throttled",
			Title:  "logging is stopped, and a flood of calls keeps CloudTrail busy",
			Act:    act.StopAndFlood,
			Checks: check.All(check.RestartedAndTold(), check.Handled(), check.Sound()),
		},
		{
			Name:   "cloudtrail-busy",
			Title:  "logging is stopped, and CloudTrail is busy with another change for half a minute",
			Setup:  stage.Setup{Cloud: act.CloudTrailBusy},
			Act:    act.StopLogging,
			Checks: check.All(check.RestartedAndTold(), check.Alarmed(), check.Sound()),
		},
		{
			Name:  "cloudtrail-stuck",
			Title: "logging is stopped, and CloudTrail answers every StartLogging with a conflict",
			Setup: stage.Setup{Cloud: act.CloudTrailStuck},
			Act:   act.StopLogging,
			Checks: check.All(
				check.RestartedFirst(), check.Told("not restored"), check.Outcome("gave_up"), check.Parked(), check.Alarmed(),
				check.Sound(),
			),
		},
		{
			Name:   "guard-cut-off",
			Title:  "logging is stopped by somebody who first took EventBridge's permission to invoke the guard",
			Setup:  stage.Setup{Cloud: act.GuardUninvokable},
			Act:    act.StopLogging,
			Checks: check.All(check.ToldByEventBridge(), check.ToldDirectly(), check.Parked(), check.Alarmed(), check.Sound()),
		},
		{
			Name:   "sweep-cut-off",
			Title:  "a sweep is due after somebody took Scheduler's permission to invoke the guard",
			Sweeps: true,
			Setup:  stage.Setup{Cloud: act.SchedulerCutOff},
			Act:    act.Sweep(1),
			Checks: check.All(check.Parked(), check.Alarmed(), check.Safe(), check.Sound()),
		},
		{
			Name:   "slack-hiccup",
			Title:  "logging is stopped while Slack is down for a moment",
			Needs:  need.Slack,
			Setup:  stage.Setup{Cloud: act.SlackHiccup},
			Act:    act.StopLogging,
			Checks: check.All(check.RestartedAndTold(), check.Handled(), check.Sound()),
		},
		{
			Name:   "slack-down",
			Title:  "logging is stopped while Slack is down",
			Needs:  need.Slack,
			Setup:  stage.Setup{Cloud: act.SlackAway},
			Act:    act.StopLogging,
			Checks: refusedBySlack(),
		},
		{
			Name:   "webhook-revoked",
			Title:  "logging is stopped, and Slack knows nothing of the webhook or the token any more",
			Needs:  need.Slack,
			Setup:  stage.Setup{Cloud: act.WebhookRevoked},
			Act:    act.StopLogging,
			Checks: refusedBySlack(),
		},
		{
			Name:  "secret-gone",
			Title: "logging is stopped by somebody who first deleted the secret",
			Needs: need.Secret,
			Setup: stage.Setup{Cloud: act.SecretGone},
			Act:   act.StopLogging,
			Checks: check.All(
				check.Restored(), check.RestartedFirst(), check.ToldByEventBridge(), check.ToldByTopic("and restored"),
				check.ToldByTopic("Slack delivery failed"), check.Outcome("restored"), check.Parked(), check.Handled(),
				check.Alarmed(), check.Sound(),
			),
		},
		{
			Name:  "sns-down",
			Title: "logging is stopped while SNS is down",
			Needs: need.Topic,
			Setup: stage.Setup{Cloud: act.TopicDown},
			Act:   act.StopLogging,
			Checks: check.All(
				check.Restored(), check.RestartedFirst(), check.ToldByEventBridge(), check.ToldByGuard("and restored"),
				check.ToldByGuard("SNS delivery failed"), check.Parked(), check.Handled(), check.AlarmedBySlack(), check.Sound(),
			),
		},
		{
			Name:  "topic-refuses",
			Title: "logging is stopped by somebody who first closed the topic",
			Needs: need.Topic,
			Setup: stage.Setup{Cloud: act.TopicRefuses},
			Act:   act.StopLogging,
			Checks: check.All(
				check.Restored(), check.RestartedFirst(), check.ToldByEventBridge(), check.ToldByGuard("and restored"),
				check.ToldByGuard("SNS delivery failed"), check.Parked(), check.Handled(), check.AlarmedBySlack(), check.Sound(),
			),
		},
	}
}
