package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/secret"
)

const (
	token   = "xoxb-0000-SECRETTOKEN"
	hookKey = "SECRETHOOK"
)

// secrets returns its values in turn, the last for ever.
type secrets struct {
	values    []secret.Value
	err       error
	refreshed int
}

func (s *secrets) Get(context.Context) (secret.Value, error) { return s.values[0], s.err }

func (s *secrets) Refresh(context.Context) (secret.Value, error) {
	s.refreshed++
	return s.values[min(s.refreshed, len(s.values)-1)], s.err
}

// fakeClock notes the waits and takes no time.
type fakeClock struct{ waits []time.Duration }

func (c *fakeClock) clock() clock.Clock {
	return clock.Clock{
		Now:      findingtest.At,
		Sleep:    func(ctx context.Context, d time.Duration) error { c.waits = append(c.waits, d); return ctx.Err() },
		Deadline: func(context.Context) (time.Time, bool) { return findingtest.At().Add(12 * time.Second), true },
	}
}

type answer struct {
	status int
	body   string
	header http.Header
	abort  bool
}

// server answers in turn, the last for ever, and counts.
type server struct {
	*httptest.Server
	answers []answer
	mu      sync.Mutex
	seen    []*http.Request
	bodies  []string
}

// next notes the request and returns its answer.
func (s *server) next(r *http.Request) answer {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.answers[min(len(s.seen), len(s.answers)-1)]
	s.seen, s.bodies = append(s.seen, r), append(s.bodies, string(body))
	return a
}

func (s *server) posts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen)
}

func serve(t *testing.T, answers ...answer) *server {
	t.Helper()
	s := &server{answers: answers}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := s.next(r)
		if a.abort {
			panic(http.ErrAbortHandler)
		}
		for k, v := range a.header {
			w.Header()[k] = v
		}
		w.WriteHeader(a.status)
		fmt.Fprint(w, a.body)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) notifier(c *fakeClock, bot bool, keys ...secret.Value) (*Notifier, *secrets) {
	o := Options{
		HTTPClient: s.Client(),
		SecretName: "trailkeeper/slack",
		API:        s.URL + "/api/",
		Clock:      c.clock(),
	}
	if bot {
		o.Channel = "C0123456789"
	}
	if keys == nil {
		keys = []secret.Value{{Webhook: secret.NewKey(s.URL + "/services/" + hookKey), BotToken: secret.NewKey(token)}}
	}
	sec := &secrets{values: keys}
	o.Secret = sec
	return New(o), sec
}

// noLeak fails where an error shows the token or the webhook.
func noLeak(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		for _, s := range []string{token, "SECRETTOKEN", hookKey, "/services/"} {
			if strings.Contains(fmt.Sprintf("%v %+v %#v", e, e, e), s) {
				t.Errorf("%s: the error shows the secret", what)
			}
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: %q is more than one line", what, err)
	}
}

func TestDelivers(t *testing.T) {
	c := &fakeClock{}
	s := serve(t, answer{status: 200, body: `{"ok":true,"ts":"1.2"}`})
	n, _ := s.notifier(c, true)
	if err := n.Notify(t.Context(), findingtest.Stopped()); err != nil {
		t.Fatal(err)
	}
	r := s.seen[0]
	if got := []string{
		r.Method,
		r.URL.Path,
		r.Header.Get("Authorization"),
		r.Header.Get("Content-Type"),
	}; !slices.Equal(
		got,
		[]string{"POST", "/api/chat.postMessage", "Bearer " + token, "application/json; charset=utf-8"},
	) {
		t.Error("the request to chat.postMessage is not as documented") // not printed: it holds the token
	}
	var m struct{ Channel, Text string }
	if err := json.Unmarshal(
		[]byte(s.bodies[0]),
		&m,
	); err != nil || m.Channel != "C0123456789" ||
		m.Text != "✅ "+message.Headline(findingtest.Stopped()) {
		t.Errorf("body has channel %q, text %q, %v", m.Channel, m.Text, err)
	}

	s = serve(t, answer{status: 200, body: "ok"})
	n, _ = s.notifier(c, false)
	if err := n.Notify(t.Context(), findingtest.Stopped()); err != nil {
		t.Fatal(err)
	}
	if r := s.seen[0]; r.URL.Path != "/services/"+hookKey || r.Header.Get("Authorization") != "" ||
		strings.Contains(s.bodies[0], `"channel"`) {
		t.Error("the post to the webhook has the wrong address, a token or a channel")
	}
	if len(c.waits) != 0 {
		t.Errorf("waited %v without need", c.waits)
	}
}

