// Package queue makes the queues for what could not be handled or delivered, and says who may put messages in and take
// them out.
//
// It knows nobody who uses a queue: senders and readers come in as ARNs.
package queue

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/settings"
)

// Queues are the queues for what could not be handled or delivered, one for each place where that can happen. A message
// in any of them raises an alarm. They keep messages for 14 days, the longest that SQS offers.
type Queues struct {
	Failures awssqs.IQueue // what the guard kept failing on, and the messages it could not deliver
	Guard    awssqs.Queue  // events that EventBridge could not hand to the guard
	Slack    awssqs.Queue  // events that EventBridge could not post to Slack; nil where it does not
	Topic    awssqs.Queue  // what did not reach the topic or its subscribers; nil where SNS is off
	Sweep    awssqs.Queue  // sweeps that EventBridge Scheduler could not start; nil where there is none
	Test     awssqs.Queue  // test alerts that EventBridge Scheduler could not send; nil where it sends none
	Last     awssqs.Queue  // what was tried too often, or can never be handled or delivered
	Watch    Watch         // the watch's own; each nil where there is no watch

	failures awssqs.Queue // Failures where the stack makes it
}

// Watch are the queues of the watch, which the guard does not touch.
type Watch struct {
	Failures    awssqs.Queue // what the watch kept failing on, and the messages it could not deliver
	DeadLetters awssqs.Queue // what EventBridge could not hand to the watch, and runs that Scheduler could not start
	Last        awssqs.Queue // what was tried too often, or can never be handled or delivered
	// LogFiles are notifications about log files, and LogFileDeadLetters those on which the watch failed every time, and
	// what EventBridge and SNS could not put into LogFiles; nil where the watch reads none.
	LogFiles, LogFileDeadLetters awssqs.Queue
}

// Own are the queues that the stack makes.
func (w Watch) Own() []awssqs.Queue {
	return made(w.Failures, w.DeadLetters, w.Last, w.LogFiles, w.LogFileDeadLetters)
}

// Redriven are the queues, besides Failures, whose messages the watch handles or sends later.
func (w Watch) Redriven() []awssqs.Queue { return made(w.DeadLetters, w.LogFileDeadLetters) }

// New makes the queues that the settings ask for.
func New(scope constructs.Construct, s settings.Settings, key awskms.IKey) Queues {
	q := Queues{Guard: newQueue(scope, "GuardDeadLetters", key), Last: newQueue(scope, "LastQueue", key)}
	if arn := s.Function.FailureQueueARN; arn != "" {
		q.Failures = awssqs.Queue_FromQueueArn(scope, jsii.String("GuardFailures"), jsii.String(arn))
	} else {
		q.failures = newQueue(scope, "GuardFailures", key)
		q.Failures = q.failures
	}
	if s.Path1() {
		q.Slack = newQueue(scope, "SlackDeadLetters", key)
	}
	if s.SNS.Enabled {
		q.Topic = newQueue(scope, "TopicDeadLetters", key)
	}
	if s.Sweep.Enabled {
		q.Sweep = newQueue(scope, "SweepDeadLetters", key)
	}
	if s.TestAlert.Weekly {
		q.Test = newQueue(scope, "TestDeadLetters", key)
	}
	if s.Watch.Enabled {
		q.Watch = Watch{
			Failures:    newQueue(scope, "WatchFailures", key),
			DeadLetters: newQueue(scope, "WatchDeadLetters", key),
			Last:        newQueue(scope, "WatchLastQueue", key),
		}
	}
	if s.ReadsLogFiles() {
		q.Watch.LogFiles, q.Watch.LogFileDeadLetters = newLogFiles(scope, s, key)
	}
	return q
}

// Redriven are the queues, besides Failures, whose messages the guard handles or sends later. What did not reach a
// subscriber of the topic is not among them: the guard cannot reach the one subscriber alone. Nor is a test alert,
// which is worth nothing later.
func (q Queues) Redriven() []awssqs.Queue { return made(q.Guard, q.Slack, q.Sweep) }

// Own are the queues that the stack makes, but for the watch's.
func (q Queues) Own() []awssqs.Queue {
	return made(q.failures, q.Guard, q.Slack, q.Topic, q.Sweep, q.Test, q.Last)
}

// made leaves out the queues that the settings do not ask for.
func made(queues ...awssqs.Queue) []awssqs.Queue {
	return slices.DeleteFunc(queues, func(q awssqs.Queue) bool { return q == nil })
}

// newQueue makes a queue that is the dead-letter queue of no other: SQS itself moves messages into one, and asks no
// policy but this for it (SQS API reference, SetQueueAttributes, RedriveAllowPolicy).
func newQueue(scope constructs.Construct, id string, key awskms.IKey) awssqs.Queue {
	return awssqs.NewQueue(scope, jsii.String(id), queueProps(key))
}

// NewNamed makes such a queue with a name of ours, for what others name without a reference.
func NewNamed(scope constructs.Construct, id, name string, key awskms.IKey) awssqs.Queue {
	props := queueProps(key)
	props.QueueName = jsii.String(name)
	return awssqs.NewQueue(scope, jsii.String(id), props)
}

// queueProps are those of a queue that no other may have as its dead-letter queue.
func queueProps(key awskms.IKey) *awssqs.QueueProps {
	const longest = 14
	props := &awssqs.QueueProps{
		Encryption:         awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL:         jsii.Bool(true),
		RetentionPeriod:    awscdk.Duration_Days(jsii.Number(longest)),
		RedriveAllowPolicy: &awssqs.RedriveAllowPolicy{RedrivePermission: awssqs.RedrivePermission_DENY_ALL},
	}
	if key != nil {
		props.Encryption, props.EncryptionMasterKey = awssqs.QueueEncryption_KMS, key
	}
	return props
}

// MetricWaiting is SQS's metric of what lies in a queue.
const MetricWaiting = "ApproximateNumberOfMessagesVisible"

// AdmitSender lets a service put messages into the queue on behalf of the given sources.
func AdmitSender(queue awssqs.Queue, sid, service string, sources ...string) {
	queue.AddToResourcePolicy(policy.Admit(sid, service, []string{"sqs:SendMessage"}, *queue.QueueArn(),
		map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": sources}}))
}
