// Package cloudwatch keeps metrics, evaluates alarms, and takes metrics out of the lines of logs. It refuses metrics
// that nobody here makes. It knows no service whose metrics it keeps, and neither who hears of an alarm nor how.
package cloudwatch

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// metricKey names a metric: where it is, namespace, name, and dimensions in order.
type metricKey struct {
	site                  kernel.Site
	namespace, name, dims string
}

type datapoint struct {
	at    time.Time
	value float64
	away  bool // of a queue's depth: messages are hidden from it
}

// series is a metric with its data points in the order in which they came.
type series struct {
	dims   []kernel.Dim
	unit   string
	points []datapoint
}

// Monitor is CloudWatch.
type Monitor struct {
	kernel *kernel.Kernel
	wire.Front
	// Logs is the side of CloudWatch Logs.
	Logs wire.Front

	mu     sync.Mutex
	series map[metricKey]*series
	active map[metricKey]time.Time // when what a key without a name names was in use last
	alarms []*alarm
	groups map[string]*logGroup // of the templates, by ARN
	// subscriptions are those of a log group, by its ARN
	subscriptions map[string][]subscription
	// filters are the metric filters of log groups, by the group's ARN.
	filters map[string][]filter
}

// New returns CloudWatch without an alarm.
func New(k *kernel.Kernel) *Monitor {
	s := &Monitor{
		kernel: k,
		series: map[metricKey]*series{},
		active: map[metricKey]time.Time{},
		groups: map[string]*logGroup{},

		subscriptions: map[string][]subscription{},
		filters:       map[string][]filter{},
	}
	s.Front = wire.New(k, "monitoring", s.answer, func(cl *kernel.Call) string { return cl.Op })
	s.Logs = wire.New(k, "logs", s.answerLogs, wire.Named("logGroupName"))
	s.Logs.Bounds = true
	return s
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
func (s *Monitor) Metrics() []Metric {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys := slices.SortedFunc(maps.Keys(s.series), metricKey.compare)
	all := make([]Metric, 0, len(keys))
	for _, k := range keys {
		from := s.series[k]
		m := Metric{
			Namespace:  k.namespace,
			Name:       k.name,
			Unit:       from.unit,
			Dimensions: map[string]string{},
		}
		for _, d := range from.dims {
			m.Dimensions[d.Name] = d.Value
		}
		for _, p := range from.points {
			m.Points = append(m.Points, Point{p.at, p.value})
		}
		all = append(all, m)
	}
	return all
}

func (k metricKey) compare(o metricKey) int {
	return strings.Compare(k.namespace+"\x00"+k.name+"\x00"+k.dims, o.namespace+"\x00"+o.name+"\x00"+o.dims)
}

func keyOf(site kernel.Site, namespace, name string, dims []kernel.Dim) metricKey {
	parts := make([]string, len(dims))
	for i, d := range dims {
		parts[i] = d.Name + "=" + d.Value
	}
	slices.Sort(parts)
	return metricKey{site, namespace, name, strings.Join(parts, "\x00")}
}

// Measure implements kernel.Services.
func (s *Monitor) Measure(of kernel.Sample) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := keyOf(of.Site, of.Namespace, of.Name, of.Dims)
	if of.Name == "" {
		s.active[key] = s.kernel.Now()
		return
	}
	s.add(key, of.Dims, "", datapoint{at: s.kernel.Now(), value: of.Value, away: of.Away})
}

// add adds a data point, and has the alarms on the metric look at the end of their period.
func (s *Monitor) add(key metricKey, dims []kernel.Dim, unit string, p datapoint) {
	known, ok := s.series[key]
	if !ok {
		known = &series{dims: dims}
		s.series[key] = known
	}
	known.unit = unit
	known.points = append(known.points, p)
	for _, a := range s.alarms {
		if slices.Contains(a.keys(), key) {
			s.watch(a)
		}
	}
}

// produced are the metrics of AWS that the cloud makes; an alarm on any other of AWS's is refused. The one of SNS that
// counts what failed never fires here, because subscribers take every message.
var produced = sync.OnceValue(func() map[string][]string {
	return map[string][]string{
		"AWS/Events": {"FailedInvocations", "InvocationsFailedToBeSentToDlq", "InvocationsSentToDlq", "TriggeredRules"},
		"AWS/Lambda": {
			"Invocations",
			"Errors",
			"Throttles",
			"DestinationDeliveryFailures",
			"AsyncEventsDropped",
			"DeadLetterErrors",
		},
		"AWS/Scheduler": {
			"InvocationAttemptCount", "TargetErrorCount", "InvocationDroppedCount", "InvocationsSentToDeadLetterCount",
			"InvocationsFailedToBeSentToDeadLetterCount",
		},
		"AWS/SQS": {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible", "NumberOfMessagesSent"},
		"AWS/SNS": {
			"NumberOfNotificationsFailed",
			"NumberOfNotificationsFilteredOut",
			"NumberOfNotificationsFilteredOut-InvalidAttributes",
		},
	}
})

// made reports whether a metric can have data here: every one that is not AWS's may be written by a function.
func made(namespace, name string) bool {
	return !strings.HasPrefix(namespace, "AWS/") || slices.Contains(produced()[namespace], name)
}