func TestRetries(t *testing.T) {
	ok, limit := answer{status: 200, body: "ok"}, func(after string) answer {
		return answer{status: 429, body: "rate_limited", header: http.Header{"Retry-After": {after}}}
	}
	for _, c := range []struct {
		name    string
		answers []answer
		tries   int
		waits   []time.Duration
		err     string // beginning of the error, "" for success
	}{
		{"5xx then ok", []answer{{status: 503}, ok}, 2, []time.Duration{250 * time.Millisecond}, ""},
		{
			"5xx for ever",
			[]answer{{status: 500, body: "rollup_error"}},
			3,
			[]time.Duration{250 * time.Millisecond, time.Second},
			"500 rollup_error: Slack failed, three times; ",
		},
		{"closed connection is retried at once", []answer{{abort: true}, ok}, 2, nil, ""},
		{"closed for ever", []answer{{abort: true}}, 3, []time.Duration{250 * time.Millisecond}, "the connection to Slack " +
			"was closed"},
		{"Retry-After is honoured", []answer{limit("3"), ok}, 2, []time.Duration{3 * time.Second}, ""},
		{"Retry-After beyond the time", []answer{limit("30"), ok}, 1, nil, "429 rate_limited: Slack limits the rate of " +
			"messages; its Retry-After is 30 s, more than the time left"},
		{"Retry-After without a number", []answer{limit("soon"), ok}, 2, []time.Duration{time.Second}, ""},
		{"limited for ever", []answer{limit("1")}, 3, []time.Duration{time.Second, time.Second}, "429 rate_limited: Slack " +
			"limits the rate of messages, three times; "},
		{
			"limited and then refused",
			[]answer{limit("1"), {status: 403}},
			2,
			[]time.Duration{time.Second},
			"403: Slack refuses this webhook",
		},
		{
			"limited without a name",
			[]answer{{status: 429, header: http.Header{"Retry-After": {"1"}}}},
			3,
			[]time.Duration{time.Second, time.Second},
			"429: Slack limits the rate of messages, three times; ",
		},
		{"400", []answer{{status: 400, body: "invalid_payload"}, ok}, 1, nil, "400 invalid_payload: Slack rejected the " +
			"format of this message"},
		{
			"403",
			[]answer{{status: 403, body: "action_prohibited"}, ok},
			1, nil,
			"403 action_prohibited: the workspace's policy",
		},
		{"404", []answer{{status: 404, body: "no_service"}, ok}, 1, nil, "404 no_service: the webhook was revoked"},
		{"410", []answer{{status: 410, body: "channel_is_archived"}, ok}, 1, nil, "410 channel_is_archived: the channel is " +
			"archived"},
		{"403 without a name", []answer{{status: 403, body: "<html>" + hookKey}}, 1, nil, "403: Slack refuses this webhook"},
		{
			"200 of somebody else",
			[]answer{{status: 200, body: "<html>welcome"}, ok},
			1,
			nil,
			"200: the response is not one of " +
				"Slack's",
		},
		{
			"redirect",
			[]answer{{status: 302, header: http.Header{"Location": {"/elsewhere/" + hookKey}}}, ok},
			1, nil,
			"302: the webhook's URL redirects",
		},
	} {
		clk := &fakeClock{}
		s := serve(t, c.answers...)
		n, _ := s.notifier(clk, false)
		err := n.Notify(t.Context(), findingtest.Stopped())
		noLeak(t, c.name, err)
		if got := fmt.Sprint(err); c.err == "" && err != nil || c.err != "" && !strings.HasPrefix(got, c.err) {
			t.Errorf("%s: error %q, want %q", c.name, got, c.err)
		}
		if s.posts() != c.tries {
			t.Errorf("%s: %d tries, want %d", c.name, s.posts(), c.tries)
		}
		if diff := cmp.Diff(c.waits, clk.waits); diff != "" {
			t.Errorf("%s: waits (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestWebAPIErrors(t *testing.T) {
	for _, c := range []struct {
		body  string
		tries int
		want  string
	}{
		{`{"ok":false,"error":"invalid_auth"}`, 1, "invalid_auth: the bot token is not valid"},
		{`{"ok":false,"error":"channel_not_found"}`, 1, "channel_not_found: the channel does not exist"},
		{`{"ok":false,"error":"not_in_channel"}`, 1, "not_in_channel: the app is not in the channel; invite it"},
		{`{"ok":false,"error":"is_archived"}`, 1, "is_archived: the channel is archived"},
		{`{"ok":false,"error":"missing_scope","needed":"chat:write"}`, 1, "missing_scope: the app lacks the scope " +
			"chat:write"},
		{`{"ok":false,"error":"restricted_action"}`, 1, "restricted_action: the workspace's policy"},
		{`{"ok":false,"error":"fatal_error"}`, 3, "fatal_error: Slack failed, three times"},
		{`{"ok":false,"error":"ratelimited"}`, 3, "ratelimited: Slack limits the rate of messages, three times; "},
		{`{"ok":false,"error":"rollup_error"}`, 1, "rollup_error: Slack failed; see"},
		{`{"ok":false,"error":"brand_new_error"}`, 1, "brand_new_error: Slack refused the message; look the error up"},
		{`{"ok":false,"error":"` + token + `"}`, 1, "200: Slack refused the message"},
		{`not json ` + token, 1, "200: Slack refused the message"},
		{`{"ok":tru`, 1, "200: Slack refused the message"},
	} {
		s := serve(t, answer{status: 200, body: c.body})
		n, _ := s.notifier(&fakeClock{}, true)
		err := n.Notify(t.Context(), findingtest.Stopped())
		noLeak(t, c.want, err)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("answer with %q: error is %q", c.want, err)
		}
		if s.posts() != c.tries {
			t.Errorf("%s: %d tries, want %d", c.want, s.posts(), c.tries)
		}
	}
}

func TestRotatedKey(t *testing.T) {
	s := serve(
		t,
		answer{status: 200, body: `{"ok":false,"error":"token_revoked"}`},
		answer{status: 200, body: `{"ok":true}`},
	)
	n, sec := s.notifier(
		&fakeClock{},
		true,
		secret.Value{BotToken: secret.NewKey(token)},
		secret.Value{BotToken: secret.NewKey("xoxb-new")},
	)
	if err := n.Notify(t.Context(), findingtest.Stopped()); err != nil {
		t.Errorf("a rotated token was not picked up: %v", err)
	}
	if sec.refreshed != 1 || s.posts() != 2 || s.seen[1].Header.Get("Authorization") != "Bearer xoxb-new" {
		t.Errorf("refreshed %d times, %d posts", sec.refreshed, s.posts())
	}
	s = serve(t, answer{status: 404, body: "no_service"})
	n, sec = s.notifier(&fakeClock{}, false)
	if err := n.Notify(t.Context(), findingtest.Stopped()); err == nil || sec.refreshed != 1 || s.posts() != 1 {
		t.Errorf("same key: error %v, refreshed %d times, %d posts; want an error, 1, 1", err, sec.refreshed, s.posts())
	}
}

func TestKeys(t *testing.T) {
	for _, c := range []struct {
		name string
		keys secret.Value
		bot  bool
		want string
	}{
		{
			"nothing",
			secret.Value{},
			true,
			`secret "trailkeeper/slack" has no key that can be used; ` +
				`add "webhook", or "bot_token" and a channel in the settings`,
		},
		{
			"token without channel",
			secret.Value{BotToken: secret.NewKey(token)},
			false,
			`secret "trailkeeper/slack" has a "bot_token", but no Slack channel is configured`,
		},
		{
			"webhook in clear",
			secret.Value{Webhook: secret.NewKey("http://hooks.example/services/" + hookKey)},
			false,
			`the key "webhook" of secret "trailkeeper/slack" is not an https URL`,
		},
		{
			"webhook that is no URL",
			secret.Value{Webhook: secret.NewKey("https://%zz/services/" + hookKey)},
			false,
			`the key "webhook" of secret`,
		},
		{
			"near loopback",
			secret.Value{Webhook: secret.NewKey("http://127.0.0.1.evil.example/services/" + hookKey)},
			false,
			`the key "webhook" of secret`,
		},
	} {
		s := serve(t, answer{status: 500})
		n, _ := s.notifier(&fakeClock{}, c.bot, c.keys)
		err := n.Notify(t.Context(), findingtest.Stopped())
		noLeak(t, c.name, err)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || s.posts() != 0 {
			t.Errorf("%s: error %q after %d posts, want %q", c.name, err, s.posts(), c.want)
		}
	}
	s := serve(t, answer{status: 200, body: "ok"})
	n, sec := s.notifier(&fakeClock{}, false)
	sec.err = errors.New("read secret: no access")
	if err := n.Notify(t.Context(), findingtest.Stopped()); !errors.Is(err, sec.err) || s.posts() != 0 {
		t.Errorf("an unreadable secret gives %v after %d posts", err, s.posts())
	}
}

func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + l.Addr().String()
	_ = l.Close()
	clk := &fakeClock{}
	n := New(Options{
		Secret: &secrets{
			values: []secret.Value{{Webhook: secret.NewKey(address + "/services/" + hookKey)}},
		},
		Clock: clk.clock(),
	})
	err = n.Notify(t.Context(), findingtest.Stopped())
	noLeak(t, "refused", err)
	if err == nil || !strings.HasPrefix(err.Error(), "Slack could not be reached (connection refused)") ||
		len(clk.waits) != 2 {
		t.Errorf("refused connection: %v after waits %v", err, clk.waits)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := serve(t, answer{status: 200, body: "ok"})
	n, _ = s.notifier(clk, false)
	err = n.Notify(ctx, findingtest.Stopped())
	noLeak(t, "canceled", err)
	if err == nil || !strings.HasPrefix(err.Error(), "the function's time ran out") {
		t.Errorf("canceled: %v", err)
	}
}

func TestNoAnswerInTime(t *testing.T) {
	n := New(Options{
		HTTPClient: &http.Client{
			Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, context.DeadlineExceeded }),
		},
		Secret: &secrets{
			values: []secret.Value{{Webhook: secret.NewKey("https://hooks.example/services/" + hookKey)}},
		},
		Clock: (&fakeClock{}).clock(),
	})
	err := n.Notify(t.Context(), findingtest.Stopped())
	noLeak(t, "timeout", err)
	if err == nil || !strings.HasPrefix(err.Error(), "Slack did not answer in time") {
		t.Errorf("error is %v", err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestIsNotifier(t *testing.T) {
	var n report.Notifier = New(Options{})
	if n.Name() != "slack" {
		t.Errorf("Name = %q", n.Name())
	}
}
