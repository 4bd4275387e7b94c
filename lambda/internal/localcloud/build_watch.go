package localcloud

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

func (b *builder) cloudWatch() {
	each(b, "AWS::CloudWatch::Alarm", func(id string, att map[string]string, s alarmSpec) {
		a := &alarm{alarmSpec: s, id: id, name: att["Ref"], arn: att["Arn"], state: "OK"} // the stack has been there for long
		for _, arn := range slices.Concat(s.AlarmActions, s.OKActions) {
			if b.knownTopic(arn) == nil {
				b.fail(id, fmt.Errorf("the action %s is no topic", arn))
			}
		}
		b.fail(id, a.read())
		b.alarms = append(b.alarms, a)
	})
}

// read resolves what the alarm is on.
func (a *alarm) read() error {
	switch {
	case comparisons()[a.ComparisonOperator] == nil:
		return fmt.Errorf("the comparison %q is not modelled", a.ComparisonOperator)
	case a.EvaluationPeriods <= 0:
		return fmt.Errorf("evaluation periods %d; want more than 0", a.EvaluationPeriods)
	case len(a.Metrics) > 0 && a.MetricName != "":
		return errors.New("the alarm has Metrics and a MetricName; want one of them")
	case len(a.Metrics) > 0:
		return a.readQueries()
	}
	return a.add("", a.Namespace, a.MetricName, a.Statistic, a.Period, a.Dimensions)
}

// readQueries reads metric math: metrics that are not returned, and one expression on them that is.
func (a *alarm) readQueries() error {
	for _, q := range a.Metrics {
		returned := q.ReturnData == nil || *q.ReturnData
		switch m := q.MetricStat; {
		case m != nil && !returned:
			if err := a.add(q.Id, m.Metric.Namespace, m.Metric.MetricName, m.Stat, m.Period, m.Metric.Dimensions); err != nil {
				return err
			}
		case m == nil && returned && a.formula == nil:
			f, err := parseFormula(q.Expression)
			if err != nil {
				return err
			}
			a.formula = f
		default:
			return fmt.Errorf("the query %s is not modelled; want metrics with ReturnData false and one expression", q.Id)
		}
	}
	if a.formula == nil {
		return errors.New("no expression is returned")
	}
	for _, name := range a.formula.names() {
		if !slices.ContainsFunc(a.stats, func(s stat) bool { return s.id == name }) {
			return fmt.Errorf("the expression names %s, which is none of the metrics", name)
		}
	}
	return nil
}

func (a *alarm) add(id, namespace, name, statistic string, period int, dimensions []dimensionSpec) error {
	switch {
	case !made(namespace, name):
		return fmt.Errorf("the metric %s %s is not modelled", namespace, name)
	case statistics()[statistic] == nil:
		return fmt.Errorf("the statistic %q is not modelled", statistic)
	case period <= 0:
		return fmt.Errorf("period %d; want more than 0", period)
	}
	dims := make([]dim, len(dimensions))
	for i, d := range dimensions {
		dims[i] = dim{d.Name, d.Value}
	}
	a.stats = append(a.stats, stat{
		id: id, name: name, key: keyOf(namespace, name, dims), statistic: statistic, period: time.Duration(period) * time.Second,
	})
	return nil
}

// subject is what the alarm is on, for people.
func (a *alarm) subject() string {
	if a.MetricName != "" || len(a.stats) == 0 {
		return a.MetricName
	}
	return a.stats[0].name
}
