package cloudwatch

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
)

// Types are the resource types of the service, and of CloudWatch Logs.
func Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{
		"AWS::CloudWatch::Alarm": {
			Name: "AlarmName",
			Attributes: func(p cloudformation.Place, _, name string) map[string]string {
				return map[string]string{"Ref": name, "Arn": p.ARN("cloudwatch", "alarm:"+name)}
			},
		},
		"AWS::Logs::SubscriptionFilter": {Attributes: cloudformation.RefToName},
		"AWS::Logs::LogGroup": {
			Name: "LogGroupName",
			Attributes: func(p cloudformation.Place, _, name string) map[string]string {
				return map[string]string{"Ref": name, "Arn": p.ARN("logs", "log-group:"+name+":*")}
			},
		},
		"AWS::Logs::MetricFilter": {Name: "FilterName", Attributes: cloudformation.RefToName},
	}
}

// Deploy makes the alarms and metric filters of a template.
func (s *Monitor) Deploy(st *cloudformation.Stack) {
	s.mu.Lock()
	defer s.mu.Unlock()
	cloudformation.Each(st, "AWS::Logs::LogGroup", func(id string, att map[string]string, spec logGroupSpec) {
		g := &logGroup{key: spec.KmsKeyId}
		if n := spec.RetentionInDays; n != nil {
			g.retention = *n
			if !slices.Contains(retentions, *n) {
				st.Fail(id, fmt.Errorf("RetentionInDays is %d, which no log group may have", *n))
			}
		}
		s.groups[strings.TrimSuffix(att["Arn"], ":*")] = g
	})
	s.deploySubscriptions(st)
	s.deployFilters(st)
	cloudformation.Each(st, "AWS::CloudWatch::Alarm", func(id string, att map[string]string, spec alarmSpec) {
		a := &alarm{
			alarmSpec: spec,
			id:        id,
			name:      att["Ref"],
			arn:       att["Arn"],
			state:     "OK",
		} // the stack has been there for long
		for _, arn := range slices.Concat(spec.AlarmActions, spec.OKActions) {
			if !st.Has("topic", arn, true) {
				st.Fail(id, fmt.Errorf("the action %s is no topic", arn))
			}
		}
		st.Fail(id, a.read())
		s.alarms = append(s.alarms, a)
	})
}

type logGroupSpec struct {
	LogGroupName, KmsKeyId string //nolint:revive // CloudFormation's names
	RetentionInDays        *int
	Tags, LogGroupClass    cloudformation.Unused
}

type alarmSpec struct {
	AlarmName, AlarmDescription, Namespace, MetricName, Statistic string
	Dimensions                                                    []dimensionSpec
	Period, EvaluationPeriods, DatapointsToAlarm                  int
	Metrics                                                       []metricQuerySpec // in place of the one metric
	Threshold                                                     float64
	ComparisonOperator, TreatMissingData                          string
	ActionsEnabled                                                *bool
	AlarmActions, OKActions                                       []string
	InsufficientDataActions, Unit, Tags                           cloudformation.Unused
}

type dimensionSpec struct{ Name, Value string }

// metricQuerySpec is one metric of an alarm, or the expression on them.
type metricQuerySpec struct {
	Id, Expression, Label string //nolint:revive // CloudFormation's names
	ReturnData            *bool
	MetricStat            *struct {
		Metric struct {
			Namespace, MetricName string
			Dimensions            []dimensionSpec
		}
		Period int
		Stat   string
		Unit   cloudformation.Unused
	}
}

func (s alarmSpec) Check() error {
	errs := []error{}
	if s.TreatMissingData != "" {
		errs = append(errs,
			cloudformation.OneOf("TreatMissingData", s.TreatMissingData, "breaching", "notBreaching", "ignore", "missing"))
	}
	if !slices.Contains([]int{10, 20, 30}, s.Period) && s.Period%60 != 0 {
		errs = append(errs, fmt.Errorf("property Period is %d; want 10, 20, 30 or a multiple of 60", s.Period))
	}
	if s.DatapointsToAlarm < 0 || s.DatapointsToAlarm > s.EvaluationPeriods {
		errs = append(errs,
			fmt.Errorf("DatapointsToAlarm is %d; want at most EvaluationPeriods, %d", s.DatapointsToAlarm, s.EvaluationPeriods))
	}
	return errors.Join(errs...)
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
	dims := make([]kernel.Dim, len(dimensions))
	for i, d := range dimensions {
		dims[i] = kernel.Dim{Name: d.Name, Value: d.Value}
	}
	a.stats = append(a.stats, stat{
		id:        id,
		name:      name,
		key:       keyOf(kernel.SiteOf(a.arn), namespace, name, dims),
		statistic: statistic,
		period:    time.Duration(period) * time.Second,
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
