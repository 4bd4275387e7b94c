package simulate

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/localcloud"
)

// Scenarios returns what is played, in order.
func Scenarios() []Scenario {
	return slices.Concat(
		attacks(),
		restores(),
		dependencies(),
		unreadables(),
		sweeps(),
		approvals(),
		incidents(),
		fights(),
		failures(),
		deliveries(),
		redrives(),
		queues(),
		watches(),
	)
}

// attacks are what somebody does to a trail while everything works.
func attacks() []Scenario {
	return []Scenario{
		{
			Name:  "logging-stopped",
			Title: "the logging of a trail is stopped",
			act:   stopLogging,
			checks: checks(
				restored(),
				restartedFirst(),
				told("and restored"),
				outcome("restored"),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
		{
			Name:  "stop-refused",
			Title: "somebody tries to stop logging, and AWS refuses",
			act:   refused(stopLogging),
			denied: map[string]string{
				"cloudtrail:StopLogging": fmt.Sprintf(localcloud.NoIdentityPolicy, "cloudtrail:StopLogging"),
			},
			checks: checks(
				untouched(),
				told("refused"),
				outcome("attempt_refused"),
				harmless(),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
		{
			Name:   "attempts",
			Title:  "every call against a trail is tried, and AWS refuses each",
			act:    attempts("/"),
			denied: deniedCalls(),
			checks: checks(untouched(), toldOfAttempts(), harmless(), handled(), calm(), safe(), sound()),
		},
		{
			Name:   "odd-attempts",
			Title:  "the same, by users whose ARNs would break the Slack message",
			act:    attempts(`/"/`, `/\/`, "/</", "/`/"),
			denied: deniedCalls(),
			checks: checks(untouched(), toldOfAttempts(), harmless(), handled(), calm(), safe(), sound()),
		},
		{
			Name:   "trail-deleted",
			Title:  "a trail is deleted",
			act:    deleteTrail,
			needs:  notInMode(config.ModeRecreate),
			checks: checks(told("deleted"), outcome("notified_only"), harmless(), handled(), calm(), safe(), sound()),
		},
		{
			Name:   "selectors-blinded",
			Title:  "event selectors are changed so that the trail records no management events",
			act:    putSelectors,
			needs:  notInMode(config.ModeRestore),
			checks: checks(told("selectors"), outcome("notified_only"), harmless(), handled(), calm(), safe(), sound()),
		},
		{
			Name:   "trail-weakened",
			Title:  "a trail is weakened by UpdateTrail",
			act:    updateTrail,
			needs:  notInMode(config.ModeRestore),
			checks: checks(told("changed"), outcome("notified_only"), harmless(), handled(), calm(), safe(), sound()),
		},
		{
			Name:   "insights-off",
			Title:  "Insights are turned off",
			act:    putInsights,
			needs:  notInMode(config.ModeRestore),
			checks: checks(told("nsight"), outcome("notified_only"), harmless(), handled(), calm(), safe(), sound()),
		},
		{
			Name:         "organization-trail",
			Title:        "an organization trail is stopped from a member account",
			organization: true,
			needs:        needsOwnAccount,
			setup:        inMember,
			act:          stopLogging,
			checks: checks(
				told(
					"organization trail of account "+account+": only the management account or a delegated administrator can "+
						"restart it",
				),
				outcome("cannot_restore"),
				silentTowardsCloudTrail(),
				handled(),
				alarmed(),
				safe(),
				sound(),
			),
		},
		{
			Name:         "organization-trail-restored",
			Title:        "the organization trail is stopped in the management account",
			organization: true,
			needs:        needsOrganization,
			act:          stopLogging,
			checks: checks(
				restored(),
				restartedFirst(),
				told("and restored"),
				outcome("restored"),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
		{
			Name:   "quiet-calls",
			Title:  "a trail is created, tagged, untagged and started",
			act:    quietCalls,
			needs:  needsRule("CreateTrail", "AddTags", "RemoveTags", "StartLogging"),
			checks: checks(toldOfQuietCalls(), harmless(), handled(), calm(), safe(), sound()),
		},
		{
			Name:      "odd-actor",
			Title:     "logging is stopped by a user whose ARN would break the Slack message",
			actorPath: `/"},"text":"all-is-well/`,
			act:       stopLogging,
			checks: checks(
				restored(),
				restartedFirst(),
				told("and restored"),
				outcome("restored"),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
		{
			Name:   "forged-event",
			Title:  "somebody puts a forged StopLogging on the bus",
			act:    forge,
			checks: checks(notDelivered(), silentTowardsCloudTrail(), calm(), safe(), sound()),
		},
	}
}

// failures are attacks while something does not work.
func failures() []Scenario {
	return []Scenario{
		{
			Name:  "event-repeated",
			Title: "logging is stopped, and the event arrives three times",
			needs: needsTable,
			act:   repeated(2, stopLogging),
			checks: checks(
				restored(),
				restartedFirst(),
				toldByGuard("and restored"),
				toldByTopic("and restored"),
				outcome("restored"),
				toldOnce(),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
		{
			Name:   "cloudtrail-throttled",
			Title:  "logging is stopped, and a flood of calls keeps CloudTrail busy",
			act:    stopAndFlood,
			checks: checks(restored(), restartedFirst(), told("and restored"), outcome("restored"), handled(), sound()),
		},
		{
			Name:  "cloudtrail-busy",
			Title: "logging is stopped, and CloudTrail is busy with another change for half a minute",
			setup: failingFor(
				30*time.Second,
				failing("cloudtrail", "StartLogging", http.StatusBadRequest, "ConflictException", "The trail is being changed."),
			),
			act:    stopLogging,
			checks: checks(restored(), restartedFirst(), told("and restored"), outcome("restored"), alarmed(), sound()),
		},
		{
			Name:  "cloudtrail-stuck",
			Title: "logging is stopped, and CloudTrail answers every StartLogging with a conflict",
			setup: failing(
				"cloudtrail",
				"StartLogging",
				http.StatusBadRequest,
				"ConflictException",
				"The trail is being changed.",
			),
			act:    stopLogging,
			checks: checks(restartedFirst(), told("not restored"), outcome("gave_up"), parked(), alarmed(), sound()),
		},
		{
			Name:   "guard-cut-off",
			Title:  "logging is stopped by somebody who first took EventBridge's permission to invoke the guard",
			setup:  failing("lambda", "Permission", http.StatusForbidden, "AccessDenied", "the function's permission is gone"),
			act:    stopLogging,
			checks: checks(toldByEventBridge(), toldDirectly(), parked(), alarmed(), sound()),
		},
		{
			Name:   "sweep-cut-off",
			Title:  "a sweep is due after somebody took Scheduler's permission to invoke the guard",
			sweeps: true,
			setup: failing(
				"scheduler",
				"Invoke",
				http.StatusForbidden,
				"AccessDeniedException",
				"the schedule's role may not invoke the function",
			),
			act:    func(_ context.Context, s *stage) error { return s.sweep(1) },
			checks: checks(parked(), alarmed(), safe(), sound()),
		},
		{
			Name:  "slack-hiccup",
			Title: "logging is stopped while Slack is down for a moment",
			needs: needsSlack,
			setup: failingFor(
				2500*time.Millisecond,
				failing("slack", "", http.StatusServiceUnavailable, "service_unavailable", ""),
			),
			act:    stopLogging,
			checks: checks(restored(), restartedFirst(), told("and restored"), outcome("restored"), handled(), sound()),
		},
		{
			Name:  "slack-down",
			Title: "logging is stopped while Slack is down",
			needs: needsSlack,
			setup: failing("slack", "", http.StatusServiceUnavailable, "service_unavailable", ""),
			act:   stopLogging,
			checks: checks(
				restored(),
				restartedFirst(),
				toldByTopic("and restored"),
				toldByTopic("Slack delivery failed"),
				outcome("restored"),
				parked(),
				handled(),
				alarmedByTopic(),
				sound(),
			),
		},
		{
			Name:  "webhook-revoked",
			Title: "logging is stopped, and Slack knows nothing of the webhook or the token any more",
			needs: needsSlack,
			setup: failing("slack", "", http.StatusNotFound, "no_service", ""),
			act:   stopLogging,
			checks: checks(
				restored(),
				restartedFirst(),
				toldByTopic("and restored"),
				toldByTopic("Slack delivery failed"),
				outcome("restored"),
				parked(),
				handled(),
				alarmedByTopic(),
				sound(),
			),
		},
		{
			Name:  "secret-gone",
			Title: "logging is stopped by somebody who first deleted the secret",
			needs: needsSecret,
			setup: failing("secretsmanager", "GetSecretValue", http.StatusBadRequest, "ResourceNotFoundException",
				"Secrets Manager can't find the specified secret."),
			act: stopLogging,
			checks: checks(
				restored(),
				restartedFirst(),
				toldByEventBridge(),
				toldByTopic("and restored"),
				toldByTopic("Slack delivery failed"),
				outcome("restored"),
				parked(),
				handled(),
				alarmed(),
				sound(),
			),
		},
		{
			Name:  "sns-down",
			Title: "logging is stopped while SNS is down",
			needs: needsTopic,
			setup: failing("sns", "Publish", http.StatusInternalServerError, "InternalError", "SNS is down."),
			act:   stopLogging,
			checks: checks(
				restored(), restartedFirst(), toldByEventBridge(), toldByGuard("and restored"), toldByGuard("SNS delivery failed"),
				parked(), handled(), alarmedBySlack(), sound()),
		},
		{
			Name:  "topic-refuses",
			Title: "logging is stopped by somebody who first closed the topic",
			needs: needsTopic,
			setup: failing("sns", "Publish", http.StatusForbidden, "AuthorizationError", "The topic's policy denies it."),
			act:   stopLogging,
			checks: checks(
				restored(), restartedFirst(), toldByEventBridge(), toldByGuard("and restored"), toldByGuard("SNS delivery failed"),
				parked(), handled(), alarmedBySlack(), sound(),
			),
		},
	}
}
