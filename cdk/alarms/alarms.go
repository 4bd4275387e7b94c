// Package alarms makes the CloudWatch alarms on Trailkeeper itself, and says in each what it means and what to do.
//
// It makes nothing that reports them but the topics' actions: what notifies Slack stands in package eventrule.
package alarms

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/delivery"
	"trailkeeper/cdk/eventrule"
	"trailkeeper/cdk/guard"
	"trailkeeper/cdk/queue"
	"trailkeeper/cdk/settings"
	"trailkeeper/cdk/warden"
	"trailkeeper/cdk/watch"
)

// series is one metric of CloudWatch, as an alarm or a graph takes it.
type series struct {
	namespace, metric, statistic string
	dimensions                   map[string]string
}

// alarm is raised when the series is above zero in one of the last minutes. Its description is what a pager shows: what
// it means, and what to do.
type alarm struct {
	name string // behind the stack's; kebab-case, without anything that a message would have to escape
	series
	meaning string
	minutes int // how many are looked at; 0 means 1

	// These say it otherwise.
	lasting *lasting
	after   awscdk.CfnResource // what must be there before the alarm; nil: nothing
	// onlyRaised: that it is OK again is reported to nobody, because it does not mean that what raised it is cured.
	onlyRaised bool
	greatest   []series // in place of series: the alarm is on the greatest of them
	expects    *series  // the alarm is raised when there is more of the series than of this one; see compare
}

// lasting is about several periods.
type lasting struct {
	seconds, periods, needed int
	below                    bool    // raised where the series is below 1, and not where it is above 0
	above                    int     // raised where the series is above this
	missing                  string  // how a period without data counts: "breaching", "ignore"
	alive                    *series // a period without data has the value 0 as long as this one has data; see fill
}

// Props is what the alarms watch.
type Props struct {
	Settings settings.Settings
	Guard    *guard.Guard
	Topic    *delivery.Topic // nil: no SNS
	Queues   queue.Queues
	Rules    []*eventrule.Rule
	// Watch is the watch, and WatchRules are the rules that send to it alone; nil: there is none.
	Watch      *watch.Watch
	WatchRules []*eventrule.Rule
	Warden     *warden.Warden     // nil: there is none in this Region
	Sweep      awscdk.CfnResource // the schedule; not looked at where the settings ask for none
}

// Alarms are those of a deployment.
type Alarms struct {
	Made  []awscloudwatch.CfnAlarm
	Names Names // of those on the guard and what it uses
	Watch Names // of those on the watch
	// Warden is of those on the warden. Each group has rules of its own: one pattern has no room for all the names.
	Warden Names
}

// Names are unique in the account and Region as long as the stack's name is, which holds no slash.
type Names struct {
	// Of those of which people are notified that they were raised, and that they are over.
	Raised, Cleared []string
}

// New makes the alarms. Their actions go to the topic.
func New(scope constructs.Construct, p Props) Alarms {
	at := constructs.NewConstruct(scope, jsii.String("Alarms"))
	var made Alarms
	made.add(at, p, &made.Names, slices.Concat(
		guardAlarms(p),
		queueAlarms(p),
		ruleAlarms(p.Rules),
		topicAlarms(p),
		metricAlarms(p),
		sweepAlarms(p),
		testAlarms(p),
	))
	made.add(at, p, &made.Watch, watchAlarms(p))
	made.add(at, p, &made.Warden, wardenAlarms(p))
	return made
}

func (m *Alarms) add(at constructs.Construct, p Props, names *Names, alarms []alarm) {
	for _, a := range alarms {
		name := p.Settings.StackName + "/" + a.name
		names.Raised = append(names.Raised, name)
		if !a.onlyRaised {
			names.Cleared = append(names.Cleared, name)
		}
		m.Made = append(m.Made, a.make(at, p, name))
	}
}

func (a alarm) make(at constructs.Construct, p Props, name string) awscloudwatch.CfnAlarm {
	if page := p.Settings.RunbookPage(); page != "" {
		a.meaning += " Runbook: " + page + "#runbook-alarm"
	}
	props := &awscloudwatch.CfnAlarmProps{
		AlarmName:          jsii.String(name),
		AlarmDescription:   jsii.String(a.meaning),
		EvaluationPeriods:  jsii.Number(max(1, a.minutes)),
		DatapointsToAlarm:  jsii.Number(1),
		ComparisonOperator: jsii.String("GreaterThanThreshold"),
		Threshold:          jsii.Number(0),
		TreatMissingData:   jsii.String("notBreaching"),
	}
	switch {
	case a.expects != nil:
		compare(props, a.series, *a.expects)
	case len(a.greatest) > 0:
		greatest(props, a.greatest)
	default:
		props.Namespace = jsii.String(a.namespace)
		props.MetricName = jsii.String(a.metric)
		props.Statistic = jsii.String(a.statistic)
		props.Dimensions, props.Period = dimensions(a.dimensions), jsii.Number(60)
	}
	if a.lasting != nil {
		a.lasting.apply(props, a.series)
	}
	if p.Topic != nil {
		props.AlarmActions = p.Topic.AlarmActions()
		if !a.onlyRaised {
			props.OkActions = p.Topic.AlarmActions()
		}
	}
	made := awscloudwatch.NewCfnAlarm(at, jsii.String(convert.ConstructID(a.name)), props)
	if a.after != nil {
		made.AddResourceDependency(a.after, nil)
	}
	return made
}

