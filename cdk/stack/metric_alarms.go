package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/rules"
)

// measured is a metric of the functions, over all channels and reasons.
func (t targets) measured(name, statistic string) series {
	return series{
		namespace: metric.Namespace, metric: name, statistic: statistic,
		dimensions: map[string]string{metric.DimensionStack: t.settings.StackName},
	}
}

// minutesBetweenTries is how long what fails is given to be tried again: in the retries of Lambda, and in every sweep. An alarm that remembers as long
// is raised once for one cause. Two minutes more are for those that both sweeps cut.
func (t targets) minutesBetweenTries() int {
	again := minutesOfRetries(t.settings.Function.Timeout)
	if t.settings.Sweep.Enabled {
		again = max(again, t.settings.Sweep.Minutes+2)
	}
	return again
}

// metricAlarms watch what the guard says of itself.
func metricAlarms(t targets) []alarm {
	again := t.minutesBetweenTries()
	on := func(name, metric, meaning string) alarm {
		return alarm{name: name, series: t.measured(metric, "Sum"), meaning: meaning, minutes: again}
	}
	const until = " This alarm ends when nothing was tried in vain for some minutes, "
	remediation := on("remediation-failures", metric.RemediationFailures, "The guard could not put a trail back as it should be; a trail may be off or "+
		"weaker than its baseline. Its message says why and what to do: a permission that is missing, a bucket, key or role that is gone, or a quota. "+
		"See with 'aws cloudtrail get-trail-status' whether every trail logs."+until+"which is told to nobody: a trail that no sweep looks at, such as one "+
		"of another account, is not tried again. That a trail is restored, the guard says itself.")
	remediation.onlyRaised = true
	delivery := on("delivery-failures", metric.DeliveryFailures, "A channel, Slack or SNS, refused a message of the guard. The message is parked in the "+
		"failure queue and is sent again by the sweep, or with 'trailkeeper redrive' once the cause is mended; the queue keeps it for 14 days. The other "+
		"channel was told why; the guard's log has it as well.")
	if !t.settings.Sweep.Enabled { // nothing sends again by itself
		delivery.onlyRaised = true
		delivery.meaning += until + "which is told to nobody: nothing sends again what is parked while sweep.enabled is false."
	}
	return []alarm{
		remediation, delivery,
		on("messages-lost", metric.Lost, "A message of the guard is lost: the channel refused it, and it could not be parked in the failure queue. "+
			"The guard's log has what it said. Check the queue, its key and the guard's role, and every trail with 'aws cloudtrail get-trail-status'."),
	}
}

// sweepAlarms watch the sweeps, and what they find. Missing is the one thing that no event tells.
func sweepAlarms(t targets) []alarm {
	if !t.settings.Sweep.Enabled {
		return nil
	}
	const secondsPerMinute = 60
	interval := t.settings.Sweep.Minutes * secondsPerMinute
	// One sweep sees a trail that is wrong and puts it right; if the next one sees it too, that did not help. A third period is looked at
	// because two sweeps can fall into one. Without data the alarm stays as it is: that nobody looks is no good news.
	twice := &lasting{seconds: interval, periods: 3, needed: 2, missing: "ignore"}
	return []alarm{
		{
			// Before its time the alarm would be raised for the sweeps that were not yet: the first ends within two intervals and a timeout.
			name: "heartbeat-missing", series: t.measured(metric.Heartbeat, "Sum"), after: t.sweeps,
			lasting: &lasting{
				seconds: interval, periods: 3, needed: 3, below: true, missing: "breaching", filled: true,
				warmUp: 2*t.settings.Sweep.Minutes + (t.settings.Function.Timeout+59)/60 + 1,
			},
			meaning: "No sweep has ended for three intervals: nobody looks at the trails, and what no event reports is not found. Look at the " +
				"schedule, the guard's log and its concurrency, and see with 'aws cloudtrail get-trail-status' whether every trail logs.",
		},
		{
			name: "cannot-see", series: t.measured(metric.CannotSee, "Maximum"), lasting: twice,
			meaning: "Two sweeps in a row could not see everything: a trail, a Region, the state table or a baseline. What is there is not known, and not " +
				"taken for healthy; a trail may be off. The guard's message says what was refused. Where it is the guard's role, deploy again.",
		},
		{
			name: "trails-stopped", series: t.measured(metric.TrailsStopped, "Maximum"), lasting: twice,
			meaning: "A trail does not log, or is missing, and two sweeps in a row could not change that. Look at the guard's messages and log for the " +
				"reason, and start the trail by hand with 'aws cloudtrail start-logging'. The mode notify starts none.",
		},
		{
			name: "trails-weakened", series: t.measured(metric.TrailsWeakened, "Maximum"), lasting: twice,
			meaning: "A trail is weaker than its baseline, or does not deliver its files, and two sweeps in a row could not change that. Look at the " +
				"guard's messages for what differs. The mode restart does not put settings back; 'trailkeeper baseline' accepts what was meant.",
		},
	}
}

