package guard

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/clock"
)

// farEnd is every service at once: it notes what was asked for, and answers as each would.
type farEnd struct {
	*httptest.Server
	answers map[string]string // by call, before what follows
	mu      sync.Mutex
	seen    []string
	bodies  []string // of the requests, in that order
}

func newFarEnd(t *testing.T) *farEnd {
	t.Helper()
	f := &farEnd{}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *farEnd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	what := r.URL.Path
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		what = target[strings.LastIndex(target, ".")+1:]
	} else if bytes.HasPrefix(body, []byte("Action=")) {
		what, _, _ = strings.Cut(strings.TrimPrefix(string(body), "Action="), "&")
	}
	scope := ""
	if _, credential, ok := strings.Cut(r.Header.Get("Authorization"), "Credential="); ok {
		scope = " " + strings.Join(strings.Split(credential, "/")[2:4], " ")
	}
	f.mu.Lock()
	f.seen, f.bodies = append(f.seen, what+scope), append(f.bodies, string(body))
	f.mu.Unlock()
	if answer, ok := f.answers[what]; ok {
		_, _ = io.WriteString(w, answer)
		return
	}
	switch what {
	case "GetTrailStatus":
		_, _ = fmt.Fprintf(w, `{"IsLogging":true,"StartLoggingTime":%d}`, time.Now().Unix()+1)
	case "GetSecretValue":
		_, _ = io.WriteString(w, `{"SecretString":"{\"bot_token\":\"xoxb-example-token\"}"}`)
	case "Publish":
		_, _ = io.WriteString(w, `<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>`)
	case "/api/chat.postMessage":
		_, _ = io.WriteString(w, `{"ok":true,"ts":"1.2"}`)
	default:
		_, _ = io.WriteString(w, `{}`)
	}
}

func (f *farEnd) env(settings config.Guard) func(string) string {
	settings.SlackAPI, settings.FailureQueue = f.URL+"/api/", f.URL+"/111122223333/failures"
	env := settings.Env()
	env["AWS_REGION"], env["AWS_ENDPOINT_URL"] = "us-east-1", f.URL
	env["AWS_ACCESS_KEY_ID"] = "AKIDEXAMPLE"
	env["AWS_SECRET_ACCESS_KEY"] = "example-secret-key"
	env["AWS_SESSION_TOKEN"] = "example-session"
	return func(k string) string { return env[k] }
}

func TestWholeGuardOverTheWire(t *testing.T) {
	f := newFarEnd(t)
	var logged bytes.Buffer
	h, err := New(
		Options{Getenv: f.env(config.Example()), Log: slog.New(slog.NewJSONHandler(&logged, nil)), Clock: clock.Real()},
	)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Invoke(t.Context(), payload(t, "stop-logging")); err != nil {
		t.Fatal(err)
	}
	memory := slices.IndexFunc(f.seen, func(call string) bool { return strings.HasSuffix(call, " dynamodb") })
	if len(f.seen) != 15 || f.seen[0] != "StartLogging eu-west-1 cloudtrail" ||
		f.seen[1] != "GetTrailStatus eu-west-1 cloudtrail" ||
		memory < 2 {
		t.Errorf(
			"%d calls on the wire: %q; want StartLogging first, in the trail's home Region, and the state table after it",
			len(f.seen), f.seen,
		)
	}
	for _, want := range []string{
		"GetSecretValue us-east-1 secretsmanager", "/api/chat.postMessage", "Publish eu-west-1 sns",
	} {
		if !strings.Contains(strings.Join(f.seen, "\n"), want) {
			t.Errorf("no %s in %q", want, f.seen)
		}
	}
	for _, secret := range []string{"xoxb-example-token", "example-secret-key", "example-session"} {
		if strings.Contains(logged.String(), secret) {
			t.Error("a secret is in the log")
		}
	}
}

func TestPrewarmOpensTheConnectionWithoutCredentials(t *testing.T) {
	f := newFarEnd(t)
	h, err := New(Options{Getenv: f.env(config.Example()), Log: slog.New(slog.DiscardHandler), Clock: clock.Real()})
	if err != nil {
		t.Fatal(err)
	}
	h.Prewarm(t.Context())
	if len(f.seen) != 1 || f.seen[0] != "/" {
		t.Errorf("on the wire: %q; want one plain request", f.seen)
	}
	f.Close()
	start := time.Now()
	h.Prewarm(t.Context()) // nobody there: nothing happens
	if time.Since(start) > 4*time.Second {
		t.Error("prewarming hangs")
	}
}

func TestWrongChannelStillRestores(t *testing.T) {
	for variable, value := range map[string]string{
		config.EnvSlackChannel: "#general",
		config.EnvSlackSecret:  "xoxb-example-token",
		config.EnvTopicARN:     "security",
		config.EnvAsyncRetries: "many",
		config.EnvRoleARN:      "",
	} {
		f := newFarEnd(t)
		env := f.env(config.Example())
		var logged bytes.Buffer
		h, err := New(Options{
			Getenv: func(k string) string {
				if k == variable {
					return value
				}
				return env(k)
			},
			Log: slog.New(slog.NewJSONHandler(&logged, nil)), Clock: clock.Real(),
		})
		if err != nil {
			t.Errorf("%s=%q keeps the guard from starting: %v", variable, value, err)
			continue
		}
		if _, err := h.Invoke(t.Context(), payload(t, "stop-logging")); err != nil {
			t.Errorf("%s=%q: %v", variable, value, err)
		}
		wire := strings.Join(f.seen, "\n")
		if !strings.HasPrefix(wire, "StartLogging eu-west-1 cloudtrail") ||
			!strings.Contains(wire, "Publish") && !strings.Contains(wire, "postMessage") {
			t.Errorf("%s=%q: on the wire %q; want the restart, and a message on the channel that works", variable, value, f.seen)
		}
		if channel := strings.Contains(
			"SLACK TOPIC", strings.Split(variable, "_")[1],
		); channel &&
			!strings.Contains(wire, "SendMessage") {
			t.Errorf("%s=%q: the message of the wrong channel is not parked: %q", variable, value, f.seen)
		}
		if !strings.Contains(logged.String(), variable) || !strings.Contains(logged.String(), `"event_id":"a0`) ||
			strings.Contains(logged.String(), "xoxb") {
			t.Errorf("%s=%q is not in the log beside the event, or shows a credential", variable, value)
		}
	}
}

func TestNewNamesEverythingThatIsWrong(t *testing.T) {
	_, err := New(Options{
		Environ: []string{"PATH=/", "TRAILKEEPER_SWEEP_MINUTE=5"},
		Getenv:  func(k string) string { return map[string]string{"AWS_CA_BUNDLE": "/no/such/file"}[k] },
		Log:     slog.New(slog.DiscardHandler),
		Clock:   clock.Real(),
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		config.EnvMode, config.EnvAccounts, config.EnvFailureQueue, "AWS_REGION", "AWS_CA_BUNDLE",
		`TRAILKEEPER_SWEEP_MINUTE is no variable of the guard; remove it; did you mean TRAILKEEPER_SWEEP_MINUTES?`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not named in %v", want, err)
		}
	}
}
