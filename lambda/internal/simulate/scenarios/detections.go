package scenarios

import (
	"fmt"
	"time"

	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/stage"
)

// quietly is what holds whatever the watch reports: CloudTrail is left alone, and nothing goes wrong.
func quietly() []check.Check {
	return check.All(check.Untouched(), check.SilentTowardsCloudTrail(), check.NotTwice(), check.Quiet())
}

const (
	robots = "match: record.userAgent == \"aws-cli/2.31.0\"\nreason: the team's own robot\nowner: platform\n"
	// failing compares a text with a number, which is an error on records that have a text there.
	failing = "id: many-users\ntitle: \"{{ record.eventName }} makes many users\"\nseverity: low\n" +
		"match: record.eventName == \"CreateUser\" && record.requestParameters.count > 3\n"
	// admins is about users whose names begin so.
	admins = "id: admin-created\ntitle: \"{{ record.requestParameters.userName }} is an administrator\"\n" +
		"severity: high\n" +
		"match: record.eventName == \"CreateUser\" && record.requestParameters.userName.startsWith(\"%s\")\n"
)

// detections are what the watch makes of records.
func detections() []Scenario {
	all := []Scenario{
		{
			Name:  "root-login",
			Title: "root signs in to the console",
			Act:   act.RootSignsIn(1),
			Checks: check.All(
				check.Detected(act.RecordID(1), "Root of account 111122223333 signs in to the console"), quietly(),
			),
		},
		{
			Name:  "login-without-mfa",
			Title: "a user signs in to the console without MFA",
			Act:   act.SignsInWithoutMFA(1),
			Checks: check.All(
				check.Detected(act.RecordID(1), "alice signed in to the console without MFA"), quietly(),
			),
		},
		{
			Name:  "login-brute-force",
			Title: "somebody tries five passwords of a user within a minute",
			Act:   act.FailsToSignIn(5),
			Checks: check.All(
				check.Detected(act.RecordID(5), "failed repeatedly"), check.DetectedTimes(1, "failed repeatedly"),
				quietly(),
			),
		},
		{
			Name:   "actor-ignored",
			Title:  "a user whom an ignore rule names signs in without MFA",
			Setup:  stage.Setup{Rules: stage.Rules{"ignore/robots.yaml": robots}},
			Act:    act.SignsInWithoutMFA(1),
			Checks: check.All(check.Undetected(), quietly()),
		},
		{
			Name:  "ignore-expired",
			Title: "the same the day after the ignore rule has expired",
			Setup: stage.Setup{Rules: stage.Rules{
				"ignore/robots.yaml": robots + "expires: 2026-03-01\n",
			}},
			Act: act.SignsInWithoutMFA(1),
			Checks: check.All(
				check.Detected(act.RecordID(1), "alice signed in to the console without MFA"), quietly(),
			),
		},
		{
			Name:  "rule-throws",
			Title: "a rule fails on three records, which others match",
			Setup: stage.Setup{Rules: stage.Rules{"many-users.yaml": failing}},
			Act: act.InTurn(time.Minute,
				act.CreatesUser(1, map[string]any{"userName": "mallory", "count": "many"}),
				act.CreatesUser(2, map[string]any{"userName": "mallet", "count": "many"}),
				act.CreatesUser(3, map[string]any{"userName": "trudy", "count": "many"}),
			),
			Checks: check.All(
				check.Detected(act.RecordID(1), "mallory"), check.Detected(act.RecordID(2), "mallet"),
				check.Detected(act.RecordID(3), "trudy"), check.DetectedTimes(1, "many-users"), quietly(),
			),
		},
		{
			Name:  "rules-changed",
			Title: "a user is made whose name no rule is about, and again after a rule is",
			Setup: stage.Setup{Rules: stage.Rules{"admins.yaml": fmt.Sprintf(admins, "root")}},
			Act: act.InTurn(time.Minute,
				act.CreatesUser(1, map[string]any{"userName": "adm-mallory"}),
				act.Deploys(stage.Rules{"admins.yaml": fmt.Sprintf(admins, "adm-")}),
				act.CreatesUser(2, map[string]any{"userName": "adm-mallory"}),
			),
			Checks: check.All(
				check.Detected(act.RecordID(2), "adm-mallory is an administrator"),
				check.DetectedTimes(1, "adm-mallory is an administrator"), quietly(),
			),
		},
		{
			Name:  "refused-flood",
			Title: "a user makes sixty calls in five minutes, each of which is refused",
			Act:   act.IsRefused(60),
			Checks: check.All(
				check.Detected(act.RecordID(1), "RunInstances"), check.AtMost(12), quietly(),
			),
		},
		{
			Name:   "watch-slack-down",
			Title:  "a user signs in without MFA while Slack is down; when it is back, the watch tells of it late",
			Sweeps: true,
			Act: act.WhileFailing(
				act.InTime(time.Minute, act.SignsInWithoutMFA(1)), "finds that Slack is back", act.Passes(10*time.Minute),
				act.SlackDown(),
			),
			Checks: check.All(
				check.Detected(act.RecordID(1), "alice signed in to the console without MFA"),
				check.ToldByTopicOf(act.RecordID(1), "Slack delivery failed"), check.NotTwice(), check.Emptied(),
				check.AlarmedByTopic(),
				check.Safe(), check.Sound(),
			),
		},
		{
			Name:   "watch-cut-off",
			Title:  "a user signs in without MFA, and the watch dies after it has claimed the message; Lambda runs it again",
			Setup:  stage.Setup{WatchDies: true},
			Sweeps: true,
			Act:    act.InTime(15*time.Minute, act.SignsInWithoutMFA(1)),
			Checks: check.All(
				check.Detected(act.RecordID(1), "alice signed in to the console without MFA"), check.Untouched(),
				check.Harmless(), check.NotTwice(), check.Safe(), check.Sound(),
			),
		},
	}
	for i := range all {
		all[i].Watch = true
	}
	return all
}
