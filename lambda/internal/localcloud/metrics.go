package localcloud

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// dim is a dimension of a metric.
type dim struct{ name, value string }

// metricKey names a metric: namespace, name, and dimensions in order.
type metricKey struct{ namespace, name, dims string }

type datapoint struct {
	at    time.Time
	value float64
	away  bool // of a queue's depth: messages are hidden from it
}

// series is a metric with its data points in the order in which they came.
type series struct {
	dims   []dim
	unit   string
	points []datapoint
}

// Metric is a metric of the cloud: AWS's own, and those that the functions write into their logs.
type Metric struct {
	Namespace, Name string
	Dimensions      map[string]string
	Unit            string // "" where AWS's own has none here
	Points          []Point
}

// Point is a data point.
type Point struct {
	At    time.Time
	Value float64
}

// Sum adds the values of all points.
func (m Metric) Sum() float64 {
	sum := 0.0
	for _, p := range m.Points {
		sum += p.Value
	}
	return sum
}

// Metrics returns every metric that has a data point, in the order of namespace, name and dimensions.
func (c *Cloud) Metrics() []Metric {
	c.mu.Lock()
	defer c.mu.Unlock()
	keys := slices.SortedFunc(maps.Keys(c.metrics), metricKey.compare)
	all := make([]Metric, 0, len(keys))
	for _, k := range keys {
		s := c.metrics[k]
		m := Metric{Namespace: k.namespace, Name: k.name, Unit: s.unit, Dimensions: map[string]string{}}
		for _, d := range s.dims {
			m.Dimensions[d.name] = d.value
		}
		for _, p := range s.points {
			m.Points = append(m.Points, Point{p.at, p.value})
		}
		all = append(all, m)
	}
	return all
}

func (k metricKey) compare(o metricKey) int {
	return strings.Compare(k.namespace+"\x00"+k.name+"\x00"+k.dims, o.namespace+"\x00"+o.name+"\x00"+o.dims)
}

func keyOf(namespace, name string, dims []dim) metricKey {
	parts := make([]string, len(dims))
	for i, d := range dims {
		parts[i] = d.name + "=" + d.value
	}
	slices.Sort(parts)
	return metricKey{namespace, name, strings.Join(parts, "\x00")}
}

// measure adds a data point to a metric and has the alarms on it look at the end of their period.
func (c *Cloud) measure(namespace, name string, value float64, dims ...dim) {
	c.addPoint(keyOf(namespace, name, dims), dims, "", datapoint{at: c.time.Now(), value: value})
}

// addPoint adds a data point.
func (c *Cloud) addPoint(key metricKey, dims []dim, unit string, p datapoint) {
	s, ok := c.metrics[key]
	if !ok {
		s = &series{dims: dims}
		c.metrics[key] = s
	}
	s.unit = unit
	s.points = append(s.points, p)
	for _, a := range c.stack.alarms {
		if slices.Contains(a.keys(), key) {
			c.watch(a)
		}
	}
}

// produced are the metrics of AWS that the cloud makes; an alarm on any other of AWS's is refused. The one of SNS that counts what failed never fires
// here, because subscribers take every message.
var produced = sync.OnceValue(func() map[string][]string {
	return map[string][]string{
		"AWS/Events": {"FailedInvocations", "InvocationsFailedToBeSentToDlq", "InvocationsSentToDlq", "TriggeredRules"},
		"AWS/Lambda": {"Invocations", "Errors", "Throttles", "DestinationDeliveryFailures", "AsyncEventsDropped", "DeadLetterErrors"},
		"AWS/Scheduler": {
			"InvocationAttemptCount", "TargetErrorCount", "InvocationDroppedCount", "InvocationsSentToDeadLetterCount",
			"InvocationsFailedToBeSentToDeadLetterCount",
		},
		"AWS/SQS": {"ApproximateNumberOfMessagesVisible", "NumberOfMessagesSent"},
		"AWS/SNS": {"NumberOfNotificationsFailed", "NumberOfNotificationsFilteredOut", "NumberOfNotificationsFilteredOut-InvalidAttributes"},
	}
})

// made reports whether a metric can have data here: every one that is not AWS's may be written by a function.
func made(namespace, name string) bool {
	return !strings.HasPrefix(namespace, "AWS/") || slices.Contains(produced()[namespace], name)
}
