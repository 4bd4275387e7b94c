package doctor

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

func TestHelp(t *testing.T) {
	clitest.Help(t, clitest.Command(New), "help.golden", "doctor", "--help")
}

// TestHealthy is the table of a deployment in which nothing is wrong but what nobody has set up.
func TestHealthy(t *testing.T) {
	w := newWorld(t, "default")
	w.capture()
	code, out := w.doctor()
	if code != cli.ExitOK {
		t.Errorf("exit %d", code)
	}
	clitest.Golden(t, "healthy.golden", out)
	clitest.Narrow(t, out, cli.Columns)
}

// TestEveryTemplate: no deployment is wrong as it is deployed, and nothing about it is unknown but a warden elsewhere.
func TestEveryTemplate(t *testing.T) {
	for _, name := range golden.Names() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, name, func(o *localcloud.Options) {
				if o.OrganizationID = "o-a1b2c3d4e5"; name == "everything" {
					o.Stack = "trailkeeper-all"
				}
			})
			_, all := w.verdicts()
			for check, v := range all {
				elsewhere := name == "elsewhere" && check == "warden"
				if v.Status == verdict.Error || v.Status == verdict.Unknown && !elsewhere {
					t.Errorf("%+v", v)
				}
			}
		})
	}
}

// TestReadsOnly: whatever is wrong, no call of the command changes anything, and each is of a kind that only reads.
func TestReadsOnly(t *testing.T) {
	w := newWorld(t, "default", func(o *localcloud.Options) { o.OrganizationID = "o-a1b2c3d4e5" })
	w.capture()
	attack(t, w)
	before := len(w.cloud.Entries())
	w.doctor()
	calls := 0
	for _, e := range w.cloud.Entries()[before:] {
		if e.Kind != localcloud.KindCall {
			continue
		}
		calls++
		if reads := strings.HasPrefix(e.Op, "Get") || strings.HasPrefix(e.Op, "List") || strings.HasPrefix(e.Op, "Describe"); e.Write || !reads {
			t.Errorf("it calls %s", e.Op)
		}
	}
	if calls == 0 {
		t.Error("no call is recorded")
	}
}

// attack does to a deployment what an attacker would.
func attack(t *testing.T, w *world) {
	t.Helper()
	ctx, cfg := t.Context(), w.sdk()
	tampers := map[string]error{}
	_, tampers["StopLogging"] = cloudtrail.NewFromConfig(cfg).StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: aws.String(mainTrail)})
	_, tampers["PutFunctionConcurrency"] = awslambda.NewFromConfig(cfg).PutFunctionConcurrency(ctx,
		&awslambda.PutFunctionConcurrencyInput{FunctionName: aws.String(w.name("GuardFunction")), ReservedConcurrentExecutions: aws.Int32(0)})
	_, tampers["DisableRule"] = eventbridge.NewFromConfig(cfg).DisableRule(ctx, &eventbridge.DisableRuleInput{
		Name: aws.String("trailkeeper-tampering"),
	})
	_, tampers["DisableAlarmActions"] = cloudwatch.NewFromConfig(cfg).DisableAlarmActions(ctx, &cloudwatch.DisableAlarmActionsInput{
		AlarmNames: []string{"trailkeeper/heartbeat-missing", "trailkeeper/last-queue"},
	})
	_, tampers["DeleteQueue"] = sqs.NewFromConfig(cfg).DeleteQueue(ctx, &sqs.DeleteQueueInput{
		QueueUrl: aws.String(w.cloud.QueueURL("LastQueue")),
	})
	topic := aws.String(w.cloud.ARNOf("NotificationsTopic"))
	list, err := sns.NewFromConfig(cfg).ListSubscriptionsByTopic(ctx, &sns.ListSubscriptionsByTopicInput{TopicArn: topic})
	tampers["ListSubscriptionsByTopic"] = err
	for _, s := range list.Subscriptions {
		_, tampers["Unsubscribe"] = sns.NewFromConfig(cfg).Unsubscribe(ctx, &sns.UnsubscribeInput{SubscriptionArn: s.SubscriptionArn})
	}
	_, tampers["PutSecretValue"] = secretsmanager.NewFromConfig(cfg).PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: aws.String("trailkeeper"), SecretString: aws.String(`{"webhook":"https://evil.example/services/made-up-webhook-secret"}`),
	})
	for call, err := range tampers {
		if err != nil {
			t.Fatalf("%s: %v", call, err)
		}
	}
}

// TestAttacked is the table, the JSON and the commands of a deployment that was turned off piece by piece.
func TestAttacked(t *testing.T) {
	w := newWorld(t, "default")
	w.capture()
	attack(t, w)
	for file, args := range map[string][]string{"attacked.golden": nil, "attacked.json.golden": {"--json"}, "fix.golden": {"--fix"}} {
		code, out := w.doctor(args...)
		if code != cli.ExitFailed {
			t.Errorf("%v: exit %d", args, code)
		}
		clitest.Golden(t, file, out)
		if args == nil {
			clitest.Narrow(t, out, cli.Columns)
		}
	}
}

