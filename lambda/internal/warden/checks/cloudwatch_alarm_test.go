package checks_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/warden/checks"
)

func alarmDeployed(t *testing.T, name string) deployment.Deployed {
	t.Helper()
	return deployment.Deployed{ID: "Alarm", Type: "AWS::CloudWatch::Alarm", Name: name, Region: "eu-west-1", Properties: object(t, `{
		"AlarmName": "`+name+`", "Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible", "Statistic": "Maximum",
		"Dimensions": [{"Name": "QueueName", "Value": "dead"}], "Period": 60, "EvaluationPeriods": 3, "DatapointsToAlarm": 1,
		"Threshold": 0, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
		"AlarmActions": ["arn:a", "arn:b"], "OKActions": ["arn:a"]}`)}
}

// alarmThere is how CloudWatch describes it.
func alarmThere(t *testing.T, name string) map[string]any {
	t.Helper()
	return object(t, `{"AlarmName": "`+name+`", "AlarmArn": "arn:x", "StateValue": "INSUFFICIENT_DATA", "ActionsEnabled": true,
		"Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible", "Statistic": "Maximum",
		"Dimensions": [{"Name": "QueueName", "Value": "dead"}], "Period": 60, "EvaluationPeriods": 3, "DatapointsToAlarm": 1,
		"Threshold": 0.0, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
		"AlarmActions": ["arn:b", "arn:a"], "OKActions": ["arn:a"], "InsufficientDataActions": []}`)
}

func TestAlarm(t *testing.T) {
	const name = "trailkeeper/dead"
	for what, test := range map[string]struct {
		with map[string]any
		want string
	}{
		"as deployed":     {nil, ""},
		"in alarm":        {map[string]any{"StateValue": "ALARM"}, ""},
		"disabled":        {map[string]any{"ActionsEnabled": false}, "ActionsEnabled: true -> false"},
		"one action less": {map[string]any{"AlarmActions": []any{"arn:a"}}, `AlarmActions: ["arn:a","arn:b"] -> ["arn:a"]`},
		"another action":  {map[string]any{"OKActions": []any{"arn:evil"}}, `OKActions: ["arn:a"] -> ["arn:evil"]`},
		"an action more":  {map[string]any{"InsufficientDataActions": []any{"arn:evil"}}, `InsufficientDataActions: none -> ["arn:evil"]`},
		"never reached":   {map[string]any{"Threshold": 1e6}, "Threshold: 0 -> 1000000"},
		"the other way":   {map[string]any{"ComparisonOperator": "LessThanThreshold"}, "ComparisonOperator: GreaterThanThreshold -> LessThanThreshold"},
		"another metric":  {map[string]any{"MetricName": "NumberOfMessagesSent"}, "MetricName: ApproximateNumberOfMessagesVisible -> NumberOfMessagesSent"},
		"another queue": {
			map[string]any{"Dimensions": []any{map[string]any{"Name": "QueueName", "Value": "empty"}}},
			`Dimensions: [{"Name":"QueueName","Value":"dead"}] -> [{"Name":"QueueName","Value":"empty"}]`,
		},
		"a day":   {map[string]any{"Period": float64(86400)}, "Period: 60 -> 86400"},
		"later":   {map[string]any{"DatapointsToAlarm": float64(3)}, "DatapointsToAlarm: 1 -> 3"},
		"missing": {map[string]any{"TreatMissingData": "ignore"}, "TreatMissingData: notBreaching -> ignore"},
	} {
		s := &service{answers: map[string]any{
			"DescribeAlarms": map[string]any{"MetricAlarms": []any{changed(alarmThere(t, name), test.with)}},
		}}
		found, err := s.check(t, alarmDeployed(t, name))
		if diff := cmp.Diff(test.want, fields(found)); diff != "" || err != nil || len(s.repair(t, found)) > 0 {
			t.Errorf("%s: %v\n%s", what, err, diff)
		}
	}
	s := &service{answers: map[string]any{"DescribeAlarms": map[string]any{"MetricAlarms": []any{}}}}
	if found, err := s.check(t, alarmDeployed(t, name)); err != nil || fields(found) != "resource: the alarm trailkeeper/dead -> none" {
		t.Errorf("%v %s", err, text(found))
	}
}

