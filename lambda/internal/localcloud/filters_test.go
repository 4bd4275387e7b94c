package localcloud

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const trailGroup = "arn:aws:logs:" + region + ":" + account + ":log-group:trail"

// filtered is a template with a topic, and a metric filter for each pattern with its alarm.
func filtered(t *testing.T, patterns ...string) []byte {
	t.Helper()
	resources := map[string]any{
		"Topic": map[string]any{"Type": "AWS::SNS::Topic"},
		"Policy": map[string]any{"Type": "AWS::SNS::TopicPolicy", "Properties": map[string]any{
			"Topics": []any{map[string]any{"Ref": "Topic"}},
			"PolicyDocument": map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
				"Sid": "Alarms", "Effect": "Allow", "Principal": map[string]any{"Service": "cloudwatch.amazonaws.com"},
				"Action": "sns:Publish", "Resource": map[string]any{"Ref": "Topic"},
				"Condition": map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": account}},
			}}},
		}},
	}
	for i, pattern := range patterns {
		name := fmt.Sprintf("Filter%d", i)
		resources[name] = map[string]any{"Type": "AWS::Logs::MetricFilter", "Properties": map[string]any{
			"FilterName": name, "LogGroupName": "trail", "FilterPattern": pattern,
			"MetricTransformations": []any{map[string]any{
				"MetricName": name, "MetricNamespace": "LogMetrics", "MetricValue": "1", "Unit": "Count",
			}},
		}}
		resources[fmt.Sprintf("Alarm%d", i)] = map[string]any{"Type": "AWS::CloudWatch::Alarm", "Properties": map[string]any{
			"AlarmName": "rule-" + name, "AlarmDescription": "Root signed in.", "Namespace": "LogMetrics", "MetricName": name,
			"Statistic": "Sum", "Period": 300, "EvaluationPeriods": 1, "DatapointsToAlarm": 1, "Threshold": 1,
			"ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
			"AlarmActions": []any{map[string]any{"Ref": "Topic"}}, "OKActions": []any{map[string]any{"Ref": "Topic"}},
		}}
	}
	raw, err := json.Marshal(map[string]any{"Resources": resources})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestMetricFilter: root signs in; five minutes later the record is in the log group, which its filter counts. The
// alarm is raised at the end of the period, 10 to 15 minutes after the sign-in, and five minutes later it is over.
// What the pattern does not match counts nothing.
func TestMetricFilter(t *testing.T) {
	c := newCloud(t, nil)
	if err := c.Deploy(filtered(t, `{ $.eventName = "ConsoleLogin" && $.userIdentity.type = "Root" }`), account, region, "f"); err != nil {
		t.Fatal(err)
	}
	c.Pass(2 * time.Minute)
	signedIn := c.Now()
	c.Pass(5 * time.Minute)
	c.LogEvents(
		trailGroup, "x",
		`{"eventName":"ConsoleLogin","userIdentity":{"type":"IAMUser"}}`,
		`{"eventName":"ConsoleLogin","userIdentity":{"type":"Root"}}`,
		`no JSON`,
	)
	run(t, c)
	metrics := slices.DeleteFunc(c.Metrics(), func(m Metric) bool { return m.Namespace != "LogMetrics" })
	if len(metrics) != 1 || metrics[0].Sum() != 1 || metrics[0].Unit != "Count" {
		t.Errorf("metrics %+v", metrics)
	}
	alarms, messages := of(c, KindAlarm), of(c, KindSNS)
	if len(alarms) != 2 || alarms[0].Text != "ALARM" || alarms[1].Text != "OK" {
		t.Fatalf("alarms %+v", alarms)
	}
	for i, least := range []time.Duration{5 * time.Minute, 10 * time.Minute} {
		if after := alarms[i].At.Sub(signedIn); after < least || after > least+6*time.Minute {
			t.Errorf("%s comes %s after the sign-in", alarms[i].Text, after)
		}
	}
	if len(messages) != 2 || messages[0].Err != "" || !strings.Contains(messages[0].Text, "Root signed in.") {
		t.Errorf("messages %+v", messages)
	}
}

// TestMetricFiltersRefused: what CloudWatch Logs refuses, a deployment is refused for.
func TestMetricFiltersRefused(t *testing.T) {
	var many []string
	for range 6 {
		many = append(many, `{ $.a = %x% }`)
	}
	for name, test := range map[string]struct {
		template []byte
		want     string
	}{
		"a pattern that is none": {filtered(t, `{ $.a == 1 }`), `not understood at "= 1`},
		"three expressions":      {filtered(t, `{ $.a = %a% || $.b = %b% || $.c = %c% }`), "3 regular expressions"},
		"too long":               {filtered(t, `{ $.a = "`+strings.Repeat("x", 1024)+`" }`), "at most 1024"},
		"six with expressions":   {filtered(t, many...), "more than 5 filter patterns with a regular expression"},
		"more than a hundred":    {filtered(t, strings.Fields(strings.Repeat("{$.a=1} ", 101))...), "more than 100 metric filters"},
		"a value of the event":   {change(t, `"MetricValue":"1"`, `"MetricValue":"$.n"`), "want a number"},
		"AWS's namespace":        {change(t, `"MetricNamespace":"LogMetrics"`, `"MetricNamespace":"AWS/Logs"`), "which is AWS's"},
		"another unit":           {change(t, `"Unit":"Count"`, `"Unit":"Counts"`), `Unit is "Counts"`},
		"a name with a colon":    {change(t, `"FilterName":"Filter0"`, `"FilterName":"a:b"`), "FilterName is"},
		"no group's name":        {change(t, `"LogGroupName":"trail"`, `"LogGroupName":"a b"`), "LogGroupName is"},
		"a default":              {change(t, `"Unit":"Count"`, `"DefaultValue":0`), "does not model it"},
	} {
		err := newCloud(t, nil).Deploy(test.template, account, region, "f")
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v; want %q", name, err, test.want)
		}
	}
}

// change is a template with one filter, in which something is otherwise.
func change(t *testing.T, from, to string) []byte {
	t.Helper()
	text := string(filtered(t, `{ $.a = 1 }`))
	if !strings.Contains(text, from) {
		t.Fatalf("the template does not hold %s", from)
	}
	return []byte(strings.ReplaceAll(text, from, to))
}

// TestLogGroupOfAFilter: a log group that no template holds is taken for granted, and said to be; a strict run takes
// none, and nothing is written to one that was deleted.
func TestLogGroupOfAFilter(t *testing.T) {
	c := newCloud(t, nil)
	if err := c.Deploy(filtered(t, `{ $.a = 1 }`), account, region, "f"); err != nil {
		t.Fatal(err)
	}
	said := strings.Join(c.Deployment().Assumptions, "\n")
	if !strings.Contains(said, "the log group trail, which is not in the template, exists") {
		t.Errorf("it is taken for granted that %s", said)
	}
	c.Delete(trailGroup + ":*")
	c.LogEvents(trailGroup, "x", `{"a":1}`)
	if len(c.Metrics()) > 0 {
		t.Errorf("metrics %v", c.Metrics())
	}
	strict := newCloud(t, nil, func(o *Options) { o.Strict = true })
	err := strict.Deploy(filtered(t, `{ $.a = 1 }`), account, region, "f")
	if err == nil || !strings.Contains(err.Error(), "the log group trail is not in the template") {
		t.Errorf("strict: %v", err)
	}
}
