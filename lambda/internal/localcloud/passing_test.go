package localcloud

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
)

// heartbeatAlarm adds an alarm to the template of the state that is raised when no sweep has ended for three intervals.
func heartbeatAlarm(o *Options) {
	o.Template = []byte(strings.Replace(string(o.Template), `"Resources": {`, `"Resources": {
		"Beat": {"Type": "AWS::CloudWatch::Alarm", "Properties": {
			"AlarmName": "beat", "Namespace": "Trailkeeper", "MetricName": "Heartbeat",
			"Dimensions": [{"Name": "Stack", "Value": "s"}], "Statistic": "Sum",
			"Period": 300, "EvaluationPeriods": 3, "DatapointsToAlarm": 3, "Threshold": 1,
			"ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching"
		}},`, 1))
}

// filledAlarm is heartbeatAlarm on an expression that has a value for every period.
func filledAlarm(o *Options) {
	heartbeatAlarm(o)
	o.Template = []byte(strings.Replace(
		string(o.Template),
		`"Namespace": "Trailkeeper", "MetricName": "Heartbeat",
			"Dimensions": [{"Name": "Stack", "Value": "s"}], "Statistic": "Sum",
			"Period": 300,`,
		`"Metrics": [
				{"Id": "m", "ReturnData": false, "MetricStat": {"Period": 300, "Stat": "Sum", "Metric": {
					"Namespace": "Trailkeeper", "MetricName": "Heartbeat", "Dimensions": [{"Name": "Stack", "Value": "s"}]}}},
				{"Id": "e", "ReturnData": true, "Expression": "FILL(m, 0)"}
			],`,
		1,
	))
}

// aliveAlarm is filledAlarm, raised only for periods in which SQS tells of a queue, for more than half of the time: as
// the stack has it.
func aliveAlarm(o *Options) {
	filledAlarm(o)
	o.Template = []byte(strings.NewReplacer(
		`"Expression": "FILL(m, 0)"`,
		`"Expression": "MAX([FILL(m, 0), 0 * alive]) / (alive > 2)"`,
		`"TreatMissingData": "breaching"`,
		`"TreatMissingData": "ignore"`,
		`{"Id": "m",`,
		`{"Id": "alive", "ReturnData": false, "MetricStat": {"Period": 300, "Stat": "SampleCount", "Metric": {
			"Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible", "Dimensions": [{"Name": "QueueName",
			"Value": {"Fn::GetAtt": ["Dead00000001", "QueueName"]}}]}}},
			{"Id": "m",`,
	).Replace(string(o.Template)))
}

// TestHeartbeatOfANewStack: no alarm before the first sweeps could have been, one when none comes at all, and one that
// stays.
func TestHeartbeatOfANewStack(t *testing.T) {
	for name, tt := range map[string]struct {
		never bool
		after time.Duration
		want  string
	}{
		"new":                    {false, 30 * time.Minute, ""},
		"just made":              {true, 12 * time.Minute, ""},
		"never a sweep":          {true, 20 * time.Minute, "ALARM"},
		"never, and hours later": {true, 9 * time.Hour, "ALARM"},
	} {
		c := stateCloud(t, func(ctx context.Context, env FunctionEnv, _ []byte) error {
			embed(ctx, env, slog.LevelError, "Heartbeat", 1)
			return nil
		}, aliveAlarm)
		if tt.never {
			c.DisableSchedules("")
		}
		if err := c.RunFor(tt.after); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(alarmStates(c, "beat"), " "); got != tt.want {
			t.Errorf("%s: alarm %q after %s; want %q", name, got, tt.after, tt.want)
		}
	}
}

// As time passes the sweeps beat; when the schedule is disabled, an alarm on an expression that fills what is missing
// goes off after three intervals, one on the metric alone after five, because it looks at older ones. It ends when the
// schedule is enabled.
func TestHeartbeat(t *testing.T) {
	for name, tt := range map[string]struct {
		alarm          func(*Options)
		without, after time.Duration
	}{
		"filled": {filledAlarm, 14 * time.Minute, 8 * time.Minute},
		"alive":  {aliveAlarm, 14 * time.Minute, 8 * time.Minute},
		"alone":  {heartbeatAlarm, 24 * time.Minute, 8 * time.Minute},
	} {
		c := stateCloud(t, func(ctx context.Context, env FunctionEnv, _ []byte) error {
			embed(ctx, env, slog.LevelError, "Heartbeat", 1)
			return nil
		}, tt.alarm)
		pass := func(d time.Duration) string {
			t.Helper()
			if err := c.RunFor(d); err != nil {
				t.Fatal(err)
			}
			return strings.Join(alarmStates(c, "beat"), " ")
		}
		if got := pass(time.Hour); got != "" || len(of(c, KindFired)) != 12 || c.Now().Sub(Start) != time.Hour {
			t.Errorf("%s: alarm %q, %d sweeps, %s", name, got, len(of(c, KindFired)), c.Now().Sub(Start))
		}
		if n := c.DisableSchedules("Sweep"); n != 1 {
			t.Errorf("%s: %d schedules", name, n)
		}
		if got := pass(tt.without); got != "" {
			t.Errorf("%s: too early: %q", name, got)
		}
		if got := pass(tt.after); got != "ALARM" {
			t.Errorf("%s: %q after %s", name, got, tt.without+tt.after)
		}
		c.EnableSchedules("")
		if got := pass(15 * time.Minute); got != "ALARM OK" {
			t.Errorf("%s: after it was enabled: %q", name, got)
		}
	}
}

