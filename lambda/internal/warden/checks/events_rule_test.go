package checks_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/deployment"
)

const guardARN = "arn:aws:lambda:eu-west-1:111122223333:function:trailkeeper-guard"

func ruleDeployed(t *testing.T) deployment.Deployed {
	t.Helper()
	return deployment.Deployed{
		ID: "ChangeRule", Type: "AWS::Events::Rule", Name: "trailkeeper-change",
		Properties: object(t, `{
			"Name": "trailkeeper-change", "Description": "Trailkeeper: calls", "State": "ENABLED",
			"EventPattern": {"source": ["aws.cloudtrail"], "detail": {"eventName": ["StopLogging", "DeleteTrail"]}},
			"Targets": [
				{"Id": "Guard", "Arn": "`+guardARN+`", "RetryPolicy": {"MaximumEventAgeInSeconds": 3600},
				 "DeadLetterConfig": {"Arn": "arn:aws:sqs:eu-west-1:111122223333:trailkeeper-dead"}},
				{"Id": "Slack", "Arn": "arn:aws:events:eu-west-1:111122223333:api-destination/x/1",
				 "RoleArn": "arn:aws:iam::111122223333:role/r",
				 "InputTransformer": {"InputPathsMap": {"a": "$.account"}, "InputTemplate": "{\"text\": \"<a>\"}"}}]}`),
	}
}

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// ruleThere is EventBridge where the rule is as it was deployed.
func ruleThere(t *testing.T) *service {
	t.Helper()
	targets := object(t, `{"Targets": [
		{"Id": "Slack", "Arn": "arn:aws:events:eu-west-1:111122223333:api-destination/x/1",
		 "RoleArn": "arn:aws:iam::111122223333:role/r",
		 "InputTransformer": {"InputPathsMap": {"a": "$.account"}, "InputTemplate": "{\"text\": \"<a>\"}"}},
		{"Id": "Guard", "Arn": "`+guardARN+`",
		 "RetryPolicy": {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 185},
		 "DeadLetterConfig": {"Arn": "arn:aws:sqs:eu-west-1:111122223333:trailkeeper-dead"}}]}`)
	return &service{answers: map[string]any{
		"DescribeRule": object(t, `{"Name": "trailkeeper-change", "State": "ENABLED", "EventBusName": "default",
			"EventPattern": "{\"detail\":{\"eventName\":[\"DeleteTrail\",\"StopLogging\"]},\"source\":[\"aws.cloudtrail\"]}"}`),
		"ListTargetsByRule": targets,
		"EnableRule":        map[string]any{},
		"PutRule":           map[string]any{},
		"PutTargets":        map[string]any{"FailedEntryCount": float64(0), "FailedEntries": []any{}},
	}}
}

func target(s *service, i int) map[string]any {
	listed, _ := s.answers["ListTargetsByRule"].(map[string]any)
	all, _ := listed["Targets"].([]any)
	one, _ := all[i].(map[string]any)
	return one
}

