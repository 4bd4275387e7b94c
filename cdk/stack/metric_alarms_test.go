package stack_test

import (
	"strings"
	"testing"

	"trailkeeper/cdk/settings"
)

func wantSweepAlarms(s settings.Settings) map[string]any {
	want := map[string]any{}
	if !s.Sweep.Enabled {
		return want
	}
	stack := []any{map[string]any{"Name": "Stack", "Value": s.StackName}}
	for name, metric := range map[string]string{
		"cannot-see": "CannotSee", "trails-stopped": "TrailsStopped", "trails-weakened": "TrailsWeakened",
	} {
		want[s.StackName+"/"+name] = withActions(s, map[string]any{
			"AlarmName":          s.StackName + "/" + name,
			"Namespace":          "Trailkeeper",
			"MetricName":         metric,
			"Statistic":          "Maximum",
			"Dimensions":         stack,
			"Period":             float64(s.Sweep.Minutes * 60),
			"EvaluationPeriods":  3.0,
			"DatapointsToAlarm":  2.0,
			"ComparisonOperator": "GreaterThanThreshold",
			"Threshold":          0.0,
			"TreatMissingData":   "ignore",
		})
	}
	minutes := s.Sweep.Minutes
	want[s.StackName+"/heartbeat-missing"] = wantSilence(s, "heartbeat-missing", "Heartbeat", map[string]any{
		"Namespace": "Trailkeeper", "MetricName": "Heartbeat", "Dimensions": stack,
	}, 3, float64(minutes*60), map[int]string{1: "0", 5: "2"}[minutes])
	return want
}

// wantWardenAlarm looks at three runs of the warden.
func wantWardenAlarm(s settings.Settings) map[string]any {
	minutes := s.Warden.Minutes
	return wantSilence(s, "warden-missing", "Invocations", map[string]any{
		"Namespace": "AWS/Lambda", "MetricName": "Invocations",
		"Dimensions": []any{map[string]any{"Name": "FunctionName", "Value": "WardenFunction"}},
	}, 3, float64(minutes*60), map[int]string{5: "2", 10: "4"}[minutes])
}

// wantOverdueAlarm looks at the days of a week.
func wantOverdueAlarm(s settings.Settings) map[string]any {
	return wantSilence(s, "test-alert-overdue", "TestAlerts", map[string]any{
		"Namespace": "Trailkeeper", "MetricName": "TestAlerts",
		"Dimensions": []any{map[string]any{"Name": "Stack", "Value": s.StackName}},
	}, 7, 86400, "1429")
}

// wantSilence is an alarm on a metric of which nothing came in so many periods, while the stack was there for longer than
// so many minutes of one.
func wantSilence(s settings.Settings, name, label string, metric map[string]any, periods, seconds float64, alive string) map[string]any {
	return withActions(s, map[string]any{
		"AlarmName":          s.StackName + "/" + name,
		"EvaluationPeriods":  periods,
		"DatapointsToAlarm":  periods,
		"ComparisonOperator": "LessThanThreshold",
		"Threshold":          1.0,
		"TreatMissingData":   "ignore",
		"Metrics": []any{
			map[string]any{
				"Id": "reported", "ReturnData": false,
				"MetricStat": map[string]any{"Metric": metric, "Period": seconds, "Stat": "Sum"},
			},
			aliveFor(seconds),
			map[string]any{
				"Id":         "filled",
				"Label":      label,
				"Expression": "MAX([FILL(reported, 0), 0 * alive]) / (alive > " + alive + ")",
				"ReturnData": true,
			},
		},
	})
}

// aliveFor is how often SQS told of the queue that is there as long as the stack.
func aliveFor(seconds float64) map[string]any {
	return map[string]any{"Id": "alive", "ReturnData": false, "MetricStat": map[string]any{
		"Metric": map[string]any{
			"Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible",
			"Dimensions": []any{map[string]any{"Name": "QueueName", "Value": "GuardDeadLetters.QueueName"}},
		},
		"Period": seconds, "Stat": "SampleCount",
	}}
}

