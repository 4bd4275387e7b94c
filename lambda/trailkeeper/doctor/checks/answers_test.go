package checks_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"trailkeeper/lambda/trailkeeper/clitest"
	"trailkeeper/lambda/trailkeeper/doctor/checks"
	"trailkeeper/lambda/trailkeeper/doctor/checks/account"
	"trailkeeper/lambda/trailkeeper/doctor/checks/own"
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
	waits := func(visible, hidden string) answers {
		return answers{"GetQueueAttributes": say(object("Attributes", clitest.Object{
			"ApproximateNumberOfMessages": visible, "ApproximateNumberOfMessagesNotVisible": hidden,
		}))}
	}
	for name, test := range map[string]struct {
		check   checks.Check
		answers answers
		status  verdict.Status
		says    string
	}{
		"a store": {account.Lake, answers{"ListEventDataStores": stores, "GetEventDataStore": store("ENABLED", true)}, verdict.OK, "stores (1) take events"},
		"an unprotected store": {
			account.Lake, answers{"ListEventDataStores": stores, "GetEventDataStore": store("ENABLED", false)}, verdict.Warning, "not protected",
		},
		"a stopped store": {
			account.Lake,
			answers{"ListEventDataStores": stores, "GetEventDataStore": store("STOPPED_INGESTION", true)},
			verdict.Warning,
			"a (STOPPED_INGESTION)",
		},
		"a deleted store": {
			account.Lake,
			answers{"ListEventDataStores": stores, "GetEventDataStore": store("PENDING_DELETION", false)},
			verdict.Warning,
			"do not take events",
		},
		"an unread store": {
			account.Lake, answers{"ListEventDataStores": stores, "GetEventDataStore": refuse("AccessDeniedException", "no")}, verdict.Unknown, "could not be read",
		},
		"more stores than are listed": {
			account.Lake, answers{"ListEventDataStores": say(object("NextToken", "more"))}, verdict.Unknown, "more event data stores than are looked at",
		},
		"more stores than are read": {account.Lake, answers{
			"ListEventDataStores": say(object("EventDataStores", slices.Repeat([]any{clitest.Object{"Name": "a", "EventDataStoreArn": "a"}}, 51))),
			"GetEventDataStore":   store("ENABLED", true),
		}, verdict.Unknown, "more event data stores than are looked at"},
		"no Lake":        {account.Lake, answers{"ListEventDataStores": refuse("UnsupportedOperationException", "no")}, verdict.Unknown, "not served here"},
		"rules that run": {account.Telemetry, answers{statusPath: say(object("Status", "RUNNING")), rulesPath: rule}, verdict.OK, "by telemetry rules (1)"},
		"rules that do not": {
			account.Telemetry, answers{statusPath: say(object("Status", "STOPPED")), rulesPath: rule}, verdict.Warning, "is STOPPED",
		},
		"more rules than are read": {account.Telemetry, answers{
			statusPath: say(object("Status", "RUNNING")), rulesPath: say(object("NextToken", "more")),
		}, verdict.Unknown, "more telemetry rules than are looked at"},
		"more rules, stopped": {account.Telemetry, answers{
			statusPath: say(object("Status", "STOPPED")),
			rulesPath: say(clitest.Object{"NextToken": "more", "TelemetryRuleSummaries": []any{
				clitest.Object{"RuleName": "trails", "ResourceType": "AWS::CloudTrail"},
			}}),
		}, verdict.Warning, "is STOPPED"},
		"no rules": {
			account.Telemetry, answers{statusPath: say(object("Status", "RUNNING")), rulesPath: say(clitest.Object{})}, verdict.OK, "collects no events",
		},
		"a new account": {account.Concurrency, concurrent(10, 10), verdict.Warning, "Of the account's 10 concurrent runs 10"},
		"19 left":       {account.Concurrency, concurrent(1000, 19), verdict.Warning, "19 are unreserved"},
		"no numbers": {account.Concurrency, answers{
			"/2019-09-30/functions/guard/concurrency": say(clitest.Object{}), "/2016-08-19/account-settings": say(clitest.Object{}),
		}, verdict.Unknown, "does not say what concurrency"},
		"20 left": {account.Concurrency, concurrent(1000, 20), verdict.OK, "20 are unreserved"},
		"reserved": {account.Concurrency, answers{
			"/2019-09-30/functions/guard/concurrency": say(object("ReservedConcurrentExecutions", 1)),
			"/2016-08-19/account-settings":            concurrent(10, 0)["/2016-08-19/account-settings"],
		}, verdict.OK, "reserved for the guard"},
		"a message waits":        {own.Queues, waits("1", "0"), verdict.Warning, "GuardFailures 1"},
		"a message is in flight": {own.Queues, waits("0", "2"), verdict.Warning, "GuardFailures 2"},
		"numbers are missing": {
			own.Queues, answers{"GetQueueAttributes": say(clitest.Object{})}, verdict.Unknown, "does not say how many messages are in GuardFailures",
		},
		"a number is none": {own.Queues, waits("0", "x"), verdict.Unknown, "does not say how many"},
		"no message waits": {own.Queues, waits("0", "0"), verdict.OK, "no message waits"},
		"a queue is gone": {
			own.Queues, answers{"GetQueueAttributes": refuse("QueueDoesNotExist", "no")}, verdict.Error, "are gone, and what cannot be delivered is lost: GuardFailures.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.answers.Serve(t)
			v := one(t, test.check(t.Context(), small(t)))
			if v.Status != test.status || !strings.Contains(v.Says, test.says) || (v.Do == "") != (test.status == verdict.OK) {
				t.Errorf("%+v; want %s, %q", v, test.status, test.says)
			}
		})
	}
}

// TestNotices: messages in the queue that the watch works through need not have failed.
func TestNotices(t *testing.T) {
	clitest.Answers{"GetQueueAttributes": clitest.Say(clitest.Object{"Attributes": clitest.Object{
		"ApproximateNumberOfMessages": "7", "ApproximateNumberOfMessagesNotVisible": "2",
	}})}.Serve(t)
	d := small(t)
	d.Outputs = map[string]string{"LogFilesUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/files"}
	if v := one(t, own.Queues(t.Context(), d)); v.Status != verdict.OK {
		t.Errorf("%+v", v)
	}
	d.Outputs["LogFileDeadLettersUrl"] = "https://sqs.eu-west-1.amazonaws.com/111122223333/dead"
	if v := one(t, own.Queues(t.Context(), d)); v.Status != verdict.Warning || !strings.Contains(v.Says, "in queues: LogFileDeadLetters 9.") {
		t.Errorf("%+v", v)
	}
}

// small is a deployment with a guard and a queue.
func small(t *testing.T) *deployed.Deployment {
	t.Helper()
	cfg, err := awsconfig.LoadDefaultConfig(t.Context(), awsconfig.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }))
	if err != nil {
		t.Fatal(err)
	}
	d := &deployed.Deployment{AWS: cfg, HTTP: http.DefaultClient, Stack: "trailkeeper", Account: "111122223333", Outputs: map[string]string{
		"GuardFailuresUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/failures", "FunctionName": "guard",
	}}
	d.Guard.Name = "guard"
	return d
}

func one(t *testing.T, all []verdict.Verdict) verdict.Verdict {
	t.Helper()
	if len(all) != 1 {
		t.Fatalf("%d verdicts: %+v", len(all), all)
	}
	return all[0]
}
