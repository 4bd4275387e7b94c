package dashboard

import (
	"time"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/finding"
)

// Span says how the time is cut.
type Span int

// The spans.
const (
	Bars Span = iota // the page's time, in periods of periodOf
	Now              // the last of it, as far back as recent, by the minute
	All              // the page's time, in one
)

// Times returns from when to when the span goes and how long its periods are, of a page from..to.
func (s Span) Times(from, to time.Time) (start, end time.Time, period time.Duration) {
	switch s {
	case Now:
		return to.Add(-recent), to, time.Minute
	case All:
		return from, to, to.Sub(from).Round(time.Minute)
	}
	return from, to, periodOf(from, to)
}

// The statistics, as CloudWatch names them.
const (
	Sum         = "Sum"
	statMost    = "Maximum"
	statLeast   = "Minimum"
	statSamples = "SampleCount"
	p50         = "p50"
	p90         = "p90"
)

// Query is one figure over time. It is the stack's sum unless it names a channel, a reason or a queue.
type Query struct {
	Metric string // of namespace metric.Namespace, or QueueDepth
	Stat   string
	Span   Span
	// Channel or Reason is the value of that dimension beside the stack's.
	Channel, Reason string
	// Queue is the name of the queue that QueueDepth is about. No other dimension goes with it.
	Queue string
}

// QueueDepth and QueueNamespace name SQS's metric (SQS Developer Guide, "Available CloudWatch metrics for Amazon SQS").
const (
	QueueDepth     = "ApproximateNumberOfMessagesVisible"
	QueueNamespace = "AWS/SQS"
)

// channels are those of the deliveries, with their names for people.
var channels = []struct{ id, name string }{{finding.ChannelSlack, "Slack"}, {finding.ChannelSNS, "SNS"}}

// Queries lists all that a page asks for, with these queues.
func Queries(queues []string) []Query {
	var list []Query
	add := func(span Span, name string, stats ...string) {
		for _, stat := range stats {
			list = append(list, Query{Metric: name, Stat: stat, Span: span})
		}
	}
	for _, span := range []Span{Now, Bars} {
		add(span, metric.TrailsHealthy, statLeast)
		add(span, metric.TrailsWeakened, statMost)
		add(span, metric.TrailsStopped, statMost)
	}
	add(Now, metric.CannotSee, statMost)
	add(Now, metric.Heartbeat, Sum)
	for _, name := range []string{
		metric.Heartbeat, metric.Findings, metric.Incidents, metric.Contested, metric.DarkTime, metric.Attempts,
		metric.RemediationFailures, metric.Deliveries, metric.DeliveryFailures, metric.Parked, metric.Lost, metric.Redriven,
		metric.TestAlerts, metric.TestAlertsSent,
	} {
		add(Bars, name, Sum)
	}
	add(Bars, metric.SweepDuration, statMost)
	add(Bars, metric.TimeToRestore, statSamples, statMost)
	add(All, metric.TimeToRestore, p50, p90)
	for _, reason := range metric.Reasons() {
		list = append(list, Query{Metric: metric.RemediationFailures, Stat: Sum, Reason: reason})
	}
	for _, c := range channels {
		list = append(list,
			Query{Metric: metric.Deliveries, Stat: Sum, Channel: c.id},
			Query{Metric: metric.DeliveryFailures, Stat: Sum, Channel: c.id},
			Query{
				Metric:  metric.DeliveryLatency,
				Stat:    p90,
				Channel: c.id,
				Span:    All,
			})
	}
	for _, queue := range queues {
		for _, span := range []Span{Now, Bars} {
			list = append(list, Query{
				Metric: QueueDepth,
				Stat:   statMost,
				Span:   span,
				Queue:  queue,
			})
		}
	}
	return list
}
