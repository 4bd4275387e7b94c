package checks_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/deployment"
)

const (
	getSchedule    = "GET /schedules/{Name}"
	updateSchedule = "PUT /schedules/{Name}"
	createSchedule = "POST /schedules/{Name}"
)

func scheduleDeployed(t *testing.T) deployment.Deployed {
	t.Helper()
	return deployment.Deployed{ID: "Sweep", Type: "AWS::Scheduler::Schedule", Name: "trailkeeper-sweep", Properties: object(t, `{
		"Name": "trailkeeper-sweep", "Description": "x", "FlexibleTimeWindow": {"Mode": "OFF"},
		"ScheduleExpression": "rate(5 minutes)", "State": "ENABLED", "Target": {
			"Arn": "`+guardARN+`", "RoleArn": "arn:aws:iam::111122223333:role/r", "Input": "{\"a\": \"<aws.scheduler.execution-id>\"}",
			"RetryPolicy": {"MaximumRetryAttempts": 0},
			"DeadLetterConfig": {"Arn": "arn:aws:sqs:eu-west-1:111122223333:q"}}}`)}
}

func scheduleThere(t *testing.T) *service {
	t.Helper()
	return &service{answers: map[string]any{
		getSchedule: object(t, `{"Name": "trailkeeper-sweep", "GroupName": "default", "FlexibleTimeWindow": {"Mode": "OFF"},
			"ScheduleExpression": "rate(5 minutes)", "ScheduleExpressionTimezone": "UTC", "State": "ENABLED",
			"ActionAfterCompletion": "NONE", "CreationDate": 1772442900.5, "Target": {
			"Arn": "`+guardARN+`", "RoleArn": "arn:aws:iam::111122223333:role/r", "Input": "{\"a\": \"<aws.scheduler.execution-id>\"}",
			"RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 86400},
			"DeadLetterConfig": {"Arn": "arn:aws:sqs:eu-west-1:111122223333:q"}}}`),
		updateSchedule: map[string]any{}, createSchedule: map[string]any{},
	}}
}

