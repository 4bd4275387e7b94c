package stack

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/lambda/config/metric"
)

// newDashboard makes the dashboard. Its name has the Region in it: an account's dashboards are one list for all
// Regions.
func newDashboard(scope constructs.Construct, t targets, watched []awscloudwatch.CfnAlarm) awscloudwatch.CfnDashboard {
	d := dashboard{targets: t, region: *awscdk.Stack_Of(scope).Region()}
	for _, a := range watched {
		d.alarms = append(d.alarms, *a.AttrArn())
	}
	return awscloudwatch.NewCfnDashboard(scope, jsii.String("Dashboard"), &awscloudwatch.CfnDashboardProps{
		DashboardName: jsii.String(t.settings.StackName + "-" + d.region),
		DashboardBody: jsii.String(encode(d.body())),
	})
}

// dashboard says what is shown.
type dashboard struct {
	targets
	region string
	alarms []string // ARNs
}

// Colours mean the same in every graph; they are CloudWatch's own.
const (
	green  = "#2ca02c"
	orange = "#ff7f0e"
	red    = "#d62728"
	blue   = "#1f77b4"
	purple = "#9467bd"
	grey   = "#7f7f7f"
	pink   = "#e377c2"
)

// In seconds.
const (
	fiveMinutes = 300
	oneHour     = 3600
)

func (d dashboard) body() dashboardBody {
	var g grid
	g.row(3, d.introduction())
	if len(d.alarms) > 0 {
		g.row(
			alarmRows(len(d.alarms)),
			alarmWidget{Title: "Alarms on Trailkeeper itself", Alarms: d.alarms, SortBy: "stateUpdatedTimestamp"},
		)
	}
	if d.settings.Sweep.Enabled {
		g.row(5, d.trails(), d.incidents())
	} else {
		g.row(5, d.incidents())
	}
	g.row(6, d.timeToRestore(), d.failures())
	g.row(6, d.delivery(), d.latency())
	g.row(6, d.waitingIn(), d.kept())
	if d.settings.Sweep.Enabled {
		g.row(6, d.sweeps(), d.heartbeat())
	}
	g.row(6, d.guardRuns(), d.tests())
	return dashboardBody{Start: "-PT24H", PeriodOverride: "inherit", Widgets: g.widgets}
}

// introduction says how to read the page, and leads on. The links are within the console, whatever the partition.
func (d dashboard) introduction() textWidget {
	sweeps := "The sweep is off: trails are looked at when an event about them arrives."
	if d.settings.Sweep.Enabled {
		sweeps = "The guard looks at every trail every " + minutes(
			d.settings.Sweep.Minutes,
		) + "; no heartbeat means that nobody looks."
	}
	return textWidget{Markdown: "# Trailkeeper: " + d.settings.StackName + "\nAll is well when no alarm is red, no " +
		"trail is weakened, stopped or cannot be seen, and the queues are empty. " + sweeps +
		" No data in a graph of failures is good news.\n\n[Alarms](#alarmsV2:) | [Log of the " +
		"guard](#logsV2:log-groups/log-group/" + *d.guard.LogGroup.LogGroupName() + ") | What to do: the *Runbook* in " +
		"lambda/README.md has a row for each message and alarm; an alarm's description says it in short."}
}

func minutes(n int) string {
	if n == 1 {
		return "minute"
	}
	return strconv.Itoa(n) + " minutes"
}

func (d dashboard) trails() metricWidget {
	return d.graph("Trails, as the last sweep saw them", shown{
		view:      "singleValue",
		stat:      "Maximum",
		period:    fiveMinutes,
		sparkline: true,
	},
		d.line(metric.TrailsHealthy, "Healthy", green),
		d.line(metric.TrailsWeakened, "Weakened", orange),
		d.line(metric.TrailsStopped, "Stopped", red),
		d.line(metric.CannotSee, "Cannot be seen", purple))
}

func (d dashboard) incidents() metricWidget {
	lines := [][]any{
		d.line(metric.Incidents, "Incidents opened", red),
		d.line(metric.Attempts, "Attempts refused by AWS", orange),
	}
	if d.settings.Sweep.Enabled {
		lines = append(lines, d.line(metric.Findings, "Findings of sweeps", blue))
	}
	return d.graph("Incidents and refused attempts", shown{stat: "Sum", period: oneHour, unit: "an hour"}, lines...)
}

func (d dashboard) timeToRestore() metricWidget {
	at := func(percentile, colour string) []any {
		return d.lineOf(metric.TimeToRestore, nil, lineOptions{Label: percentile, Color: colour, Stat: percentile})
	}
	return d.graph("Time to restore, from the event to the verified restore", shown{period: oneHour, unit: "milliseconds"},
		at("p50", green), at("p90", orange), at("p99", red))
}

