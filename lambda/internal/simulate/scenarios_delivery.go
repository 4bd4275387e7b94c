package simulate

import (
	"net/http"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/localcloud"
)

// restoredAndTold is what must hold where a channel is only slow or unwilling for a while.
func restoredAndTold() []check {
	return checks(
		restored(),
		restartedFirst(),
		told("and restored"),
		outcome("restored"),
		arrived(),
		notTwice(),
		handled(),
		calm(),
		safe(),
		sound(),
	)
}

// deliveries are attacks while messages hardly get through.
func deliveries() []Scenario {
	return []Scenario{
		{
			Name:  "event-concurrent",
			Title: "logging is stopped, and the event arrives three times at the same moment",
			needs: needsTable,
			act:   sideBySide(repeated(2, stopLogging)),
			checks: checks(
				restored(), restartedFirst(), outcome("restored", "already_logging"), arrived(), notTwice(), safe(), sound(),
			),
		},
		{
			Name:   "slack-limits",
			Title:  "logging is stopped while Slack limits the rate (429) for some seconds",
			needs:  needsSlack,
			act:    faulty(stopLogging, slackAnswersEach(http.StatusTooManyRequests, "rate_limited", 1, 3*time.Second)...),
			checks: restoredAndTold(),
		},
		{
			Name:   "slack-fails",
			Title:  "logging is stopped while Slack fails (500) twice",
			needs:  needsSlack,
			act:    faulty(stopLogging, slackAnswersEach(http.StatusInternalServerError, "server_error", 2, 0)...),
			checks: restoredAndTold(),
		},
		{
			Name:  "slack-slow",
			Title: "logging is stopped while Slack takes three seconds to answer",
			needs: needsSlack,
			act: faulty(stopLogging, localcloud.Fault{
				Service: "slack",
				By:      localcloud.AnyCaller,
				Kind:    localcloud.FaultSlow,
				Delay:   3 * time.Second,
			}),
			checks: restoredAndTold(),
		},
		{
			Name:   "slack-forbids",
			Title:  "logging is stopped after a Slack administrator forbade the app to post (403)",
			needs:  needsSlack,
			act:    faulty(stopLogging, slackAnswers(http.StatusForbidden, "action_prohibited", 0)),
			checks: refusedBySlack(),
		},
		{
			Name:   "channel-archived",
			Title:  "logging is stopped after somebody archived the Slack channel (410)",
			needs:  needsSlack,
			act:    faulty(stopLogging, slackAnswers(http.StatusGone, "channel_is_archived", 0)),
			checks: refusedBySlack(),
		},
		{
			Name:    "slack-not-ok",
			Title:   "logging is stopped after the bot was removed from the channel (200, ok false)",
			Threads: true,
			act:     faulty(stopLogging, slackAnswers(http.StatusOK, "not_in_channel", 0)),
			checks: checks(
				restored(),
				restartedFirst(),
				toldByTopic("and restored"),
				toldByTopic("Slack delivery failed"),
				outcome("restored"),
				guardParked(),
				handled(),
				alarmedByTopic(),
				sound(),
			),
		},
		{
			Name:  "answer-lost",
			Title: "logging is stopped, and Slack takes the message, but its answer is lost",
			needs: needsSecret,
			act:   faulty(stopLogging, localcloud.Fault{Service: "slack", Kind: localcloud.FaultLost, Times: 1}),
			checks: checks(
				restored(),
				restartedFirst(),
				told("and restored"),
				outcome("restored"),
				arrived(),
				oneRepeat(),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
		{
			Name:   "table-silent",
			Title:  "logging is stopped while the state table does not answer",
			needs:  needsTable,
			act:    faulty(stopLogging, localcloud.Fault{Service: "dynamodb", Kind: localcloud.FaultTimeout}),
			checks: restoredAndTold(),
		},
	}
}

// refusedBySlack is what must hold where Slack takes nothing any more, of anybody.
func refusedBySlack() []check {
	return checks(
		restored(),
		restartedFirst(),
		toldByTopic("and restored"),
		toldByTopic("Slack delivery failed"),
		outcome("restored"),
		parked(),
		handled(),
		alarmedByTopic(),
		sound(),
	)
}

// redrives are what the sweep makes good when what kept messages and events away is over.
func redrives() []Scenario {
	return []Scenario{
		{
			Name: "slack-back",
			Title: "a trail is stopped, and two more calls are tried, while Slack is down; when it is back, a sweep tells of " +
				"them late",
			needs:  both(both(needsSecret, needsRedrive), inMode(config.ModeRestart)),
			sweeps: true,
			denied: deniedCalls("DeleteTrail", "UpdateTrail"),
			act: whileFailing(
				inTime(
					time.Minute,
					stopLogging,
					refused(deleteTrail),
					refused(updateTrail),
				),
				"finds that Slack is back",
				passes(10*time.Minute),
				slackDown(),
			),
			checks: checks(
				restored(),
				restartedFirst(),
				toldByTopic("Slack delivery failed"),
				arrived(),
				notTwice(),
				oldestFirst(),
				emptied(),
				alarmedByTopic(),
				safe(),
				sound(),
			),
		},
		{
			Name: "guard-back",
			Title: "logging is stopped while EventBridge may not invoke the guard; when it may again, a sweep handles the " +
				"event",
			needs:  needsRedrive,
			sweeps: true,
			act: whileFailing(
				inTime(time.Minute, stopLogging),
				"gives EventBridge its permission back",
				passes(10*time.Minute),
				guardCutOff(),
			),
			checks: checks(
				restored(), toldByEventBridge(), arrived(), notTwice(), emptied(), alarmed(), safe(), sound(),
			),
		},
	}
}
