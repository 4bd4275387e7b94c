package queue

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/settings"
)

const (
	// logFilesReceives is how often a notification is taken before it is a dead letter; AWS advises five and more for a
	// queue that invokes a function (Lambda Developer Guide, "Creating and configuring an Amazon SQS event source mapping").
	logFilesReceives = 5
	// timeouts is how many of the function's timeouts a notification stays hidden (the same).
	timeouts = 6
)

// LogFilesHidden is for how many seconds a notification that was taken is hidden from other runs of the watch.
func LogFilesHidden(s settings.Settings) int { return timeouts * s.Watch.Timeout }

// LogFilesName is the name of the queue of notifications about log files. It is ours, and not CloudFormation's, so that
// the owner of a bucket can name the queue before it is there, and its dead-letter queue can name it without a cycle.
func LogFilesName(s settings.Settings) string { return s.StackName + "-log-files" }

// newLogFiles makes the queue of notifications about log files, and the one for those that fail every time, which is
// the dead-letter queue of no other.
func newLogFiles(scope constructs.Construct, s settings.Settings, key awskms.IKey) (files, failed awssqs.Queue) {
	arn := convert.PlaceOf(scope).ARN("sqs", LogFilesName(s))
	source := awssqs.Queue_FromQueueArn(scope, jsii.String("LogFilesByName"), jsii.String(arn))
	props := queueProps(key)
	props.RedriveAllowPolicy = &awssqs.RedriveAllowPolicy{
		RedrivePermission: awssqs.RedrivePermission_BY_QUEUE, SourceQueues: &[]awssqs.IQueue{source},
	}
	failed = awssqs.NewQueue(scope, jsii.String("LogFileDeadLetters"), props)
	props = queueProps(key)
	props.QueueName = jsii.String(LogFilesName(s))
	props.VisibilityTimeout = awscdk.Duration_Seconds(jsii.Number(LogFilesHidden(s)))
	props.DeadLetterQueue = &awssqs.DeadLetterQueue{MaxReceiveCount: jsii.Number(logFilesReceives), Queue: failed}
	return awssqs.NewQueue(scope, jsii.String("LogFiles"), props), failed
}
