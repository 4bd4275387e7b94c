package doctor

import (
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// realarm puts an alarm with other actions in the place of trailkeeper/last-queue.
func realarm(actions ...string) tamper {
	return func(ctx context.Context, w *world) error {
		_, err := cloudwatch.NewFromConfig(w.sdk()).PutMetricAlarm(ctx, &cloudwatch.PutMetricAlarmInput{
			AlarmName: aws.String(w.stack + "/last-queue"), Namespace: aws.String("AWS/Lambda"), MetricName: aws.String("Errors"),
			Statistic: cwtypes.StatisticSum, Period: aws.Int32(60), EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(1),
			ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanThreshold, AlarmActions: actions,
		})
		return err
	}
}

// tell changes variables in the guard's environment; an empty one is taken away.
func tell(variables map[string]string) tamper {
	return func(ctx context.Context, w *world) error {
		api := awslambda.NewFromConfig(w.sdk())
		name := aws.String(w.name("GuardFunction"))
		is, err := api.GetFunctionConfiguration(ctx, &awslambda.GetFunctionConfigurationInput{FunctionName: name})
		if err != nil {
			return err
		}
		env := maps.Clone(is.Environment.Variables)
		maps.Copy(env, variables)
		maps.DeleteFunc(env, func(_, value string) bool { return value == "" })
		_, err = api.UpdateFunctionConfiguration(ctx, &awslambda.UpdateFunctionConfigurationInput{
			FunctionName: name, Environment: &lambdatypes.Environment{Variables: env},
		})
		return err
	}
}

// all carries out several.
func all(of ...tamper) tamper {
	return func(ctx context.Context, w *world) error {
		for _, do := range of {
			if err := do(ctx, w); err != nil {
				return err
			}
		}
		return nil
	}
}

// TestAlarmsNotifyTheTopic: an alarm that notifies somebody else, or not everybody, is an error, whatever the guard's
// environment says of the topic.
func TestAlarmsNotifyTheTopic(t *testing.T) {
	const evil = "arn:aws:sns:eu-west-1:111122223333:evil"
	everything := func(o *localcloud.Options) { o.Stack = "trailkeeper-all" }
	for name, test := range map[string]struct {
		template string
		do       func(topic string) tamper
		status   verdict.Status
		says     string
	}{
		"the topic":             {"default", func(topic string) tamper { return realarm(topic) }, verdict.OK, "notify the topic"},
		"and another":           {"default", func(topic string) tamper { return realarm(evil, topic) }, verdict.OK, "notify the topic"},
		"another":               {"default", func(string) tamper { return realarm(evil) }, verdict.Error, "that the stack's template says: trailkeeper/last-queue."},
		"nobody":                {"default", func(string) tamper { return realarm() }, verdict.Error, "that the stack's template says: trailkeeper/last-queue."},
		"nobody, no topic told": {"default", func(string) tamper { return all(realarm(), tell(map[string]string{config.EnvTopicARN: ""})) }, verdict.Error, "template says"},
		"another, that is told": {"default", func(string) tamper { return all(realarm(evil), tell(map[string]string{config.EnvTopicARN: evil})) }, verdict.Error, "template says"},
		"the topic of all but not of people": {
			"everything", func(topic string) tamper { return realarm(topic) }, verdict.Error, "template says: trailkeeper-all/last-queue.",
		},
		"there is no topic": {"slack-only", func(string) tamper { return nothing }, verdict.OK, "there is no topic that they could notify"},
	} {
		t.Run(name, func(t *testing.T) {
			var options []func(*localcloud.Options)
			if test.template == "everything" {
				options = append(options, everything)
			}
			w := newWorld(t, test.template, options...)
			if err := test.do(w.cloud.ARNOf("NotificationsTopic"))(t.Context(), w); err != nil {
				t.Fatal(err)
			}
			if v := w.judge("alarms"); v.Status != test.status || !strings.Contains(v.Says, test.says) {
				t.Errorf("%+v; want %s, %q", v, test.status, test.says)
			}
		})
	}
}