func (d dashboard) failures() metricWidget {
	var lines [][]any
	colours := []string{orange, red, purple, blue, grey}
	words := map[string]string{
		metric.ReasonThrottled: "Throttled",
		metric.ReasonDenied:    "Denied",
		metric.ReasonGone:      "Something is gone",
		metric.ReasonLimit:     "A limit",
		metric.ReasonOther:     "Other",
	}
	for i, reason := range metric.Reasons() {
		lines = append(lines, d.lineOf(metric.RemediationFailures, []any{metric.DimensionReason, reason},
			lineOptions{Label: words[reason], Color: colours[i%len(colours)]}))
	}
	return d.graph("Remediations that failed, by reason", shown{
		stat:    "Sum",
		period:  fiveMinutes,
		unit:    "in 5 minutes",
		stacked: true,
	}, lines...)
}

// channels are the deployment's ways to notify, as the metrics call them.
func (d dashboard) channels() [][2]string {
	var list [][2]string
	if d.settings.Slack.Enabled {
		list = append(list, [2]string{"slack", "Slack"})
	}
	if d.settings.SNS.Enabled {
		list = append(list, [2]string{"sns", "SNS"})
	}
	return list
}

func (d dashboard) delivery() metricWidget {
	var lines [][]any
	for i, c := range d.channels() {
		on := []any{metric.DimensionChannel, c[0]}
		lines = append(lines,
			d.lineOf(metric.Deliveries, on, lineOptions{Label: c[1] + " accepted", Color: []string{green, blue}[i]}),
			d.lineOf(metric.DeliveryFailures, on, lineOptions{Label: c[1] + " refused", Color: []string{red, orange}[i]}))
	}
	return d.graph(
		"Messages of the guard, by channel",
		shown{stat: "Sum", period: fiveMinutes, unit: "in 5 minutes"},
		lines...)
}

func (d dashboard) latency() metricWidget {
	var lines [][]any
	for i, c := range d.channels() {
		lines = append(lines, d.lineOf(metric.DeliveryLatency, []any{metric.DimensionChannel, c[0]},
			lineOptions{Label: c[1] + " p90", Color: []string{green, blue}[i], Stat: "p90"}))
	}
	return d.graph("How long a channel takes to accept", shown{period: fiveMinutes, unit: "milliseconds"}, lines...)
}

func (d dashboard) waitingIn() metricWidget {
	var lines [][]any
	on := func(queue awssqs.IQueue, label, colour string) {
		if queue != nil {
			s := waiting(queue)
			lines = append(
				lines,
				[]any{s.namespace, s.metric, "QueueName", s.dimensions["QueueName"], lineOptions{Label: label, Color: colour}},
			)
		}
	}
	on(d.queues.Failures, "Failures of the guard", red)
	on(d.queues.Guard, "Not handed to the guard", orange)
	on(d.queues.Slack, "Not posted to Slack", purple)
	on(d.queues.Topic, "Not delivered by the topic", blue)
	on(d.queues.Sweep, "Sweeps not started", grey)
	on(d.queues.Test, "Test alerts not sent", green)
	on(d.queues.Last, "Tried for the last time", pink)
	return d.graph("Waiting in the queues", shown{stat: "Maximum", period: fiveMinutes, unit: "messages"}, lines...)
}

func (d dashboard) kept() metricWidget {
	return d.graph(
		"Parked, sent again, lost",
		shown{stat: "Sum", period: fiveMinutes, unit: "in 5 minutes"},
		d.line(
			metric.Parked,
			"Parked",
			orange,
		),
		d.line(metric.Redriven, "Handled or sent again", green),
		d.line(metric.Lost, "Lost", red),
	)
}

func (d dashboard) sweeps() metricWidget {
	return d.graph("Duration of a sweep", shown{period: fiveMinutes, unit: "milliseconds"},
		d.lineOf(metric.SweepDuration, nil, lineOptions{Label: "Average", Color: blue, Stat: "Average"}),
		d.lineOf(metric.SweepDuration, nil, lineOptions{Label: "Longest", Color: orange, Stat: "Maximum"}))
}

func (d dashboard) heartbeat() metricWidget {
	return d.graph(
		"Heartbeat: sweeps that ended",
		shown{stat: "Sum", period: max(fiveMinutes, d.settings.Sweep.Minutes*60), unit: "sweeps"},
		d.line(metric.Heartbeat, "Sweeps", green),
	)
}

func (d dashboard) guardRuns() metricWidget {
	on := func(name, label, colour, stat string) []any {
		return []any{
			"AWS/Lambda",
			name,
			"FunctionName",
			*d.guard.Function.FunctionName(),
			lineOptions{Label: label, Color: colour, Stat: stat},
		}
	}
	return d.graph(
		"The guard: runs, errors, throttles",
		shown{stat: "Sum", period: fiveMinutes, unit: "in 5 minutes"},
		on(
			"Invocations",
			"Runs",
			blue,
			"Sum",
		),
		on("Errors", "Errors", red, "Sum"),
		on("Throttles", "Throttles", orange, "Sum"),
	)
}

func (d dashboard) tests() metricWidget {
	return d.graph("Test alerts", shown{stat: "Sum", period: oneHour, unit: "an hour"},
		d.line(metric.TestAlertsSent, "Sent with the command", blue), d.line(metric.TestAlerts, "Came through", green))
}
