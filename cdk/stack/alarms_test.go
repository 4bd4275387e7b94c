package stack_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
	"trailkeeper/cdk/settings"
	"trailkeeper/rules"
)

// TestAlarms compares every alarm as a whole, less its description: everything that can go wrong is watched, by its own metric, and
// nothing else is.
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
	const least, most = 60, 1024 // characters; the most is CloudWatch's (API reference, PutMetricAlarm)
	description, _ := v.(string)
	if n := len(description); n < least || n > most || strings.ContainsFunc(description, func(r rune) bool { return r > '~' }) {
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
			"AlarmName": s.StackName + "/" + name, "Namespace": namespace, "MetricName": metric, "Statistic": statistic, "Dimensions": list,
			"Period": 60.0, "EvaluationPeriods": float64(minutes), "DatapointsToAlarm": 1.0, "ComparisonOperator": "GreaterThanThreshold",
			"Threshold": 0.0, "TreatMissingData": "notBreaching",
		}
		want[s.StackName+"/"+name] = withActions(s, a)
	}
	again := map[int]int{60: 5, 90: 6}[s.Function.Timeout] // the timeout, two minutes until the last retry, and two that are cut
	put("guard-errors", "AWS/Lambda", "Errors", "Sum", again, "FunctionName", "GuardFunction")
	put("guard-throttles", "AWS/Lambda", "Throttles", "Sum", again, "FunctionName", "GuardFunction")
	put("guard-destination-failures", "AWS/Lambda", "DestinationDeliveryFailures", "Sum", 1, "FunctionName", "GuardFunction")
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
			put("alarm-topic-failed", "AWS/SNS", "NumberOfNotificationsFailed", "Sum", 1, "TopicName", "NotificationsAlarmsTopic.TopicName")
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
		if strings.HasPrefix(id, "Alarm") {
			continue // relays: see newRelays
		}
		name := strings.TrimPrefix(rule["Name"].(string), s.StackName+"-")
		dimensions := []string{"RuleName", s.StackName + "-" + name}
		if rule["EventBusName"] != nil {
			dimensions = append([]string{"EventBusName", s.Bus}, dimensions...)
		}
		put(name+"-failed", "AWS/Events", "FailedInvocations", "Sum", 1, dimensions...)
		put(name+"-lost", "AWS/Events", "InvocationsFailedToBeSentToDlq", "Sum", 1, dimensions...)
	}
	maps.Copy(want, wantSweepAlarms(s))
	maps.Copy(want, wantTestAlarms(s))
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

func wantSweepAlarms(s settings.Settings) map[string]any {
	want := map[string]any{}
	if !s.Sweep.Enabled {
		return want
	}
	stack := []any{map[string]any{"Name": "Stack", "Value": s.StackName}}
	for name, metric := range map[string]string{"cannot-see": "CannotSee", "trails-stopped": "TrailsStopped", "trails-weakened": "TrailsWeakened"} {
		want[s.StackName+"/"+name] = withActions(s, map[string]any{
			"AlarmName": s.StackName + "/" + name, "Namespace": "Trailkeeper", "MetricName": metric, "Statistic": "Maximum", "Dimensions": stack,
			"Period": float64(s.Sweep.Minutes * 60), "EvaluationPeriods": 3.0, "DatapointsToAlarm": 2.0, "ComparisonOperator": "GreaterThanThreshold",
			"Threshold": 0.0, "TreatMissingData": "ignore",
		})
	}
	want[s.StackName+"/heartbeat-missing"] = withActions(s, map[string]any{
		"AlarmName": s.StackName + "/heartbeat-missing", "EvaluationPeriods": 3.0, "DatapointsToAlarm": 3.0, "ComparisonOperator": "LessThanThreshold",
		"Threshold": 1.0, "TreatMissingData": "breaching",
		"Metrics": []any{
			map[string]any{"Id": "reported", "ReturnData": false, "MetricStat": map[string]any{
				"Metric": map[string]any{"Namespace": "Trailkeeper", "MetricName": "Heartbeat", "Dimensions": stack},
				"Period": float64(s.Sweep.Minutes * 60), "Stat": "Sum",
			}},
			map[string]any{"Id": "filled", "Label": "Heartbeat", "Expression": "FILL(reported, 0)", "ReturnData": true},
		},
		"WarmUpConfiguration": map[string]any{
			"WarmUpPeriodDurationInMinutes":            float64(2*s.Sweep.Minutes + map[int]int{60: 2, 90: 3}[s.Function.Timeout]),
			"OnlyStartEvaluatingAfterWarmUpPeriodEnds": true,
		},
	})
	return want
}

