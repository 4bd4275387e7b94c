package stack_test

import (
	"slices"
	"strings"
	"testing"

	"trailkeeper/cdk/settings"
	"trailkeeper/cdk/stack"
	"trailkeeper/rules/filterpattern"
	"trailkeeper/rules/metricfilter"
)

// wantRuleAlarms are those of the metric filters that a template has: TestMetricFilters says that these are right.
func wantRuleAlarms(s settings.Settings, tpl template) map[string]any {
	want := map[string]any{}
	for _, f := range tpl.resources("AWS::Logs::MetricFilter") {
		rule := strings.TrimPrefix(f["FilterName"].(string), s.StackName+"-")
		a := withActions(s, map[string]any{
			"AlarmName":          s.StackName + "/rule-" + rule,
			"Namespace":          s.MetricFilters.Namespace,
			"MetricName":         s.StackName + "/" + rule,
			"Statistic":          "Sum",
			"Period":             300.0,
			"EvaluationPeriods":  1.0,
			"DatapointsToAlarm":  1.0,
			"ComparisonOperator": "GreaterThanOrEqualToThreshold",
			"Threshold":          1.0,
			"TreatMissingData":   "notBreaching",
		})
		if topic := s.MetricFilters.TopicARN; topic != "" {
			a["AlarmActions"], a["OKActions"] = []any{topic}, []any{topic}
		}
		want[s.StackName+"/rule-"+rule] = a
	}
	return want
}

// TestMetricFilters compares every metric filter as a whole: each is about one rule that the settings name, its pattern
// is one that CloudWatch Logs takes, and it counts into the metric of its alarm.
func TestMetricFilters(t *testing.T) {
	for name, want := range map[string]int{"everything": 17, "metric-filters": 20, "default": 0} {
		s, tpl := variant(t, name), goldenTemplate(t, name)
		found := map[string]string{}
		for id, f := range tpl.resources("AWS::Logs::MetricFilter") {
			rule := strings.TrimPrefix(f["FilterName"].(string), s.StackName+"-")
			pattern, _ := f["FilterPattern"].(string)
			found[rule] = pattern
			if p, err := filterpattern.Parse(pattern); err != nil || p.Check() != nil {
				t.Errorf("%s: %s: %v", id, pattern, err)
			}
			if f["LogGroupName"] != s.MetricFilters.LogGroup || len(f) != 4 {
				t.Errorf("%s is %v", id, f)
			}
			transformation := object(list(f["MetricTransformations"])[0])
			for property, value := range map[string]any{
				"MetricNamespace": s.MetricFilters.Namespace, "MetricName": s.StackName + "/" + rule, "MetricValue": "1",
				"Unit": "Count",
			} {
				if transformation[property] != value || len(transformation) != 4 {
					t.Errorf("%s: %s is %v; want %v", id, property, transformation[property], value)
				}
			}
		}
		if len(found) != want {
			t.Errorf("%s has %d metric filters; want %d", name, len(found), want)
		}
		for _, f := range filters(t, s) {
			if found[f.Rule] != f.Pattern {
				t.Errorf("%s: the pattern of %s is %q; want %q", name, f.Rule, found[f.Rule], f.Pattern)
			}
		}
	}
}

// TestMetricFiltersOfTheFirstTrail: without a name, it is the log group of the stack's own trail.
func TestMetricFiltersOfTheFirstTrail(t *testing.T) {
	s := variant(t, "metric-filters")
	s.MetricFilters.LogGroup, s.MetricFilters.Rules = "", []string{"root-console-login"}
	s.FirstTrail = settings.FirstTrail{Enabled: true, LogGroup: true}
	tpl := synth(t, s)
	_, f := tpl.only(t, "AWS::Logs::MetricFilter", "MetricFilters")
	if group := withoutHash(target(f["LogGroupName"])); group != "FirstTrailLog" {
		t.Errorf("the filter is on %s", group)
	}
	_, a := tpl.only(t, "AWS::CloudWatch::Alarm", "MetricFiltersRootConsoleLogin")
	if text, _ := a["AlarmDescription"].(string); !strings.HasPrefix(text, "A console sign-in of the root user, also one that "+
		"failed. A metric filter counts these records in the first trail's log group;") {
		t.Errorf("%s", text)
	}
}

// TestRulesOfLikeNames: rules whose IDs differ in a hyphen alone have filters of their own.
func TestRulesOfLikeNames(t *testing.T) {
	p := props(t, variant(t, "metric-filters"))
	p.Filters = nil
	for _, id := range []string{"a1", "a-1", "ab", "a-b"} {
		p.Filters = append(p.Filters, metricfilter.Filter{Rule: id, Pattern: `{ $.a = 1 }`, Description: "x"})
	}
	made, _, err := stack.NewStack(newAppWithout(t, validates), p)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(templateOf(t, made).resources("AWS::Logs::MetricFilter")); n != 4 {
		t.Errorf("%d metric filters; want 4", n)
	}
}

// TestLongDescription: the rule's text gives way to what an alarm cannot say.
func TestLongDescription(t *testing.T) {
	s := variant(t, "metric-filters")
	s.Runbook = "https://wiki.example.com/" + strings.Repeat("x", 170)
	p := props(t, s)
	p.Filters = slices.Clone(p.Filters[:1])
	p.Filters[0].Description = strings.Repeat("what it is about ", 100)
	made, _, err := stack.NewStack(newApp(t), p)
	if err != nil {
		t.Fatal(err)
	}
	_, a := templateOf(t, made).only(t, "AWS::CloudWatch::Alarm", "MetricFilters")
	text, _ := a["AlarmDescription"].(string)
	if len(text) > 1024 || !strings.HasSuffix(text, "x#runbook-rule-alarm") ||
		!strings.Contains(text, "… A metric filter") {
		t.Errorf("%d: %s", len(text), text)
	}
}
