package slack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/secret"
)

// TestWhatAnAnswerIs: every answer of Slack's, how it is taken and what its sentence begins with.
func TestWhatAnAnswerIs(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		code   string
		bot    bool
		kind   kind
		stale  bool
		says   string
	}{
		"moved":                  {302, "", false, refused, false, "302: the webhook's URL redirects"},
		"the last redirect":      {399, "", false, refused, false, "399: the webhook's URL redirects"},
		"the first that is none": {300, "", false, refused, false, "300: the webhook's URL redirects"},
		"bad request": {400, "", false, refused, false, "400: Slack refused the message; check the webhook's " +
			"URL"},
		"informational": {299, "", false, refused, false, "299: Slack refused the message; check the webhook's " +
			"URL"},
		"forbidden": {403, "", false, refused, true, "403: Slack refuses this webhook"},
		"not found": {404, "", false, refused, true, "404: the webhook or its channel no longer exists"},
		"gone":      {410, "", false, refused, true, "410: the webhook or its channel no longer exists"},
		"no Slack":  {200, "", false, refused, false, "200: the response is not one of Slack's"},
		"limited":   {429, "", false, limited, false, "429: Slack limits the rate of messages"},
		"limited, of a bot": {200, "ratelimited", true, limited, false, "ratelimited: Slack limits the rate of " +
			"messages"},
		"limited, by another name": {200, "rate_limited", true, limited, false, "rate_limited: Slack limits the rate of " +
			"messages"},
		"down":            {500, "", false, failed, false, "500: Slack failed"},
		"down, by a name": {503, "service_unavailable", false, failed, false, "503 service_unavailable: Slack failed"},
		"down, of a bot":  {200, "internal_error", true, failed, false, "internal_error: Slack failed"},
		"fatal":           {200, "fatal_error", true, failed, false, "fatal_error: Slack failed"},
		"too slow":        {200, "request_timeout", true, failed, false, "request_timeout: Slack failed"},
		"unknown, of a bot": {200, "brand_new", true, refused, false, "brand_new: Slack refused the message; look the " +
			"error up"},
		"forbidden, of a bot": {403, "", true, refused, false, "403: Slack refuses this webhook"},
		"invalid token":       {200, "invalid_auth", true, refused, true, "invalid_auth: the bot token is not valid"},
		"no token":            {200, "not_authed", true, refused, true, "not_authed: the bot token is not valid"},
		"revoked":             {200, "token_revoked", true, refused, true, "token_revoked: the bot token is not valid"},
		"expired":             {200, "token_expired", true, refused, true, "token_expired: the bot token is not valid"},
		"inactive": {200, "account_inactive", true, refused, true, "account_inactive: the bot token is not " +
			"valid"},
		"near miss of a token": {200, "not_in_channel", true, refused, false, "not_in_channel: the app is not in the " +
			"channel"},
	} {
		body := test.code
		if test.bot {
			body = fmt.Sprintf(`{"ok":false,"error":%q}`, test.code)
		}
		_, f := judge(&http.Response{StatusCode: test.status, Header: http.Header{}}, []byte(body), test.bot)
		if f == nil {
			t.Errorf("%s is taken for accepted", name)
			continue
		}
		f.method = methodPost
		if f.kind != test.kind || f.staleKey() != test.stale || !strings.HasPrefix(f.Error(), test.says) {
			t.Errorf(
				"%s: kind %v, stale %v, %q; want %v, %v, %q",
				name,
				f.kind,
				f.staleKey(),
				f.Error(),
				test.kind,
				test.stale,
				test.says,
			)
		}
	}
}

