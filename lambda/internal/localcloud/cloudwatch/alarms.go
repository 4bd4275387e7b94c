package cloudwatch

import (
	"strings"
	"sync"
	"time"
)

// alarm is a CloudWatch alarm on one metric.
type alarm struct {
	alarmSpec
	id, name, arn string
	state         string
	looking       bool // an evaluation is due
	gone          bool // it was deleted, and is evaluated no more
	stats         []stat
	formula       *formula // of the stats; nil: the alarm is on the one stat
}

// settleTime is how long after the end of a period CloudWatch looks at it.
const settleTime = 10 * time.Second

// keys are the metrics that the alarm looks at.
func (a *alarm) keys() []metricKey {
	var keys []metricKey
	for _, m := range a.stats {
		keys = append(keys, m.key)
	}
	return keys
}

// period is the longest of its metrics'.
func (a *alarm) period() time.Duration {
	longest := time.Duration(0)
	for _, m := range a.stats {
		longest = max(longest, m.period)
	}
	return longest
}

// gauge says that the alarm is on how many messages lie in a queue, which stay there.
func (a *alarm) gauge() bool { return a.MetricName == queueDepth && a.Namespace == "AWS/SQS" }

// bySilence says that the alarm is raised when something does not come.
func (a *alarm) bySilence() bool {
	return a.TreatMissingData == "breaching" || a.formula != nil && strings.HasPrefix(a.ComparisonOperator, "LessThan")
}

// queueDepth is the metric of a queue's messages.
const queueDepth = "ApproximateNumberOfMessagesVisible"

var comparisons = sync.OnceValue(func() map[string]func(value, threshold float64) bool {
	return map[string]func(value, threshold float64) bool{
		"GreaterThanThreshold":          func(v, t float64) bool { return v > t },
		"GreaterThanOrEqualToThreshold": func(v, t float64) bool { return v >= t },
		"LessThanThreshold":             func(v, t float64) bool { return v < t },
		"LessThanOrEqualToThreshold":    func(v, t float64) bool { return v <= t },
	}
})

// watch has the alarm evaluated at the end of the present period. One that is raised by missing data is looked at only
// while time passes with what is to happen in it (RunFor, Serve): otherwise a run that goes on with nothing to do would
// raise it.
func (s *Monitor) watch(a *alarm) {
	if a.looking || a.bySilence() && !s.kernel.Passing() {
		return
	}
	a.looking = true
	end := s.kernel.Now().Truncate(a.period()).Add(a.period())
	s.kernel.Look(end.Add(settleTime), func() { s.evaluate(a, end) })
}

// evaluate sets the alarm's state from the periods that ended, and looks again while it is in alarm for something that
// passes. Before the run began, all was well. What the alarm does about a change it does without the lock.
func (s *Monitor) evaluate(a *alarm, end time.Time) {
	s.mu.Lock()
	a.looking = false
	if a.gone {
		s.mu.Unlock()
		return
	}
	state, known, passes := s.stateOf(a, end)
	previous := a.state
	if known {
		a.state = state
	}
	s.mu.Unlock()
	if !known {
		return // the state stays as it is
	}
	if state != previous {
		s.turn(a, previous, state)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	stable := passes.quiet && state == previous // without data, the next look finds the same
	if s.lies(a) {
		if state != "ALARM" {
			s.watch(a) // it was hidden when the queue was counted
		}
	} else if !stable && (state == "ALARM" || passes.breaching > 0) {
		s.watch(a) // a sum falls back by itself
	}
}

// stateOf is the state that follows from the periods that ended; false: it cannot be told, and none follows.
func (s *Monitor) stateOf(a *alarm, end time.Time) (state string, known bool, p periods) {
	p = s.points(a, end)
	needed := a.DatapointsToAlarm
	if needed == 0 {
		needed = a.EvaluationPeriods
	}
	switch ignores := a.TreatMissingData == "ignore"; {
	case p.breaching >= needed:
		return "ALARM", true, p
	case p.quiet && (ignores || a.TreatMissingData == "missing" || a.TreatMissingData == ""):
		return "", false, p
	case ignores && p.fine == 0:
		return "", false, p // what is missing could be either
	default:
		return "OK", true, p
	}
}

// periods are those that an alarm looks at: how many breach and how many do not. Quiet says that none of them has data.
type periods struct {
	breaching, fine int
	quiet           bool
}

// olderPeriods is how many periods more CloudWatch looks at to find data for those that have none, about ("How alarm
// state is evaluated when data is missing", whose tables have two more than three).
const olderPeriods = 2

// points counts the periods that ended. Where missing data breaches, it does so only as far as too few of the older
// periods have data either.
func (s *Monitor) points(a *alarm, end time.Time) periods {
	missingBreaches, looks := a.TreatMissingData == "breaching", a.EvaluationPeriods
	if missingBreaches && a.formula == nil {
		looks += olderPeriods
	}
	p := periods{quiet: true}
	found, empty := 0, s.emptyOf(a, end)
	for i := 0; i < looks && found < a.EvaluationPeriods; i++ {
		until := end.Add(-time.Duration(i) * a.period())
		value, ok, data := s.valueOf(a, until, empty)
		if a.formula != nil && a.formula.running {
			value = s.sumTo(a, until, a.EvaluationPeriods+olderPeriods-i, empty)
			data = data || value != 0
		}
		if i < a.EvaluationPeriods {
			p.quiet = p.quiet && !data
		}
		if wasWell := !data && until.Add(-a.period()).Before(s.kernel.Began); wasWell {
			found++
			p.fine++
			continue
		}
		if ok {
			found++
			if comparisons()[a.ComparisonOperator](value, a.Threshold) {
				p.breaching++
			} else {
				p.fine++
			}
		}
	}
	if missingBreaches {
		p.breaching += a.EvaluationPeriods - found
	}
	return p
}

// sumTo adds the alarm's values up, of so many periods, the last of which ends at `until`.
func (s *Monitor) sumTo(a *alarm, until time.Time, periods int, empty map[string]bool) float64 {
	sum := 0.0
	for i := range periods {
		if value, ok, _ := s.valueOf(a, until.Add(-time.Duration(i)*a.period()), empty); ok {
			sum += value
		}
	}
	return sum
}

// lies reports whether the alarm is on a queue in which there is as much as raises it: what lies there stays.
func (s *Monitor) lies(a *alarm) bool {
	if !a.gauge() {
		return false
	}
	known := s.series[a.stats[0].key]
	return known != nil && comparisons()[a.ComparisonOperator](known.points[len(known.points)-1].value, a.Threshold)
}