// wantOverdueAlarm looks at the days of a week.
func wantOverdueAlarm(s settings.Settings) map[string]any {
	return withActions(s, map[string]any{
		"AlarmName": s.StackName + "/test-alert-overdue", "Namespace": "Trailkeeper", "MetricName": "TestAlerts", "Statistic": "Sum",
		"Dimensions": []any{map[string]any{"Name": "Stack", "Value": s.StackName}}, "Period": 86400.0, "EvaluationPeriods": 7.0, "DatapointsToAlarm": 7.0,
		"ComparisonOperator": "LessThanThreshold", "Threshold": 1.0, "TreatMissingData": "breaching",
		"WarmUpConfiguration": map[string]any{"WarmUpPeriodDurationInMinutes": 2880.0, "OnlyStartEvaluatingAfterWarmUpPeriodEnds": true},
	})
}

// wantTestAlarms compare what was sent, or what EventBridge took of the schedule, with what came through, hour by hour of the clock.
func wantTestAlarms(s settings.Settings) map[string]any {
	rule := []any{map[string]any{"Name": "RuleName", "Value": s.StackName + "-test"}}
	if bus := s.OwnBus(); bus != "" {
		rule = append([]any{map[string]any{"Name": "EventBusName", "Value": bus}}, rule...)
	}
	stat := func(id, namespace, metric string, dimensions []any) map[string]any {
		return map[string]any{"Id": id, "ReturnData": false, "MetricStat": map[string]any{
			"Metric": map[string]any{"Namespace": namespace, "MetricName": metric, "Dimensions": dimensions}, "Period": 3600.0, "Stat": "Sum",
		}}
	}
	stack := []any{map[string]any{"Name": "Stack", "Value": s.StackName}}
	compared := func(name string, sent map[string]any) map[string]any {
		return withActions(s, map[string]any{
			"AlarmName": s.StackName + "/" + name, "EvaluationPeriods": 1.0, "DatapointsToAlarm": 1.0,
			"ComparisonOperator": "GreaterThanThreshold", "Threshold": 0.0, "TreatMissingData": "notBreaching",
			"EvaluationWindow": map[string]any{"WallClockWindow": map[string]any{"Timezone": "UTC"}},
			"Metrics": []any{
				sent, stat("arrived", "Trailkeeper", "TestAlerts", stack),
				map[string]any{"Id": "missing", "Label": "Missing", "Expression": "FILL(sent, 0) - FILL(arrived, 0)", "ReturnData": true},
			},
		})
	}
	want := map[string]any{s.StackName + "/test-alert-missing": compared("test-alert-missing", stat("sent", "Trailkeeper", "TestAlertsSent", stack))}
	if s.TestAlert.Weekly {
		want[s.StackName+"/weekly-test-missing"] = compared("weekly-test-missing", stat("sent", "AWS/Events", "TriggeredRules", rule))
	}
	return want
}

// TestSweepAlarmsForEveryInterval: CloudWatch takes a period that is a multiple of a minute, and looks at no more than a day of those that are
// shorter than an hour, and a week of others (CloudWatch API reference, PutMetricAlarm, Period); and the patterns of the relays hold every alarm
// of a stack with the longest name.
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
			if warm, ok := object(a["WarmUpConfiguration"])["WarmUpPeriodDurationInMinutes"].(float64); ok && (warm < 1 || warm > 2880) {
				t.Errorf("%d minutes: %s warms up for %v minutes", minutes, name, warm)
			}
		}
		patternOf(t, ruleNamed(tpl, s.StackName+"-alarm-raised"))
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

