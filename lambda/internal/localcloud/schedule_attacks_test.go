package localcloud

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// ofSweep is a request about the schedule Sweep, with its target as it was deployed.
func ofSweep(t *testing.T, c *Cloud, request string) string {
	t.Helper()
	name := nameIn(c, "Sweep")
	status, body, _ := raw(t, c, "scheduler", "", "GET /schedules/"+name)
	var got struct{ Target json.RawMessage }
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK {
		got.Target = []byte(`{}`)
	}
	return strings.NewReplacer("{Sweep}", name, "{Target}", string(got.Target)).Replace(request)
}

// TestScheduleAttacks: what an attacker does to a schedule decides when it fires, and what.
func TestScheduleAttacks(t *testing.T) {
	const put = "PUT /schedules/{Sweep}\n" +
		`{"ScheduleExpression": "rate(5 minutes)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {Target}`
	for name, tt := range map[string]struct {
		requests []string
		runs     int // of the function in an hour
	}{
		"nothing":     {nil, 12},
		"deleted":     {[]string{"DELETE /schedules/{Sweep}"}, 0},
		"disabled":    {[]string{put + `, "State": "DISABLED"}`}, 0},
		"enabled":     {[]string{put + `, "State": "DISABLED"}`, put + `}`}, 12},
		"slower":      {[]string{strings.Replace(put, "5 minutes", "30 minutes", 1) + `}`}, 2},
		"not begun":   {[]string{put + `, "StartDate": 1772449200}`}, 0}, // 11:00
		"ended":       {[]string{put + `, "EndDate": 1772443800}`}, 2},   // 09:30
		"other input": {[]string{strings.Replace(put, "{Target}", `{"Arn": "{Guard}", "RoleArn": "{Role}", "Input": "x"}`, 1) + `}`}, 0},
		"other target": {[]string{strings.Replace(put, "{Target}",
			`{"Arn": "arn:aws:lambda:eu-west-1:111122223333:function:x", "RoleArn": "{Role}", "Input": "{}"}`, 1) + `}`}, 0},
		"made again": {[]string{
			"DELETE /schedules/{Sweep}",
			strings.Replace(strings.Replace(put, "PUT", "POST", 1), "{Target}",
				`{"Arn": "{Guard}", "RoleArn": "{Role}", "Input": "{\"source\":\"aws.scheduler\"}"}`, 1) + `}`,
		}, 12},
	} {
		t.Run(name, func(t *testing.T) {
			runs := 0
			c := stateCloud(t, func(_ context.Context, _ FunctionEnv, payload []byte) error {
				if strings.Contains(string(payload), "aws.scheduler") {
					runs++
				}
				return nil
			})
			schedule := nameIn(c, "Sweep")
			for _, request := range tt.requests {
				request = strings.NewReplacer("{Guard}", c.ARNOf("Guard"), "{Role}", c.ARNOf("SweepRole"), "{Sweep}", schedule).
					Replace(ofSweep(t, c, strings.ReplaceAll(request, "{Sweep}", schedule)))
				if status, body, _ := raw(t, c, "scheduler", "", request); status != http.StatusOK {
					t.Fatalf("%s: %d %s", request, status, body)
				}
			}
			if err := c.RunFor(time.Hour); err != nil {
				t.Fatal(err)
			}
			if runs != tt.runs {
				t.Errorf("the function ran %d times; want %d", runs, tt.runs)
			}
		})
	}
}

// TestSchedulerIsNoLaxer: what Scheduler refuses is refused, with its codes.
func TestSchedulerIsNoLaxer(t *testing.T) {
	const body = `{"ScheduleExpression": "rate(5 minutes)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {Target}}`
	for _, tt := range []struct {
		request, want string
		status        int
	}{
		{"GET /schedules/nobody", "Schedule nobody does not exist.", 404},
		{"GET /schedules/{Sweep}?groupName=other", "does not exist", 404},
		{"DELETE /schedules/nobody", "does not exist", 404},
		{"PUT /schedules/nobody\n" + body, "does not exist", 404},
		{"POST /schedules/{Sweep}\n" + body, "already exists", 409},
		{"POST /schedules/new\n" + strings.Replace(body, `{"Sch`, `{"GroupName": "other", "Sch`, 1), "Schedule group other", 404},
		{"PUT /schedules/{Sweep}\n" + strings.Replace(body, "rate(5 minutes)", "rate(0 minutes)", 1), "ScheduleExpression", 400},
		{"PUT /schedules/{Sweep}\n" + strings.Replace(body, `, "Target": {Target}`, "", 1), "must not be null", 400},
		{"PUT /schedules/{Sweep}\n" + strings.Replace(body, "{Target}", `{"Arn": "x"}`, 1), "Target.RoleArn", 400},
		{
			"PUT /schedules/{Sweep}\n" + strings.Replace(body, "{Target}",
				`{"Arn": "x", "RoleArn": "arn:aws:iam::111122223333:role/nobody"}`, 1), "to assume the role", 400,
		},
		{
			"PUT /schedules/{Sweep}\n" + strings.Replace(body, `{"Sch`, `{"StartDate": 2, "EndDate": 1, "Sch`, 1),
			"must come after the StartDate", 400,
		},
	} {
		c := stateCloud(t, nil)
		request := ofSweep(t, c, tt.request)
		if status, answer, _ := raw(t, c, "scheduler", "", request); status != tt.status || !strings.Contains(answer, tt.want) {
			t.Errorf("%s: %d %s; want %d %s", tt.request, status, answer, tt.status, tt.want)
		}
	}
}

// TestLogGroupAttacks: a log group is deleted with its filters, and its retention changes.
func TestLogGroupAttacks(t *testing.T) {
	template := object{"Resources": object{"Log": object{"Type": "AWS::Logs::LogGroup", "Properties": object{
		"LogGroupName": "logs", "RetentionInDays": 30, "KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/k",
	}}}}
	content, err := json.Marshal(template)
	if err != nil {
		t.Fatal(err)
	}
	c := newCloud(t, nil, func(o *Options) { o.Template = content })
	ask := func(op, body, want string) {
		t.Helper()
		if _, answer, _ := raw(t, c, "logs", op, body); !strings.Contains(answer, want) {
			t.Errorf("%s %s: %s; want %s", op, body, answer, want)
		}
	}
	ask("DescribeLogGroups", `{"logGroupNamePrefix": "lo"}`, `"kmsKeyId":"arn:aws:kms:eu-west-1:111122223333:key/k"`)
	ask("DescribeLogGroups", `{}`, `"retentionInDays":30`)
	ask("DescribeLogGroups", `{"logGroupNamePrefix": "x"}`, `"logGroups":[]`)
	ask("DescribeLogGroups", `{"logGroupNamePrefix": "x", "logGroupNamePattern": "y"}`, "mutually exclusive")
	ask("PutRetentionPolicy", `{"logGroupName": "logs", "retentionInDays": 2}`, "InvalidParameterException")
	ask("PutRetentionPolicy", `{"logGroupName": "logs", "retentionInDays": 1}`, "{}")
	ask("DescribeLogGroups", `{}`, `"retentionInDays":1,`)
	ask("DeleteRetentionPolicy", `{"logGroupName": "logs"}`, "{}")
	ask("DeleteRetentionPolicy", `{"logGroupName": "other"}`, "ResourceNotFoundException")
	ask("DeleteLogGroup", `{"logGroupName": "logs"}`, "{}")
	ask("DeleteLogGroup", `{"logGroupName": "logs"}`, "ResourceNotFoundException")
	ask("DescribeLogGroups", `{}`, `"logGroups":[]`)
}
