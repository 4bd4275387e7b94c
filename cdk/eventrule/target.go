package eventrule

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/delivery"
	"trailkeeper/rules"
)

// target is one of a rule, with the queue of what does not reach it.
type target struct {
	props       *awsevents.CfnRule_TargetProperty
	deadLetters awssqs.Queue
}

func newTarget(id string, arn *string, deadLetters awssqs.Queue, maxEventAge, attempts int) target {
	return target{deadLetters: deadLetters, props: &awsevents.CfnRule_TargetProperty{
		Id:               jsii.String(id),
		Arn:              arn,
		DeadLetterConfig: &awsevents.CfnRule_DeadLetterConfigProperty{Arn: deadLetters.QueueArn()},
		RetryPolicy: &awsevents.CfnRule_RetryPolicyProperty{
			MaximumEventAgeInSeconds: jsii.Number(maxEventAge), MaximumRetryAttempts: jsii.Number(attempts),
		},
	}}
}

// says has the target get a text, and EventBridge send it with a role.
func (t target) says(text rules.Transformer, with awsiam.Role) target {
	t.props.RoleArn = with.RoleArn()
	t.props.InputTransformer = &awsevents.CfnRule_InputTransformerProperty{
		InputPathsMap: convert.TextMap(text.Paths), InputTemplate: jsii.String(text.Template),
	}
	return t
}

func toGuard(p Props) target {
	retry := p.Settings.Retry
	return newTarget(
		"Guard", p.Guard.Function.FunctionArn(), p.Queues.Guard, retry.GuardMaxEventAge, retry.GuardAttempts,
	)
}

// toWatch tries as long as it would the guard.
func toWatch(p Props) target {
	retry := p.Settings.Retry
	return newTarget(
		"Watch", p.Watch.Function.FunctionArn(), p.Queues.Watch.DeadLetters, retry.GuardMaxEventAge, retry.GuardAttempts,
	)
}

func toSlack(p Props, w rules.Wording, destination awsevents.CfnApiDestination) target {
	retry := p.Settings.Retry
	return newTarget("Slack", destination.AttrArn(), p.Queues.Slack, retry.SlackMaxEventAge, retry.SlackAttempts).
		says(w.Transformer(delivery.Channel(p.Settings)), p.Slack.Role)
}

// toTopics publishes to everybody who hears of the alarms: what EventBridge publishes has no attributes that a filter
// could look at.
func toTopics(p Props, text rules.Transformer, with awsiam.Role) []target {
	to := func(id string, arn *string) target {
		retry := p.Settings.Retry
		return newTarget(id, arn, p.Queues.Topic, retry.SlackMaxEventAge, retry.SlackAttempts).says(text, with)
	}
	targets := []target{to("Topic", p.Topic.Topic.TopicArn())}
	if p.Topic.Alarms != nil {
		targets = append(targets, to("AlarmsTopic", p.Topic.Alarms.TopicArn()))
	}
	return targets
}
