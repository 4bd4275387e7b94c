package alarms

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config/metric"
	"trailkeeper/rules"
)

// measured is a metric of the functions, over all channels and reasons.
func measured(s settings.Settings, name, statistic string) series {
	return series{
		namespace:  metric.Namespace,
		metric:     name,
		statistic:  statistic,
		dimensions: map[string]string{metric.DimensionStack: s.StackName},
	}
}

// minutesBetweenTries is how long what fails is given to be tried again: in the retries of Lambda, and in every sweep.
// An alarm that remembers as long is raised once for one cause. Two minutes more are for those that both sweeps cut.
func minutesBetweenTries(s settings.Settings) int {
	again := minutesOfRetries(s.Function.Timeout)
	if s.Sweep.Enabled {
		again = max(again, s.Sweep.Minutes+2)
	}
	return again
}

// metricAlarms watch what the guard says of itself.
func metricAlarms(p Props) []alarm {
	again := minutesBetweenTries(p.Settings)
	on := func(name, metric, meaning string) alarm {
		return alarm{
			name:    name,
			series:  measured(p.Settings, metric, "Sum"),
			meaning: meaning,
			minutes: again,
		}
	}
	const until = " This alarm returns to OK some minutes after the last failure, "
	remediation := on(
		"remediation-failures",
		metric.RemediationFailures,
		"Remediation failed: a trail may be stopped or weaker than its baseline. The guard's message "+
			"says why and what to do: a permission that is missing, a bucket, key or role that is gone, or a quota. See with "+
			"'aws cloudtrail get-trail-status' whether every trail logs."+until+"without a notification: a trail that "+
			"no sweep checks, such as one of another account, is not tried again. The guard itself reports when a trail is "+
			"restored.",
	)
	remediation.onlyRaised = true
	delivery := on(
		"delivery-failures",
		metric.DeliveryFailures,
		"A channel, Slack or SNS, refused a message of the guard. The message is kept in the failure queue and is sent "+
			"again by the sweep, or with 'trailkeeper redrive' once the cause is fixed; the queue keeps it for 14 days. "+
			"The message on the other channel and the guard's log say why.",
	)
	if !p.Settings.Sweep.Enabled { // nothing sends again by itself
		delivery.onlyRaised = true
		delivery.meaning += until + "without a notification: nothing sends the messages in the queue again while " +
			"sweep.enabled is false."
	}
	return []alarm{
		remediation,
		delivery,
		on(
			"messages-lost",
			metric.Lost,
			"A message of the guard is lost: the channel refused it, and it could not be stored in the failure queue. The "+
				"guard's log has what it said. Check the queue, its key and the guard's role, and every trail with 'aws "+
				"cloudtrail get-trail-status'.",
		),
	}
}

// sweepAlarms watch the sweeps, and what they find. That a trail is missing no event reports.
func sweepAlarms(p Props) []alarm {
	if !p.Settings.Sweep.Enabled {
		return nil
	}
	const secondsPerMinute = 60
	interval := p.Settings.Sweep.Minutes * secondsPerMinute
	// One sweep sees a trail that is wrong and puts it right; if the next one sees it too, that did not help. A third
	// period is looked at because two sweeps can fall into one. Without data the alarm stays as it is: that nobody looks
	// is no good news.
	twice := &lasting{
		seconds: interval,
		periods: 3,
		needed:  2,
		missing: "ignore",
	}
	there := waiting(p.Queues.Guard)
	return []alarm{
		{
			name:   "heartbeat-missing",
			series: measured(p.Settings, metric.Heartbeat, "Sum"),
			after:  p.Sweep,
			lasting: &lasting{
				seconds: interval,
				periods: 3,
				needed:  3,
				below:   true,
				missing: "ignore",
				alive:   &there,
			},
			meaning: "No sweep has completed for three intervals: no trail is checked, and what no event reports is not " +
				"found. Check the schedule, the guard's log and its concurrency, and verify with 'aws cloudtrail " +
				"get-trail-status' whether every trail logs.",
		},
		{
			name:    "cannot-see",
			series:  measured(p.Settings, metric.CannotSee, "Maximum"),
			lasting: twice,
			meaning: "Two sweeps in a row could not see everything: a trail, a Region, the state table or a baseline. A trail " +
				"that cannot be read is reported as unknown, never as healthy. The guard's message says what was refused. " +
				"If it is a permission of the guard's role, deploy again.",
		},
		{
			name:    "trails-stopped",
			series:  measured(p.Settings, metric.TrailsStopped, "Maximum"),
			lasting: twice,
			meaning: "A trail does not log, or is missing, and two sweeps in a row could not change that. See the guard's " +
				"messages and log for the reason, and start the trail by hand with 'aws cloudtrail start-logging'. The mode " +
				"notify starts none.",
		},
		{
			name:    "trails-weakened",
			series:  measured(p.Settings, metric.TrailsWeakened, "Maximum"),
			lasting: twice,
			meaning: "A trail is weaker than its baseline, or does not deliver its files, and two sweeps in a row could not " +
				"restore it. See the guard's messages for what differs. The mode restart restores no settings; " +
				"'trailkeeper baseline' records an intended change.",
		},
	}
}