// TestEveryCodeHasItsClass: which refusals are of the form, and which of the thread; no code is of both.
func TestEveryCodeHasItsClass(t *testing.T) {
	form := []string{"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}
	thread := []string{
		"thread_not_found",
		"message_not_found",
		"cannot_reply_to_message",
		"invalid_thread_ts",
		"thread_locked",
		"cant_broadcast_message",
		"restricted_action_thread_locked",
		"restricted_action_non_threadable_channel",
	}
	for _, code := range slices.Concat(form, thread, []string{"", "not_in_channel", "no_text", "restricted_action"}) {
		f := &failure{code: code}
		if f.badForm() != slices.Contains(form, code) || f.noThread() != slices.Contains(thread, code) ||
			f.noBroadcast() != (code == "cant_broadcast_message") {
			t.Errorf("%s: form %v, thread %v, broadcast %v", code, f.badForm(), f.noThread(), f.noBroadcast())
		}
	}
}

type rotated func() (secret.Value, error)

func (r rotated) Get(context.Context) (secret.Value, error) {
	return secret.Value{BotToken: secret.NewKey("old")}, nil
}
func (r rotated) Refresh(context.Context) (secret.Value, error) { return r() }

// TestSecretThatCannotBeReadAgain: then what Slack said stands, and nothing more is sent.
func TestSecretThatCannotBeReadAgain(t *testing.T) {
	for name, test := range map[string]struct {
		key   string
		err   error
		posts int
	}{
		"another key":               {token, nil, 2},
		"the same":                  {"old", nil, 1},
		"an error, and another key": {token, errors.New("denied"), 1},
	} {
		w := newWorkspace()
		n := w.notifier(nil, (&fakeClock{}).clock(), io.Discard)
		n.Secret = rotated(func() (secret.Value, error) { return secret.Value{BotToken: secret.NewKey(test.key)}, test.err })
		err := n.Notify(t.Context(), findingtest.Stopped())
		if len(w.calls) != test.posts || (err == nil) != (test.posts == 2) ||
			err != nil && !strings.HasPrefix(err.Error(), "invalid_auth") {
			t.Errorf("%s: %v after %q", name, err, w.calls)
		}
	}
}

// TestShown: what is older than what is shown is left out, of as many incidents as are remembered.
func TestShown(t *testing.T) {
	n := New(Options{Log: slog.New(slog.DiscardHandler)})
	of := func(i, count int) finding.Incident { return finding.Incident{ID: fmt.Sprint(i), Count: count} }
	for i := range maxShown - 1 {
		if !n.shown.advance(of(i, 2)) {
			t.Fatalf("%d is not shown", i)
		}
	}
	if n.shown.advance(of(0, 1)) || !n.shown.advance(of(0, 2)) || !n.shown.advance(of(0, 3)) || n.shown.advance(of(0, 2)) {
		t.Error("what is older is shown, or what is not is left out")
	}
	if n.shown.advance(of(maxShown-2, 1)) {
		t.Error("one is forgotten too early")
	}
	n.shown.advance(of(maxShown-1, 2))
	n.shown.advance(of(maxShown, 2)) // one too many
	if !n.shown.advance(of(0, 1)) || len(n.shown.of) > maxShown {
		t.Errorf("%d are remembered", len(n.shown.of))
	}
}

// TestRetryAfterJustInTime: a wait is taken where it leaves as much time as an answer needs, and not where it leaves
// less.
func TestRetryAfterJustInTime(t *testing.T) {
	// 12 s are left, of which an answer has one; no wait is longer than ten
	for after, posts := range map[string]int{"10": 3, "11": 1} {
		asked := 0
		c := &fakeClock{}
		n := New(Options{
			HTTPClient: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				asked++
				return &http.Response{
					StatusCode: http.StatusTooManyRequests,
					Header:     http.Header{"Retry-After": {after}},
					Body:       http.NoBody,
				}, nil
			})},
			Secret: &secrets{values: []secret.Value{{Webhook: secret.NewKey("https://hooks.example/services/" + hookKey)}}},
			Clock:  c.clock(),
		})
		if err := n.Notify(
			t.Context(),
			findingtest.Stopped(),
		); err == nil || asked != posts ||
			posts > 1 && c.waits[0] != 10*time.Second {
			t.Errorf("after %s s: %v, posted %d times with waits %v; want %d", after, err, asked, c.waits, posts)
		}
	}
}

// TestMissingScope names the scope that Slack asks for, and where it names none, the one that every post needs.
func TestMissingScope(t *testing.T) {
	for needed, want := range map[string]string{
		"": "the app lacks the scope chat:write;", "chat:write.public": "the app lacks the scope chat:write.public;",
	} {
		for _, code := range []string{"missing_scope", "no_permission"} {
			if got := codeMeaning(code, needed); !strings.HasPrefix(got, want) {
				t.Errorf("%s %q: %q, want %q", code, needed, got, want)
			}
		}
	}
}
