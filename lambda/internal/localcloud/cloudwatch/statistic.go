package cloudwatch

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"trailkeeper/lambda/internal/localcloud/cloudformation"
)

// stat is a statistic of a metric over periods.
type stat struct {
	id, name  string // id is what an expression calls it
	key       metricKey
	statistic string
	period    time.Duration
}

// statistics are CloudWatch's plain ones, of at least one value.
var statistics = sync.OnceValue(func() map[string]func([]float64) float64 {
	sum := func(values []float64) float64 {
		total := 0.0
		for _, v := range values {
			total += v
		}
		return total
	}
	return map[string]func([]float64) float64{
		"Sum":         sum,
		"Maximum":     slices.Max[[]float64],
		"Minimum":     slices.Min[[]float64],
		"Average":     func(values []float64) float64 { return sum(values) / float64(len(values)) },
		"SampleCount": func(values []float64) float64 { return float64(len(values)) },
	}
})

// statisticOf is a plain statistic or a percentile such as "p99"; nil: it is neither.
func statisticOf(name string) func([]float64) float64 {
	if f := statistics()[name]; f != nil {
		return f
	}
	p, err := strconv.ParseFloat(strings.TrimPrefix(name, "p"), 64)
	if !strings.HasPrefix(name, "p") || err != nil || p < 0 || p > 100 {
		return nil
	}
	return func(values []float64) float64 { return percentile(values, p) }
}

// percentile interpolates between the two nearest values.
func percentile(values []float64, p float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	at := p / 100 * float64(len(sorted)-1)
	low, high := int(math.Floor(at)), int(math.Ceil(at))
	return sorted[low] + (sorted[high]-sorted[low])*(at-float64(low))
}

// during returns a metric's values of the period that ends at `until`. How much lies in a queue is told every minute,
// whatever happens: what lay there before the period counts in it.
func (s *Monitor) during(key metricKey, from, until time.Time) []float64 {
	known := s.series[key]
	if known == nil {
		return nil
	}
	gauge := key.namespace == "AWS/SQS" && key.name == queueDepth
	var values []float64
	before, carried, away := 0.0, false, false
	for _, p := range known.points {
		if p.at.Before(from) {
			before, carried = p.value, gauge
		} else if p.at.Before(until) {
			values = append(values, p.value)
			away = away || p.away
		}
	}
	if carried {
		values = append([]float64{before}, values...)
	}
	if away {
		return sampled(values)
	}
	return values
}

// sampled is what SQS tells of a period in which messages were hidden for a while: it counts once a minute, and here
// that falls into the while.
func sampled(depths []float64) []float64 { return []float64{slices.Min(depths)} }

// emptyOf are the alarm's metrics that have no value in all of the time up to `end` that the alarm looks at.
func (s *Monitor) emptyOf(a *alarm, end time.Time) map[string]bool {
	empty := map[string]bool{}
	for _, m := range a.stats {
		from := end.Add(-time.Duration(a.EvaluationPeriods+olderPeriods) * a.period())
		empty[m.id] = len(s.during(m.key, from, end)) == 0
	}
	return empty
}

// valueOf is the alarm's value of the period that ends at `until`: ok says that there is one, and data that one of its
// metrics has data.
func (s *Monitor) valueOf(a *alarm, until time.Time, empty map[string]bool) (value float64, ok, data bool) {
	known := map[string]float64{}
	for _, m := range a.stats {
		if m.statistic == "SampleCount" && m.key.namespace == "AWS/SQS" {
			if n := s.told(m.key, until.Add(-m.period), until); n > 0 {
				known[m.id], data = n, true
			}
			continue
		}
		if values := s.during(m.key, until.Add(-m.period), until); len(values) > 0 {
			value, data = statistics()[m.statistic](values), true
			known[m.id] = value
		}
	}
	if a.formula == nil {
		return value, data, data
	}
	value, ok = a.formula.value(sample{known, empty})
	return value, ok, data
}

// activeFor is how long SQS tells of a queue after the last call to it (SQS Developer Guide, "Available CloudWatch
// metrics for Amazon SQS").
const activeFor = 6 * time.Hour

// told is how often SQS told of a queue: every minute, from when it was made.
func (s *Monitor) told(key metricKey, from, until time.Time) float64 {
	key.name = ""
	last, known := s.active[key]
	if !known {
		return 0
	}
	if from.Before(s.kernel.Began) {
		from = s.kernel.Began
	}
	if last = last.Add(activeFor); until.Before(last) {
		last = until
	}
	return math.Max(0, math.Floor(last.Sub(from).Minutes()))
}

// AlarmState is an alarm as it is now.
type AlarmState struct {
	Name  string
	ID    string // the logical ID without CDK's hash
	State string // OK, ALARM or INSUFFICIENT_DATA
	// Metrics are those that the alarm looks at, without data.
	Metrics []Metric
}

// Alarms returns every alarm of the template, in the order of their names.
func (s *Monitor) Alarms() []AlarmState {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []AlarmState
	for _, a := range s.alarms {
		state := AlarmState{Name: a.name, ID: cloudformation.ShortID(a.id), State: a.state}
		for _, m := range a.stats {
			metric := Metric{Namespace: m.key.namespace, Name: m.key.name, Dimensions: map[string]string{}}
			for _, part := range strings.Split(m.key.dims, "\x00") {
				if name, value, ok := strings.Cut(part, "="); ok {
					metric.Dimensions[name] = value
				}
			}
			state.Metrics = append(state.Metrics, metric)
		}
		all = append(all, state)
	}
	slices.SortFunc(all, func(x, y AlarmState) int { return strings.Compare(x.Name, y.Name) })
	return all
}
