package scenarios

import (
	"net/http"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/stage"
)

// restoredAndTold is what must hold where a channel is only slow or unwilling for a while.
func restoredAndTold() []check.Check {
	return check.All(check.RestartedAndTold(), check.Arrived(), check.NotTwice(), check.Quiet())
}

// deliveries are attacks while messages hardly get through.
func deliveries() []Scenario {
	return []Scenario{
		{
			Name:  "event-concurrent",
			Title: "logging is stopped, and the event arrives three times at the same moment",
			Needs: need.Table,
			Act:   act.SideBySide(act.Repeated(2, act.StopLogging)),
			Checks: check.All(
				check.Restored(), check.RestartedFirst(), check.Outcome("restored", "already_logging"), check.Arrived(),
				check.NotTwice(), check.Safe(), check.Sound(),
			),
		},
		{
			Name:   "slack-limits",
			Title:  "logging is stopped while Slack limits the rate (429) for some seconds",
			Needs:  need.Slack,
			Act:    act.Faulty(act.StopLogging, act.SlackLimits()...),
			Checks: restoredAndTold(),
		},
		{
			Name:   "slack-fails",
			Title:  "logging is stopped while Slack fails (500) twice",
			Needs:  need.Slack,
			Act:    act.Faulty(act.StopLogging, act.SlackFails()...),
			Checks: restoredAndTold(),
		},
		{
			Name:  "slack-slow",
			Title: "logging is stopped while Slack takes three seconds to answer",
			Needs: need.Slack,
			Act: act.Faulty(act.StopLogging, localcloud.Fault{
				Service: "slack",
				By:      localcloud.AnyCaller,
				Kind:    localcloud.FaultSlow,
				Delay:   3 * time.Second,
			}),
			Checks: restoredAndTold(),
		},
		{
			Name:   "slack-forbids",
			Title:  "logging is stopped after a Slack administrator forbade the app to post (403)",
			Needs:  need.Slack,
			Act:    act.Faulty(act.StopLogging, act.SlackAnswers(http.StatusForbidden, "action_prohibited", 0)),
			Checks: refusedBySlack(),
		},
		{
			Name:   "channel-archived",
			Title:  "logging is stopped after somebody archived the Slack channel (410)",
			Needs:  need.Slack,
			Act:    act.Faulty(act.StopLogging, act.SlackAnswers(http.StatusGone, "channel_is_archived", 0)),
			Checks: refusedBySlack(),
		},
		{
			Name:    "slack-not-ok",
			Title:   "logging is stopped after the bot was removed from the channel (200, ok false)",
			Threads: true,
			Act:     act.Faulty(act.StopLogging, act.SlackAnswers(http.StatusOK, "not_in_channel", 0)),
			Checks: check.All(
				check.Restored(), check.RestartedFirst(), check.ToldByTopic("and restored"),
				check.ToldByTopic("Slack delivery failed"), check.Outcome("restored"), check.GuardParked(), check.Handled(),
				check.AlarmedByTopic(), check.Sound(),
			),
		},
		{
			Name:   "answer-lost",
			Title:  "logging is stopped, and Slack takes the message, but its answer is lost",
			Needs:  need.Secret,
			Act:    act.Faulty(act.StopLogging, localcloud.Fault{Service: "slack", Kind: localcloud.FaultLost, Times: 1}),
			Checks: check.All(check.RestartedAndTold(), check.Arrived(), check.OneRepeat(), check.Quiet()),
		},
		{
			Name:   "table-silent",
			Title:  "logging is stopped while the state table does not answer",
			Needs:  need.Table,
			Act:    act.Faulty(act.StopLogging, localcloud.Fault{Service: "dynamodb", Kind: localcloud.FaultTimeout}),
			Checks: restoredAndTold(),
		},
	}
}

// refusedBySlack is what must hold where Slack takes nothing any more, of anybody.
func refusedBySlack() []check.Check {
	return check.All(
		check.Restored(), check.RestartedFirst(), check.ToldByTopic("and restored"),
		check.ToldByTopic("Slack delivery failed"), check.Outcome("restored"), check.Parked(), check.Handled(),
		check.AlarmedByTopic(), check.Sound(),
	)
}

// redrives are what the sweep makes good when what kept messages and events away is over.
func redrives() []Scenario {
	return []Scenario{
		{
			Name: "slack-back",
			Title: "a trail is stopped, and two more calls are tried, while Slack is down; when it is back, a sweep tells of " +
				"them late",
			Needs:  need.All(need.Secret, need.Redrive, need.InMode(config.ModeRestart)),
			Sweeps: true,
			Setup:  stage.Setup{Denied: act.DeniedCalls("DeleteTrail", "UpdateTrail")},
			Act: act.WhileFailing(
				act.InTime(
					time.Minute,
					act.StopLogging,
					act.Refused(act.DeleteTrail),
					act.Refused(act.UpdateTrail),
				),
				"finds that Slack is back",
				act.Passes(10*time.Minute),
				act.SlackDown(),
			),
			Checks: check.All(
				check.Restored(), check.RestartedFirst(), check.ToldByTopic("Slack delivery failed"), check.Arrived(),
				check.NotTwice(), check.OldestFirst(), check.Emptied(), check.AlarmedByTopic(), check.Safe(), check.Sound(),
			),
		},
		{
			Name: "guard-back",
			Title: "logging is stopped while EventBridge may not invoke the guard; when it may again, a sweep handles the " +
				"event",
			Needs:  need.Redrive,
			Sweeps: true,
			Act: act.WhileFailing(
				act.InTime(time.Minute, act.StopLogging),
				"gives EventBridge its permission back",
				act.Passes(10*time.Minute),
				act.GuardCutOff(),
			),
			Checks: check.All(
				check.Restored(), check.ToldByEventBridge(), check.Arrived(), check.NotTwice(), check.Emptied(), check.Alarmed(),
				check.Safe(), check.Sound(),
			),
		},
	}
}