func TestRule(t *testing.T) {
	for name, test := range map[string]struct {
		change  func(s *service)
		want    string
		repairs string // the operations, in order
	}{
		"as deployed": {func(*service) {}, "", ""},
		"disabled": {
			func(s *service) { s.answers["DescribeRule"].(map[string]any)["State"] = "DISABLED" },
			"State: ENABLED -> DISABLED (repaired by name) [aws events enable-rule --name trailkeeper-change]", "EnableRule",
		},
		"deleted": {
			func(s *service) { s.answers["DescribeRule"] = refused("ResourceNotFoundException") },
			"resource: the rule trailkeeper-change -> none (repaired)", "PutRule PutTargets",
		},
		"repointed": {
			func(s *service) {
				s.answers["DescribeRule"].(map[string]any)["EventPattern"] = `{"source":["aws.none"]}`
			},
			`EventPattern: {"detail":{"eventName":["StopLogging","DeleteTrail"]},"source":["aws.cloudtrail"]} -> {"source":["aws.none"]} (repaired)`,
			"PutRule",
		},
		"on a schedule": {
			func(s *service) {
				delete(s.answers["DescribeRule"].(map[string]any), "EventPattern")
				s.answers["DescribeRule"].(map[string]any)["ScheduleExpression"] = "rate(1 day)"
			},
			`EventPattern: {"detail":{"eventName":["StopLogging","DeleteTrail"]},"source":["aws.cloudtrail"]} -> none (repaired)` +
				"\nScheduleExpression: none -> rate(1 day) (repaired)", "PutRule",
		},
		"target removed": {
			func(s *service) {
				listed := s.answers["ListTargetsByRule"].(map[string]any)
				listed["Targets"] = listed["Targets"].([]any)[:1]
			},
			"Targets.Guard: " + guardARN + " -> none (repaired)", "PutTargets",
		},
		"target poisoned": {
			func(s *service) { target(s, 1)["Input"] = "{}" }, "Targets.Guard.Input: none -> {} (repaired)", "PutTargets",
		},
		"a path": {
			func(s *service) { target(s, 1)["InputPath"] = "$.none" },
			"Targets.Guard.InputPath: none -> $.none (repaired)", "PutTargets",
		},
		"another target": {
			func(s *service) { target(s, 1)["Arn"] = guardARN + "2" },
			"Targets.Guard.Arn: " + guardARN + " -> " + guardARN + "2 (repaired)", "PutTargets",
		},
		"retries": {
			func(s *service) { target(s, 1)["RetryPolicy"] = map[string]any{"MaximumRetryAttempts": float64(0)} },
			"Targets.Guard.RetryPolicy.MaximumRetryAttempts: 185 -> 0 (repaired)\n" +
				"Targets.Guard.RetryPolicy.MaximumEventAgeInSeconds: 3600 -> 86400 (repaired)", "PutTargets",
		},
		"no dead letters": {
			func(s *service) { delete(target(s, 1), "DeadLetterConfig") },
			`Targets.Guard.DeadLetterConfig: {"Arn":"arn:aws:sqs:eu-west-1:111122223333:trailkeeper-dead"} -> none (repaired)`, "PutTargets",
		},
		"another template": {
			func(s *service) {
				target(s, 0)["InputTransformer"] = map[string]any{"InputTemplate": `{"text": "fine"}`}
			},
			`Targets.Slack.InputTransformer: {"InputPathsMap":{"a":"$.account"},"InputTemplate":"{\"text\": \"<a>\"}"} -> ` +
				`{"InputTemplate":"{\"text\": \"fine\"}"} (repaired)`, "PutTargets",
		},
		"one more": {
			func(s *service) {
				listed := s.answers["ListTargetsByRule"].(map[string]any)
				listed["Targets"] = append(listed["Targets"].([]any), map[string]any{"Id": "Other", "Arn": "arn:x"})
			},
			"Targets.Other: none -> arn:x [aws events remove-targets --rule trailkeeper-change --ids Other]", "",
		},
	} {
		s := ruleThere(t)
		test.change(s)
		found, err := s.check(t, ruleDeployed(t))
		if diff := cmp.Diff(test.want, text(found)); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
		var repairs []string
		for _, asked := range s.repair(t, found) {
			repairs = append(repairs, strings.Fields(asked)[1])
		}
		if got := strings.Join(repairs, " "); got != test.repairs {
			t.Errorf("%s: repaired by %s; want %s", name, got, test.repairs)
		}
	}
}

// TestRuleState: only a rule that is disabled, and was deployed enabled, is enabled by its name; otherwise the rule is put as it
// was deployed.
func TestRuleState(t *testing.T) {
	const all = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
	for _, test := range []struct {
		deployed   any
		now, asked string
	}{
		{nil, "DISABLED", "EnableRule"},
		{nil, "ENABLED", ""},
		{nil, all, "PutRule"},
		{"ENABLED", all, "PutRule"},
		{"DISABLED", "ENABLED", "PutRule"},
		{"DISABLED", "DISABLED", ""},
		{all, "DISABLED", "PutRule"},
		{all, all, ""},
	} {
		s, of := ruleThere(t), ruleDeployed(t)
		of.Properties["State"] = test.deployed
		s.answers["DescribeRule"].(map[string]any)["State"] = test.now
		found, err := s.check(t, of)
		asked := strings.Join(s.repair(t, found), " ")
		if err != nil || !strings.Contains(asked+" ", test.asked) || (asked == "") != (test.asked == "") ||
			len(found) == 1 && found[0].ByName != (test.asked == "EnableRule") {
			t.Errorf("%v deployed, %s now: %v, asked %q, %+v", test.deployed, test.now, err, asked, found)
		}
	}
	s, of := ruleThere(t), ruleDeployed(t) // one on a schedule has no pattern
	delete(of.Properties, "EventPattern")
	of.Properties["ScheduleExpression"] = "rate(5 minutes)"
	delete(s.answers["DescribeRule"].(map[string]any), "EventPattern")
	s.answers["DescribeRule"].(map[string]any)["ScheduleExpression"] = "rate(5 minutes)"
	if found, err := s.check(t, of); err != nil || len(found) > 0 {
		t.Errorf("on a schedule: %v %s", err, text(found))
	}
}

