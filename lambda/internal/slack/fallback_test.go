package slack

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/secret"
)

// logged lists the levels and messages of a log, and fails where a line shows a key or another event.
func logged(t *testing.T, log, event string) string {
	t.Helper()
	var all []string
	for line := range strings.Lines(log) {
		var l struct {
			Level, Msg string
			EventID    string `json:"event_id"`
			Channel    string
			Error      string
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil || l.EventID != event || l.Channel == "" || l.Error == "" {
			t.Errorf("log line %s: %v", line, err)
		}
		if strings.Contains(line, "SECRET") {
			t.Error("a log line shows a key")
		}
		all = append(all, l.Level+" "+l.Msg)
	}
	return strings.Join(all, ", ")
}

// TestFormRefused is every name with which Slack refuses a form, on both ways to Slack, and near misses.
func TestFormRefused(t *testing.T) {
	for code, again := range map[string]bool{
		"invalid_blocks":        true,
		"invalid_blocks_format": true,
		"msg_blocks_too_long":   true,
		"msg_too_long":          true,
		"invalid_payload":       false,
		"no_text":               false,
		"invalid_arguments":     false,
		"is_archived":           false,
	} {
		for _, bot := range []bool{true, false} {
			refusal, ok := answer{status: 400, body: code}, answer{status: 200, body: "ok"}
			if bot {
				refusal = answer{status: 200, body: `{"ok":false,"error":"` + code + `"}`}
				ok = answer{status: 200, body: `{"ok":true,"ts":"1.2"}`}
			}
			log := &bytes.Buffer{}
			s := serve(t, refusal, ok)
			n, _ := s.notifier(&fakeClock{}, bot)
			n.Log = slog.New(slog.NewJSONHandler(log, nil))
			err := n.Notify(t.Context(), findingtest.Stopped())
			noLeak(t, code, err)
			if !again {
				if err == nil || s.posts() != 1 {
					t.Errorf("%s, bot %v: %v after %d posts", code, bot, err, s.posts())
				}
				continue
			}
			got := logged(t, log.String(), findingtest.Stopped().EventID)
			if err != nil || s.posts() != 2 || strings.Contains(s.bodies[1], `"blocks":`) ||
				!strings.Contains(
					s.bodies[1],
					message.Detail(findingtest.Stopped()),
				) || !strings.Contains(
				s.bodies[1], "refused the blocks of this message ("+code+")",
			) || got != "ERROR slack refused the message's form" {
				t.Errorf("%s, bot %v: %v after %d posts, log %q", code, bot, err, s.posts(), got)
			}

			s = serve(t, refusal)
			n, _ = s.notifier(&fakeClock{}, bot)
			if err := n.Notify(t.Context(), findingtest.Stopped()); err == nil || s.posts() != 2 {
				t.Errorf("%s for ever, bot %v: %v after %d posts, want an error after 2", code, bot, err, s.posts())
			}
		}
	}
}

// TestStaleTokenInThreads has a token that is replaced at any point of a delivery. The secret is read again once, and
// never more.
func TestStaleTokenInThreads(t *testing.T) {
	fresh := secret.Value{BotToken: secret.NewKey("xoxb-new")}
	old := secret.Value{BotToken: secret.NewKey(token)}
	for _, c := range []struct {
		name    string
		keys    []secret.Value
		swap    string // the method at whose first call the token changes
		accept  string
		count   int
		calls   string
		wantErr bool
		fresh   int
	}{
		{"parent", []secret.Value{old, fresh}, "chat.postMessage", "xoxb-new", 1, "chat.postMessage invalid_auth, " +
			"chat.postMessage ok 1772442900.000002", false, 1},
		{
			"reply",
			[]secret.Value{old, fresh},
			"chat.postMessage", "xoxb-new", 2,
			"chat.postMessage invalid_auth, chat.postMessage ok 1772442900.000002, chat.update ok 1772442900.000001", false, 1,
		},
		{
			"update",
			[]secret.Value{old, fresh},
			"chat.update", "xoxb-new", 2,
			"chat.postMessage ok 1772442900.000002, chat.update invalid_auth, chat.update ok 1772442900.000001", false, 1,
		},
		{
			"the fresh one is no better",
			[]secret.Value{old, fresh},
			"chat.postMessage", "xoxb-third", 2,
			"chat.postMessage invalid_auth, chat.postMessage invalid_auth", true, 1,
		},
		{"nothing fresh", []secret.Value{old}, "chat.postMessage", "xoxb-third", 2, "chat.postMessage invalid_auth", true, 1},
		{
			"the fresh one is no better for the update",
			[]secret.Value{old, fresh},
			"chat.update", "xoxb-third", 2,
			"chat.postMessage ok 1772442900.000002, chat.update invalid_auth, chat.update invalid_auth", false, 1,
		},
	} {
		w, b := newWorkspace(), newBoard()
		w.messages = []posted{{ts: "1772442900.000001"}}
		if c.count > 1 {
			b.ids["inc-5f2c9e7a1b3d4860 slack:"+room] = "1772442900.000001"
		}
		w.before = func(method string) {
			if method == c.swap {
				w.token = c.accept
			}
		}
		n := w.notifier(b, (&fakeClock{}).clock(), io.Discard)
		sec := &secrets{values: c.keys}
		n.Secret = sec
		err := n.Notify(t.Context(), incident(findingtest.Stopped(), finding.IncidentOpen, c.count))
		noLeak(t, c.name, err)
		if got := strings.Join(w.calls, ", "); got != c.calls || (err != nil) != c.wantErr || sec.refreshed != c.fresh {
			t.Errorf("%s: error %v, refreshed %d times, calls %s\nwant %s", c.name, err, sec.refreshed, got, c.calls)
		}
	}
}

// TestTokenThatKeepsChanging is read again once for a whole delivery, however many calls that has.
func TestTokenThatKeepsChanging(t *testing.T) {
	w, b := newWorkspace(), newBoard()
	w.messages = []posted{{ts: "1772442900.000001"}}
	b.ids["inc-5f2c9e7a1b3d4860 slack:"+room] = "1772442900.000001"
	w.fails["chat.postMessage"], w.fails["chat.update"] = []string{"token_revoked"}, []string{"token_revoked"}
	n := w.notifier(b, (&fakeClock{}).clock(), io.Discard)
	sec := &secrets{}
	for _, key := range []string{token, token + "2", token + "3", token + "4"} {
		sec.values = append(sec.values, secret.Value{BotToken: secret.NewKey(key)})
	}
	w.token = token + "2"
	n.Secret = sec
	err := n.Notify(t.Context(), incident(findingtest.Stopped(), finding.IncidentOpen, 2))
	if got := strings.Join(w.calls, ", "); err != nil || sec.refreshed != 1 ||
		got != "chat.postMessage token_revoked, chat.postMessage ok 1772442900.000002, chat.update token_revoked" {
		t.Errorf("%v, refreshed %d times, calls %s", err, sec.refreshed, got)
	}
}

// TestTokenReplacedByWebhook posts a reply to a webhook, which knows neither channels nor threads.
func TestTokenReplacedByWebhook(t *testing.T) {
	s := serve(t, answer{status: 200, body: `{"ok":false,"error":"account_inactive"}`}, answer{status: 200, body: "ok"})
	n, _ := s.notifier(
		&fakeClock{},
		true,
		secret.Value{BotToken: secret.NewKey(token)},
		secret.Value{Webhook: secret.NewKey(s.URL + "/services/" + hookKey)},
	)
	b := newBoard()
	b.ids["inc-5f2c9e7a1b3d4860 slack:"+room] = "1.2"
	n.Threads = b
	err := n.Notify(t.Context(), incident(findingtest.Named("gave-up"), finding.IncidentHuman, 2))
	noLeak(t, "webhook", err)
	if err != nil || s.posts() != 2 || !strings.Contains(s.bodies[0], "thread_ts") {
		t.Fatalf("%v after %d posts", err, s.posts())
	}
	for _, not := range []string{"thread_ts", "reply_broadcast", `"channel"`} {
		if strings.Contains(s.bodies[1], not) {
			t.Errorf("the post to the webhook has %s", not)
		}
	}
}

// TestLongAnswer is Slack's: it sends the whole message back, every < > & and non-ASCII character escaped.
func TestLongAnswer(t *testing.T) {
	w, b := newWorkspace(), newBoard()
	n := w.notifier(b, (&fakeClock{}).clock(), io.Discard)
	hostile := findingtest.Hostile()
	hostile.Incident = incident(hostile, finding.IncidentOpen, 1).Incident
	if err := n.Notify(t.Context(), hostile); err != nil || len(w.calls) != 1 || b.opened != 1 {
		t.Errorf("%v after %v, opened %d", err, w.calls, b.opened)
	}
	s := serve(
		t,
		answer{status: 200, body: `{"ok":true,"ts":"1.2","message":{"text":"` + strings.Repeat(`\u00e9`, 20_000) + `"}}`},
	)
	n, _ = s.notifier(&fakeClock{}, true)
	if err := n.Notify(t.Context(), findingtest.Stopped()); err != nil || s.posts() != 1 {
		t.Errorf("%v after %d posts", err, s.posts())
	}
}