func (l lasting) apply(props *awscloudwatch.CfnAlarmProps, s series) {
	props.Period = jsii.Number(l.seconds)
	props.EvaluationPeriods = jsii.Number(l.periods)
	props.DatapointsToAlarm = jsii.Number(l.needed)
	props.TreatMissingData = jsii.String(l.missing)
	props.Threshold = jsii.Number(l.above)
	if l.below {
		props.ComparisonOperator, props.Threshold = jsii.String("LessThanThreshold"), jsii.Number(1)
	}
	if l.alive != nil {
		fill(props, s, *l.alive, l.seconds)
	}
}

func dimensions(m map[string]string) []*awscloudwatch.CfnAlarm_DimensionProperty {
	var list []*awscloudwatch.CfnAlarm_DimensionProperty
	for _, name := range slices.Sorted(maps.Keys(m)) {
		list = append(list, &awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String(name), Value: jsii.String(m[name])})
	}
	return list
}

func guardAlarms(p Props) []alarm {
	const look = " Look at the guard's log, and see with 'aws cloudtrail get-trail-status' whether every trail logs."
	on := onFunction(p.Guard.Function)
	again := minutesOfRetries(p.Settings.Function.Timeout)
	list := []alarm{
		on(
			"guard-errors",
			"Errors",
			again,
			"The guard failed on an event. Lambda tries again; until that succeeds a trail may be off or a message "+
				"missing."+look,
		),
		on(
			"guard-throttles",
			"Throttles",
			again,
			"Lambda had no room to run the guard. Events wait and are tried again; a stopped trail stays off "+
				"meanwhile. Raise the account's concurrency quota or set function.reservedConcurrency."+look,
		),
		on(
			"guard-destination-failures",
			"DestinationDeliveryFailures",
			1,
			"Lambda could not put an event that the guard gave up on into the "+
				"failure queue: it is lost. Check the queue, its key and the guard's role."+look,
		),
	}
	if p.Settings.Place().Dropped {
		list = append(
			list,
			on(
				"guard-events-dropped",
				"AsyncEventsDropped",
				1,
				"Lambda dropped an event before the guard handled it: it was too old, or its "+
					"retries were used up. A copy should be in the failure queue."+look,
			),
		)
	}
	return list
}

// onFunction makes alarms on the sum of a function's metrics.
func onFunction(f awslambda.Function) func(name, metric string, minutes int, meaning string) alarm {
	return func(name, metric string, minutes int, meaning string) alarm {
		return alarm{
			name:    name,
			meaning: meaning,
			minutes: minutes,
			series: series{
				namespace:  "AWS/Lambda",
				metric:     metric,
				statistic:  "Sum",
				dimensions: map[string]string{"FunctionName": *f.FunctionName()},
			},
		}
	}
}

// queued is an alarm on what lies in a queue.
func queued(name string, of awssqs.IQueue, minutes int, meaning string) alarm {
	return alarm{
		name:    name,
		series:  waiting(of),
		minutes: minutes,
		meaning: meaning,
	}
}

// minutesOfRetries is how long an alarm must remember a failed invocation so that an event on which the guard keeps
// failing is one alarm: Lambda waits up to two minutes behind an invocation before it runs it again (Lambda Developer
// Guide, "Asynchronous invocation"), which has run for the timeout at most. Two more are for the minutes that both cut.
func minutesOfRetries(timeout int) int { return (timeout+59)/60 + 2 + 2 }

// byHand is what to do about a queue whose messages nothing takes up again.
const byHand = " Fix the cause; a principal of table.breakGlass can read the message and delete it: the alarm ends " +
	"when the queue is empty."

