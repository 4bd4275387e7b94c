package checks

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"trailkeeper/lambda/trailkeeper/clitest"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// TestByAnswers: what the loopback cloud does not have, as AWS's answers say it.
func TestByAnswers(t *testing.T) {
	type answers = clitest.Answers
	object := func(name string, v any) clitest.Object { return clitest.Object{name: v} }
	say, refuse := clitest.Say, clitest.Refuse
	stores := say(object("EventDataStores", []any{clitest.Object{
		"EventDataStoreArn": "arn:aws:cloudtrail:eu-west-1:111122223333:eventdatastore/a", "Name": "a",
	}}))
	store := func(status string, protected bool) clitest.Answer {
		return say(clitest.Object{"Name": "a", "Status": status, "TerminationProtectionEnabled": protected})
	}
	const rulesPath, statusPath = "/ListTelemetryRules", "/GetTelemetryEvaluationStatus"
	rule := say(object("TelemetryRuleSummaries", []any{clitest.Object{"RuleName": "trails", "ResourceType": "AWS::CloudTrail"}}))
	concurrent := func(all, left int) answers {
		return answers{
			"/2019-09-30/functions/guard/concurrency": say(clitest.Object{}),
			"/2016-08-19/account-settings": say(object("AccountLimit", clitest.Object{
				"ConcurrentExecutions": all, "UnreservedConcurrentExecutions": left,
			})),
		}
	}
	policies := func(name string, targets ...string) answers {
		var all []any
		for _, target := range targets {
			all = append(all, object("TargetId", target))
		}
		return answers{
			"ListPolicies":         say(object("Policies", []any{clitest.Object{"Id": "p-a1b2c3d4", "Name": name}})),
			"ListTargetsForPolicy": say(object("Targets", all)),
		}
	}
	waits := func(visible, hidden string) answers {
		return answers{"GetQueueAttributes": say(object("Attributes", clitest.Object{
			"ApproximateNumberOfMessages": visible, "ApproximateNumberOfMessagesNotVisible": hidden,
		}))}
	}
	for name, test := range map[string]struct {
		check   Check
		answers answers
		status  verdict.Status
		says    string
	}{
		"a store": {lake, answers{"ListEventDataStores": stores, "GetEventDataStore": store("ENABLED", true)}, verdict.OK, "All 1 event"},
		"an unprotected store": {
			lake, answers{"ListEventDataStores": stores, "GetEventDataStore": store("ENABLED", false)}, verdict.Warning, "not protected",
		},
		"a stopped store": {
			lake,
			answers{"ListEventDataStores": stores, "GetEventDataStore": store("STOPPED_INGESTION", true)},
			verdict.Warning,
			"a (STOPPED_INGESTION)",
		},
		"a deleted store": {
			lake,
			answers{"ListEventDataStores": stores, "GetEventDataStore": store("PENDING_DELETION", false)},
			verdict.Warning,
			"do not take events",
		},
		"an unread store": {
			lake, answers{"ListEventDataStores": stores, "GetEventDataStore": refuse("AccessDeniedException", "no")}, verdict.Unknown, "could not be read",
		},
		"no Lake":        {lake, answers{"ListEventDataStores": refuse("UnsupportedOperationException", "no")}, verdict.Unknown, "not served here"},
		"rules that run": {telemetry, answers{statusPath: say(object("Status", "RUNNING")), rulesPath: rule}, verdict.OK, "by 1 telemetry rule"},
		"rules that do not": {
			telemetry, answers{statusPath: say(object("Status", "STOPPED")), rulesPath: rule}, verdict.Warning, "is STOPPED",
		},
		"no rules": {
			telemetry, answers{statusPath: say(object("Status", "RUNNING")), rulesPath: say(clitest.Object{})}, verdict.OK, "collects no events",
		},
		"a new account": {concurrency, concurrent(10, 10), verdict.Warning, "Of the account's 10 concurrent runs 10"},
		"19 left":       {concurrency, concurrent(1000, 19), verdict.Warning, "19 are unreserved"},
		"20 left":       {concurrency, concurrent(1000, 20), verdict.OK, "20 are unreserved"},
		"reserved": {concurrency, answers{
			"/2019-09-30/functions/guard/concurrency": say(object("ReservedConcurrentExecutions", 1)),
			"/2016-08-19/account-settings":            concurrent(10, 0)["/2016-08-19/account-settings"],
		}, verdict.OK, "reserved for the guard"},
		"a guardrail":            {guardrail, policies("trailkeeper-guardrail", "r-a1b2"), verdict.OK, "(1) are attached to 1 targets"},
		"a detached guardrail":   {guardrail, policies("trailkeeper-guardrail-2"), verdict.Error, "attached to nothing"},
		"another's guardrail":    {guardrail, policies("other-guardrail", "r-a1b2"), verdict.Warning, "is named trailkeeper-guardrail."},
		"a message waits":        {queues, waits("1", "0"), verdict.Warning, "GuardFailures 1"},
		"a message is in flight": {queues, waits("0", "2"), verdict.Warning, "GuardFailures 2"},
		"no message waits":       {queues, waits("0", "0"), verdict.OK, "All 1 queues are empty"},
		"a queue is gone": {
			queues, answers{"GetQueueAttributes": refuse("QueueDoesNotExist", "no")}, verdict.Error, "The queue GuardFailures is gone",
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.answers.Serve(t)
			cfg, err := awsconfig.LoadDefaultConfig(t.Context(), awsconfig.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }))
			if err != nil {
				t.Fatal(err)
			}
			d := &deployed.Deployment{AWS: cfg, HTTP: http.DefaultClient, Stack: "trailkeeper", Account: "111122223333", Outputs: map[string]string{
				"GuardFailuresUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/failures", "FunctionName": "guard",
			}}
			d.Guard.Name = "guard"
			all := test.check(t.Context(), d)
			if len(all) != 1 || all[0].Status != test.status || !strings.Contains(all[0].Says, test.says) ||
				(all[0].Do == "") != (test.status == verdict.OK) {
				t.Errorf("%+v; want %s, %q", all, test.status, test.says)
			}
		})
	}
}