// Run plays no silence: an alarm on missing data stays as it is while nothing is due.
func TestRunIsNotSilence(t *testing.T) {
	c := stateCloud(t, func(ctx context.Context, env FunctionEnv, _ []byte) error {
		embed(ctx, env, slog.LevelError, "Heartbeat", 1)
		return nil
	}, heartbeatAlarm)
	c.FireSchedules()
	run(t, c)
	if got := alarmStates(c, "beat"); len(got) != 0 {
		t.Errorf("states %v", got)
	}
}

func putEvent(t *testing.T, c *Cloud, source, detail string) ebtypes.PutEventsResultEntry {
	t.Helper()
	out, err := eventbridge.NewFromConfig(awsConfig(c, region, "operator")).PutEvents(t.Context(),
		&eventbridge.PutEventsInput{
			Entries: []ebtypes.PutEventsRequestEntry{{
				Source: aws.String(source), DetailType: aws.String("Test"),
				Detail: aws.String(detail),
			}},
		})
	if err != nil {
		t.Fatal(err)
	}
	if failed := out.Entries[0].ErrorCode != nil; failed != (out.FailedEntryCount == 1) {
		t.Errorf("%d failed", out.FailedEntryCount)
	}
	return out.Entries[0]
}

func TestPutEvents(t *testing.T) {
	c := newCloud(t, nil, edit(t, `{"source": [{"prefix": "aws."}]}`, `{"source": ["trailkeeper"]}`))
	if got := putEvent(t, c, "trailkeeper", `{"id":"1"}`); got.EventId == nil {
		t.Errorf("got %+v", got)
	}
	for source, detail := range map[string]string{"aws.cloudtrail": `{}`, "trailkeeper": `[]`} {
		want := map[string]string{
			"aws.cloudtrail": "NotAuthorizedForSourceException",
			"trailkeeper":    "MalformedDetail",
		}[source]
		if got := putEvent(t, c, source, detail); aws.ToString(got.ErrorCode) != want {
			t.Errorf("%s %s: %+v", source, detail, got)
		}
	}
	run(t, c)
	copies := c.Queued()["Copies"]
	if len(copies) != 1 || !strings.Contains(copies[0].Body, `"detail-type":"Test"`) ||
		!strings.Contains(copies[0].Body, `"account":"111122223333"`) {
		t.Errorf("copies %+v", copies)
	}
}

// The weekly schedule puts its event on the bus with its role.
func TestScheduleThatPutsEvents(t *testing.T) {
	for action, want := range map[string]int{"events:PutEvents": 1, "events:PutRule": 0} {
		c := stateCloud(t, nil, edit(
			t,
			`"rate(5 minutes)"`,
			`"cron(7 9 ? * MON *)"`,
			`"Action": "lambda:InvokeFunction", "Resource": {"Fn::GetAtt": ["Guard00000001", "Arn"]}`,
			`"Action": "`+action+`", "Resource": "arn:aws:events:eu-west-1:111122223333:event-bus/default"`,
			`"Arn": {"Fn::GetAtt": ["Guard00000001", "Arn"]}, "RoleArn"`,
			`"Arn": "arn:aws:scheduler:::aws-sdk:eventbridge:putEvents", "RoleArn"`,
			`"{\"source\":\"aws.scheduler\",\"id\":\"<aws.scheduler.execution-id>\",`+
				`\"time\":\"<aws.scheduler.scheduled-time>\"}"`,
			`"{\"Entries\":[{\"Source\":\"trailkeeper\",\"DetailType\":\"Weekly\",\"Detail\":\"{}\"}]}"`,
		))
		if err := c.RunFor(8 * 24 * time.Hour); err != nil {
			t.Fatal(err)
		}
		put := 0
		for _, e := range of(c, KindNote) {
			if strings.Contains(e.Text, "puts the event Weekly on the bus default") {
				put++
			}
		}
		if put != want || len(c.Queued()["Dead"]) != 1-want {
			t.Errorf("%s: %d events, %+v", action, put, c.Queued()["Dead"])
		}
	}
}

