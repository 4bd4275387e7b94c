package stack_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/limits"
	"trailkeeper/cdk/settings"
	"trailkeeper/cdk/stack"
	"trailkeeper/rules"
)

// in is the settings of a small deployment with Slack and SNS, as the app reads them for a Region.
func in(t *testing.T, region string) settings.Settings {
	t.Helper()
	object := map[string]any{
		"secret":    "trailkeeper",
		"slack":     map[string]any{"enabled": true},
		"dashboard": false,
		"sns": map[string]any{
			"enabled":       true,
			"emailFrom":     "high",
			"subscriptions": map[string]any{"security@example.com": "email"},
		},
	}
	if region != "" {
		object["env"] = map[string]any{"account": "111122223333", "region": region}
	}
	s, err := settings.Parse(object)
	if err != nil {
		t.Fatalf("%s: %v", region, err)
	}
	return s
}

// TestPlaces: one Region of each partition, each in which the tools lag, and none deploy as their Region allows. The
// synth is the app's, with CDK's validator.
func TestPlaces(t *testing.T) {
	for _, tt := range []struct {
		region               string
		slack, json, dropped bool
	}{
		{"", true, true, true},
		{"eu-west-1", true, true, true},
		{"cn-north-1", true, true, false},
		{"us-gov-west-1", false, false, true},
		{"ap-east-2", false, true, true},
		{"ca-west-1", true, true, true},
		{"il-central-1", true, true, true},
		{"ap-southeast-5", true, true, true},
		{"ap-southeast-6", true, true, true},
		{"mx-central-1", true, true, true},
	} {
		t.Run("in "+tt.region, func(t *testing.T) {
			defer refused(t)
			s := in(t, tt.region)
			app := newApp(t)
			made, _, err := stack.NewStack(app, props(t, s))
			if err != nil {
				t.Fatal(err)
			}
			tpl := template(app.Synth(nil).GetStackArtifact(made.ArtifactId()).Template().(map[string]any))
			if got := len(tpl.resources("AWS::Events::ApiDestination")) > 0; got != tt.slack {
				t.Errorf("an API destination: %v; want %v", got, tt.slack)
			}
			if got := ruleNamed(tpl, "trailkeeper-direct") != nil; got == tt.slack {
				t.Errorf("the rule that publishes without the guard: %v; want %v", got, !tt.slack)
			}
			_, f := tpl.only(t, "AWS::Lambda::Function", "Guard")
			logging, level := object(f["LoggingConfig"]), object(object(f["Environment"])["Variables"])["TRAILKEEPER_LOG_LEVEL"]
			if got := logging["LogFormat"] == "JSON" &&
				logging["ApplicationLogLevel"] == "INFO"; got != tt.json || (level == "INFO") == tt.json ||
				logging["LogGroup"] == nil {
				t.Errorf("logging %s, level %v; want JSON: %v", text(logging), level, tt.json)
			}
			names := []string{}
			for _, a := range tpl.resources("AWS::CloudWatch::Alarm") {
				names = append(names, a["AlarmName"].(string))
			}
			if got := slices.Contains(names, "trailkeeper/guard-events-dropped"); got != tt.dropped || len(names) < 15 {
				t.Errorf("an alarm on dropped events: %v among %d; want %v", got, len(names), tt.dropped)
			}
			if err := limits.Check(tpl, s.StackName); err != nil {
				t.Error(err)
			}
			checkDirect(t, tpl)
		})
	}
}

// checkDirect: the rule publishes to both topics, with a role that its rule alone lets EventBridge assume and a
// dead-letter queue that admits it; what it says is in every call's event, and holds nothing that a caller chooses.
func checkDirect(t *testing.T, tpl template) {
	t.Helper()
	rule := ruleNamed(tpl, "trailkeeper-direct")
	if rule == nil {
		return
	}
	if got := targetIDs(rule); !slices.Equal(got, []string{"Topic", "AlarmsTopic"}) {
		t.Errorf("targets %v; want both topics", got)
	}
	for id, r := range tpl.resources("AWS::Events::Rule") {
		if r["Name"] == rule["Name"] &&
			!admits(tpl, target(object(object(list(r["Targets"])[0])["DeadLetterConfig"])["Arn"]),
				"events.amazonaws.com", withoutHash(id)+".Arn") {
			t.Error("its dead-letter queue does not admit the rule")
		}
	}
	want := []string{
		"sns:Publish on NotificationsTopic",
		"sns:Publish on NotificationsAlarmsTopic",
		"kms:Decrypt on NotificationsKey",
		"kms:GenerateDataKey* on NotificationsKey",
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, grants(t, tpl, "DirectRole")); diff != "" {
		t.Errorf("its role may (-want +got):\n%s", diff)
	}
	pattern := patternOf(t, rule)
	transformer := transformerOf(object(list(rule["Targets"])[0])["InputTransformer"])
	for call, matched := range map[string]bool{
		"StopLogging":    true,
		"DeleteTrail":    true,
		"UpdateTrail":    true,
		"StartLogging":   false,
		"DescribeTrails": false,
	} {
		event := []byte(
			`{"version":"0","id":"x","source":"aws.cloudtrail","detail-type":"AWS API Call via CloudTrail",
				"account":"111122223333","region":"us-gov-west-1",
			"time":"2026-11-20T10:00:00Z","detail":{"eventSource":"cloudtrail.amazonaws.com","eventName":"` + call + `",
			"eventTime":"2026-11-20T10:00:00Z","eventID":"e-1",
			"errorMessage":"All trails log.","requestParameters":{"name":"All trails log."},
			"userIdentity":{"type":"IAMUser","accountId":"111122223333",
			"arn":"arn:aws:iam::111122223333:user/All\"trails log."}}}`,
		)
		if got := matches(t, pattern, event); got != matched {
			t.Errorf("%s matches: %v; want %v", call, got, matched)
		}
		got, err := transformer.Render(event, rules.Reserved{})
		if err != nil ||
			!strings.Contains(
				string(got),
				call+" was called on CloudTrail in account 111122223333, us-gov-west-1, at 2026-11-20T10:00:00Z (event e-1)",
			) ||
			!strings.Contains(string(got), "error is ''") ||
			strings.Contains(string(got), "All") {
			t.Errorf("%s: the text is %s, %v", call, got, err)
		}
	}
}
