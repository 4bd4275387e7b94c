package main

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/runtimeapi"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
)

const (
	watchPkg = "."
	barePkg  = "./testdata/bare"
	helloPkg = "./testdata/hello"
)

// built holds the bootstraps that this test run has built, and the asset.
var built = struct {
	mu    sync.Mutex
	dir   string
	done  map[string]bool
	asset string
}{done: make(map[string]bool)}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "watch")
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

// bootstrap builds a package once in a test run and returns the program's path.
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

// asset is a folder with the built-in rules, as cdk puts them beside the bootstrap.
func asset(tb testing.TB) string {
	tb.Helper()
	built.mu.Lock()
	defer built.mu.Unlock()
	if built.asset != "" {
		return built.asset
	}
	set, problems := detect.Load(detect.Options{Stack: "trailkeeper"}, detections.Source())
	if len(problems) > 0 {
		tb.Fatal(problems)
	}
	rules, err := set.Encode()
	if err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(built.dir, config.RulesFile), rules, 0o600); err != nil {
		tb.Fatal(err)
	}
	built.asset = built.dir
	return built.asset
}

// exampleEnv is the watch's example configuration and what Lambda adds to it.
func exampleEnv(tb testing.TB) map[string]string {
	tb.Helper()
	env := config.ExampleWatch().Env()
	maps.Copy(env, map[string]string{
		"AWS_REGION":               "eu-west-1",
		"AWS_ACCESS_KEY_ID":        "AKIAIOSFODNN7EXAMPLE",
		"AWS_SECRET_ACCESS_KEY":    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
		"AWS_SESSION_TOKEN":        "EXAMPLE-SESSION-TOKEN",
		"AWS_LAMBDA_FUNCTION_NAME": "trailkeeper-Watch",
		"AWS_LAMBDA_LOG_FORMAT":    "JSON",
		"LAMBDA_TASK_ROOT":         asset(tb),
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

// cloud answers every call with little, and notes the messages.
type cloud struct {
	*httptest.Server
	mu       sync.Mutex
	messages []string
}

func newCloud(tb testing.TB) *cloud {
	tb.Helper()
	c := &cloud{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch {
		case strings.HasSuffix(r.URL.Path, "/chat.postMessage"):
			c.mu.Lock()
			c.messages = append(c.messages, string(body))
			c.mu.Unlock()
			_, _ = io.WriteString(w, `{"ok":true,"channel":"C0123456789","ts":"1503435956.000247"}`)
		case strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".GetSecretValue"):
			_, _ = io.WriteString(w, `{"SecretString":"{\"bot_token\":\"xoxb-EXAMPLE\"}"}`)
		case strings.HasPrefix(string(body), "Action=Publish"):
			_, _ = io.WriteString(w, `<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult>`+
				`</PublishResponse>`)
		default:
			_, _ = io.WriteString(w, "{}")
		}
	}))
	tb.Cleanup(c.Close)
	return c
}

func (c *cloud) env(tb testing.TB) map[string]string {
	tb.Helper()
	env := exampleEnv(tb)
	env["AWS_ENDPOINT_URL"], env[config.EnvSlackAPI] = c.URL, c.URL+"/slack/"
	env[config.EnvFailureQueue] = c.URL + "/111122223333/failures"
	return env
}

func fixture(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := fs.ReadFile(events.Fixtures(), name)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestReportsWhatARuleOfItsAssetFinds(t *testing.T) {
	c := newCloud(t)
	p := start(t, bootstrap(t, watchPkg, ""), c.env(t))
	res, err := p.Invoke(soon(t), runtimeapi.Invocation{
		RequestID: "6f0e2f1c-0000-4000-8000-000000000001", Payload: fixture(t, "console-login-without-mfa.json"),
	})
	if err != nil || res.Error != nil {
		t.Fatalf("%v, %v\n%s", err, res.Error, p.Output())
	}
	if len(c.messages) != 1 || !strings.Contains(c.messages[0], "console-login-without-mfa") {
		t.Errorf("messages %q", c.messages)
	}
	var line struct {
		Msg     string
		RuleIDs []string `json:"rule_ids"`
	}
	for text := range strings.SplitSeq(p.Output(), "\n") {
		if strings.Contains(text, `"decided"`) {
			if err := json.Unmarshal([]byte(text), &line); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(line.RuleIDs) != 1 {
		t.Errorf("the log does not name the rule:\n%s", p.Output())
	}
}

func TestBadStartNamesEverything(t *testing.T) {
	env := exampleEnv(t)
	env["LAMBDA_TASK_ROOT"], env[config.EnvAccounts], env["TRAILKEEPER_MODE"] = t.TempDir(), "12", "restart"
	p := start(t, bootstrap(t, watchPkg, ""), env)
	code, _, err := p.Exit(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	if code == 0 {
		t.Error("exit code 0, want another")
	}
	for _, name := range []string{config.RulesFile, config.EnvAccounts, "TRAILKEEPER_MODE is no variable of the watch"} {
		if !strings.Contains(p.Output(), name) {
			t.Errorf("the output does not name %s:\n%s", name, p.Output())
		}
	}
	if strings.Contains(p.Output(), env["AWS_SECRET_ACCESS_KEY"]) {
		t.Error("the output holds the secret access key")
	}
}
