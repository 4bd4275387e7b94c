// Package archive makes the way of notifications about log files to the watch: who may put them into its queue, the
// topic and the subscriptions by which they come, and what takes them out.
//
// It writes no notification configuration: a bucket's owner does, and the outputs of the stack say how. The rule for
// S3's events is made in package eventrule.
package archive

import (
	"cmp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/queue"
	"trailkeeper/cdk/settings"
	"trailkeeper/cdk/watch"
	"trailkeeper/lambda/config"
)

// Archive is what brings notifications about log files to the watch.
type Archive struct {
	Construct constructs.Construct

	Mapping awslambda.CfnEventSourceMapping
	Topic   awssns.Topic // nil where no bucket's owner publishes to one of ours
}

// Props is what the notifications go to.
type Props struct {
	Settings settings.Settings
	Watch    *watch.Watch
	Queues   queue.Watch
	Key      awskms.IKey // of the topic; nil: none
}

const (
	// batch is how many notifications a run takes at most, and window for how many seconds Lambda gathers them: CloudTrail
	// delivers the files of all Regions at about the same time, every five minutes on average.
	batch  = 10
	window = 10
)

// New makes it.
func New(scope constructs.Construct, p Props) *Archive {
	a := &Archive{Construct: constructs.NewConstruct(scope, jsii.String("Archive"))}
	a.Mapping = awslambda.NewCfnEventSourceMapping(a.Construct, jsii.String("Mapping"),
		&awslambda.CfnEventSourceMappingProps{
			EventSourceArn:                 p.Queues.LogFiles.QueueArn(),
			FunctionName:                   p.Watch.Function.FunctionName(),
			BatchSize:                      jsii.Number(batch),
			MaximumBatchingWindowInSeconds: jsii.Number(window),
			FunctionResponseTypes:          jsii.Strings("ReportBatchItemFailures"),
			ScalingConfig: &awslambda.CfnEventSourceMapping_ScalingConfigProperty{
				MaximumConcurrency: jsii.Number(p.Settings.Archive.Concurrency),
			},
		})
	a.admitBuckets(p)
	a.subscribe(p)
	a.admitEvents(p)
	return a
}

// admitBuckets lets S3 send to the queue for the buckets whose notifications come straight.
func (a *Archive) admitBuckets(p Props) {
	if buckets := p.Settings.Archive.By(settings.SourceQueue); len(buckets) > 0 {
		p.Queues.LogFiles.AddToResourcePolicy(policy.Admit("FromBuckets", "s3.amazonaws.com",
			[]string{"sqs:SendMessage"}, *p.Queues.LogFiles.QueueArn(), a.of(buckets)))
	}
}

// of is the condition that S3 acts for these buckets, and for no other of their names: a bucket's ARN has no account
// (Amazon S3 User Guide, "Granting permissions to publish event notification messages to a destination").
func (a *Archive) of(buckets []settings.LogBucket) map[string]any {
	stack := awscdk.Stack_Of(a.Construct)
	var arns, owners []string
	for _, b := range buckets {
		arns = append(arns, config.Place{Partition: *stack.Partition()}.ARN("s3", b.Name))
		owners = append(owners, cmp.Or(b.Account, *stack.Account()))
	}
	unique := func(all []string) []string { return slices.Compact(slices.Sorted(slices.Values(all))) }
	return map[string]any{
		"ArnEquals":    map[string]any{"aws:SourceArn": unique(arns)},
		"StringEquals": map[string]any{"aws:SourceAccount": unique(owners)},
	}
}

// subscribe has the queue get what is published to the topics: those that are given, and one of ours where a bucket's
// owner publishes to that.
func (a *Archive) subscribe(p Props) {
	topics := p.Settings.Archive.Topics()
	if buckets := p.Settings.Archive.By(settings.SourceTopic); len(buckets) > 0 {
		props := &awssns.TopicProps{EnforceSSL: jsii.Bool(true)}
		if p.Key != nil {
			props.MasterKey = p.Key
		}
		a.Topic = awssns.NewTopic(a.Construct, jsii.String("Topic"), props)
		a.Topic.AddToResourcePolicy(policy.Admit("FromBuckets", "s3.amazonaws.com", []string{"sns:Publish"},
			*a.Topic.TopicArn(), a.of(buckets)))
		a.subscription("Subscription", *a.Topic.TopicArn(), "", p)
		topics = append(topics, *a.Topic.TopicArn())
	}
	if len(topics) == 0 {
		return
	}
	for i, arn := range p.Settings.Archive.Topics() {
		at, _ := config.ParseARN(arn) // settings refuses another form
		a.subscription(policy.Numbered("GivenTopic", i), arn, at.Region, p)
	}
	for _, to := range []awssqs.Queue{p.Queues.LogFiles, p.Queues.LogFileDeadLetters} {
		queue.AdmitSender(to, "FromTopics", "sns.amazonaws.com", topics...)
	}
}

// subscription needs no confirmation: whoever owns the queue subscribes it (Amazon SNS Developer Guide, "Sending Amazon
// SNS messages to an Amazon SQS queue in a different account"). What SNS cannot put into the queue is a dead letter.
func (a *Archive) subscription(id, topic, region string, p Props) {
	awssns.NewCfnSubscription(a.Construct, jsii.String(id), &awssns.CfnSubscriptionProps{
		TopicArn:           jsii.String(topic),
		Region:             convert.Optional(region),
		Protocol:           jsii.String("sqs"),
		Endpoint:           p.Queues.LogFiles.QueueArn(),
		RawMessageDelivery: jsii.Bool(true),
		RedrivePolicy:      map[string]any{"deadLetterTargetArn": *p.Queues.LogFileDeadLetters.QueueArn()},
	})
}

// admitEvents lets the owners of buckets in other accounts forward S3's events to the default event bus, and no other:
// nobody but AWS can put an event with this source on a bus of theirs (EventBridge API reference, PutEvents).
func (a *Archive) admitEvents(p Props) {
	stack := awscdk.Stack_Of(a.Construct)
	for i, owner := range Forwarding(p.Settings) {
		root := config.Place{Partition: *stack.Partition(), Account: owner}.ARN("iam", "root")
		properties := map[string]any{
			"StatementId": p.Settings.StackName + "-log-files-" + owner,
			"Statement": map[string]any{
				"Effect":    "Allow",
				"Principal": map[string]any{"AWS": root},
				"Action":    "events:PutEvents",
				"Resource":  convert.PlaceOf(a.Construct).ARN("events", "event-bus/default"),
				"Condition": map[string]any{"StringEquals": map[string]any{"events:source": "aws.s3"}},
			},
		}
		// CDK's own class warns of a property that nobody sets.
		awscdk.NewCfnResource(a.Construct, jsii.String(policy.Numbered("Events", i)),
			&awscdk.CfnResourceProps{Type: jsii.String("AWS::Events::EventBusPolicy"), Properties: &properties})
	}
}

// Forwarding are the other accounts whose buckets' events arrive on this account's bus.
func Forwarding(s settings.Settings) []string {
	var all []string
	for _, b := range s.Archive.By(settings.SourceEventBridge) {
		if b.Account != "" && b.Account != s.Env.Account && !slices.Contains(all, b.Account) {
			all = append(all, b.Account)
		}
	}
	return all
}