// Lambda's Invoke runs the function at once and gives its answer or its error.
func TestInvoke(t *testing.T) {
	c := newCloud(t, nil, func(o *Options) {
		o.NewHandler = func(context.Context, FunctionEnv) (Handler, error) { return echo{}, nil }
	})
	client := lambda.NewFromConfig(awsConfig(c, region, "operator"))
	arn := c.ARNOf("Guard")
	short := arn[strings.LastIndex(arn, ":")+1:]
	for _, name := range []string{short, arn} {
		out, err := client.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: &name, Payload: []byte(`{"a":1}`)})
		if err != nil || string(out.Payload) != `{"got":{"a":1}}` || out.FunctionError != nil || out.StatusCode != 200 {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
	}
	out, err := client.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: &short, Payload: []byte(`"crash"`)})
	if err != nil || aws.ToString(out.FunctionError) != "Unhandled" ||
		!strings.Contains(string(out.Payload), "the function crashed: crash") {
		t.Errorf("%+v, %v", out, err)
	}
	if _, err := client.Invoke(t.Context(),
		&lambda.InvokeInput{FunctionName: aws.String("nope")}); code(err) != "ResourceNotFoundException" {
		t.Errorf("got %v", err)
	}
}

type echo struct{}

func (echo) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	if string(payload) == `"crash"` {
		panic("crash")
	}
	return []byte(`{"got":` + string(payload) + `}`), nil
}

// Events that come together are handled side by side, each in an environment of its own; otherwise one after the other.
func TestConcurrent(t *testing.T) {
	for _, together := range []bool{false, true} {
		var mu sync.Mutex
		var began []time.Duration
		c := newCloud(t, func(ctx context.Context, env FunctionEnv, _ []byte) error {
			mu.Lock()
			began = append(began, env.Clock.Now().Sub(Start))
			mu.Unlock()
			return env.Clock.Sleep(ctx, time.Second)
		})
		addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
		c.Concurrent(together)
		c.RepeatEvents(2)
		if err := stopMain(t, c); err != nil {
			t.Fatal(err)
		}
		run(t, c)
		if len(began) != 3 || (began[0] == began[2]) != together {
			t.Errorf("together %t: began %v", together, began)
		}
	}
}

// A subscription gets what its filter lets through.
func TestFilterPolicy(t *testing.T) {
	c := newCloud(t, nil,
		edit(
			t,
			`"Protocol": "email",`,
			`"Protocol": "email", "FilterPolicyScope": "MessageAttributes",
				"FilterPolicy": {"severity": ["high", {"exists": false}]},`,
		))
	operator := sns.NewFromConfig(awsConfig(c, region, "operator"))
	for _, severity := range []string{"high", "low", ""} {
		in := &sns.PublishInput{Message: aws.String(severity + "!")}
		in.TopicArn = aws.String(c.ARNOf("Topic"))
		if severity != "" {
			in.MessageAttributes = map[string]snstypes.MessageAttributeValue{"severity": {
				DataType:    aws.String("String"),
				StringValue: &severity,
			}}
		}
		if _, err := operator.Publish(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, e := range of(c, KindSNS) {
		got = append(got, e.Text+strings.Join(e.Protocols, ","))
	}
	if !slices.Equal(got, []string{"high!email", "low!", "!email"}) {
		t.Errorf("got %q", got)
	}
	refused(t, "is not modelled", `"Protocol": "email",`,
		`"Protocol": "email", "FilterPolicy": {"n": [{"numeric": ["=", 1]}]},`)
	refused(t, "FilterPolicy has 6 attribute names; want at most 5", `"Protocol": "email",`,
		`"Protocol": "email", "FilterPolicy": {"a": ["x"], "b": ["x"], "c": ["x"], "d": ["x"], "e": ["x"], "f": ["x"]},`)
	newCloud(t, nil, edit(t, `"Protocol": "email",`,
		`"Protocol": "email", "FilterPolicy": {"a": ["x"], "b": ["x"], "c": ["x"], "d": ["x"], "e": ["x"]},`))
	refused(t, "FilterPolicyScope", `"Protocol": "email",`, `"Protocol": "email", "FilterPolicyScope": "MessageBody",`)
}