// TestTheHeartbeatIsAwaited: the alarm is made behind the schedule, so that its time to warm up is not over before a sweep could end.
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

// topicOf is whom the alarms tell.
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

// alarmEvent is a "CloudWatch Alarm State Change" event, as the CloudWatch User Guide shows it, for an alarm of that name.
func alarmEvent(t *testing.T, name, state string) []byte {
	t.Helper()
	return alarmEventAfter(t, name, state, map[string]string{"ALARM": "OK", "OK": "ALARM"}[state])
}

func alarmEventAfter(t *testing.T, name, state, previous string) []byte {
	t.Helper()
	raw, err := json.Marshal(map[string]any{
		"version": "0", "id": "c4c1c1c9-6542-e61b-6ef0-8c4d36933a92", "detail-type": "CloudWatch Alarm State Change",
		"source": "aws.cloudwatch", "account": "111122223333", "time": "2026-11-20T10:00:00Z", "region": "eu-west-1",
		"resources": []string{"arn:aws:cloudwatch:eu-west-1:111122223333:alarm:" + name},
		"detail": map[string]any{
			"alarmName": name,
			"state": map[string]any{
				"value": state, "reason": "Threshold Crossed: \"1\" datapoint", "timestamp": "2026-11-20T10:00:00.000+0000",
			},
			"previousState": map[string]any{"value": previous},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestRelays plays every alarm of the stack, and near misses, through the rules that tell Slack of alarms.
func TestRelays(t *testing.T) {
	tpl := goldenTemplate(t, "default")
	names := []string{}
	for _, a := range tpl.resources("AWS::CloudWatch::Alarm") {
		names = append(names, a["AlarmName"].(string))
	}
	for rule, state := range map[string]string{"alarm-raised": "ALARM", "alarm-cleared": "OK"} {
		deployed := ruleNamed(tpl, "trailkeeper-"+rule)
		pattern := patternOf(t, deployed)
		for _, name := range names {
			wanted := state == "ALARM" || name != "trailkeeper/remediation-failures"
			if got := matches(t, pattern, alarmEvent(t, name, state)); got != wanted {
				t.Errorf("%s matches %s of alarm %s: %v; want %v", rule, state, name, got, wanted)
			}
			// A new alarm comes out of INSUFFICIENT_DATA: what is wrong then is told, and what is not was never raised.
			if got := matches(t, pattern, alarmEventAfter(t, name, state, "INSUFFICIENT_DATA")); got != (state == "ALARM") {
				t.Errorf("%s matches the first %s of the new alarm %s: %v", rule, state, name, got)
			}
			got, err := transformerOf(object(list(deployed["Targets"])[0])["InputTransformer"]).Render(alarmEvent(t, name, state), rules.Reserved{})
			if err != nil || !strings.Contains(string(got), "*"+name+"*") || !strings.Contains(string(got), "2026-11-20T10:00:00Z") {
				t.Errorf("%s renders %s, %v; want the alarm's name and the time", rule, got, err)
			}
		}
		for _, near := range [][]byte{
			alarmEvent(t, names[0], "INSUFFICIENT_DATA"), alarmEvent(t, "trailkeeper-other/guard-errors", state),
			alarmEvent(t, "other", state),
			alarmEvent(t, `trailkeeper/x","text":"All trails log.","y":"`, state),
			alarmEvent(t, "trailkeeper/guard-errors*\nAll trails log. <!channel> *", state),
			alarmEvent(t, "trailkeeper/guard-errors-2", state), alarmEvent(t, "trailkeeper/", state),
			alarmEvent(t, "Trailkeeper/guard-errors", state), alarmEvent(t, " trailkeeper/guard-errors", state),
			fromAccount(t, alarmEvent(t, names[0], state), "999999999999"),
		} {
			if matches(t, pattern, near) {
				t.Errorf("%s matches %s", rule, near)
			}
		}
	}
}

// TestTemplatesOfRelays: every path of the transformers that this package writes leads to what AWS chose, or to a field that the rule's
// pattern pins to listed values.
func TestTemplatesOfRelays(t *testing.T) {
	chosenByAWS := []string{"$.account", "$.region", "$.time"}
	for _, name := range golden.Names() {
		s, tpl := variant(t, name), goldenTemplate(t, name)
		for _, rule := range []string{"alarm-raised", "alarm-cleared", "notices"} {
			deployed := ruleNamed(tpl, s.StackName+"-"+rule)
			if deployed == nil {
				continue
			}
			patternOf(t, deployed) // within the limit
			for _, path := range transformerOf(object(list(deployed["Targets"])[0])["InputTransformer"]).Paths {
				if !slices.Contains(chosenByAWS, path) && !pinned(deployed["EventPattern"], strings.Split(path, ".")[1:]) {
					t.Errorf("%s: %s puts %s into a message, which its pattern does not pin", name, rule, path)
				}
			}
			if text(object(deployed["EventPattern"])["account"]) == "null" {
				t.Errorf("%s: %s takes events of other accounts", name, rule)
			}
		}
	}
}

// pinned reports whether a pattern lists exact texts for the field.
func pinned(pattern any, path []string) bool {
	for _, name := range path {
		pattern = object(pattern)[name]
	}
	values := list(pattern)
	return len(values) > 0 && !slices.ContainsFunc(values, func(v any) bool { _, isText := v.(string); return !isText })
}

func fromAccount(t *testing.T, event []byte, account string) []byte {
	t.Helper()
	return []byte(strings.Replace(string(event), `"account":"111122223333"`, `"account":"`+account+`"`, 1))
}

// TestNotices plays EventBridge's own failure events (EventBridge Events Reference) through the rule for them.
func TestNotices(t *testing.T) {
	deployed := ruleNamed(goldenTemplate(t, "default"), "trailkeeper-notices")
	pattern := patternOf(t, deployed)
	for _, tt := range []struct {
		detailType, field, name string
		want                    bool
	}{
		{"Connection Deauthorized", "ConnectionName", "SlackConnection", true},
		{"Connection Failed Connectivity", "ConnectionName", "SlackConnection", true},
		{"API Destination Deactivated", "ApiDestinationName", "SlackDestination", true},
		{"Connection Authorized", "ConnectionName", "SlackConnection", false},
		{"Connection Deauthorized", "ConnectionName", "SomebodyElses", false},
		{"API Destination Deactivated", "ApiDestinationName", "SlackConnection", false},
	} {
		event, err := json.Marshal(map[string]any{
			"source": "aws.events", "detail-type": tt.detailType, "account": "111122223333", "region": "eu-west-1",
			"time": "2026-11-20T10:00:00Z", "detail": map[string]any{tt.field: tt.name, "Timestamp": "2026-11-20T10:00:00Z"},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := matches(t, pattern, event); got != tt.want {
			t.Errorf("%s of %s: matched %v; want %v", tt.detailType, tt.name, got, tt.want)
		}
		got, err := transformerOf(object(list(deployed["Targets"])[0])["InputTransformer"]).Render(event, rules.Reserved{})
		if err != nil || !strings.Contains(string(got), tt.detailType) {
			t.Errorf("the notice for %s is %s, %v", tt.detailType, got, err)
		}
	}
}

// patternOf reads the pattern of a deployed rule, with logical IDs less their hash for the names of resources.
func patternOf(t *testing.T, rule map[string]any) rules.Pattern {
	t.Helper()
	raw, err := json.Marshal(plain(rule["EventPattern"]))
	if err != nil {
		t.Fatal(err)
	}
	pattern, err := rules.ParsePattern(raw)
	if err != nil || len(raw) > rules.MaxPatternLength {
		t.Fatalf("pattern of %d characters: %v", len(raw), err)
	}
	return pattern
}

func matches(t *testing.T, p rules.Pattern, event []byte) bool {
	t.Helper()
	ok, err := p.Match(event)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}
