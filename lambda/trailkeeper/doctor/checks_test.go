package doctor

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// tamper changes a deployment before it is checked.
type tamper func(ctx context.Context, w *world) error

func store(text string) tamper {
	return func(ctx context.Context, w *world) error {
		_, err := secretsmanager.NewFromConfig(w.sdk()).PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
			SecretId: aws.String("trailkeeper"), SecretString: aws.String(text),
		})
		return err
	}
}

func starve(id string) tamper {
	return func(ctx context.Context, w *world) error {
		_, err := awslambda.NewFromConfig(w.sdk()).PutFunctionConcurrency(ctx, &awslambda.PutFunctionConcurrencyInput{
			FunctionName: aws.String(w.name(id)), ReservedConcurrentExecutions: aws.Int32(0),
		})
		return err
	}
}

func drop(id string) tamper {
	return func(ctx context.Context, w *world) error {
		_, err := awslambda.NewFromConfig(w.sdk()).DeleteFunction(ctx, &awslambda.DeleteFunctionInput{FunctionName: aws.String(w.name(id))})
		return err
	}
}

func nothing(context.Context, *world) error { return nil }

// TestEachCheck: what each check says of one thing that is wrong, and of its near misses.
func TestEachCheck(t *testing.T) {
	const (
		slackHook = "https://hooks.slack.com/services/T00LOCAL00/B00LOCAL00/made-up-webhook-secret"
		ping      = "https://heartbeat.example.com/ping/made-up-heartbeat-secret"
	)
	inOrganization := func(o *localcloud.Options) { o.OrganizationID = "o-a1b2c3d4e5" }
	for name, test := range map[string]struct {
		template string
		options  func(*localcloud.Options)
		do       tamper
		check    string
		status   verdict.Status
		says     string
	}{
		"protected": {"default", nil, func(ctx context.Context, w *world) error {
			_, err := cloudformation.NewFromConfig(w.sdk()).UpdateTerminationProtection(ctx, &cloudformation.UpdateTerminationProtectionInput{
				StackName: aws.String("trailkeeper"), EnableTerminationProtection: aws.Bool(true),
			})
			return err
		}, "stack", verdict.OK, "protected from deletion"},
		"guard deleted":  {"default", nil, drop("GuardFunction"), "guard", verdict.Error, "is gone"},
		"warden deleted": {"default", nil, drop("WardenFunction"), "warden", verdict.Error, "is gone"},
		"guard's environment": {"default", nil, func(ctx context.Context, w *world) error {
			_, err := awslambda.NewFromConfig(w.sdk()).UpdateFunctionConfiguration(ctx, &awslambda.UpdateFunctionConfigurationInput{
				FunctionName: aws.String(w.name("GuardFunction")),
			})
			return err
		}, "guard", verdict.OK, "in mode restart"},
		"warden starved": {"default", nil, starve("WardenFunction"), "concurrency", verdict.Error, "The warden's reserved concurrency is 0"},
		"trail of one Region elsewhere": {"default", nil, func(ctx context.Context, w *world) error {
			if _, err := cloudtrail.NewFromConfig(w.sdk()).StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: aws.String(mainTrail)}); err != nil {
				return err
			}
			return w.cloud.AddTrail(localcloud.TrailSeed{
				ARN: "arn:aws:cloudtrail:us-east-1:111122223333:trail/other", Logging: true, MultiRegion: true,
			})
		}, "home Region", verdict.Error, "The home Region of other is us-east-1"},
		"no baseline, restart":  {"default", nil, nothing, "baselines", verdict.Warning, "cdk/baselines has no baseline"},
		"no baseline, recreate": {"recreate", nil, nothing, "baselines", verdict.Warning, "The mode is recreate"},
		"no folder":             {"default", nil, func(_ context.Context, w *world) error { return os.Remove(w.dir) }, "baselines", verdict.Unknown, "There is no folder cdk/baselines here"},
		"a file that is none": {"default", nil, func(_ context.Context, w *world) error {
			return os.WriteFile(filepath.Join(w.dir, "eu-west-1.111122223333.x.json"), []byte("{"), 0o600)
		}, "baselines", verdict.Error, "files that are no baselines"},
		"rule deleted": {"default", nil, func(ctx context.Context, w *world) error {
			api := eventbridge.NewFromConfig(w.sdk())
			rule := aws.String("trailkeeper-change")
			targets, err := api.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: rule})
			if err != nil {
				return err
			}
			var ids []string
			for _, target := range targets.Targets {
				ids = append(ids, aws.ToString(target.Id))
			}
			if _, err := api.RemoveTargets(ctx, &eventbridge.RemoveTargetsInput{Rule: rule, Ids: ids}); err != nil {
				return err
			}
			_, err = api.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: rule})
			return err
		}, "rules", verdict.Error, "are gone: trailkeeper-change"},
		"rule on another bus disabled": {"everything", func(o *localcloud.Options) { o.Stack = "trailkeeper-all" }, func(ctx context.Context, w *world) error {
			_, err := eventbridge.NewFromConfig(w.sdk()).DisableRule(ctx, &eventbridge.DisableRuleInput{
				Name: aws.String("trailkeeper-all-tampering-5d2d3ceb"), EventBusName: aws.String("security"),
			})
			return err
		}, "rules", verdict.Error, "are disabled: trailkeeper-all-tampering-5d2d3ceb"},
		"targets removed": {"default", nil, func(ctx context.Context, w *world) error {
			api := eventbridge.NewFromConfig(w.sdk())
			rule := aws.String("trailkeeper-change")
			targets, err := api.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: rule})
			if err != nil {
				return err
			}
			for _, target := range targets.Targets {
				if _, err := api.RemoveTargets(ctx, &eventbridge.RemoveTargetsInput{Rule: rule, Ids: []string{*target.Id}}); err != nil {
					return err
				}
			}
			return nil
		}, "rules", verdict.Error, "have no target, so that nothing comes of what they match: trailkeeper-change."},
		"another topic is told":  {"default", nil, tell(map[string]string{config.EnvTopicARN: "arn:aws:sns:eu-west-1:111122223333:evil"}), "subscriptions", verdict.Error, "is told another topic"},
		"another secret is told": {"default", nil, tell(map[string]string{config.EnvSlackSecret: "evil"}), "secret", verdict.Error, "is told another secret"},
		"a Web API is told that is not Slack's": {
			"bot-token", nil, tell(map[string]string{config.EnvSlackAPI: "https://evil.example/api/"}), "bot token", verdict.Warning, "is not Slack's, and was not asked",
		},
		"a mode that is none":       {"default", nil, tell(map[string]string{config.EnvMode: "x"}), "guard", verdict.Error, "refuses its settings"},
		"no settings, no heartbeat": {"heartbeat", nil, tell(map[string]string{config.EnvMode: "x"}), "heartbeat", verdict.Unknown, "is not known"},
		"another trail that it lives on has one": {"default", nil, func(_ context.Context, w *world) error {
			const other = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/other"
			if err := w.cloud.AddTrail(localcloud.TrailSeed{ARN: other, Logging: true}); err != nil {
				return err
			}
			w.capture()
			return os.Remove(filepath.Join(w.dir, "eu-west-1.111122223333.management.json"))
		}, "baselines", verdict.OK, "as their baselines"},
		"no trail that the guard lives on has one": {"default", nil, func(_ context.Context, w *world) error {
			const other = "arn:aws:cloudtrail:us-east-1:111122223333:trail/other"
			if err := w.cloud.AddTrail(localcloud.TrailSeed{ARN: other, Logging: true}); err != nil {
				return err
			}
			if code, out, errs := w.run("baseline", "capture", "--region", "us-east-1", "--trail", other, "--dir", w.dir); code != cli.ExitOK {
				return errors.New(out + errs)
			}
			return nil
		}, "baselines", verdict.Warning, "The trail management, on which the guard lives, has no baseline"},
		"watch starved": {"everything", func(o *localcloud.Options) { o.Stack = "trailkeeper-all" }, starve("WatchFunction"), "concurrency", verdict.Error, "The watch's reserved concurrency is 0"},
		"no JSON":       {"default", nil, store("x"), "secret", verdict.Error, "is not a JSON object"},
		"other keys":    {"default", nil, store(`{"token":"x"}`), "secret", verdict.Error, "has no text under webhook or bot_token"},
		"foreign host":  {"default", nil, store(`{"webhook":"https://evil.example/services/x"}`), "webhook", verdict.Warning, "not at a host of Slack's"},
		"revoked": {
			"default", nil, store(`{"webhook":"https://hooks.slack.com/services"}`), "webhook", verdict.Error, "Slack refuses the webhook: 403",
		},
		"http": {"default", nil, store(`{"webhook":"http://hooks.slack.com/services/x"}`), "webhook", verdict.Error, "is no https URL"},
		"rotated": {
			"default", nil, store(`{"webhook":"https://hooks.slack.com/services/T1/B1/made-up-webhook-secret"}`), "destinations", verdict.Error,
			"post elsewhere",
		},
		"deauthorized": {"default", nil, func(ctx context.Context, w *world) error {
			_, err := eventbridge.NewFromConfig(w.sdk()).DeauthorizeConnection(ctx, &eventbridge.DeauthorizeConnectionInput{
				Name: aws.String("trailkeeper-slack"),
			})
			return err
		}, "destinations", verdict.Error, "The connection trailkeeper-slack is"},
		"topic deleted": {"default", nil, func(ctx context.Context, w *world) error {
			_, err := sns.NewFromConfig(w.sdk()).DeleteTopic(ctx, &sns.DeleteTopicInput{TopicArn: aws.String(w.cloud.ARNOf("NotificationsTopic"))})
			return err
		}, "subscriptions", verdict.Error, "is gone"},
		"alarm deleted": {"default", nil, func(ctx context.Context, w *world) error {
			_, err := cloudwatch.NewFromConfig(w.sdk()).DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"trailkeeper/last-queue"}})
			return err
		}, "alarms", verdict.Error, "are gone: trailkeeper/last-queue"},
		"alarm raised": {"default", nil, func(ctx context.Context, w *world) error {
			_, err := cloudwatch.NewFromConfig(w.sdk()).SetAlarmState(ctx, &cloudwatch.SetAlarmStateInput{
				AlarmName: aws.String("trailkeeper/last-queue"), StateValue: cwtypes.StateValueAlarm, StateReason: aws.String("x"),
			})
			return err
		}, "alarms", verdict.Warning, "are raised: trailkeeper/last-queue"},
		"heartbeat": {"heartbeat", nil, nothing, "heartbeat", verdict.OK, `The guard is set to ping the URL under "heartbeat"`},
		"heartbeat of http": {
			"heartbeat", nil, store(`{"heartbeat":"http://heartbeat.example.com/ping/made-up-heartbeat-secret"}`), "heartbeat", verdict.Error,
			"does not start with https://",
		},
		"no heartbeat key": {"heartbeat", nil, store(`{"webhook":"` + slackHook + `"}`), "heartbeat", verdict.Error, "pings nobody"},
		"heartbeat moved":  {"heartbeat", nil, store(`{"heartbeat":"` + ping + `-2"}`), "heartbeat", verdict.OK, "is set to ping the URL"},
		"no guardrail":     {"default", inOrganization, nothing, "guardrail", verdict.Warning, "is named trailkeeper-guardrail."},
		"guardrail":        {"guardrail", inOrganization, nothing, "guardrail", verdict.OK, "are as deployed, and attached to 3 targets"},
		"alone":            {"default", inOrganization, nothing, "delegated", verdict.OK, "No other account"},
		"delegated": {"default", func(o *localcloud.Options) {
			o.OrganizationID, o.DelegatedAdministrators = "o-a1b2c3d4e5", []string{"444455556666", "111122223333"}
		}, nothing, "delegated", verdict.Warning, "besides this account: 444455556666."},
		"a member": {"default", func(o *localcloud.Options) {
			o.OrganizationID, o.ManagementAccount = "o-a1b2c3d4e5", "999988887777"
		}, nothing, "delegated", verdict.Unknown, "only the management account"},
	} {
		t.Run(name, func(t *testing.T) {
			var change []func(*localcloud.Options)
			if test.options != nil {
				change = append(change, test.options)
			}
			w := newWorld(t, test.template, change...)
			if err := test.do(t.Context(), w); err != nil {
				t.Fatal(err)
			}
			v := w.judge(test.check)
			if v.Status != test.status || !strings.Contains(v.Says, test.says) || (v.Do == "") != (v.Status == verdict.OK) {
				t.Errorf("%s is %+v; want %s, %q", test.check, v, test.status, test.says)
			}
			if !strings.HasSuffix(v.Says, ".") || strings.Contains(v.Says, "\n") || v.Do != "" && !strings.HasSuffix(v.Do, ".") {
				t.Errorf("it is no sentence: %+v", v)
			}
		})
	}
}
