package watch

import (
	"bytes"
	"crypto/md5" //nolint:gosec // SQS's own checksum, which the SDK verifies
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/goldentest"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
)

var update = flag.Bool("update", false, "write the golden files")

var _ lambda.Handler = (*Watch)(nil)

// encoded are the built-in rules as cdk puts them into the asset.
var encoded = sync.OnceValue(func() []byte {
	set, problems := detect.Load(detect.Options{Stack: "trailkeeper"}, detections.Source())
	if len(problems) > 0 {
		panic(problems)
	}
	text, err := set.Encode()
	if err != nil {
		panic(err)
	}
	return text
})

// farEnd is every service at once: it notes what was asked for, and answers as each would. The table is empty, unless it is made.
type farEnd struct {
	*httptest.Server
	mu     sync.Mutex
	down   []string // calls that fail
	seen   []string
	bodies map[string][]string
	// queued is what was put into a queue, and waiting what one has.
	queued, waiting []string
	// stored are the objects of S3 by bucket and key; got are the requests for them.
	stored map[string]string
	got    []*http.Request
	// table are the items that were put, by their keys; nil: nothing is kept.
	table map[string]json.RawMessage
}

func newFarEnd(t *testing.T) *farEnd {
	t.Helper()
	f := &farEnd{bodies: map[string][]string{}}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *farEnd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.Header.Get("Authorization"), "/s3/aws4_request") {
		f.object(w, r)
		return
	}
	body, _ := io.ReadAll(r.Body)
	what := callOf(r, body)
	f.mu.Lock()
	f.seen, f.bodies[what] = append(f.seen, what), append(f.bodies[what], string(body))
	down := slices.Contains(f.down, what)
	answer := f.answer(what, string(body))
	f.mu.Unlock()
	if down {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if strings.Contains(answer, conditionFailed) {
		w.WriteHeader(http.StatusBadRequest)
	}
	_, _ = io.WriteString(w, answer)
}

// callOf names the call that a request makes: by the header of the JSON protocol, the form of the query protocol, or the
// path of Slack's API.
func callOf(r *http.Request, body []byte) string {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return target[strings.LastIndex(target, ".")+1:]
	}
	if form, ok := bytes.CutPrefix(body, []byte("Action=")); ok {
		action, _, _ := strings.Cut(string(form), "&")
		return action
	}
	return strings.TrimPrefix(r.URL.Path, "/api/")
}

func (f *farEnd) answer(what, body string) string {
	if f.table != nil && (what == "GetItem" || what == "PutItem") {
		return f.item(body)
	}
	switch what {
	case "ReceiveMessage":
		var all []map[string]any
		for i, text := range f.waiting {
			sum := md5.Sum([]byte(text)) //nolint:gosec // as above
			all = append(all, map[string]any{
				"MessageId":     fmt.Sprint(i),
				"ReceiptHandle": "r",
				"Body":          text,
				"MD5OfBody":     hex.EncodeToString(sum[:]),
				"Attributes":    map[string]string{"SentTimestamp": fmt.Sprint(producertest.Now.UnixMilli())},
			})
		}
		f.waiting = nil
		answer, _ := json.Marshal(map[string]any{"Messages": all})
		return string(answer)
	case "GetSecretValue":
		return `{"SecretString":"{\"bot_token\":\"xoxb-example-token\"}"}`
	case "Publish":
		return `<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>`
	case "chat.postMessage":
		return `{"ok":true,"ts":"1.2"}`
	case "SendMessage":
		var in struct{ MessageBody string }
		_ = json.Unmarshal([]byte(body), &in)
		f.queued = append(f.queued, in.MessageBody)
		sum := md5.Sum([]byte(in.MessageBody)) //nolint:gosec // as above
		return fmt.Sprintf(`{"MessageId":"1","MD5OfMessageBody":%q}`, hex.EncodeToString(sum[:]))
	}
	return `{}`
}

const conditionFailed = "ConditionalCheckFailedException"