// queueAlarms watch the queues. Each sweep takes the messages of some to handle or send them, and hides them meanwhile;
// if SQS counts just then, the queue looks empty for a minute. Their alarms remember what lay there from one sweep to
// the next.
func queueAlarms(p Props) []alarm {
	const again = " Fix the cause: the next sweep, or 'trailkeeper redrive', handles or sends what is there, and says " +
		"what it cannot. The alarm ends some minutes after the queue is empty."
	on := func(name string, of awssqs.IQueue, minutes int, meaning string) []alarm {
		if of == nil {
			return nil
		}
		return []alarm{queued(name, of, minutes, meaning)}
	}
	remembers := minutesBetweenTries(p.Settings)
	return slices.Concat(
		on(
			"guard-failures",
			p.Queues.Failures,
			remembers,
			"The failure queue holds an event that the guard gave up on, so that a trail may still be off, or a message that "+
				"Slack or SNS refused. Check every trail with 'aws cloudtrail get-trail-status' first."+again,
		),
		on(
			"guard-dead-letters",
			p.Queues.Guard,
			remembers,
			"EventBridge could not hand an event about a trail to the guard: nothing was restored. "+
				"Check every trail with 'aws cloudtrail get-trail-status' first; the message's attributes say why."+again,
		),
		on(
			"slack-dead-letters",
			p.Queues.Slack,
			remembers,
			"EventBridge could not post to Slack. The message's attributes say why: 403, 404 or 410 mean "+
				"that the webhook is gone and the secret needs a new one. The guard is not concerned."+again,
		),
		on(
			"topic-dead-letters",
			p.Queues.Topic,
			1,
			"A notification did not reach a subscriber of the topic, or EventBridge could not publish to "+
				"it. The message's attributes say why. The guard is not concerned."+byHand,
		),
		on(
			"sweep-dead-letters",
			p.Queues.Sweep,
			remembers,
			"EventBridge Scheduler could not start a sweep: what no event reports is not found. The message's "+
				"attributes say why. Events are handled as before."+again,
		),
		on(
			"last-queue",
			p.Queues.Last,
			1,
			"Something was tried for a week, or can never be handled or delivered: the last queue holds it for 14 days and "+
				"nothing tries it again. 'trailkeeper redrive' says what it is and why, and tries it once more."+byHand,
		),
		on(
			"test-dead-letters",
			p.Queues.Test,
			1,
			"EventBridge Scheduler could not send the weekly test alert, so that nothing was tested. The message's "+
				"attributes say why. Events are handled as before."+byHand,
		),
	)
}

// waiting is what lies in a queue.
func waiting(of awssqs.IQueue) series {
	return series{
		namespace:  "AWS/SQS",
		metric:     queue.MetricWaiting,
		statistic:  "Maximum",
		dimensions: map[string]string{"QueueName": *of.QueueName()},
	}
}

// ruleAlarms watch what EventBridge could not deliver. On a bus of its own a rule's metrics carry the bus as well.
func ruleAlarms(made []*eventrule.Rule) []alarm {
	var list []alarm
	for _, r := range made {
		list = append(list,
			alarm{
				name:   r.Name + "-failed",
				series: counts(r, "FailedInvocations"),
				meaning: "EventBridge gave up on delivering an event of rule " + r.Name + " to one of its targets. The event is " +
					"in that target's dead-letter queue, whose message says why. If it was meant for the guard, a trail may be off.",
			},
			alarm{
				name:   r.Name + "-lost",
				series: counts(r, "InvocationsFailedToBeSentToDlq"),
				meaning: "EventBridge could not deliver an event of rule " + r.Name + ", and could not park it in the " +
					"dead-letter queue either: it is lost. Check the queue's policy and key, and every trail with 'aws cloudtrail " +
					"get-trail-status'.",
			})
	}
	return list
}

// counts is the sum of a metric of the rule.
func counts(r *eventrule.Rule, metric string) series {
	on := map[string]string{"RuleName": r.PhysicalName}
	if r.Bus != "" {
		on["EventBusName"] = r.Bus
	}
	return series{
		namespace:  "AWS/Events",
		metric:     metric,
		statistic:  "Sum",
		dimensions: on,
	}
}

func topicAlarms(p Props) []alarm {
	if p.Topic == nil {
		return nil
	}
	on := func(name string, topic awssns.ITopic, what string) alarm {
		return alarm{
			name: name,
			series: series{
				namespace:  "AWS/SNS",
				metric:     "NumberOfNotificationsFailed",
				statistic:  "Sum",
				dimensions: map[string]string{"TopicName": *topic.TopicName()},
			},
			meaning: "SNS could not deliver " + what + " to a subscriber. It is in the topic's dead-letter queue if the " +
				"subscription was made by this stack. Check the subscriptions.",
		}
	}
	list := []alarm{on("topic-failed", p.Topic.Topic, "a notification")}
	if p.Topic.Alarms != nil {
		list = append(list, on("alarm-topic-failed", p.Topic.Alarms, "an alarm's message"))
	}
	return list
}
