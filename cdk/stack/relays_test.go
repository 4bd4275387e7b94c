package stack_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"trailkeeper/cdk/golden"
	"trailkeeper/rules"
)

// alarmEvent is a "CloudWatch Alarm State Change" event, as the CloudWatch User Guide shows it, for an alarm of that
// name.
func alarmEvent(t *testing.T, name, state string) []byte {
	t.Helper()
	return alarmEventAfter(t, name, state, map[string]string{"ALARM": "OK", "OK": "ALARM"}[state])
}

func alarmEventAfter(t *testing.T, name, state, previous string) []byte {
	t.Helper()
	raw, err := json.Marshal(map[string]any{
		"version":     "0",
		"id":          "c4c1c1c9-6542-e61b-6ef0-8c4d36933a92",
		"detail-type": "CloudWatch Alarm State Change",
		"source":      "aws.cloudwatch",
		"account":     "111122223333",
		"time":        "2026-11-20T10:00:00Z",
		"region":      "eu-west-1",
		"resources":   []string{"arn:aws:cloudwatch:eu-west-1:111122223333:alarm:" + name},
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

// TestRelays plays every alarm of the stack, and near misses, through the rules that notify Slack of alarms.
func TestRelays(t *testing.T) {
	tpl := goldenTemplate(t, "default")
	names := []string{}
	for _, a := range tpl.resources("AWS::CloudWatch::Alarm") {
		if name := a["AlarmName"].(string); !strings.Contains(name, "/warden-") { // TestWardenRelays
			names = append(names, name)
		}
	}
	for rule, state := range map[string]string{"alarm-raised": "ALARM", "alarm-cleared": "OK"} {
		deployed := ruleNamed(tpl, "trailkeeper-"+rule)
		pattern := patternOf(t, deployed)
		for _, name := range names {
			wanted := state == "ALARM" || name != "trailkeeper/remediation-failures"
			if got := matches(t, pattern, alarmEvent(t, name, state)); got != wanted {
				t.Errorf("%s matches %s of alarm %s: %v; want %v", rule, state, name, got, wanted)
			}
			// A new alarm comes out of INSUFFICIENT_DATA: what is wrong then is reported, and what is not was never raised.
			if got := matches(t, pattern, alarmEventAfter(t, name, state, "INSUFFICIENT_DATA")); got != (state == "ALARM") {
				t.Errorf("%s matches the first %s of the new alarm %s: %v", rule, state, name, got)
			}
			got, err := transformerOf(
				object(list(deployed["Targets"])[0])["InputTransformer"],
			).Render(
				alarmEvent(t, name, state),
				rules.Reserved{},
			)
			if err != nil || !strings.Contains(string(got), "*"+name+"*") ||
				!strings.Contains(string(got), "2026-11-20T10:00:00Z") {
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

// TestTemplatesOfRelays: every path of the transformers that this package writes leads to what AWS chose, or to a field
// that the rule's pattern pins to listed values.
func TestTemplatesOfRelays(t *testing.T) {
	chosenByAWS := []string{"$.account", "$.region", "$.time"}
	for _, name := range golden.Names() {
		s, tpl := variant(t, name), goldenTemplate(t, name)
		for _, rule := range []string{
			"alarm-raised", "alarm-cleared", "alarm-raised-watch", "alarm-cleared-watch", "alarm-raised-warden",
			"alarm-cleared-warden", "notices",
		} {
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
		{"API Destination Deactivated", "ApiDestinationName", "SlackRest", true},
		{"Connection Authorized", "ConnectionName", "SlackConnection", false},
		{"Connection Deauthorized", "ConnectionName", "SomebodyElses", false},
		{"API Destination Deactivated", "ApiDestinationName", "SlackConnection", false},
	} {
		event, err := json.Marshal(map[string]any{
			"source":      "aws.events",
			"detail-type": tt.detailType,
			"account":     "111122223333",
			"region":      "eu-west-1",
			"time":        "2026-11-20T10:00:00Z",
			"detail":      map[string]any{tt.field: tt.name, "Timestamp": "2026-11-20T10:00:00Z"},
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