// item keeps an item, or answers with the one that was kept. A write names the revision of the one that there is, as
// state.Store's conditions do.
func (f *farEnd) item(body string) string {
	var in struct {
		Key                             key
		Item, ExpressionAttributeValues json.RawMessage
	}
	_ = json.Unmarshal([]byte(body), &in)
	if in.Item != nil {
		_ = json.Unmarshal(in.Item, &in.Key)
	}
	at := in.Key.PK.S + "\n" + in.Key.SK.S
	found := f.table[at]
	var old key
	_ = json.Unmarshal(found, &old) // nil: it is new
	switch {
	case in.Item != nil && old.Revision.S != nil && !bytes.Contains(in.ExpressionAttributeValues, old.Revision.S):
		return `{"__type":"#` + conditionFailed + `","Item":` + string(found) + `}`
	case in.Item != nil:
		f.table[at] = in.Item
	case found != nil:
		return `{"Item":` + string(found) + `}`
	}
	return `{}`
}

// options are those of a watch with the built-in rules, whose clock stands still.
func (f *farEnd) options(change func(env map[string]string)) Options {
	settings := config.ExampleWatch()
	settings.SlackAPI, settings.FailureQueue, settings.LastQueue = f.URL+"/api/", f.URL+"/111122223333/failures", ""
	settings.DeadLetters, settings.AnyLogAccount = nil, false
	env := settings.Env()
	env["AWS_REGION"], env["AWS_ENDPOINT_URL"] = "eu-west-1", f.URL
	env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"] = "AKIDEXAMPLE", "example-secret-key"
	env["AWS_SESSION_TOKEN"] = "example-session"
	if change != nil {
		change(env)
	}
	clk := clock.Real()
	clk.Now = func() time.Time { return producertest.Now }
	return Options{Getenv: func(k string) string { return env[k] }, Log: slog.New(slog.DiscardHandler), Clock: clk}
}

