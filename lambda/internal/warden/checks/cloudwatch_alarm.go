package checks

import (
	"context"
	"sync"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// alarms checks AWS::CloudWatch::Alarm: that it is there, what it is on, and that its actions are enabled and the same. Its
// state is not compared: an alarm without data is as it was deployed. Nothing is put back. The alarms of a Region are
// read a hundred at a time.
type alarms struct {
	Tools

	mu   sync.Mutex
	read map[string]map[string]any // by Region and name; nil: the alarm is not there
	errs map[string]error          // of those that could not be read, which took the time of one of them
}

const (
	alarmType = "AWS::CloudWatch::Alarm"
	// maxAlarms is how many names DescribeAlarms takes (CloudWatch API reference).
	maxAlarms = 100
)

var alarmFields = []compare.Field{
	{Name: "AlarmActions", Same: compare.Set},
	{Name: "OKActions", Same: compare.Set},
	{Name: "InsufficientDataActions", Same: compare.Set},
	{Name: "Namespace"},
	{Name: "MetricName"},
	{Name: "Dimensions", Same: sameDimensions},
	{Name: "Statistic"},
	{Name: "ExtendedStatistic"},
	{Name: "Period"},
	{Name: "Unit"},
	{Name: "Metrics", Same: sameQueries},
	{Name: "EvaluationPeriods"},
	{Name: "Threshold"},
	{Name: "ComparisonOperator"},
	{Name: "TreatMissingData", Default: "missing"},
}

func (c *alarms) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	got, err := c.alarm(ctx, of)
	if err != nil {
		return nil, err
	}
	if got == nil {
		return []check.Difference{compare.Missing("alarm", of.Name)}, nil
	}
	enabled := compare.With(compare.Fields(of.Properties, got, compare.Field{Name: "ActionsEnabled", Default: true}), nil,
		"aws cloudwatch enable-alarm-actions --alarm-names "+compare.Word(of.Name))
	points := compare.Field{Name: "DatapointsToAlarm", Default: of.Properties["EvaluationPeriods"]}
	rest := compare.Fields(of.Properties, got, append([]compare.Field{points}, alarmFields...)...)
	return append(enabled, rest...), nil
}

// alarm is an alarm as it is now; nil: there is none. It reads those of the Region that are checked next as well.
func (c *alarms) alarm(ctx context.Context, of deployment.Deployed) (map[string]any, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := func(name string) string { return of.Region + " " + name }
	if got, ok := c.read[key(of.Name)]; ok {
		return got, nil
	}
	if err := c.errs[key(of.Name)]; err != nil {
		return nil, err
	}
	if c.read == nil {
		c.read, c.errs = map[string]map[string]any{}, map[string]error{}
	}
	names := []any{of.Name}
	for _, other := range c.All {
		_, known := c.read[key(other.Name)]
		known = known || c.errs[key(other.Name)] != nil
		if other.Type == alarmType && other.Region == of.Region && other.Name != of.Name && other.Unresolved == nil && !known &&
			len(names) < maxAlarms {
			names = append(names, other.Name)
		}
	}
	out, err := c.ask(ctx, of, "monitoring", "DescribeAlarms", map[string]any{
		"AlarmNames": names, "AlarmTypes": []any{"MetricAlarm"}, "MaxRecords": maxAlarms,
	})
	if err != nil {
		for _, name := range names {
			c.errs[key(awsapi.Text(name))] = err
		}
		return nil, err
	}
	for _, name := range names {
		c.read[key(awsapi.Text(name))] = nil
	}
	for _, v := range awsapi.List(out["MetricAlarms"]) {
		got := awsapi.Object(v)
		c.read[key(awsapi.Text(got["AlarmName"]))] = got
	}
	return c.read[key(of.Name)], nil
}

// sameDimensions compares dimensions, whatever their order.
func sameDimensions(want, got any) bool {
	return compare.Scalar(want, got) || want != nil && got != nil && compare.Pattern(want, got)
}

// sameQueries compares the metrics of an expression, whatever their order and that of their dimensions. What is not said
// to return nothing returns data ("MetricDataQuery").
func sameQueries(want, got any) bool {
	a, b := awsapi.List(want), awsapi.List(got)
	if len(a) == 0 || len(b) == 0 {
		return len(a) == len(b)
	}
	return compare.Pattern(returning(a), returning(b))
}

func returning(queries []any) []any {
	out := make([]any, len(queries))
	for i, v := range queries {
		query := map[string]any{"ReturnData": true}
		for name, value := range awsapi.Object(v) {
			query[name] = value
		}
		out[i] = filled(query)
	}
	return out
}

// filled is a value without empty lists, which CloudWatch answers where the template has nothing.
func filled(v any) any {
	object, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := map[string]any{}
	for name, value := range object {
		if list, ok := value.([]any); !ok || len(list) > 0 {
			out[name] = filled(value)
		}
	}
	return out
}