// testAlarms compare the test alerts that were sent with those that came through. The operator's command counts what it
// has sent, and the rule what the schedule has, whatever becomes of them. One of the schedule that the rule does not
// match counts as none of both: a week without one that came through is an alarm of its own.
func testAlarms(p Props) []alarm {
	arrived := measured(p.Settings, metric.TestAlerts, "Sum")
	missing := func(name, what string, sent series) alarm {
		return alarm{
			name:    name,
			series:  sent,
			expects: &arrived,
			meaning: what + " and did not come through: the rule for it is disabled or was changed, the guard did not get it, " +
				"or a channel refused its message. An event about a trail would be lost in the same way. Check the guard's log " +
				"and the queues.",
		}
	}
	list := []alarm{
		missing(
			"test-alert-missing",
			"A test alert was sent with 'trailkeeper test-alert'",
			measured(p.Settings, metric.TestAlertsSent, "Sum"),
		),
	}
	for _, r := range p.Rules {
		if r.Name == rules.RuleTest && p.Settings.TestAlert.Weekly {
			list = append(
				list,
				missing(
					"weekly-test-missing",
					"The weekly test alert, or another that EventBridge took, was sent",
					counts(r, "TriggeredRules"),
				),
			)
		}
	}
	if p.Settings.TestAlert.Weekly && p.Settings.Sweep.Enabled {
		const day, week = 86400, 7 // seconds, and the most days that CloudWatch looks at
		there := waiting(p.Queues.Guard)
		list = append(list, alarm{
			name:   "test-alert-overdue",
			series: arrived,
			lasting: &lasting{
				seconds: day,
				periods: week,
				needed:  week,
				below:   true,
				missing: "ignore",
				alive:   &there,
			},
			meaning: "No test alert has come through for a week, though one is sent every Monday: the schedule or the rule " +
				"for it is disabled or was changed, or weekly-test-missing says why. Check both in EventBridge, and " +
				"deploy again if they are not as they were.",
		})
	}
	return list
}

// patience is for how many minutes what was sent is waited for: a run of the function that is tried again, and the
// metrics, come later.
const patience = 30

// compare makes an alarm of what is outstanding: the running sum of what was sent, less what arrived, minute by minute,
// is above zero for all of the time that it is given. (The hours of a clock would do as well, but EvaluationWindow is
// newer than CloudFormation in some Regions.) FILL fills gaps (CloudWatch User Guide, "Using math expressions with
// CloudWatch metrics"); of a series without any value nothing is promised, so where nothing ever arrived MAX takes the
// 0 from what was sent.
func compare(props *awscloudwatch.CfnAlarmProps, more, than series) {
	const minute = 60
	props.EvaluationPeriods, props.DatapointsToAlarm = jsii.Number(patience), jsii.Number(patience)
	props.Metrics = []any{
		operand("sent", more, minute), operand("arrived", than, minute),
		expressed("missing", "Missing", "RUNNING_SUM(FILL(sent, 0) - MAX([FILL(arrived, 0), 0 * FILL(sent, 0)]))"),
	}
}

// fill makes an alarm of the series with 0 where it has no data, in periods in which the other one has some for most of
// the time: that is how long the stack has been there. In others the divisor is 0, and so there is no value. A new
// alarm is therefore not raised for what was before it (a warm-up would do as well, but WarmUpConfiguration is newer
// than CloudFormation in some Regions), and one on what never came is. SQS reports on a queue from when it was made
// until six hours after the last call to it (SQS Developer Guide, "Available CloudWatch metrics for Amazon SQS"), every
// minute; each sweep makes one. For MAX see compare.
func fill(props *awscloudwatch.CfnAlarmProps, s, alive series, seconds int) {
	alive.statistic = "SampleCount"
	minutes := seconds / 60
	const late = 10 // minutes at most, of which nothing is known yet
	limit := max(1, (minutes+1)/2, minutes-late)
	props.Namespace, props.MetricName, props.Statistic, props.Dimensions, props.Period = nil, nil, nil, nil, nil
	props.Metrics = []any{
		operand("reported", s, seconds), operand("alive", alive, seconds),
		expressed("filled", s.metric, fmt.Sprintf("MAX([FILL(reported, 0), 0 * alive]) / (alive > %d)", limit-1)),
	}
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
		Id:         jsii.String(id),
		Label:      jsii.String(label),
		Expression: jsii.String(expression),
		ReturnData: jsii.Bool(true),
	}
}
