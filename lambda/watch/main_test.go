package main

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/bootstraptest"
	"trailkeeper/lambda/internal/runtimeapi"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
)

const (
	watchPkg = "."
	barePkg  = "./testdata/bare"
	helloPkg = "./testdata/hello"
)

// built are the bootstraps of this test run.
var built bootstraptest.Programs

func TestMain(m *testing.M) { built.Main(m) }

// encoded are the built-in rules, as cdk puts them beside the bootstrap.
var encoded = sync.OnceValues(func() ([]byte, error) {
	set, problems := detect.Load(detect.Options{Stack: "trailkeeper"}, detections.Source())
	if len(problems) > 0 {
		return nil, problems[0]
	}
	return set.Encode()
})

// asset is a folder with the built-in rules.
func asset(tb testing.TB) string {
	tb.Helper()
	rules, err := encoded()
	if err != nil {
		tb.Fatal(err)
	}
	dir := tb.TempDir()
	if err := os.WriteFile(filepath.Join(dir, config.RulesFile), rules, 0o600); err != nil {
		tb.Fatal(err)
	}
	return dir
}

// exampleEnv is the watch's example configuration and what Lambda adds to it.
func exampleEnv(tb testing.TB) map[string]string {
	tb.Helper()
	env := config.ExampleWatch().Env()
	maps.Copy(env, bootstraptest.Env("trailkeeper-Watch"))
	env["LAMBDA_TASK_ROOT"] = asset(tb)
	return env
}

// cloud answers every call with little, and notes the messages.
type cloud struct {
	*httptest.Server
	mu       sync.Mutex
	messages []string
	log      []byte // every object of S3
}

func newCloud(tb testing.TB) *cloud {
	tb.Helper()
	c := &cloud{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch {
		case strings.Contains(r.Header.Get("Authorization"), "/s3/aws4_request"):
			w.Header().Set("ETag", `"log"`)
			w.Header().Set("Content-Length", strconv.Itoa(len(c.log)))
			_, _ = w.Write(c.log)
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

func TestReportsWhatARuleOfItsAssetFinds(t *testing.T) {
	c := newCloud(t)
	p := bootstraptest.Start(t, built.Bootstrap(t, watchPkg, ""), c.env(t))
	res, err := p.Invoke(bootstraptest.Soon(t), runtimeapi.Invocation{
		RequestID: "6f0e2f1c-0000-4000-8000-000000000001",
		Payload:   bootstraptest.Fixture(t, "console-login-without-mfa.json"),
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
	p := bootstraptest.Start(t, built.Bootstrap(t, watchPkg, ""), env)
	code, _, err := p.Exit(bootstraptest.Soon(t))
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

// TestBacktests: with a bucket of results, the program carries out the steps of a backtest, and nothing of the watch.
func TestBacktests(t *testing.T) {
	c := newCloud(t)
	env := config.ExampleBacktest().Env()
	maps.Copy(env, bootstraptest.Env("trailkeeper-Backtest"))
	env["LAMBDA_TASK_ROOT"], env["AWS_ENDPOINT_URL"] = asset(t), c.URL
	p := bootstraptest.Start(t, built.Bootstrap(t, watchPkg, ""), env)
	res, err := p.Invoke(bootstraptest.Soon(t), runtimeapi.Invocation{
		RequestID: "6f0e2f1c-0000-4000-8000-000000000001",
		Payload:   bootstraptest.Fixture(t, "console-login-without-mfa.json"),
	})
	if err != nil || res.Error == nil || res.Error.Type != "RequestError" || len(c.messages) > 0 {
		t.Fatalf("%v, %+v, messages %q\n%s", err, res, c.messages, p.Output())
	}
}
