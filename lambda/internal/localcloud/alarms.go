package localcloud

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

// watch has the alarm evaluated at the end of the present period. One that is raised by missing data is looked at only while time passes with what is
// to happen in it (RunFor, Serve): otherwise a run that goes on with nothing to do would raise it.
func (c *Cloud) watch(a *alarm) {
	if a.looking || a.bySilence() && c.passing == 0 {
		return
	}
	a.looking = true
	end := c.time.Now().Truncate(a.period()).Add(a.period())
	c.time.look(end.Add(settleTime), func() { c.evaluate(a, end) })
}

// evaluate sets the alarm's state from the periods that ended, and looks again while it is in alarm for something that passes. Before the run began, all
// was well.
func (c *Cloud) evaluate(a *alarm, end time.Time) {
	a.looking = false
	breaching, fine, quiet := c.points(a, end)
	needed := a.DatapointsToAlarm
	if needed == 0 {
		needed = a.EvaluationPeriods
	}
	state := "OK"
	if breaching >= needed {
		state = "ALARM"
	} else if quiet && (a.TreatMissingData == "ignore" || a.TreatMissingData == "missing" || a.TreatMissingData == "") {
		return // the state stays as it is
	} else if a.TreatMissingData == "ignore" && fine == 0 {
		return // what is missing could be either
	}
	stable := quiet && state == a.state // without data, the next look finds the same
	if state != a.state {
		c.turn(a, state)
	}
	if c.lies(a) {
		if a.state != "ALARM" {
			c.watch(a) // it was hidden when the queue was counted
		}
	} else if !stable && (a.state == "ALARM" || breaching > 0) {
		c.watch(a) // a sum falls back by itself
	}
}

// olderPeriods is how many periods more CloudWatch looks at to find data for those that have none, about ("How alarm state is evaluated when data is
// missing", whose tables have two more than three).
const olderPeriods = 2

// points counts the periods that breach and those that do not, of those that ended: quiet says that none of them has data. Where missing data breaches, it does so only as far
// as too few of the older periods have data either.
func (c *Cloud) points(a *alarm, end time.Time) (breaching, fine int, quiet bool) {
	missingBreaches, periods := a.TreatMissingData == "breaching", a.EvaluationPeriods
	if missingBreaches && a.formula == nil {
		periods += olderPeriods
	}
	found, empty := 0, c.emptyOf(a, end)
	quiet = true
	for i := 0; i < periods && found < a.EvaluationPeriods; i++ {
		until := end.Add(-time.Duration(i) * a.period())
		value, ok, data := c.valueOf(a, until, empty)
		if a.formula != nil && a.formula.running {
			value = c.sumTo(a, until, a.EvaluationPeriods+olderPeriods-i, empty)
			data = data || value != 0
		}
		if i < a.EvaluationPeriods {
			quiet = quiet && !data
		}
		if wasWell := !data && until.Add(-a.period()).Before(c.start); wasWell {
			found++
			fine++
			continue
		}
		if ok {
			found++
			if comparisons()[a.ComparisonOperator](value, a.Threshold) {
				breaching++
			} else {
				fine++
			}
		}
	}
	if missingBreaches {
		breaching += a.EvaluationPeriods - found
	}
	return breaching, fine, quiet
}

// sumTo adds the alarm's values up, of so many periods, the last of which ends at `until`.
func (c *Cloud) sumTo(a *alarm, until time.Time, periods int, empty map[string]bool) float64 {
	sum := 0.0
	for i := range periods {
		if value, ok, _ := c.valueOf(a, until.Add(-time.Duration(i)*a.period()), empty); ok {
			sum += value
		}
	}
	return sum
}

// lies reports whether the alarm is on a queue in which there is as much as raises it: what lies there stays.
func (c *Cloud) lies(a *alarm) bool {
	if !a.gauge() {
		return false
	}
	s := c.metrics[a.stats[0].key]
	return s != nil && comparisons()[a.ComparisonOperator](s.points[len(s.points)-1].value, a.Threshold)
}
