package guard

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/clock"
)

var _ lambda.Handler = (*Warden)(nil)

const wardenEvent = `{"version":"0","id":"e","source":"aws.scheduler","detail-type":"Trailkeeper Warden Run",
	"account":"111122223333","time":"2026-03-02T09:15:00Z","region":"eu-west-1","resources":[],"detail":{}}`

// wardenOver is the warden of a deployment with one rule, over the far end.
func wardenOver(t *testing.T, f *farEnd, cfg config.Warden, log *bytes.Buffer) Function {
	t.Helper()
	content, err := deployment.Format(deployment.Description{Stack: "trailkeeper", Resources: map[string]deployment.Resource{
		"Rule": {Type: "AWS::Events::Rule", Part: deployment.PartGuard, Properties: map[string]any{
			"Name": "trailkeeper-change", "EventPattern": map[string]any{"source": []any{"aws.cloudtrail"}},
		}},
		"Destination": {Type: "AWS::Events::ApiDestination", Part: deployment.PartGuard, Properties: map[string]any{
			"Name": "trailkeeper-slack", "InvocationEndpoint": "{{resolve:secretsmanager:trailkeeper:SecretString:webhook::}}",
		}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	record := deployment.Record{
		Description: deployment.Digest(content), Code: map[string]string{},
		Names: map[string]string{"Destination.Arn": "arn:aws:events:eu-west-1:111122223333:api-destination/trailkeeper-slack/1"},
	}
	f.answers = map[string]string{
		"GetParameter":   fmt.Sprintf(`{"Parameter":{"Value":%q}}`, record.Line()),
		"DescribeRule":   `{"State":"DISABLED","EventPattern":"{\"source\":[\"aws.cloudtrail\"]}"}`,
		"DescribeStacks": `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackStatus>UPDATE_COMPLETE</StackStatus></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
		"LookupEvents":   `{"Events":[]}`,
		"DescribeSecret": `{"DeletedDate":1772442900}`,
	}
	cfg.SlackAPI, cfg.FailureQueue = f.URL+"/api/", f.URL+"/111122223333/warden"
	env := cfg.Env()
	for name, value := range map[string]string{
		"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": f.URL, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
		"AWS_SECRET_ACCESS_KEY": "example-secret-key",
	} {
		env[name] = value
	}
	h, err := NewFunction(Options{
		Getenv: func(k string) string { return env[k] }, Log: slog.New(slog.NewJSONHandler(log, nil)), Clock: clock.Real(),
		Deployment: func() ([]byte, error) { return content, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestWardenOverTheWire: the warden of another Region reads and restores in the stack's, its own queue is where it is.
func TestWardenOverTheWire(t *testing.T) {
	f := newFarEnd(t)
	var log bytes.Buffer
	cfg := config.ExampleWarden()
	h := wardenOver(t, f, cfg, &log)
	if _, ok := h.(*Warden); !ok {
		t.Fatalf("the environment of a warden makes a %T", h)
	}
	if _, err := h.Invoke(t.Context(), []byte(wardenEvent)); err != nil {
		t.Fatal(err)
	}
	calls := strings.Join(f.seen, "\n")
	for _, want := range []string{
		"GetParameter eu-west-1 ssm", "DescribeRule eu-west-1 events", "ListTargetsByRule eu-west-1 events",
		"DescribeStacks eu-west-1 cloudformation", "DescribeSecret eu-west-1 secretsmanager", "EnableRule eu-west-1 events", "GetSecretValue eu-west-1 secretsmanager",
		"Publish eu-west-1 sns", "ReceiveMessage us-east-1 sqs",
	} {
		if !strings.Contains(calls, want) {
			t.Errorf("no %s in\n%s", want, calls)
		}
	}
	if slices.ContainsFunc(f.seen, func(call string) bool { return strings.Contains(call, "StartLogging") }) {
		t.Error("the warden has touched a trail")
	}
	for _, want := range []string{metric.WardenHeartbeat, metric.DeploymentDiffers, "was found changed"} {
		if !strings.Contains(log.String()+strings.Join(f.bodies, ""), want) {
			t.Errorf("no %s", want)
		}
	}
}

// TestWardenOtherEvents: no payload makes the warden fail, and no record makes it act.
func TestWardenOtherEvents(t *testing.T) {
	f := newFarEnd(t)
	h := wardenOver(t, f, config.ExampleWarden(), &bytes.Buffer{})
	for _, payload := range [][]byte{payload(t, "stop-logging"), []byte(`{`), []byte(`null`)} {
		if _, err := h.Invoke(t.Context(), payload); err != nil {
			t.Errorf("%s: %v", payload, err)
		}
	}
	if calls := strings.Join(f.seen, "\n"); strings.Contains(calls, "GetParameter") || strings.Contains(calls, "StartLogging") {
		t.Error(calls)
	}
}

// TestWardenSettings: what is wrong with the settings is named, and what belongs to the guard is refused.
func TestWardenSettings(t *testing.T) {
	env := config.ExampleWarden().Env()
	env["AWS_REGION"] = "eu-west-1"
	env[config.EnvWardenMode] = "recreate"
	o := Options{
		Getenv: func(k string) string { return env[k] }, Environ: []string{"TRAILKEEPER_MODE=restore"},
		Log: slog.New(slog.DiscardHandler), Clock: clock.Real(),
	}
	_, err := NewFunction(o)
	for _, want := range []string{config.EnvWardenMode, "TRAILKEEPER_MODE"} {
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

// TestSweepChecksTheWarden: with the setting, the guard's sweep reads the record of the deployment.
func TestSweepChecksTheWarden(t *testing.T) {
	for mode, want := range map[config.Mode]bool{"": false, config.ModeNotify: true} {
		f := newFarEnd(t)
		cfg := config.Example()
		cfg.WardenMode = mode
		h, err := New(Options{Getenv: f.env(cfg), Log: slog.New(slog.DiscardHandler), Clock: clock.Real()})
		if err != nil {
			t.Fatal(err)
		}
		event := strings.Replace(wardenEvent, "Trailkeeper Warden Run", "Scheduled Event", 1)
		if _, err := h.Invoke(t.Context(), []byte(event)); err != nil {
			t.Error(err)
		}
		told := strings.Contains(strings.Join(f.bodies, ""), "cannot check all of its own deployment")
		if told != want {
			t.Errorf("%q: reported %v that there is no description", mode, told)
		}
	}
}
