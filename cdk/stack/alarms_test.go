package stack_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"trailkeeper/cdk/golden"
	"trailkeeper/rules"
)

// TestAlarms proves that everything that can go wrong is watched, and that each alarm says what it means and tells somebody.
func TestAlarms(t *testing.T) {
	const maxDescription = 1024 // characters (CloudWatch API reference, PutMetricAlarm)
	for _, name := range golden.Names() {
		t.Run(name, func(t *testing.T) {
			s, tpl := variant(t, name), goldenTemplate(t, name)
			var watched []string
			for id, a := range tpl.resources("AWS::CloudWatch::Alarm") {
				dimensions := []string{}
				for _, d := range list(a["Dimensions"]) {
					dimensions = append(dimensions, resourceOr(object(d)["Value"]))
				}
				watched = append(watched, a["MetricName"].(string)+" of "+strings.Join(dimensions, "/"))
				alarmName, description := a["AlarmName"].(string), a["AlarmDescription"].(string)
				if !strings.HasPrefix(alarmName, s.StackName+"/") {
					t.Errorf("%s is called %s; want the prefix %s/", id, alarmName, s.StackName)
				}
				if n := len(description); n < 60 || n > maxDescription || strings.ContainsFunc(description, func(r rune) bool { return r > '~' }) {
					t.Errorf("%s: description of %d characters: %q", id, n, description)
				}
				if tells := len(list(a["AlarmActions"])) == 1 && len(list(a["OKActions"])) == 1; tells != s.SNS.Enabled {
					t.Errorf("%s tells the topic of ALARM and OK: %v; want %v", id, tells, s.SNS.Enabled)
				}
			}
			for _, want := range wantWatched(tpl, s.Bus) {
				if !slices.Contains(watched, want) {
					t.Errorf("no alarm on %s; there are %q", want, watched)
				}
			}
		})
	}
}

func resourceOr(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return target(v)
}

func wantWatched(tpl template, bus string) []string {
	var want []string
	for id := range tpl.resources("AWS::SQS::Queue") {
		want = append(want, "ApproximateNumberOfMessagesVisible of "+id)
	}
	for id := range tpl.resources("AWS::Lambda::Function") {
		for _, metric := range []string{"Errors", "Throttles", "DestinationDeliveryFailures", "AsyncEventsDropped"} {
			want = append(want, metric+" of "+id)
		}
	}
	for id := range tpl.resources("AWS::SNS::Topic") {
		want = append(want, "NumberOfNotificationsFailed of "+id)
	}
	for id, rule := range tpl.resources("AWS::Events::Rule") {
		if strings.HasPrefix(id, "Alarm") {
			continue // relays: see newRelays
		}
		where := rule["Name"].(string)
		if rule["EventBusName"] != nil {
			where = bus + "/" + where
		}
		want = append(want, "FailedInvocations of "+where, "InvocationsFailedToBeSentToDlq of "+where)
	}
	return want
}

// alarmEvent is a "CloudWatch Alarm State Change" event, as the CloudWatch User Guide shows it, for an alarm of that name.
func alarmEvent(t *testing.T, name, state string) []byte {
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
			"previousState": map[string]any{"value": "INSUFFICIENT_DATA"},
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
			if !matches(t, pattern, alarmEvent(t, name, state)) {
				t.Errorf("%s does not match %s of alarm %s", rule, state, name)
			}
			got, err := transformerOf(object(list(deployed["Targets"])[0])["InputTransformer"]).Render(alarmEvent(t, name, state), rules.Reserved{})
			if err != nil || !strings.Contains(string(got), "*"+name+"*") || !strings.Contains(string(got), "2026-11-20T10:00:00Z") {
				t.Errorf("%s renders %s, %v; want the alarm's name and the time", rule, got, err)
			}
		}
		for _, near := range [][]byte{
			alarmEvent(t, names[0], "INSUFFICIENT_DATA"), alarmEvent(t, "trailkeeper-other/guard-errors", state),
			alarmEvent(t, "other", state),
		} {
			if matches(t, pattern, near) {
				t.Errorf("%s matches %s", rule, near)
			}
		}
	}
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

// plain replaces every reference by the name that it stands for.
func plain(v any) any {
	if id := target(v); id == "AWS::AccountId" {
		return "111122223333"
	} else if id != "" {
		return id[:len(id)-8]
	}
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, value := range v {
			out[name] = plain(value)
		}
		return out
	case []any:
		out := []any{}
		for _, value := range v {
			out = append(out, plain(value))
		}
		return out
	}
	return v
}

func matches(t *testing.T, p rules.Pattern, event []byte) bool {
	t.Helper()
	ok, err := p.Match(event)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}