// wantTestAlarms compare what was sent, or what EventBridge took of the schedule, with what came through, for half an
// hour.
func wantTestAlarms(s settings.Settings) map[string]any {
	rule := []any{
		map[string]any{
			"Name": "RuleName",
			"Value": map[bool]string{
				true: "trailkeeper-all-test-5d2d3ceb", false: s.StackName + "-test",
			}[s.OwnBus() == "security"],
		},
	} // see ruleName
	if bus := s.OwnBus(); bus != "" {
		rule = append([]any{map[string]any{"Name": "EventBusName", "Value": bus}}, rule...)
	}
	stat := func(id, namespace, metric string, dimensions []any) map[string]any {
		return map[string]any{"Id": id, "ReturnData": false, "MetricStat": map[string]any{
			"Metric": map[string]any{
				"Namespace":  namespace,
				"MetricName": metric,
				"Dimensions": dimensions,
			},
			"Period": 60.0,
			"Stat":   "Sum",
		}}
	}
	stack := []any{map[string]any{"Name": "Stack", "Value": s.StackName}}
	compared := func(name string, sent map[string]any) map[string]any {
		return withActions(s, map[string]any{
			"AlarmName":          s.StackName + "/" + name,
			"EvaluationPeriods":  30.0,
			"DatapointsToAlarm":  30.0,
			"ComparisonOperator": "GreaterThanThreshold",
			"Threshold":          0.0,
			"TreatMissingData":   "notBreaching",
			"Metrics": []any{
				sent, stat("arrived", "Trailkeeper", "TestAlerts", stack),
				map[string]any{
					"Id":         "missing",
					"Label":      "Missing",
					"Expression": "RUNNING_SUM(FILL(sent, 0) - MAX([FILL(arrived, 0), 0 * FILL(sent, 0)]))",
					"ReturnData": true,
				},
			},
		})
	}
	want := map[string]any{
		s.StackName + "/test-alert-missing": compared(
			"test-alert-missing",
			stat("sent", "Trailkeeper", "TestAlertsSent", stack),
		),
	}
	if s.TestAlert.Weekly {
		want[s.StackName+"/weekly-test-missing"] = compared(
			"weekly-test-missing",
			stat("sent", "AWS/Events", "TriggeredRules", rule),
		)
	}
	return want
}

// TestSweepAlarmsForEveryInterval: CloudWatch takes a period that is a multiple of a minute, and looks at no more than
// a day of those that are shorter than an hour, and a week of others (CloudWatch API reference, PutMetricAlarm,
// Period); and the patterns of the relays hold every alarm of a stack with the longest name.
func TestSweepAlarmsForEveryInterval(t *testing.T) {
	for _, minutes := range []int{7, 60} { // TestAlarms has 1 and 5
		s := variant(t, "everything")
		s.StackName, s.Sweep.Minutes, s.PermissionsBoundary = "trailkeeper-20-chars", minutes, ""
		tpl := synth(t, s)
		for _, a := range tpl.resources("AWS::CloudWatch::Alarm") {
			name, period, periods := a["AlarmName"].(string), periodOf(a), int(a["EvaluationPeriods"].(float64))
			longest := 86400
			if period >= 3600 {
				longest *= 7
			}
			if period == 0 || period%60 != 0 || period*periods > longest {
				t.Errorf("%d minutes: %s looks at %d periods of %d s", minutes, name, periods, period)
			}
			if strings.HasSuffix(name, "/heartbeat-missing") && period*periods != 3*minutes*60 {
				t.Errorf("%d minutes: %s looks at %d s; want three intervals", minutes, name, period*periods)
			}
		}
		patternOf(t, ruleNamed(tpl, s.StackName+"-alarm-raised"))
		patternOf(t, ruleNamed(tpl, s.StackName+"-alarm-raised-watch"))
	}
}

// periodOf is the period of an alarm's metric, or of its first one, in seconds.
func periodOf(alarm map[string]any) int {
	period, ok := alarm["Period"].(float64)
	if !ok {
		period, _ = object(object(list(alarm["Metrics"])[0])["MetricStat"])["Period"].(float64)
	}
	return int(period)
}

// TestTheHeartbeatIsAwaited: the alarm is made behind the schedule, so that its time to warm up is not over before a
// sweep could end.
func TestTheHeartbeatIsAwaited(t *testing.T) {
	tpl := goldenTemplate(t, "default")
	for id, r := range object(tpl["Resources"]) {
		if strings.HasPrefix(id, "AlarmsHeartbeatMissing") {
			if on := text(object(r)["DependsOn"]); !strings.Contains(on, "SweepSchedule") {
				t.Errorf("%s depends on %s; want the schedule of the sweep", id, on)
			}
			return
		}
	}
	t.Error("no alarm on the heartbeat")
}
