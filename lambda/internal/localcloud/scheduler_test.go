package localcloud

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// stateCloud sets up the template with a table, a schedule and a trail of its own.
func stateCloud(t *testing.T, code handlerFunc, change ...func(*Options)) *Cloud {
	t.Helper()
	return newCloud(t, code, append([]func(*Options){stateTemplate(t)}, change...)...)
}

func stateTemplate(t *testing.T) func(*Options) {
	t.Helper()
	raw, err := os.ReadFile("testdata/state.json")
	if err != nil {
		t.Fatal(err)
	}
	return func(o *Options) { o.Template = raw }
}

func TestStateTemplateIsStrict(t *testing.T) {
	for _, tt := range []struct{ old, changed, want string }{
		{`"PAY_PER_REQUEST"`, `"PROVISIONED"`, `BillingMode is "PROVISIONED"`},
		{`"KeyType": "HASH"`, `"KeyType": "RANGE"`, `KeyType of pk is "RANGE"; want HASH`},
		{
			`{"AttributeName": "sk", "AttributeType": "S"}`, `{"AttributeName": "zz", "AttributeType": "S"}`,
			"the key sk is not among the AttributeDefinitions",
		},
		{`"PointInTimeRecoveryEnabled"`, `"Enabled"`, `unknown field "Enabled"`},
		{`"DeletionProtectionEnabled"`, `"GlobalSecondaryIndexes"`, `unknown field "GlobalSecondaryIndexes"`},
		{`"ArnNotEquals"`, `"NumericEquals"`, "the condition operator NumericEquals is not modelled"},
		{`"rate(5 minutes)"`, `"cron(0 12 L * ? *)"`, `ScheduleExpression "cron(0 12 L * ? *)" is not modelled`},
		{`"Mode": "OFF"`, `"Mode": "FLEXIBLE"`, `FlexibleTimeWindow.Mode is "FLEXIBLE"; want OFF`},
		{`"MaximumRetryAttempts": 0`, `"MaximumRetryAttempts": 186`, "MaximumRetryAttempts is 186"},
		{
			`"MaximumEventAgeInSeconds": 60`, `"MaximumEventAgeInSeconds": 59`,
			"MaximumEventAgeInSeconds is 59; want 60 to 86400",
		},
		{`"RoleArn": {"Fn::GetAtt": ["SweepRole00000001", "Arn"]},`, ``, "the target has no RoleArn"},
		{`"Status": "Enabled"}`, `"Status": "On"}`, `VersioningConfiguration.Status is "On"`},
		{`"ExpirationInDays": 90`, `"ExpirationInDays": 0`, "ExpirationInDays is 0"},
		{`"Bucket": {"Ref": "Logs00000001"}`, `"Bucket": "theirs"`, "the bucket theirs is not in the template"},
		{`"IsLogging": true, `, ``, "IsLogging is missing"},
		{
			`"IncludeGlobalServiceEvents": true`, `"IncludeGlobalServiceEvents": false`,
			"CloudTrail takes no multi-Region trail without global service events",
		},
		{`"IncludeManagementEvents": true`, `"IncludeManagementEvents": false`, "without anything to record"},
		{`"TrailName": "canary"`, `"TrailName": "a..b"`, `the name "a..b" is not valid`},
		{`"s3:GetBucketAcl"`, `"s3:ListBucket"`, "InsufficientS3BucketPolicyException"},
		{`bucket-owner-full-control`, `private`, "InsufficientS3BucketPolicyException"},
	} {
		refused(t, tt.want, string(smallTemplate(t)), strings.Replace(stateRaw(t), tt.old, tt.changed, 1))
	}
	c := stateCloud(t, nil)
	truth, ok := c.TrailTruth("arn:aws:cloudtrail:eu-west-1:111122223333:trail/canary")
	if !ok || !truth.Logging || !truth.Settings.MultiRegion || truth.Tags["team"] != "security" ||
		truth.Selectors[0].ReadWrite != "WriteOnly" ||
		!strings.HasPrefix(truth.Settings.S3Bucket, "trailkeeper-logs00000001-") {
		t.Errorf("the template's trail is %+v, %t", truth, ok)
	}
}

func stateRaw(t *testing.T) string {
	t.Helper()
	var o Options
	stateTemplate(t)(&o)
	return string(o.Template)
}