func TestSchedule(t *testing.T) {
	is := func(name string, value any) func(got map[string]any) {
		return func(got map[string]any) { got[name] = value }
	}
	target := func(name string, value any) func(got map[string]any) {
		return func(got map[string]any) { got["Target"].(map[string]any)[name] = value }
	}
	for name, test := range map[string]struct {
		change func(got map[string]any)
		want   string
	}{
		"as deployed":         {func(map[string]any) {}, ""},
		"another description": {is("Description", "y"), ""},
		"disabled":            {is("State", "DISABLED"), "State: ENABLED -> DISABLED"},
		"slower":              {is("ScheduleExpression", "rate(50 minutes)"), "ScheduleExpression: rate(5 minutes) -> rate(50 minutes)"},
		"elsewhere":           {is("ScheduleExpressionTimezone", "Asia/Tokyo"), "ScheduleExpressionTimezone: UTC -> Asia/Tokyo"},
		"flexible": {
			is("FlexibleTimeWindow", map[string]any{"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 1440}),
			"FlexibleTimeWindow.Mode: OFF -> FLEXIBLE\nFlexibleTimeWindow.MaximumWindowInMinutes: none -> 1440",
		},
		"later":   {is("StartDate", 4102444800.0), "StartDate: none -> 4102444800"},
		"over":    {is("EndDate", 1.0), "EndDate: none -> 1"},
		"once":    {is("ActionAfterCompletion", "DELETE"), "ActionAfterCompletion: NONE -> DELETE"},
		"a key":   {is("KmsKeyArn", "k"), "KmsKeyArn: none -> k"},
		"target":  {target("Arn", "x"), "Target.Arn: " + guardARN + " -> x"},
		"role":    {target("RoleArn", "x"), "Target.RoleArn: arn:aws:iam::111122223333:role/r -> x"},
		"input":   {target("Input", "{}"), `Target.Input: {"a": "<aws.scheduler.execution-id>"} -> {}`},
		"retries": {target("RetryPolicy", map[string]any{}), "Target.RetryPolicy.MaximumRetryAttempts: 0 -> 185"},
		"no dead letters": {
			target("DeadLetterConfig", nil), `Target.DeadLetterConfig: {"Arn":"arn:aws:sqs:eu-west-1:111122223333:q"} -> none`,
		},
		"a parameter more": {
			target("SqsParameters", map[string]any{"MessageGroupId": "x"}), `Target.SqsParameters: none -> {"MessageGroupId":"x"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := scheduleThere(t)
			test.change(s.answers[getSchedule].(map[string]any))
			found, err := s.check(t, scheduleDeployed(t))
			if err != nil || fields(found) != test.want {
				t.Errorf("%v %s\nwant %s", err, fields(found), test.want)
			}
			asked := s.repair(t, found)
			if (len(asked) == 1) != (test.want != "") || len(asked) == 1 && !strings.HasPrefix(asked[0], "eu-west-1 "+updateSchedule) {
				t.Errorf("%v", asked)
			}
		})
	}
}

// TestScheduleIsPutBack: the whole schedule as the template has it, since an update sets all that it does not name to its
// default; one that is gone is made again.
func TestScheduleIsPutBack(t *testing.T) {
	const want = ` {"Description":"x","FlexibleTimeWindow":{"Mode":"OFF"},"GroupName":"g","Name":"trailkeeper-sweep",` +
		`"ScheduleExpression":"rate(5 minutes)","State":"ENABLED","Target":{"Arn":"` + guardARN + `","DeadLetterConfig":` +
		`{"Arn":"arn:aws:sqs:eu-west-1:111122223333:q"},"Input":"{\"a\": \"<aws.scheduler.execution-id>\"}",` +
		`"RetryPolicy":{"MaximumRetryAttempts":0},"RoleArn":"arn:aws:iam::111122223333:role/r"}}`
	of := scheduleDeployed(t)
	of.Properties["GroupName"] = "g"
	s := scheduleThere(t)
	s.answers[getSchedule].(map[string]any)["State"] = "DISABLED"
	s.answers[getSchedule].(map[string]any)["ScheduleExpression"] = "rate(1 day)"
	found, _ := s.check(t, of)
	if s.asked[0] != `eu-west-1 `+getSchedule+` {"Name":"trailkeeper-sweep","groupName":"g"}` {
		t.Error(s.asked[0])
	}
	if diff := cmp.Diff([]string{"eu-west-1 " + updateSchedule + want}, s.repair(t, found)); diff != "" {
		t.Error(diff)
	}
	s.answers[getSchedule] = refused("ResourceNotFoundException")
	found, err := s.check(t, of)
	if err != nil || text(found) != "resource: the schedule trailkeeper-sweep -> none (repaired)" {
		t.Errorf("%v %s", err, text(found))
	}
	if diff := cmp.Diff([]string{"eu-west-1 " + createSchedule + want}, s.repair(t, found)); diff != "" {
		t.Error(diff)
	}
	s.answers[getSchedule] = refused("AccessDeniedException")
	if found, err := s.check(t, of); err == nil || len(found) > 0 {
		t.Errorf("%v %s", err, text(found))
	}
}

// TestScheduleIsEnabled: where nothing else differs the state alone is written, and nothing of the template.
func TestScheduleIsEnabled(t *testing.T) {
	of, s := scheduleDeployed(t), scheduleThere(t)
	got := s.answers[getSchedule].(map[string]any)
	got["State"], got["Description"] = "DISABLED", "y"
	found, err := s.check(t, of)
	if err != nil || text(found) != "State: ENABLED -> DISABLED (repaired by name)" {
		t.Fatalf("%v %s", err, text(found))
	}
	const want = `eu-west-1 ` + updateSchedule + ` {"ActionAfterCompletion":"NONE","Description":"y","FlexibleTimeWindow":{"Mode":"OFF"},` +
		`"GroupName":"default","Name":"trailkeeper-sweep","ScheduleExpression":"rate(5 minutes)","ScheduleExpressionTimezone":"UTC",` +
		`"State":"ENABLED","Target":{"Arn":"` + guardARN + `","DeadLetterConfig":{"Arn":"arn:aws:sqs:eu-west-1:111122223333:q"},` +
		`"Input":"{\"a\": \"<aws.scheduler.execution-id>\"}","RetryPolicy":{"MaximumEventAgeInSeconds":86400,"MaximumRetryAttempts":0},` +
		`"RoleArn":"arn:aws:iam::111122223333:role/r"}}`
	if diff := cmp.Diff([]string{want}, s.repair(t, found)); diff != "" {
		t.Error(diff)
	}
}

func TestLogGroup(t *testing.T) {
	const name = "trailkeeper-log"
	of := deployment.Deployed{ID: "Log", Type: "AWS::Logs::LogGroup", Name: name, Properties: object(t, `{
		"RetentionInDays": 90, "KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/k"}`)}
	group := func(name string, days any, key string) map[string]any {
		return map[string]any{"logGroupName": name, "retentionInDays": days, "kmsKeyId": key, "logGroupClass": "STANDARD"}
	}
	const key = "arn:aws:kms:eu-west-1:111122223333:key/k"
	for what, test := range map[string]struct {
		groups []any
		want   string
	}{
		"as deployed": {[]any{group(name, float64(90), key), group(name+"2", float64(1), "")}, ""},
		"a neighbour": {
			[]any{group(name+"2", float64(90), key)},
			"resource: the log group trailkeeper-log -> none [aws logs create-log-group --log-group-name trailkeeper-log]",
		},
		"shorter": {
			[]any{group(name, float64(1), key)},
			"RetentionInDays: 90 -> 1 [aws logs put-retention-policy --log-group-name trailkeeper-log --retention-in-days 90]",
		},
		"for ever": {
			[]any{group(name, nil, key)},
			"RetentionInDays: 90 -> none [aws logs put-retention-policy --log-group-name trailkeeper-log --retention-in-days 90]",
		},
		"no key": {
			[]any{group(name, float64(90), "")},
			"KmsKeyId: " + key + " -> none [aws logs associate-kms-key --log-group-name trailkeeper-log --kms-key-id " + key + "]",
		},
	} {
		s := &service{answers: map[string]any{"DescribeLogGroups": map[string]any{"logGroups": test.groups}}}
		if found, err := s.check(t, of); err != nil || text(found) != test.want {
			t.Errorf("%s: %v %s", what, err, text(found))
		}
	}
	s := &service{answers: map[string]any{"DescribeLogGroups": refused("AccessDeniedException")}}
	if found, err := s.check(t, of); err == nil || len(found) > 0 {
		t.Errorf("%v %s", err, text(found))
	}
}
