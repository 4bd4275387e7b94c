package main

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/runtimeapi"
)

// built holds the bootstraps that this test run has built.
var built = struct {
	mu   sync.Mutex
	dir  string
	done map[string]bool
}{done: make(map[string]bool)}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "guard")
	if err != nil {
		panic(err)
	}
	built.dir = dir
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// bootstrap builds a package once in a test run and returns the program's path. pkg is "." for the guard itself.
func bootstrap(tb testing.TB, pkg, goarch string) string {
	tb.Helper()
	built.mu.Lock()
	defer built.mu.Unlock()
	if _, err := os.Stat(
		filepath.Join(pkg, "main.go"),
	); err != nil { // what a test looks at is part of the test cache's key
		tb.Fatal(err)
	}
	out := filepath.Join(built.dir, filepath.Base(pkg)+goarch+"-bootstrap")
	if !built.done[out] {
		if err := runtimeapi.Build(tb.Context(), pkg, out, goarch); err != nil {
			tb.Fatal(err)
		}
		built.done[out] = true
	}
	return out
}

const (
	guardPkg = "."
	barePkg  = "./testdata/bare"
	coldPkg  = "./testdata/cold"
)

// exampleEnv is the guard's example configuration and what Lambda adds to it.
func exampleEnv() map[string]string {
	env := config.Example().Env()
	maps.Copy(env, map[string]string{
		"AWS_REGION":               "eu-west-1",
		"AWS_ACCESS_KEY_ID":        "AKIAIOSFODNN7EXAMPLE",
		"AWS_SECRET_ACCESS_KEY":    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
		"AWS_SESSION_TOKEN":        "EXAMPLE-SESSION-TOKEN",
		"AWS_LAMBDA_FUNCTION_NAME": "trailkeeper-Guard",
		"AWS_LAMBDA_LOG_FORMAT":    "JSON",
	})
	return env
}

// start runs a bootstrap until the test ends.
func start(tb testing.TB, path string, env map[string]string) *runtimeapi.Process {
	tb.Helper()
	p, err := runtimeapi.Start(context.WithoutCancel(tb.Context()), path, env)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.Stop(); err != nil {
			tb.Error(err)
		}
	})
	return p
}

// soon bounds whatever should take milliseconds.
func soon(tb testing.TB) context.Context {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), 30*time.Second)
	tb.Cleanup(cancel)
	return ctx
}

func fixture(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := fs.ReadFile(events.Fixtures(), name)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestStartsWithTheExample(t *testing.T) {
	p := start(t, bootstrap(t, guardPkg, ""), exampleEnv())
	if _, err := p.FirstPoll(soon(t)); err != nil {
		t.Fatal(err)
	}
}

func TestBadEnvironmentNamesEveryVariable(t *testing.T) {
	env := exampleEnv()
	env[config.EnvMode], env[config.EnvAccounts], env[config.EnvTopicARN] = "repair", "12", "a topic"
	delete(env, config.EnvRoleARN)
	p := start(t, bootstrap(t, guardPkg, ""), env)
	code, _, err := p.Exit(soon(t))
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
	p := start(t, bootstrap(t, guardPkg, ""), c.env())
	res, err := p.Invoke(
		soon(t),
		runtimeapi.Invocation{RequestID: "6f0e2f1c-0000-4000-8000-000000000001", Payload: fixture(t, "stop-logging.json")},
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
	p := start(t, bootstrap(t, guardPkg, ""), env)
	for _, logging := range []bool{false, true} {
		declare(logging)
		c.reset()
		if _, err := p.Invoke(
			soon(t),
			runtimeapi.Invocation{RequestID: fmt.Sprint("declared-", logging), Payload: fixture(t, "stop-logging.json")},
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
	p := start(t, bootstrap(t, guardPkg, ""), c.env())
	res, err := p.Invoke(
		soon(t),
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
