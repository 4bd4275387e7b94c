package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/bootstraptest"
	"trailkeeper/lambda/internal/runtimeapi"
)

// built are the bootstraps of this test run.
var built bootstraptest.Programs

func TestMain(m *testing.M) { built.Main(m) }

const (
	guardPkg = "."
	barePkg  = "./testdata/bare"
	coldPkg  = "./testdata/cold"
)

// exampleEnv is the guard's example configuration and what Lambda adds to it.
func exampleEnv() map[string]string {
	env := config.Example().Env()
	maps.Copy(env, bootstraptest.Env("trailkeeper-Guard"))
	return env
}

func TestStartsWithTheExample(t *testing.T) {
	p := bootstraptest.Start(t, built.Bootstrap(t, guardPkg, ""), exampleEnv())
	if _, err := p.FirstPoll(bootstraptest.Soon(t)); err != nil {
		t.Fatal(err)
	}
}

func TestBadEnvironmentNamesEveryVariable(t *testing.T) {
	env := exampleEnv()
	env[config.EnvMode], env[config.EnvAccounts], env[config.EnvTopicARN] = "repair", "12", "a topic"
	delete(env, config.EnvRoleARN)
	p := bootstraptest.Start(t, built.Bootstrap(t, guardPkg, ""), env)
	code, _, err := p.Exit(bootstraptest.Soon(t))
	if err != nil {
		t.Fatal(err)
	}
	if code == 0 {
		t.Error("exit code 0, want another")
	}
	for _, name := range []string{config.EnvMode, config.EnvAccounts, config.EnvTopicARN, config.EnvRoleARN} {
		if !strings.Contains(p.Output(), name) {
			t.Errorf("the output does not name %s:\n%s", name, p.Output())
		}
	}
	if strings.Contains(p.Output(), env["AWS_SECRET_ACCESS_KEY"]) {
		t.Error("the output holds the secret access key")
	}
}

func TestStopLoggingRestartsFirst(t *testing.T) {
	c := newCloud(t, false)
	p := bootstraptest.Start(t, built.Bootstrap(t, guardPkg, ""), c.env())
	res, err := p.Invoke(
		bootstraptest.Soon(t),
		runtimeapi.Invocation{
			RequestID: "6f0e2f1c-0000-4000-8000-000000000001",
			Payload:   bootstraptest.Fixture(t, "stop-logging.json"),
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	if res.Error != nil {
		t.Fatalf("the invocation failed: %v\n%s", res.Error, p.Output())
	}
	names := c.names()
	if len(names) < 4 || names[0] != "StartLogging" || names[1] != "GetTrailStatus" {
		t.Errorf("calls %v; want StartLogging, GetTrailStatus, then the messages", names)
	}
	if got := c.first(
		t,
		"StartLogging",
	).Body; !strings.Contains(
		got,
		"arn:aws:cloudtrail:eu-west-1:111122223333:trail/management-events",
	) {
		t.Errorf("StartLogging of %s", got)
	}
	for _, message := range []call{c.first(t, "chat.postMessage"), c.first(t, "Publish")} {
		if !strings.Contains(message.Body, "management-events") {
			t.Errorf("%s does not name the trail:\n%s", message.Name, message.Body)
		}
	}
}

// TestReadsTheBaselinesOfItsAsset: a trail that its declared baseline has off is not restarted, which only the file can
// tell.
func TestReadsTheBaselinesOfItsAsset(t *testing.T) {
	arn := "arn:aws:cloudtrail:eu-west-1:111122223333:trail/management-events"
	root := t.TempDir()
	declare := func(logging bool) {
		content, err := baseline.Format(baseline.Baseline{
			Version: baseline.Version, CapturedAt: time.Unix(1e9, 0).UTC(),
			Trail: baseline.State{ARN: arn, Logging: logging, Settings: baseline.Settings{S3Bucket: "logs"}},
		})
		if err == nil {
			err = os.MkdirAll(filepath.Join(root, config.BaselineFolder), 0o755)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(root, config.BaselineFolder, baseline.FileName(arn)), content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	c := newCloud(t, false)
	env := c.env()
	env[config.EnvMode], env["LAMBDA_TASK_ROOT"] = string(config.ModeRestore), root
	p := bootstraptest.Start(t, built.Bootstrap(t, guardPkg, ""), env)
	for _, logging := range []bool{false, true} {
		declare(logging)
		c.reset()
		if _, err := p.Invoke(
			bootstraptest.Soon(t),
			runtimeapi.Invocation{
				RequestID: fmt.Sprint("declared-", logging),
				Payload:   bootstraptest.Fixture(t, "stop-logging.json"),
			},
		); err != nil {
			t.Fatal(err)
		}
		if got := slices.Contains(c.names(), "StartLogging"); got != logging {
			t.Errorf("baseline logging %v: calls %v", logging, c.names())
		}
	}
}

func TestMalformedEventIsParkedAndReported(t *testing.T) {
	c := newCloud(t, false)
	p := bootstraptest.Start(t, built.Bootstrap(t, guardPkg, ""), c.env())
	res, err := p.Invoke(
		bootstraptest.Soon(t),
		runtimeapi.Invocation{RequestID: "6f0e2f1c-0000-4000-8000-000000000002", Payload: []byte(`{"Records":[]}`)},
	)
	if err != nil {
		t.Fatal(err)
	}
	if res.Error != nil {
		t.Fatalf("the invocation failed: %v", res.Error)
	}
	for _, name := range []string{"SendMessage", "chat.postMessage", "Publish"} {
		if c.first(t, name).Body == "" {
			t.Errorf("%s is empty", name)
		}
	}
	if !strings.Contains(p.Output(), "6f0e2f1c-0000-4000-8000-000000000002") {
		t.Errorf("the log does not name the request:\n%s", p.Output())
	}
}
