package dashboard

import (
	"time"

	"trailkeeper/lambda/config/metric"
)

// Span says how the time is cut.
type Span int

// The spans.
const (
	Bars Span = iota // the page's time, in periods of Period
	Now              // the last of it, as far back as Recent, by the minute
	All              // the page's time, in one
)

// Times returns from when to when the span goes and how long its periods are, of a page from..to.
func (s Span) Times(from, to time.Time) (start, end time.Time, period time.Duration) {
	switch s {
	case Now:
		return to.Add(-Recent), to, time.Minute
	case All:
		return from, to, to.Sub(from).Round(time.Minute)
	}
	return from, to, Period(from, to)
}

// The statistics, as CloudWatch names them.
const (
	Sum     = "Sum"
	Most    = "Maximum"
	Least   = "Minimum"
	Samples = "SampleCount"
	P50     = "p50"
	P90     = "p90"
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

// Channels are those of the deliveries.
func Channels() []string { return []string{"slack", "sns"} }

// Queries lists all that a page asks for, with these queues.
func Queries(queues []string) []Query {
	var list []Query
	add := func(span Span, name string, stats ...string) {
		for _, stat := range stats {
			list = append(list, Query{Metric: name, Stat: stat, Span: span})
		}
	}
	for _, span := range []Span{Now, Bars} {
		add(span, metric.TrailsHealthy, Least)
		add(span, metric.TrailsWeakened, Most)
		add(span, metric.TrailsStopped, Most)
	}
	add(Now, metric.CannotSee, Most)
	add(Now, metric.Heartbeat, Sum)
	for _, name := range []string{
		metric.Heartbeat, metric.Findings, metric.Incidents, metric.Contested, metric.DarkTime, metric.Attempts,
		metric.RemediationFailures, metric.Deliveries, metric.DeliveryFailures, metric.Parked, metric.Lost, metric.Redriven,
		metric.TestAlerts, metric.TestAlertsSent,
	} {
		add(Bars, name, Sum)
	}
	add(Bars, metric.SweepDuration, Most)
	add(Bars, metric.TimeToRestore, Samples, Most)
	add(All, metric.TimeToRestore, P50, P90)
	for _, reason := range metric.Reasons() {
		list = append(list, Query{Metric: metric.RemediationFailures, Stat: Sum, Reason: reason})
	}
	for _, channel := range Channels() {
		list = append(list,
			Query{Metric: metric.Deliveries, Stat: Sum, Channel: channel},
			Query{Metric: metric.DeliveryFailures, Stat: Sum, Channel: channel},
			Query{Metric: metric.DeliveryLatency, Stat: P90, Channel: channel, Span: All})
	}
	for _, queue := range queues {
		for _, span := range []Span{Now, Bars} {
			list = append(list, Query{Metric: QueueDepth, Stat: Most, Span: span, Queue: queue})
		}
	}
	return list
}
