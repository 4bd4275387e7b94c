package scenarios

import (
	"fmt"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/stage"
)

// attacks are what somebody does to a trail while everything works.
func attacks() []Scenario {
	return []Scenario{
		{
			Name:   "logging-stopped",
			Title:  "the logging of a trail is stopped",
			Act:    act.StopLogging,
			Checks: check.All(check.RestartedAndTold(), check.Quiet()),
		},
		{
			Name:  "stop-refused",
			Title: "somebody tries to stop logging, and AWS refuses",
			Act:   act.Refused(act.StopLogging),
			Setup: stage.Setup{Denied: map[string]string{
				"cloudtrail:StopLogging": fmt.Sprintf(localcloud.NoIdentityPolicy, "cloudtrail:StopLogging"),
			}},
			Checks: check.All(
				check.Untouched(), check.Told("refused"), check.Outcome("attempt_refused"), check.Harmless(), check.Quiet(),
			),
		},
		{
			Name:   "attempts",
			Title:  "every call against a trail is tried, and AWS refuses each",
			Act:    act.Attempts("/"),
			Setup:  stage.Setup{Denied: act.DeniedCalls()},
			Checks: check.All(check.Untouched(), check.ToldOfAttempts(), check.Harmless(), check.Quiet()),
		},
		{
			Name:   "odd-attempts",
			Title:  "the same, by users whose ARNs would break the Slack message",
			Act:    act.Attempts(`/"/`, `/\/`, "/</", "/`/"),
			Setup:  stage.Setup{Denied: act.DeniedCalls()},
			Checks: check.All(check.Untouched(), check.ToldOfAttempts(), check.Harmless(), check.Quiet()),
		},
		{
			Name:   "trail-deleted",
			Title:  "a trail is deleted",
			Act:    act.DeleteTrail,
			Needs:  need.NotInMode(config.ModeRecreate),
			Checks: check.All(check.Told("deleted"), check.Outcome("notified_only"), check.Harmless(), check.Quiet()),
		},
		{
			Name:   "selectors-blinded",
			Title:  "event selectors are changed so that the trail records no management events",
			Act:    act.PutSelectors,
			Needs:  need.NotInMode(config.ModeRestore),
			Checks: check.All(check.Told("selectors"), check.Outcome("notified_only"), check.Harmless(), check.Quiet()),
		},
		{
			Name:   "trail-weakened",
			Title:  "a trail is weakened by UpdateTrail",
			Act:    act.UpdateTrail,
			Needs:  need.NotInMode(config.ModeRestore),
			Checks: check.All(check.Told("changed"), check.Outcome("notified_only"), check.Harmless(), check.Quiet()),
		},
		{
			Name:   "insights-off",
			Title:  "Insights are turned off",
			Act:    act.PutInsights,
			Needs:  need.NotInMode(config.ModeRestore),
			Checks: check.All(check.Told("nsight"), check.Outcome("notified_only"), check.Harmless(), check.Quiet()),
		},
		{
			Name:  "organization-trail",
			Title: "an organization trail is stopped from a member account",
			Setup: stage.Setup{Organization: true, Cloud: act.InMember},
			Needs: need.OwnAccount,
			Act:   act.StopLogging,
			Checks: check.All(
				check.Told("organization trail of account "+stage.Account+
					": only the management account or a delegated administrator can restart it"),
				check.Outcome("cannot_restore"), check.SilentTowardsCloudTrail(), check.Handled(), check.Alarmed(), check.Safe(),
				check.Sound(),
			),
		},
		{
			Name:   "organization-trail-restored",
			Title:  "the organization trail is stopped in the management account",
			Setup:  stage.Setup{Organization: true},
			Needs:  need.Organization,
			Act:    act.StopLogging,
			Checks: check.All(check.RestartedAndTold(), check.Quiet()),
		},
		{
			Name:   "quiet-calls",
			Title:  "a trail is created, tagged, untagged and started",
			Act:    act.QuietCalls,
			Needs:  need.Rule("CreateTrail", "AddTags", "RemoveTags", "StartLogging"),
			Checks: check.All(check.ToldOfQuietCalls(), check.Harmless(), check.Quiet()),
		},
		{
			Name:   "odd-actor",
			Title:  "logging is stopped by a user whose ARN would break the Slack message",
			Setup:  stage.Setup{ActorPath: `/"},"text":"all-is-well/`},
			Act:    act.StopLogging,
			Checks: check.All(check.RestartedAndTold(), check.Quiet()),
		},
		{
			Name:   "forged-event",
			Title:  "somebody puts a forged StopLogging on the bus",
			Act:    act.Forge,
			Checks: check.All(check.NotDelivered(), check.SilentTowardsCloudTrail(), check.Calm(), check.Safe(), check.Sound()),
		},
	}
}