func (f *farEnd) watch(t *testing.T, change func(env map[string]string)) *Watch {
	t.Helper()
	h, err := New(f.options(change).FromAsset(fstest.MapFS{config.RulesFile: {Data: encoded()}}))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestMessages are what people read of the project's fixtures: each Slack message and each e-mail is a golden file.
func TestMessages(t *testing.T) {
	for _, fixture := range []string{
		"console-login-without-mfa", "console-login-failed", "stop-logging-root", "stop-logging-denied-odd-actor",
		"stop-logging-hostile",
	} {
		f := newFarEnd(t)
		h := f.watch(t, func(env map[string]string) { delete(env, config.EnvGuardedRegions) })
		if _, err := h.Invoke(t.Context(), producertest.Payload(t, fixture)); err != nil {
			t.Fatal(err)
		}
		f.compare(t, fixture)
	}
}

// compare holds what was sent to Slack and by e-mail against golden files.
func (f *farEnd) compare(t *testing.T, name string) {
	t.Helper()
	var out strings.Builder
	for _, body := range f.bodies["chat.postMessage"] {
		var b bytes.Buffer
		if err := json.Indent(&b, []byte(body), "", "  "); err != nil {
			t.Fatal(err)
		}
		out.WriteString(b.String() + "\n")
	}
	goldentest.Compare(t, "testdata/"+name+".slack.json", out.String(), *update)
	out.Reset()
	for _, body := range f.bodies["Publish"] {
		form, err := url.ParseQuery(body)
		if err != nil {
			t.Fatal(err)
		}
		var texts struct{ Email string }
		if err := json.Unmarshal([]byte(form.Get("Message")), &texts); err != nil {
			t.Fatal(err)
		}
		out.WriteString("Subject: " + form.Get("Subject") + "\n\n" + texts.Email + "\n")
	}
	goldentest.Compare(t, "testdata/"+name+".email.txt", out.String(), *update)
}

// TestWire: what is called for a record that a rule matches is the table, the secret and the channels, and nothing
// else; of one that none does, nothing is.
func TestWire(t *testing.T) {
	f := newFarEnd(t)
	h := f.watch(t, nil)
	if _, err := h.Invoke(t.Context(), producertest.Payload(t, "describe-trails")); err != nil || len(f.seen) > 0 {
		t.Errorf("%v, calls %q", err, f.seen)
	}
	if _, err := h.Invoke(t.Context(), producertest.Payload(t, "stop-logging")); err != nil || len(f.seen) > 0 {
		t.Errorf("%v, calls %q for what the guard reports", err, f.seen)
	}
	if _, err := h.Invoke(t.Context(), producertest.Payload(t, "console-login-without-mfa")); err != nil {
		t.Fatal(err)
	}
	for _, call := range f.seen {
		if !slices.Contains([]string{"GetItem", "PutItem", "GetSecretValue", "chat.postMessage", "Publish"}, call) {
			t.Errorf("the watch calls %s", call)
		}
	}
	if f.bodies["chat.postMessage"] == nil || f.bodies["Publish"] == nil || f.bodies["PutItem"] == nil {
		t.Errorf("calls %q", f.seen)
	}
}

// TestRouteOfARule: a switch or the rule itself names the route, whatever the routes' conditions are.
func TestRouteOfARule(t *testing.T) {
	f := newFarEnd(t)
	o := f.options(nil)
	set, problems := detect.Load(detect.Options{}, detect.Source{Name: "r", Files: fstest.MapFS{"a.yaml": {Data: []byte(
		`{id: a, title: a, severity: low, match: record.eventName == "ConsoleLogin", route: cloud-team}`,
	)}}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	o.Rules, o.Routes = set, route.List{Routes: []route.Route{
		{Slack: []string{"C0000000001"}}, {Name: "cloud-team", Slack: []string{"C0000000002"}},
	}}
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Invoke(t.Context(), producertest.Payload(t, "console-login-without-mfa")); err != nil {
		t.Fatal(err)
	}
	sent := f.bodies["chat.postMessage"]
	if len(sent) != 1 || !strings.Contains(sent[0], "C0000000002") || len(f.bodies["Publish"]) > 0 {
		t.Errorf("sent %q", sent)
	}
}

// TestBadPayloads: each is parked and reported, and is no error: no retry makes a record of it.
func TestBadPayloads(t *testing.T) {
	nested := strings.Repeat("[", 5_000_000) + strings.Repeat("]", 5_000_000)
	for name, payload := range map[string]string{
		"empty":      "",
		"no JSON":    `{"detail": `,
		"no object":  `[1]`,
		"a log file": `{"Records": [{"eventName": "A", "eventSource": "b"}]}`,
		"no record":  `{"source": "aws.s3", "detail-type": "x", "detail": {"a": 1}}`,
		"a text":     `{"source": "aws.s3", "detail-type": "x", "detail": "record"}`,
		"nested":     `{"source": "aws.s3", "detail": {"eventName": "A", "eventSource": "b", "x": ` + nested + `}}`,
		"odd name":   `{"source": "aws.s3", "detail": {"eventName": ["A"], "eventSource": ["b"]}}`,
		"other's user": `{"source": "aws.ec2", "detail-type": "EC2 Instance State-change Notification",` +
			` "detail": {"state": "x"}}`,
	} {
		f := newFarEnd(t)
		var logged bytes.Buffer
		o := f.options(nil).FromAsset(fstest.MapFS{config.RulesFile: {Data: encoded()}})
		o.Log = slog.New(slog.NewJSONHandler(&logged, nil))
		h, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Invoke(t.Context(), []byte(payload)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(f.bodies["SendMessage"]) != 1 || len(f.bodies["chat.postMessage"]) != 1 || len(f.bodies["Publish"]) != 1 ||
			!strings.Contains(f.bodies["chat.postMessage"][0], "should invoke the watch") {
			t.Errorf("%s: calls %q", name, f.seen)
		}
		if n := strings.Count(logged.String(), `"payload unreadable"`); n != 1 {
			t.Errorf("%s: %d lines about it in the log", name, n)
		}
	}
}

// TestLargeRecord: a record of two megabytes is decided and reported as any other.
func TestLargeRecord(t *testing.T) {
	var envelope map[string]any
	if err := json.Unmarshal(producertest.Payload(t, "console-login-without-mfa"), &envelope); err != nil {
		t.Fatal(err)
	}
	envelope["detail"].(map[string]any)["requestParameters"] = map[string]any{"x": strings.Repeat("x", 2<<20)}
	text, err := json.Marshal(envelope)
	if err != nil {
		t.Fatal(err)
	}
	f := newFarEnd(t)
	if _, err := f.watch(t, nil).Invoke(t.Context(), text); err != nil || len(f.bodies["chat.postMessage"]) != 1 ||
		len(f.bodies["Publish"]) != 1 {
		t.Errorf("%v, calls %q", err, f.seen)
	}
}

// TestChannelsDown: what no channel takes is parked, and only where that fails too is the event run again.
func TestChannelsDown(t *testing.T) {
	f := newFarEnd(t)
	f.down = []string{"chat.postMessage", "Publish"}
	h := f.watch(t, nil)
	if _, err := h.Invoke(t.Context(), producertest.Payload(t, "console-login-without-mfa")); err != nil ||
		len(f.bodies["SendMessage"]) != 2 {
		t.Errorf("%v, %d parked", err, len(f.bodies["SendMessage"]))
	}
	f.down = append(f.down, "SendMessage")
	if _, err := f.watch(t, nil).Invoke(t.Context(), producertest.Payload(t, "console-login-without-mfa")); err == nil {
		t.Error("a message that is lost is no error")
	}
}

// TestParkedIsSentLater: what Slack refused waits in the queue, and the next scheduled run sends it as it was, and
// late.
func TestParkedIsSentLater(t *testing.T) {
	f := newFarEnd(t)
	f.down = []string{"chat.postMessage"}
	h := f.watch(t, nil)
	if _, err := h.Invoke(t.Context(), producertest.Payload(t, "console-login-without-mfa")); err != nil {
		t.Fatal(err)
	}
	f.down, f.waiting = nil, f.queued
	if _, err := h.Invoke(t.Context(), producertest.Payload(t, "scheduled-event")); err != nil {
		t.Fatal(err)
	}
	sent := f.bodies["chat.postMessage"]
	if len(f.queued) != 1 || len(f.bodies["DeleteMessage"]) != 1 || len(f.bodies["Publish"]) != 2 ||
		!strings.Contains(sent[len(sent)-1], "console-login-without-mfa") ||
		!strings.Contains(sent[len(sent)-1], "its delivery failed at 2026-03-02 09:15:30 UTC") {
		t.Errorf("%d queued, calls %q, last %s", len(f.queued), f.seen, sent[len(sent)-1])
	}
}

// TestTestAlert reaches every channel, and is not counted as one of the guard's.
func TestTestAlert(t *testing.T) {
	f := newFarEnd(t)
	var figures bytes.Buffer
	o := f.options(nil).FromAsset(fstest.MapFS{config.RulesFile: {Data: encoded()}})
	o.Metrics = slog.New(slog.NewJSONHandler(&figures, nil))
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	alert := `{"id": "1", "source": "trailkeeper", "detail-type": "Trailkeeper Test Alert", "account": "111122223333"}`
	if _, err := h.Invoke(t.Context(), []byte(alert)); err != nil {
		t.Fatal(err)
	}
	sent := strings.Join(f.bodies["chat.postMessage"], "")
	if len(f.bodies["Publish"]) != 1 || !strings.Contains(sent, "through the watch") ||
		strings.Contains(figures.String(), "TestAlerts") {
		t.Errorf("calls %q, figures %s", f.seen, figures.String())
	}
}

// TestScheduled takes up what waits, and sends what was left to summaries.
func TestScheduled(t *testing.T) {
	f := newFarEnd(t)
	h := f.watch(t, nil)
	if _, err := h.Invoke(t.Context(), producertest.Payload(t, "scheduled-event")); err != nil {
		t.Fatal(err)
	}
	if f.bodies["ReceiveMessage"] == nil || f.bodies["Query"] == nil {
		t.Errorf("calls %q", f.seen)
	}
	answer, err := h.Invoke(t.Context(), []byte(`{"source": "trailkeeper", "detail-type": "Trailkeeper Redrive"}`))
	if err != nil || !strings.Contains(string(answer), `"name":"failures"`) {
		t.Errorf("%s, %v", answer, err)
	}
}

// TestRefusedCalls: the metrics are those of the other module, and only where they are wanted.
func TestRefusedCalls(t *testing.T) {
	for namespace, want := range map[string]int{"CloudTrailToSlack/AccessDeniedEvents": 1, "": 0} {
		f := newFarEnd(t)
		var figures bytes.Buffer
		o := f.options(func(env map[string]string) { env[config.EnvRefusedNamespace] = namespace }).
			FromAsset(fstest.MapFS{config.RulesFile: {Data: encoded()}})
		o.Metrics = slog.New(slog.NewJSONHandler(&figures, nil))
		h, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Invoke(t.Context(), producertest.Payload(t, "stop-logging-denied")); err != nil {
			t.Fatal(err)
		}
		var line struct {
			TotalAccessDeniedEvents int
			AccountID               string                                                   `json:"AccountId"`
			AWS                     struct{ CloudWatchMetrics []struct{ Namespace string } } `json:"_aws"`
		}
		found := 0
		for text := range strings.SplitSeq(figures.String(), "\n") {
			if strings.Contains(text, "TotalAccessDeniedEvents") {
				found++
				if err := json.Unmarshal([]byte(text), &line); err != nil {
					t.Fatal(err)
				}
			}
		}
		if found != want || want > 0 && (line.TotalAccessDeniedEvents != 1 || line.AccountID != "111122223333" ||
			line.AWS.CloudWatchMetrics[0].Namespace != namespace) {
			t.Errorf("%q: %d lines, %+v", namespace, found, line)
		}
	}
}

// TestNewNamesEverythingThatIsWrong at once, and starts with a channel that is wrong.
func TestNewNamesEverythingThatIsWrong(t *testing.T) {
	_, err := New(Options{
		Environ: []string{"PATH=/", "TRAILKEEPER_MODE=restart"},
		Getenv:  func(k string) string { return map[string]string{"AWS_CA_BUNDLE": "/no/such/file"}[k] },
		Log:     slog.New(slog.DiscardHandler),
		Clock:   clock.Real(),
	}.FromAsset(fstest.MapFS{}))
	for _, want := range []string{
		config.EnvAccounts, config.EnvFailureQueue, "AWS_REGION", "AWS_CA_BUNDLE", "rules.bin: open rules.bin",
		"TRAILKEEPER_MODE is no variable of the watch; remove it",
	} {
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s is not named in %v", want, err)
		}
	}
	f := newFarEnd(t)
	if _, err := New(f.options(nil).FromAsset(fstest.MapFS{
		config.RulesFile: {Data: []byte("trailkeeper rules 1\nx")},
	})); err == nil {
		t.Error("rules that are damaged are no error")
	}
	h := f.watch(t, func(env map[string]string) { env[config.EnvSlackChannel] = "#general" })
	if _, err := h.Invoke(t.Context(), producertest.Payload(t, "console-login-without-mfa")); err != nil ||
		len(f.bodies["Publish"]) == 0 || len(f.bodies["SendMessage"]) == 0 {
		t.Errorf("%v, calls %q", err, f.seen)
	}
}

// TestPrewarmOpensTheConnectionWithoutCredentials to the table's service.
func TestPrewarmOpensTheConnectionWithoutCredentials(t *testing.T) {
	f := newFarEnd(t)
	h := f.watch(t, nil)
	h.Prewarm(t.Context())
	if len(f.seen) != 1 || f.seen[0] != "/" {
		t.Errorf("on the wire: %q; want one plain request", f.seen)
	}
}