// TestUsage: without a stack there is nothing to check.
func TestUsage(t *testing.T) {
	newWorld(t, "default")
	for args, want := range map[string]string{
		"--stack other":      "there is no such stack",
		"--stack -x":         "--stack is",
		"--region EU":        "--region is",
		"--json --fix":       "cannot be given together",
		"trailkeeper":        "takes no arguments",
		"--region us-east-1": "there is no such stack",
	} {
		code, out, errs := clitest.Command(New)("", append([]string{"doctor"}, strings.Fields(args)...)...)
		if code != cli.ExitUsage || out != "" || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d, %q, %q; want %q", args, code, out, errs, want)
		}
	}
}

// TestRefused: what the credentials may not read is unknown, and names the permission; the rest is as it was.
func TestRefused(t *testing.T) {
	unrefused := map[string]map[string]verdict.Verdict{} // by the template
	for action, checks := range map[string][]string{
		"lambda:GetFunctionConfiguration":                 {"guard", "warden", "secret", "bot token", "heartbeat"},
		"lambda:GetFunctionConcurrency":                   {"concurrency"},
		"lambda:GetAccountSettings":                       {"concurrency"},
		"cloudtrail:DescribeTrails":                       {"trail"},
		"cloudtrail:GetTrailStatus":                       {"trail", "baselines"},
		"cloudtrail:GetEventSelectors":                    {"trail", "baselines"},
		"events:DescribeRule":                             {"rules"},
		"events:DescribeConnection":                       {"destinations"},
		"events:DescribeApiDestination":                   {"destinations"},
		"secretsmanager:GetSecretValue":                   {"secret", "webhook", "bot token", "destinations", "heartbeat"},
		"sns:ListSubscriptionsByTopic":                    {"subscriptions"},
		"cloudwatch:DescribeAlarms":                       {"alarms"},
		"sqs:GetQueueAttributes":                          {"queues"},
		"events:ListTargetsByRule":                        {"rules"},
		"cloudformation:GetTemplate":                      {"alarms", "parts"},
		"ssm:GetParameter":                                {"parts"},
		"iam:GetRole":                                     {"parts"},
		"organizations:ListPolicies":                      {"guardrail"},
		"organizations:ListDelegatedAdministrators":       {"delegated"},
		"cloudtrail:ListEventDataStores":                  {"lake"},
		"observabilityadmin:ListTelemetryRules":           {"telemetry"},
		"observabilityadmin:GetTelemetryEvaluationStatus": {"telemetry"},
	} {
		t.Run(action, func(t *testing.T) {
			template, stack := "default", "trailkeeper"
			if slices.Contains(checks, "heartbeat") {
				template, stack = "everything", "trailkeeper-all"
			}
			w := newWorld(t, template, func(o *localcloud.Options) { o.Stack, o.OrganizationID = stack, "o-a1b2c3d4e5" })
			w.capture()
			if unrefused[template] == nil {
				_, unrefused[template] = w.verdicts()
			}
			before := maps.Clone(unrefused[template])
			w.cloud.AddPrincipal(localcloud.Principal{
				AccessKey: "operator", Account: "111122223333", UserName: "operator",
				Denied: map[string]string{action: localcloud.NoIdentityPolicy},
			})
			code, after := w.verdicts()
			for _, check := range checks {
				v := after[check]
				if v.Status != verdict.Unknown || v.Do == "" || !strings.Contains(v.Says+v.Do, action) && check == checks[0] {
					t.Errorf("without %s, %s is %+v", action, check, v)
				}
				delete(before, check)
			}
			for check, was := range before {
				if is := after[check]; is.Status == verdict.OK && was.Status != verdict.OK {
					t.Errorf("without %s, %s is ok, and was %s", action, check, was.Status)
				}
			}
			if code != cli.ExitOK {
				t.Errorf("without %s: exit %d", action, code)
			}
		})
	}
}

// TestPost: nothing is posted unless it is asked for, and no heartbeat is pinged.
func TestPost(t *testing.T) {
	w := newWorld(t, "bot-token")
	posted := func() (n int) {
		for _, e := range w.cloud.Entries() {
			if e.Kind == localcloud.KindSlack && e.Err == "" || e.Kind == localcloud.KindPing {
				n++
			}
		}
		return n
	}
	_, all := w.verdicts()
	if n := posted(); n != 0 || all["webhook"].Status != verdict.OK || all["bot token"].Status != verdict.OK {
		t.Errorf("%d were posted; %+v, %+v", n, all["webhook"], all["bot token"])
	}
	_, all = w.verdicts("--post")
	if n := posted(); n != 1 || all["webhook"].Says != "The webhook posts: Slack took a message just now." {
		t.Errorf("with --post %d were posted; %+v", n, all["webhook"])
	}
}
