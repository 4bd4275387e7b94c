package stack_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
	"trailkeeper/cdk/settings"
)

// TestAlarms compares every alarm as a whole, less its description: everything that can go wrong is watched, by its own
// metric, and nothing else is.
func TestAlarms(t *testing.T) {
	for _, name := range golden.Names() {
		t.Run(name, func(t *testing.T) {
			s, tpl := variant(t, name), goldenTemplate(t, name)
			got := map[string]any{}
			for id, a := range tpl.resources("AWS::CloudWatch::Alarm") {
				checkDescription(t, id, a["AlarmDescription"])
				delete(a, "AlarmDescription")
				delete(a, "Tags") // TestStackProperties
				got[a["AlarmName"].(string)] = plain(a)
			}
			if diff := cmp.Diff(wantAlarms(s, tpl), got); diff != "" {
				t.Errorf("alarms (-want +got):\n%s", diff)
			}
		})
	}
}

func checkDescription(t *testing.T, id string, v any) {
	t.Helper()
	const least, limit = 60, 1024 // characters; the most is CloudWatch's (API reference, PutMetricAlarm)
	description, _ := v.(string)
	if n := len(
		description,
	); n < least || n > limit ||
		strings.ContainsFunc(description, func(r rune) bool { return r > '~' }) {
		t.Errorf("%s: description of %d characters: %q", id, n, description)
	}
}