// TestRuleAsDeployed: what a deleted rule is made of again.
func TestRuleAsDeployed(t *testing.T) {
	s := ruleThere(t)
	s.answers["DescribeRule"] = refused("ResourceNotFoundException")
	of := ruleDeployed(t)
	of.Properties["EventBusName"] = "trailkeeper-bus"
	found, _ := s.check(t, of)
	asked := s.repair(t, found)
	want := `eu-west-1 PutRule {"Description":"Trailkeeper: calls","EventBusName":"trailkeeper-bus",` +
		`"EventPattern":"{\"detail\":{\"eventName\":[\"StopLogging\",\"DeleteTrail\"]},\"source\":[\"aws.cloudtrail\"]}",` +
		`"Name":"trailkeeper-change","State":"ENABLED"}`
	if asked[0] != want {
		t.Errorf("%s", cmp.Diff(want, asked[0]))
	}
	if !strings.HasPrefix(asked[1], `eu-west-1 PutTargets {"EventBusName":"trailkeeper-bus","Rule":"trailkeeper-change","Targets":[{"Arn":"`+guardARN) {
		t.Error(asked[1])
	}
}

// TestRuleNotSeen: what cannot be read is an error, and what was read before counts.
func TestRuleNotSeen(t *testing.T) {
	s := ruleThere(t)
	s.answers["DescribeRule"].(map[string]any)["State"] = "DISABLED"
	s.answers["ListTargetsByRule"] = refused("AccessDeniedException")
	if found, err := s.check(t, ruleDeployed(t)); err == nil || len(found) != 1 {
		t.Errorf("%v %v", found, err)
	}
	s.answers["DescribeRule"] = errors.New("no answer")
	if found, err := s.check(t, ruleDeployed(t)); err == nil || len(found) != 0 {
		t.Errorf("%v %v", found, err)
	}
}

// TestTargetNotTaken: EventBridge answers 200 where it took no target.
func TestTargetNotTaken(t *testing.T) {
	s := ruleThere(t)
	target(s, 1)["Input"] = "{}"
	s.answers["PutTargets"] = object(t, `{"FailedEntryCount": 1, "FailedEntries": [{"TargetId": "Guard", "ErrorMessage": "no\nrole"}]}`)
	found, _ := s.check(t, ruleDeployed(t))
	if err := found[0].Repair(t.Context()); err == nil || err.Error() != "EventBridge did not take the target Guard: no role" {
		t.Error(err)
	}
}

// TestManyTargets: a flood of targets is named by its number, and one without an end is not read for ever.
func TestManyTargets(t *testing.T) {
	s := ruleThere(t)
	listed := s.answers["ListTargetsByRule"].(map[string]any)
	for i := range 10_000 {
		listed["Targets"] = append(listed["Targets"].([]any), map[string]any{"Id": fmt.Sprintf("t%05d`$(x)`", i), "Arn": "<!channel>"})
	}
	found, err := s.check(t, ruleDeployed(t))
	if err != nil || len(found) != 6 || found[5].Got != "9995 more targets" {
		t.Errorf("%v %s", err, text(found))
	}
	if strings.Contains(found[0].Next, "$(") {
		t.Error(found[0].Next)
	}
	endless := maps.Clone(listed)
	endless["NextToken"] = "more"
	s.answers["ListTargetsByRule"] = endless
	if _, err := s.check(t, ruleDeployed(t)); err == nil {
		t.Error("a list without an end is no error")
	}
}