func TestScheduleFires(t *testing.T) {
	var got []map[string]string
	c := stateCloud(t, func(_ context.Context, _ FunctionEnv, payload []byte) error {
		var event map[string]string
		got = append(got, event)
		return json.Unmarshal(payload, &got[len(got)-1])
	})
	if n := c.FireSchedules(); n != 1 {
		t.Fatalf("%d schedules fired", n)
	}
	run(t, c)
	c.Pass(5 * time.Minute)
	c.FireSchedules()
	run(t, c)
	want := []map[string]string{
		{"source": "aws.scheduler", "id": kernel.UUID("execution", "1"), "time": "2026-03-02T09:15:00Z"},
		{"source": "aws.scheduler", "id": kernel.UUID("execution", "2"), "time": "2026-03-02T09:20:00Z"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if fired := of(c, KindFired); len(fired) != 2 || fired[0].Subject != "Sweep" || fired[0].Err != "" {
		t.Errorf("entries %+v", fired)
	}
	if c := stateCloud(t, nil, edit(t, `"State": "ENABLED"`, `"State": "DISABLED"`)); c.FireSchedules() != 0 {
		t.Error("a disabled schedule fired")
	}
}

// Without a grant or with a fault the function is not invoked, and the queue keeps the event, if the role may send
// there.
func TestScheduleFails(t *testing.T) {
	const grant, send = `"Action": "lambda:InvokeFunction"`, `"Action": "sqs:SendMessage"`
	failing := func(status int) func(*Options) {
		return func(o *Options) {
			o.Fault = func(p FaultPoint) *Failure {
				if p.Service != "scheduler" {
					return nil
				}
				return &Failure{Status: status, Code: "AWSLambda.ServiceException", Message: "down"}
			}
		}
	}
	for name, tt := range map[string]struct {
		change     []func(*Options)
		code       string
		exhausted  string
		tries      int
		queued, ok bool
	}{
		"granted": {nil, "", "", 1, false, true},
		"no grant": {
			[]func(*Options){edit(t, grant, `"Action": "lambda:GetFunction"`)},
			"AWSLambda.AccessDeniedException", "", 1, true, false,
		},
		"no trust": {
			[]func(*Options){edit(t, "scheduler.amazonaws.com", "events.amazonaws.com")},
			"", "", 1, false,
			false,
		},
		"another account": {[]func(*Options){edit(t, `"aws:SourceAccount": "111122223333"`,
			`"aws:SourceAccount": "444455556666"`)}, "", "", 1, false, false},
		"no way out": {[]func(*Options){edit(t, grant, `"Action": "lambda:GetFunction"`, send,
			`"Action": "sqs:GetQueueUrl"`)}, "", "", 1, false, false},
		"no retries": {
			[]func(*Options){failing(500)},
			"AWSLambda.ServiceException", "MaximumRetryAttempts", 1, true,
			false,
		},
		"retries": {
			[]func(*Options){failing(500), edit(t, `"MaximumRetryAttempts": 0`, `"MaximumRetryAttempts": 2`)},
			"AWSLambda.ServiceException", "MaximumRetryAttempts", 3, true, false,
		},
		"too old": {[]func(*Options){
			failing(500),
			edit(t, `"MaximumRetryAttempts": 0`,
				`"MaximumRetryAttempts": 100`),
		}, "AWSLambda.ServiceException", "MaximumEventAgeInSeconds", 6, true, false},
		"no such thing": {[]func(*Options){
			failing(http.StatusNotFound),
			edit(t, `"MaximumRetryAttempts": 0`,
				`"MaximumRetryAttempts": 2`),
		}, "AWSLambda.ServiceException", "", 1, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			ran := false
			change := append([]func(*Options){stateTemplate(t)}, tt.change...)
			c := newCloud(t, func(context.Context, FunctionEnv, []byte) error { ran = true; return nil }, change...)
			c.FireSchedules()
			run(t, c)
			queued := c.Queued()["Dead"]
			if ran != tt.ok || len(of(c, KindFired)) != tt.tries || (len(queued) > 0) != tt.queued ||
				(len(of(c, KindLost)) > 0) != (!tt.ok && !tt.queued) {
				t.Fatalf("ran %t, fired %+v, queued %+v", ran, of(c, KindFired), queued)
			}
			if tt.queued && (queued[0].Attributes["ERROR_CODE"] != tt.code ||
				queued[0].Attributes["EXHAUSTED_RETRY_CONDITION"] != tt.exhausted ||
				!strings.Contains(queued[0].Body, `"source":"aws.scheduler"`)) {
				t.Errorf("queued %+v", queued[0])
			}
			want := strings.Fields(
				"ERROR_CODE ERROR_MESSAGE EXECUTION_ID IS_PAYLOAD_TRUNCATED RETRY_ATTEMPTS SCHEDULED_TIME SCHEDULE_ARN TARGET_ARN",
			)
			if tt.exhausted != "" {
				want = append(want, "EXHAUSTED_RETRY_CONDITION")
			}
			slices.Sort(want)
			if tt.queued && (!slices.Equal(slices.Sorted(maps.Keys(queued[0].Attributes)), want) ||
				queued[0].Attributes["IS_PAYLOAD_TRUNCATED"] != "false") {
				t.Errorf("attributes %v, want %v", queued[0].Attributes, want)
			}
		})
	}
}

// Lambda retries what the function fails at, whoever invoked it.
func TestScheduledRunIsRetried(t *testing.T) {
	runs := 0
	c := stateCloud(t, func(context.Context, FunctionEnv, []byte) error { runs++; return errors.New("no") })
	c.FireSchedules()
	run(t, c)
	if runs != 3 || len(c.Queued()) != 0 {
		t.Errorf("%d runs, queued %v", runs, c.Queued())
	}
}

// In real time the schedule fires by its rate while the cloud serves, and no more when it is closed.
func TestScheduleTicks(t *testing.T) {
	c := stateCloud(t, nil, func(o *Options) { o.RealTime = true })
	c.Schedules.Start()
	wait, ok := c.kernel.Wait()
	if !ok || wait <= 4*time.Minute || wait > 5*time.Minute {
		t.Errorf("the first firing is due in %s, %t; want 5 minutes", wait, ok)
	}
	tick, _ := c.kernel.Next()
	if _, more := c.kernel.Wait(); more {
		t.Error("more than one tick is due")
	}
	c.do(tick)
	fire, _ := c.kernel.Next()
	again, _ := c.kernel.Next()
	if again.Due.Sub(fire.Due) != 5*time.Minute {
		t.Errorf("%s between two firings", again.Due.Sub(fire.Due))
	}
}