func wantAlarms(s settings.Settings, tpl template) map[string]any {
	want := map[string]any{}
	put := func(name, namespace, metric, statistic string, minutes int, dimensions ...string) {
		var list []any
		for pair := range slices.Chunk(dimensions, 2) {
			list = append(list, map[string]any{"Name": pair[0], "Value": pair[1]})
		}
		a := map[string]any{
			"AlarmName":          s.StackName + "/" + name,
			"Namespace":          namespace,
			"MetricName":         metric,
			"Statistic":          statistic,
			"Dimensions":         list,
			"Period":             60.0,
			"EvaluationPeriods":  float64(minutes),
			"DatapointsToAlarm":  1.0,
			"ComparisonOperator": "GreaterThanThreshold",
			"Threshold":          0.0,
			"TreatMissingData":   "notBreaching",
		}
		want[s.StackName+"/"+name] = withActions(s, a)
	}
	// The timeout, two minutes until the last retry, and two that are cut.
	again := map[int]int{60: 5, 90: 6}[s.Function.Timeout]
	put("guard-errors", "AWS/Lambda", "Errors", "Sum", again, "FunctionName", "GuardFunction")
	put("guard-throttles", "AWS/Lambda", "Throttles", "Sum", again, "FunctionName", "GuardFunction")
	put(
		"guard-destination-failures",
		"AWS/Lambda",
		"DestinationDeliveryFailures",
		"Sum",
		1,
		"FunctionName",
		"GuardFunction",
	)
	put("guard-events-dropped", "AWS/Lambda", "AsyncEventsDropped", "Sum", 1, "FunctionName", "GuardFunction")
	remember := again
	if s.Sweep.Enabled {
		remember = map[int]int{1: again, 5: 7}[s.Sweep.Minutes]
	}
	const visible = "ApproximateNumberOfMessagesVisible"
	failures := "GuardFailures.QueueName"
	if arn := s.Function.FailureQueueARN; arn != "" {
		failures = arn[strings.LastIndexByte(arn, ':')+1:]
	}
	put("guard-failures", "AWS/SQS", visible, "Maximum", remember, "QueueName", failures)
	put("last-queue", "AWS/SQS", visible, "Maximum", 1, "QueueName", "LastQueue.QueueName")
	put("guard-dead-letters", "AWS/SQS", visible, "Maximum", remember, "QueueName", "GuardDeadLetters.QueueName")
	if s.Path1() {
		put("slack-dead-letters", "AWS/SQS", visible, "Maximum", remember, "QueueName", "SlackDeadLetters.QueueName")
	}
	if s.Sweep.Enabled {
		put("sweep-dead-letters", "AWS/SQS", visible, "Maximum", remember, "QueueName", "SweepDeadLetters.QueueName")
	}
	if s.SNS.Enabled {
		put("topic-dead-letters", "AWS/SQS", visible, "Maximum", 1, "QueueName", "TopicDeadLetters.QueueName")
		topic := "NotificationsTopic.TopicName"
		if arn := s.SNS.TopicARN; arn != "" {
			topic = arn[strings.LastIndexByte(arn, ':')+1:]
		}
		put("topic-failed", "AWS/SNS", "NumberOfNotificationsFailed", "Sum", 1, "TopicName", topic)
		if s.SNS.EmailFrom != "low" {
			put(
				"alarm-topic-failed",
				"AWS/SNS",
				"NumberOfNotificationsFailed",
				"Sum",
				1,
				"TopicName",
				"NotificationsAlarmsTopic.TopicName",
			)
		}
	}
	if s.TestAlert.Weekly {
		want[s.StackName+"/test-alert-overdue"] = wantOverdueAlarm(s)
		put("test-dead-letters", "AWS/SQS", visible, "Maximum", 1, "QueueName", "TestDeadLetters.QueueName")
	}
	for name, metric := range map[string]string{
		"remediation-failures": "RemediationFailures", "delivery-failures": "DeliveryFailures", "messages-lost": "Lost",
	} {
		put(name, "Trailkeeper", metric, "Sum", remember, "Stack", s.StackName)
	}
	delete(object(want[s.StackName+"/remediation-failures"]), "OKActions") // it can end without a cure
	if !s.Sweep.Enabled {
		delete(object(want[s.StackName+"/delivery-failures"]), "OKActions")
	}
	for id, rule := range tpl.resources("AWS::Events::Rule") {
		if slices.ContainsFunc([]string{"Alarm", "Watch", "LogFiles", "ProtectProtect", "EvidenceEvidence"}, func(p string) bool { return strings.HasPrefix(id, p) }) {
			continue // relays, what wantWatchAlarms has, and what no alarm watches
		}
		name := strings.TrimPrefix(rule["Name"].(string), s.StackName+"-")
		if _, own := rule["EventBusName"]; own { // its physical name says which bus; see ruleName
			name = name[:strings.LastIndexByte(name, '-')]
		}
		dimensions := []string{"RuleName", rule["Name"].(string)}
		if rule["EventBusName"] != nil {
			dimensions = append([]string{"EventBusName", s.Bus}, dimensions...)
		}
		put(name+"-failed", "AWS/Events", "FailedInvocations", "Sum", 1, dimensions...)
		put(name+"-lost", "AWS/Events", "InvocationsFailedToBeSentToDlq", "Sum", 1, dimensions...)
	}
	maps.Copy(want, wantSweepAlarms(s))
	maps.Copy(want, wantRuleAlarms(s, tpl))
	maps.Copy(want, wantTestAlarms(s))
	if s.Watch.Enabled {
		wantWatchAlarms(s, tpl, put, want)
	}
	if s.Warden.Enabled && !s.WardenElsewhere() {
		put("warden-errors", "AWS/Lambda", "Errors", "Sum", s.Warden.Minutes+2, "FunctionName", "WardenFunction")
		put("warden-queue", "AWS/SQS", visible, "Maximum", s.Warden.Minutes+2, "QueueName", "WardenQueue.QueueName")
		want[s.StackName+"/warden-missing"] = wantWardenAlarm(s)
	}
	return want
}

func withActions(s settings.Settings, a map[string]any) map[string]any {
	if topic := topicOf(s); topic != "" {
		actions := []any{topic}
		if s.SNS.EmailFrom != "low" {
			actions = append(actions, "NotificationsAlarmsTopic")
		}
		a["AlarmActions"], a["OKActions"] = actions, actions
	}
	return a
}

// topicOf is whom the alarms notify.
func topicOf(s settings.Settings) string {
	switch {
	case !s.SNS.Enabled:
		return ""
	case s.SNS.TopicARN != "":
		return s.SNS.TopicARN
	default:
		return "NotificationsTopic"
	}
}
