// Package dashboard makes the CloudWatch dashboard.
//
// It knows no alarm but by its ARN, and no metric that the functions do not send or AWS does not have.
package dashboard

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/guard"
	"trailkeeper/cdk/queue"
	"trailkeeper/cdk/settings"
	"trailkeeper/cdk/watch"
	"trailkeeper/lambda/config/file"
	"trailkeeper/lambda/config/metric"
)

// Props is what a dashboard shows.
type Props struct {
	Settings settings.Settings
	Guard    *guard.Guard
	Watch    *watch.Watch // nil: there is none
	Queues   queue.Queues
	Alarms   []awscloudwatch.CfnAlarm
}

// New makes the dashboard. Its name has the Region in it: an account's dashboards are one list for all Regions.
func New(scope constructs.Construct, p Props) awscloudwatch.CfnDashboard {
	region := *awscdk.Stack_Of(scope).Region()
	return awscloudwatch.NewCfnDashboard(scope, jsii.String("Dashboard"), &awscloudwatch.CfnDashboardProps{
		DashboardName: jsii.String(p.Settings.StackName + "-" + region),
		DashboardBody: jsii.String(file.Line(page{p, region}.body())),
	})
}

// page is what the graphs have in common.
type page struct {
	Props
	region string
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

func (p page) body() dashboardBody {
	var g grid
	g.row(3, p.introduction())
	if n := len(p.Alarms); n > 0 {
		alarms := alarmWidget{Title: "Alarms on Trailkeeper itself", SortBy: "stateUpdatedTimestamp"}
		for _, a := range p.Alarms {
			alarms.Alarms = append(alarms.Alarms, *a.AttrArn())
		}
		g.row(alarmRows(n), alarms)
	}
	p.trails(&g)
	p.delivery(&g)
	p.ourselves(&g)
	if p.Watch != nil {
		p.watch(&g)
	}
	return dashboardBody{Start: "-PT24H", PeriodOverride: "inherit", Widgets: g.widgets}
}

// introduction says how to read the page, and leads on. The links are within the console, whatever the partition.
func (p page) introduction() textWidget {
	sweeps := "The sweep is off: trails are looked at when an event about them arrives."
	if p.Settings.Sweep.Enabled {
		sweeps = "The guard looks at every trail every " + minutes(p.Settings.Sweep.Minutes) +
			"; no heartbeat means that nobody looks."
	}
	logs := "[Log of the guard](" + logOf(p.Guard.LogGroup) + ")"
	if p.Watch != nil {
		logs += " | [Log of the watch](" + logOf(p.Watch.LogGroup) + ")"
	}
	return textWidget{Markdown: "# Trailkeeper: " + p.Settings.StackName + "\nAll is well when no alarm is red, no " +
		"trail is weakened, stopped or cannot be seen, and the queues are empty. " + sweeps +
		" No data in a graph of failures is good news.\n\n[Alarms](#alarmsV2:) | " + logs +
		" | What to do: the *Runbook* in lambda/README.md has a row for each message and alarm; an alarm's description " +
		"says it in short."}
}

func logOf(group awslogs.LogGroup) string {
	return "#logsV2:log-groups/log-group/" + *group.LogGroupName()
}

func minutes(n int) string {
	if n == 1 {
		return "minute"
	}
	return strconv.Itoa(n) + " minutes"
}

// trails shows how the trails are, and what became of incidents.
func (p page) trails(g *grid) {
	incidents := [][]any{
		p.line(metric.Incidents, "Incidents opened", red),
		p.line(metric.Attempts, "Attempts refused by AWS", orange),
	}
	if p.Settings.Sweep.Enabled {
		incidents = append(incidents, p.line(metric.Findings, "Findings of sweeps", blue))
	}
	opened := p.graph("Incidents and refused attempts", shown{stat: "Sum", period: oneHour, unit: "an hour"}, incidents...)
	if p.Settings.Sweep.Enabled {
		now := shown{
			view:      "singleValue",
			stat:      "Maximum",
			period:    fiveMinutes,
			sparkline: true,
		}
		g.row(5, p.graph("Trails, as the last sweep saw them", now,
			p.line(metric.TrailsHealthy, "Healthy", green),
			p.line(metric.TrailsWeakened, "Weakened", orange),
			p.line(metric.TrailsStopped, "Stopped", red),
			p.line(metric.CannotSee, "Cannot be seen", purple)), opened)
	} else {
		g.row(5, opened)
	}
	percentile := func(stat, colour string) []any {
		return p.lineOf(metric.TimeToRestore, nil, lineOptions{Label: stat, Color: colour, Stat: stat})
	}
	var failures [][]any
	colours := []string{orange, red, purple, blue, grey}
	words := map[string]string{
		metric.ReasonThrottled: "Throttled",
		metric.ReasonDenied:    "Denied",
		metric.ReasonGone:      "Something is gone",
		metric.ReasonLimit:     "A limit",
		metric.ReasonOther:     "Other",
	}
	for i, reason := range metric.Reasons() {
		failures = append(failures, p.lineOf(metric.RemediationFailures, []any{metric.DimensionReason, reason},
			lineOptions{Label: words[reason], Color: colours[i%len(colours)]}))
	}
	stacked := perFiveMinutes
	stacked.stacked = true
	g.row(6,
		p.graph("Time to restore, from the event to the verified restore", shown{period: oneHour, unit: "milliseconds"},
			percentile("p50", green), percentile("p90", orange), percentile("p99", red)),
		p.graph("Remediations that failed, by reason", stacked, failures...))
}

// delivery shows the channels, and what waits in the queues.
func (p page) delivery(g *grid) {
	var accepted, latency [][]any
	colours := [][2]string{{green, red}, {blue, orange}} // of what a channel accepts and refuses
	for _, c := range []struct {
		channel, name string
		enabled       bool
	}{{"slack", "Slack", p.Settings.Slack.Enabled}, {"sns", "SNS", p.Settings.SNS.Enabled}} {
		if !c.enabled {
			continue
		}
		on, colour := []any{metric.DimensionChannel, c.channel}, colours[len(latency)]
		accepted = append(accepted,
			p.lineOf(metric.Deliveries, on, lineOptions{Label: c.name + " accepted", Color: colour[0]}),
			p.lineOf(metric.DeliveryFailures, on, lineOptions{Label: c.name + " refused", Color: colour[1]}))
		latency = append(latency, p.lineOf(metric.DeliveryLatency, on,
			lineOptions{Label: c.name + " p90", Color: colour[0], Stat: "p90"}))
	}
	g.row(6,
		p.graph("Messages of the guard, by channel", perFiveMinutes, accepted...),
		p.graph("How long a channel takes to accept", shown{period: fiveMinutes, unit: "milliseconds"}, latency...))
	waiting := waitingIn([]waitingQueue{
		{p.Queues.Failures, "Failures of the guard", red},
		{p.Queues.Guard, "Not handed to the guard", orange},
		{p.Queues.Slack, "Not posted to Slack", purple},
		{p.Queues.Topic, "Not delivered by the topic", blue},
		{p.Queues.Sweep, "Sweeps not started", grey},
		{p.Queues.Test, "Test alerts not sent", green},
		{p.Queues.Last, "Tried for the last time", pink},
	})
	g.row(6,
		p.graph("Waiting in the queues", messages, waiting...),
		p.graph("Parked, sent again, lost", perFiveMinutes,
			p.line(metric.Parked, "Parked", orange),
			p.line(metric.Redriven, "Handled or sent again", green),
			p.line(metric.Lost, "Lost", red)))
}

// messages is a graph of what lies in queues.
var messages = shown{stat: "Maximum", period: fiveMinutes, unit: "messages"}

type waitingQueue struct {
	queue         awssqs.IQueue // nil: there is none
	label, colour string
}

func waitingIn(queues []waitingQueue) (lines [][]any) {
	for _, q := range queues {
		if q.queue != nil {
			lines = append(lines, []any{
				"AWS/SQS", queue.MetricWaiting, "QueueName", *q.queue.QueueName(), lineOptions{Label: q.label, Color: q.colour},
			})
		}
	}
	return lines
}

// runs is the graph of a function's runs.
func (p page) runs(title string, of awslambda.Function) metricWidget {
	line := func(name, label, colour string) []any {
		options := lineOptions{Label: label, Color: colour, Stat: "Sum"}
		return []any{"AWS/Lambda", name, "FunctionName", *of.FunctionName(), options}
	}
	return p.graph(title, perFiveMinutes, line("Invocations", "Runs", blue), line("Errors", "Errors", red),
		line("Throttles", "Throttles", orange))
}

// watch shows what the rules found, the runs of the watch, and what waits in its queues.
func (p page) watch(g *grid) {
	waiting := waitingIn([]waitingQueue{
		{p.Queues.Watch.Failures, "Failures of the watch", red},
		{p.Queues.Watch.DeadLetters, "Not handed to the watch", orange},
		{p.Queues.Watch.Last, "Tried for the last time", pink},
		{p.Queues.Watch.LogFiles, "Log files to be read", blue},
		{p.Queues.Watch.LogFileDeadLetters, "Log files that failed", purple},
	})
	g.row(6,
		p.graph("What the rules found", shown{stat: "Sum", period: oneHour, unit: "an hour"},
			p.line(metric.Detections, "Findings", blue), p.line(metric.RuleErrors, "A rule failed on a record", red)),
		p.runs("The watch: runs, errors, throttles", p.Watch.Function),
		p.graph("Waiting in the queues of the watch", messages, waiting...))
}

// ourselves shows the sweeps, the runs of the function and the test alerts.
func (p page) ourselves(g *grid) {
	if p.Settings.Sweep.Enabled {
		beat := shown{stat: "Sum", period: max(fiveMinutes, p.Settings.Sweep.Minutes*60), unit: "sweeps"}
		g.row(6,
			p.graph("Duration of a sweep", shown{period: fiveMinutes, unit: "milliseconds"},
				p.lineOf(metric.SweepDuration, nil, lineOptions{Label: "Average", Color: blue, Stat: "Average"}),
				p.lineOf(metric.SweepDuration, nil, lineOptions{Label: "Longest", Color: orange, Stat: "Maximum"})),
			p.graph("Heartbeat: sweeps that ended", beat, p.line(metric.Heartbeat, "Sweeps", green)))
	}
	g.row(6,
		p.runs("The guard: runs, errors, throttles", p.Guard.Function),
		p.graph("Test alerts", shown{stat: "Sum", period: oneHour, unit: "an hour"},
			p.line(metric.TestAlertsSent, "Sent with the command", blue),
			p.line(metric.TestAlerts, "Came through", green)))
}
