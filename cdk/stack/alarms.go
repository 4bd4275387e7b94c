package stack

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// alarm is raised when the metric is above zero in one of the last minutes. Its description is what a pager shows: what it means, and
// what to do.
type alarm struct {
	name       string // behind the stack's; kebab-case, without anything that a message would have to escape
	namespace  string
	metric     string
	statistic  string
	dimensions map[string]string
	meaning    string
	minutes    int // how many are looked at; 0 means 1
}

// alarms lists the alarms on Trailkeeper itself.
func alarms(t targets, made []*Rule) []alarm {
	return slices.Concat(guardAlarms(t), queueAlarms(t), ruleAlarms(made), topicAlarms(t))
}

// alarmName is unique in the account and Region as long as the stack's name is, which holds no slash.
func (t targets) alarmName(a alarm) string { return t.settings.StackName + "/" + a.name }

// newAlarms makes the alarms. Their actions go to the topic; the relays tell Slack.
func newAlarms(scope constructs.Construct, t targets, all []alarm) {
	at := constructs.NewConstruct(scope, jsii.String("Alarms"))
	for _, a := range all {
		props := &awscloudwatch.CfnAlarmProps{
			AlarmName: jsii.String(t.alarmName(a)), AlarmDescription: jsii.String(a.meaning),
			Namespace: jsii.String(a.namespace), MetricName: jsii.String(a.metric), Statistic: jsii.String(a.statistic),
			Dimensions: dimensions(a.dimensions),
			Period:     jsii.Number(60), EvaluationPeriods: jsii.Number(max(1, a.minutes)), DatapointsToAlarm: jsii.Number(1),
			ComparisonOperator: jsii.String("GreaterThanThreshold"), Threshold: jsii.Number(0), TreatMissingData: jsii.String("notBreaching"),
		}
		if t.topic != nil {
			action := &[]any{t.topic.Topic.TopicArn()}
			props.AlarmActions, props.OkActions = action, action
		}
		awscloudwatch.NewCfnAlarm(at, jsii.String(constructID(a.name)), props)
	}
}

func dimensions(m map[string]string) []*awscloudwatch.CfnAlarm_DimensionProperty {
	var list []*awscloudwatch.CfnAlarm_DimensionProperty
	for _, name := range slices.Sorted(maps.Keys(m)) {
		list = append(list, &awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String(name), Value: jsii.String(m[name])})
	}
	return list
}

func guardAlarms(t targets) []alarm {
	const look = " Look at the guard's log, and see with 'aws cloudtrail get-trail-status' whether every trail logs."
	on := func(name, metric string, minutes int, meaning string) alarm {
		return alarm{
			name: name, namespace: "AWS/Lambda", metric: metric, statistic: "Sum", meaning: meaning, minutes: minutes,
			dimensions: map[string]string{"FunctionName": *t.guard.Function.FunctionName()},
		}
	}
	again := minutesOfRetries(t.settings.Function.Timeout)
	return []alarm{
		on("guard-errors", "Errors", again, "The guard failed on an event. Lambda tries again; until that succeeds a trail may be off or a message "+
			"missing."+look),
		on("guard-throttles", "Throttles", again, "Lambda had no room to run the guard. Events wait and are tried again; a stopped trail stays off "+
			"meanwhile. Raise the account's concurrency quota or set function.reservedConcurrency."+look),
		on("guard-destination-failures", "DestinationDeliveryFailures", 1, "Lambda could not put an event that the guard gave up on into the "+
			"failure queue: it is lost. Check the queue, its key and the guard's role."+look),
		on("guard-events-dropped", "AsyncEventsDropped", 1, "Lambda dropped an event before the guard handled it: it was too old, or its retries "+
			"were used up. A copy should be in the failure queue."+look),
	}
}

// minutesOfRetries is how long an alarm must remember a failed invocation so that an event on which the guard keeps failing is one alarm:
// Lambda waits up to two minutes behind an invocation before it runs it again (Lambda Developer Guide, "Asynchronous invocation"), which
// has run for the timeout at most. Two more are for the minutes that both cut.
func minutesOfRetries(timeout int) int { return (timeout+59)/60 + 2 + 2 }

func queueAlarms(t targets) []alarm {
	const after = " Fix the cause, read the message, then delete it: the alarm ends when the queue is empty."
	on := func(name string, queue awssqs.IQueue, meaning string) []alarm {
		if queue == nil {
			return nil
		}
		return []alarm{{
			name: name, namespace: "AWS/SQS", metric: "ApproximateNumberOfMessagesVisible", statistic: "Maximum", meaning: meaning + after,
			dimensions: map[string]string{"QueueName": *queue.QueueName()},
		}}
	}
	return slices.Concat(
		on("guard-failures", t.queues.Failures, "The failure queue holds an event that the guard gave up on, so that a trail may still be "+
			"off, or a message that Slack or SNS refused. Check every trail with 'aws cloudtrail get-trail-status' first."),
		on("guard-dead-letters", t.queues.Guard, "EventBridge could not hand an event about a trail to the guard: nothing was restored. "+
			"Check every trail with 'aws cloudtrail get-trail-status' first; the message's attributes say why."),
		on("slack-dead-letters", t.queues.Slack, "EventBridge could not post to Slack. The message's attributes say why: 403, 404 or 410 mean "+
			"that the webhook is gone and the secret needs a new one. The guard is not concerned."),
		on("topic-dead-letters", t.queues.Topic, "A notification did not reach a subscriber of the topic, or EventBridge could not publish to "+
			"it. The message's attributes say why. The guard is not concerned."),
		on("sweep-dead-letters", t.queues.Sweep, "EventBridge Scheduler could not start a sweep: what no event reports is not found. The message's "+
			"attributes say why. Events are handled as before."),
	)
}

// ruleAlarms watch what EventBridge could not deliver. On a bus of its own a rule's metrics carry the bus as well.
func ruleAlarms(made []*Rule) []alarm {
	var list []alarm
	for _, r := range made {
		on := map[string]string{"RuleName": r.physicalName}
		if r.bus != "" {
			on["EventBusName"] = r.bus
		}
		list = append(list,
			alarm{
				name: r.Name + "-failed", namespace: "AWS/Events", metric: "FailedInvocations", statistic: "Sum", dimensions: on,
				meaning: "EventBridge gave up on delivering an event of rule " + r.Name + " to one of its targets. The event is in that " +
					"target's dead-letter queue, whose message says why. If it was meant for the guard, a trail may be off.",
			},
			alarm{
				name: r.Name + "-lost", namespace: "AWS/Events", metric: "InvocationsFailedToBeSentToDlq", statistic: "Sum", dimensions: on,
				meaning: "EventBridge could not deliver an event of rule " + r.Name + ", and could not park it in the dead-letter queue " +
					"either: it is lost. Check the queue's policy and key, and every trail with 'aws cloudtrail get-trail-status'.",
			})
	}
	return list
}

func topicAlarms(t targets) []alarm {
	if t.topic == nil {
		return nil
	}
	return []alarm{{
		name: "topic-failed", namespace: "AWS/SNS", metric: "NumberOfNotificationsFailed", statistic: "Sum",
		dimensions: map[string]string{"TopicName": *t.topic.Topic.TopicName()},
		meaning: "SNS could not deliver a notification to a subscriber. It is in the topic's dead-letter queue if the subscription " +
			"was made by this stack. Check the subscriptions.",
	}}
}