// testAlarms compare the test alerts that were sent with those that came through. The operator's command counts what it has sent, and the rule what the
// schedule has, whatever becomes of them. One of the schedule that the rule does not match counts as none of both: a week without one that came
// through is an alarm of its own.
func testAlarms(t targets, made []*Rule) []alarm {
	arrived := t.measured(metric.TestAlerts, "Sum")
	missing := func(name, what string, sent series) alarm {
		return alarm{
			name: name, series: sent, expects: &arrived,
			meaning: what + " and did not come through: the rule for it is disabled or was changed, the guard did not get it, or a channel refused its " +
				"message. An event about a trail would have gone the same way. Look at the guard's log and at the queues. One that is sent as the " +
				"hour ends can raise this for nothing: send another.",
		}
	}
	list := []alarm{missing("test-alert-missing", "A test alert was sent with 'trailkeeper test-alert'", t.measured(metric.TestAlertsSent, "Sum"))}
	for _, r := range made {
		if r.Name == rules.RuleTest && t.settings.TestAlert.Weekly {
			list = append(list, missing("weekly-test-missing", "The weekly test alert, or another that EventBridge took, was sent", r.counts("TriggeredRules")))
		}
	}
	if t.settings.TestAlert.Weekly {
		const day, week, twoDays = 86400, 7, 2880 // s, days and minutes: the most that CloudWatch looks at, and the longest warm-up
		list = append(list, alarm{
			// Single days, of which CloudWatch looks at some more than seven before it says that data is missing (CloudWatch User Guide, "Configuring
			// how CloudWatch alarms treat missing data"): the minutes in which one Monday's test alert is no longer among them, and the next one's
			// not yet, raise nothing. The week of a clock would be looked at when it is over, and be red for up to two weeks when the alarm is new.
			name: "test-alert-overdue", series: arrived,
			lasting: &lasting{seconds: day, periods: week, needed: week, below: true, missing: "breaching", warmUp: twoDays},
			meaning: "No test alert has come through for a week, though one is sent every Monday: the schedule or the rule for it is disabled or was " +
				"changed, or it is as weekly-test-missing says. Look at both in EventBridge, and deploy again if they are not as they were. When the " +
				"alarm is new, 'trailkeeper test-alert' ends it.",
		})
	}
	return list
}

// compare makes an alarm of the difference. The hour is one of the clock: in a window that slides, the two metrics of one test alert could fall
// on both sides of its end, or the second not be there yet. It is looked at when it is over (CloudWatch User Guide, "Alarm evaluation window").
func compare(props *awscloudwatch.CfnAlarmProps, more, than series) {
	const hour = 3600
	props.Metrics = []any{
		operand("sent", more, hour), operand("arrived", than, hour), expressed("missing", "Missing", "FILL(sent, 0) - FILL(arrived, 0)"),
	}
	props.EvaluationWindow = &awscloudwatch.CfnAlarm_EvaluationWindowProperty{
		WallClockWindow: &awscloudwatch.CfnAlarm_WallClockWindowProperty{Timezone: jsii.String("UTC")},
	}
}

// fill makes an alarm of the series with 0 where it has no data. Otherwise CloudWatch looks at older periods for what is missing in the latest ones, and
// the alarm comes some periods later. Where the series has no data at all, there is nothing to fill, and the alarm's treatment of missing data counts.
func fill(props *awscloudwatch.CfnAlarmProps, s series, seconds int) {
	props.Namespace, props.MetricName, props.Statistic, props.Dimensions, props.Period = nil, nil, nil, nil, nil
	props.Metrics = []any{operand("reported", s, seconds), expressed("filled", s.metric, "FILL(reported, 0)")}
}

// operand is a series that an expression takes.
func operand(id string, s series, seconds int) *awscloudwatch.CfnAlarm_MetricDataQueryProperty {
	return &awscloudwatch.CfnAlarm_MetricDataQueryProperty{
		Id: jsii.String(id), ReturnData: jsii.Bool(false), MetricStat: &awscloudwatch.CfnAlarm_MetricStatProperty{
			Metric: &awscloudwatch.CfnAlarm_MetricProperty{
				Namespace: jsii.String(s.namespace), MetricName: jsii.String(s.metric), Dimensions: dimensions(s.dimensions),
			},
			Period: jsii.Number(seconds), Stat: jsii.String(s.statistic),
		},
	}
}

// expressed is the expression that the alarm is on.
func expressed(id, label, expression string) *awscloudwatch.CfnAlarm_MetricDataQueryProperty {
	return &awscloudwatch.CfnAlarm_MetricDataQueryProperty{
		Id: jsii.String(id), Label: jsii.String(label), Expression: jsii.String(expression), ReturnData: jsii.Bool(true),
	}
}