// TestAlarmOnAnExpression: the order of the metrics and their dimensions does not count, all else does.
func TestAlarmOnAnExpression(t *testing.T) {
	want := deployment.Deployed{ID: "Alarm", Type: "AWS::CloudWatch::Alarm", Name: "a", Properties: object(t, `{"EvaluationPeriods": 1, "Metrics": [
		{"Id": "m1", "ReturnData": false, "MetricStat": {"Period": 60, "Stat": "Sum", "Metric": {"Namespace": "N", "MetricName": "M",
			"Dimensions": [{"Name": "a", "Value": "1"}, {"Name": "b", "Value": "2"}]}}},
		{"Id": "m2", "ReturnData": false, "MetricStat": {"Period": 60, "Stat": "Sum", "Metric": {"Namespace": "N", "MetricName": "M"}}},
		{"Id": "sum", "Expression": "MAX([m1])", "Label": "M"}]}`)}
	const there = `{"AlarmName": "a", "ActionsEnabled": true, "EvaluationPeriods": 1, "DatapointsToAlarm": 1, "Metrics": [
		{"Id": "sum", "Expression": "MAX([m1])", "Label": "M", "ReturnData": true},
		{"Id": "m2", "ReturnData": false, "MetricStat": {"Period": 60, "Stat": "Sum", "Metric": {"Namespace": "N", "MetricName": "M",
			"Dimensions": []}}},
		{"Id": "m1", "ReturnData": false, "MetricStat": {"Period": 60, "Stat": "Sum", "Metric": {"Namespace": "N", "MetricName": "M",
			"Dimensions": [{"Name": "b", "Value": "2"}, {"Name": "a", "Value": "1"}]}}}]}`
	for old, changed := range map[string]string{
		"": "", "MAX([m1])": "MIN([m1])", `"Stat": "Sum"`: `"Stat": "Minimum"`, `"Value": "2"`: `"Value": "3"`,
		`"Label": "M", "ReturnData": true`: `"Label": "M", "ReturnData": false`,
		`"Dimensions": []`:                 `"Dimensions": [{"Name": "a", "Value": "1"}]`,
	} {
		s := &service{answers: map[string]any{"DescribeAlarms": map[string]any{
			"MetricAlarms": []any{object(t, strings.Replace(there, old, changed, 1))},
		}}}
		found, err := s.check(t, want)
		if err != nil || (len(found) == 0) != (old == changed) || len(found) > 0 && found[0].Field != "Metrics" {
			t.Errorf("%s: %v %s", changed, err, text(found))
		}
	}
}

// TestManyAlarms: the alarms of a Region are read a hundred at a time, each once.
func TestManyAlarms(t *testing.T) {
	var all []deployment.Deployed
	var there []any
	for i := range 250 {
		name := fmt.Sprintf("trailkeeper/%03d", i)
		all = append(all, alarmDeployed(t, name))
		there = append(there, alarmThere(t, name))
	}
	s := &service{all: all, answers: map[string]any{"DescribeAlarms": map[string]any{"MetricAlarms": there}}}
	compare := checks.Types(s.tools())["AWS::CloudWatch::Alarm"]
	for _, of := range all {
		if found, err := compare(t.Context(), of); err != nil || len(found) > 0 {
			t.Fatalf("%s: %v %s", of.Name, err, text(found))
		}
	}
	if len(s.asked) != 1 { // the fake tells of all at once
		t.Errorf("%d calls", len(s.asked))
	}
	if n := strings.Count(s.asked[0], "trailkeeper/"); n != 100 {
		t.Errorf("%d names in one call", n)
	}
	s.answers["DescribeAlarms"] = map[string]any{}
	compare = checks.Types(s.tools())["AWS::CloudWatch::Alarm"]
	for _, of := range all {
		if found, err := compare(t.Context(), of); err != nil || len(found) != 1 {
			t.Fatalf("%s: %v %s", of.Name, err, text(found))
		}
	}
	if len(s.asked) != 1+3 {
		t.Errorf("%d calls for 250 alarms that are gone", len(s.asked)-1)
	}
	s.asked, s.answers["DescribeAlarms"] = nil, refused("AccessDenied")
	compare = checks.Types(s.tools())["AWS::CloudWatch::Alarm"]
	for _, of := range all {
		if _, err := compare(t.Context(), of); err == nil {
			t.Fatalf("%s is read", of.Name)
		}
	}
	if len(s.asked) != 3 {
		t.Errorf("%d calls for 250 alarms that nobody may read", len(s.asked))
	}
}
