package localcloud

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// alarm is a CloudWatch alarm on one metric.
type alarm struct {
	alarmSpec
	id, name, arn string
	state         string
	looking       bool // an evaluation is due
}

// settleTime is how long after the end of a period CloudWatch looks at it.
const settleTime = 10 * time.Second

func (a *alarm) key() metricKey {
	dims := make([]dim, len(a.Dimensions))
	for i, d := range a.Dimensions {
		dims[i] = dim{d.Name, d.Value}
	}
	return keyOf(a.Namespace, a.MetricName, dims)
}

func (a *alarm) period() time.Duration { return time.Duration(a.Period) * time.Second }

func (a *alarm) check() error {
	switch {
	case !slices.Contains(produced()[a.Namespace], a.MetricName):
		return fmt.Errorf("the metric %s %s is not modelled", a.Namespace, a.MetricName)
	case !slices.Contains([]string{"Sum", "Maximum", "Minimum", "Average", "SampleCount"}, a.Statistic):
		return fmt.Errorf("the statistic %q is not modelled", a.Statistic)
	case comparisons()[a.ComparisonOperator] == nil:
		return fmt.Errorf("the comparison %q is not modelled", a.ComparisonOperator)
	case a.Period <= 0 || a.EvaluationPeriods <= 0:
		return fmt.Errorf("period %d and evaluation periods %d; want both above 0", a.Period, a.EvaluationPeriods)
	}
	return nil
}

var comparisons = sync.OnceValue(func() map[string]func(value, threshold float64) bool {
	return map[string]func(value, threshold float64) bool{
		"GreaterThanThreshold":          func(v, t float64) bool { return v > t },
		"GreaterThanOrEqualToThreshold": func(v, t float64) bool { return v >= t },
		"LessThanThreshold":             func(v, t float64) bool { return v < t },
		"LessThanOrEqualToThreshold":    func(v, t float64) bool { return v <= t },
	}
})

// watch has the alarm evaluated at the end of the present period.
func (c *Cloud) watch(a *alarm) {
	if a.looking {
		return
	}
	a.looking = true
	end := c.time.Now().Truncate(a.period()).Add(a.period())
	c.time.at(end.Add(settleTime), func() { c.evaluate(a, end) })
}

// evaluate sets the alarm's state from the periods that ended, and looks again while it is in alarm for something that passes.
func (c *Cloud) evaluate(a *alarm, end time.Time) {
	a.looking = false
	breaching, quiet := 0, true
	for i := range a.EvaluationPeriods {
		until := end.Add(-time.Duration(i) * a.period())
		value, ok := c.statistic(a, until)
		quiet = quiet && !ok
		if ok && comparisons()[a.ComparisonOperator](value, a.Threshold) || !ok && a.TreatMissingData == "breaching" {
			breaching++
		}
	}
	needed := a.DatapointsToAlarm
	if needed == 0 {
		needed = a.EvaluationPeriods
	}
	state := "OK"
	if breaching >= needed {
		state = "ALARM"
	} else if quiet && (a.TreatMissingData == "ignore" || a.TreatMissingData == "missing" || a.TreatMissingData == "") {
		return // the state stays as it is
	}
	stable := quiet && state == a.state // without data, the next look finds the same
	if state != a.state {
		c.turn(a, state)
	}
	if a.Namespace != "AWS/SQS" && !stable && (a.state == "ALARM" || breaching > 0) {
		c.watch(a) // a sum falls back by itself; what lies in a queue stays there
	}
}

// statistic is the alarm's statistic of the period that ends at `until`.
func (c *Cloud) statistic(a *alarm, until time.Time) (float64, bool) {
	from := until.Add(-a.period())
	var values []float64
	sum := 0.0
	for _, p := range c.metrics[a.key()] {
		if !p.at.Before(from) && p.at.Before(until) {
			values = append(values, p.value)
			sum += p.value
		}
	}
	if len(values) == 0 {
		return 0, false
	}
	switch a.Statistic {
	case "Maximum":
		return slices.Max(values), true
	case "Minimum":
		return slices.Min(values), true
	case "Average":
		return sum / float64(len(values)), true
	case "SampleCount":
		return float64(len(values)), true
	default:
		return sum, true
	}
}

// turn changes the alarm's state, runs its actions and puts the change on the bus ("Alarm events and EventBridge").
func (c *Cloud) turn(a *alarm, state string) {
	previous := a.state
	a.state = state
	id := c.id("alarm")
	c.note(Entry{Kind: KindAlarm, Subject: a.name, Op: a.MetricName, Via: c.watched(a), Text: state, EventID: id})
	actions := a.OKActions
	if state == "ALARM" {
		actions = a.AlarmActions
	}
	if previous == "INSUFFICIENT_DATA" && state == "OK" {
		actions = nil // nobody wants to be told that all is well from the start
	}
	if a.ActionsEnabled == nil || *a.ActionsEnabled {
		for _, arn := range actions {
			c.act(a, arn, state, id)
		}
	}
	now := c.time.Now().UTC().Format("2006-01-02T15:04:05.000+0000")
	reason := fmt.Sprintf("Threshold Crossed: %s %s %g", a.MetricName, a.ComparisonOperator, a.Threshold)
	ev := busEvent{id: id, name: "CloudWatch Alarm State Change", ours: true, local: true}
	ev.payload = envelope(map[string]any{
		"id": id, "source": "aws.cloudwatch", "detail-type": ev.name, "account": c.opts.Account, "region": c.opts.Region,
		"time": c.time.Now().UTC().Format(time.RFC3339), "resources": []string{a.arn},
		"detail": map[string]any{
			"alarmName":     a.name,
			"state":         map[string]any{"value": state, "reason": reason, "timestamp": now},
			"previousState": map[string]any{"value": previous, "timestamp": now},
			"configuration": map[string]any{"description": a.AlarmDescription},
		},
	})
	c.publish(ev)
}

// watched is the queue that the alarm is on, if it is on one.
func (c *Cloud) watched(a *alarm) string {
	for _, q := range c.stack.queues {
		for _, d := range a.Dimensions {
			if a.Namespace == "AWS/SQS" && d.Value == q.name {
				return shortID(q.id)
			}
		}
	}
	return ""
}

// act publishes the change to a topic, if the topic and its key let CloudWatch in.
func (c *Cloud) act(a *alarm, arn, state, eventID string) {
	t := c.stack.topics[arn]
	context := map[string]string{"aws:SourceArn": a.arn, "aws:SourceAccount": c.opts.Account}
	e := Entry{Kind: KindSNS, Via: ViaAlarm, Subject: fmt.Sprintf("%s: %q", state, a.name), EventID: eventID}
	if !c.serviceMayPublish("cloudwatch.amazonaws.com", t, context) {
		e.Err = "AccessDenied"
		c.note(e)
		return
	}
	if f := c.fault("sns", "Publish", false); f != nil {
		e.Err = f.Code
		c.note(e)
		return
	}
	c.showOnTopic(t, message{subject: e.Subject, text: a.AlarmDescription, via: ViaAlarm, eventID: eventID})
}
