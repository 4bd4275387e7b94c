package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/secret"
)

const room = "C0123456789"

// posted is a message as a workspace keeps it.
type posted struct {
	ts        string
	thread    string
	broadcast bool
	updates   int
	body      []byte // of the post or of the last update
}

// workspace is a Slack with one channel and one app. What stands in fails comes first: for each method the answers of
// its next calls, "" for none.
type workspace struct {
	mu       sync.Mutex
	token    string
	messages []posted
	fails    map[string][]string // "429", "500", "hang", "lost" (taken, but the answer is lost), or an error's name
	calls    []string            // the methods, with what was answered
	before   func(method string) // runs without the lock
}

// RoundTrip answers as Slack does.
func (w *workspace) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	method := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	if w.before != nil {
		w.before(method)
	}
	w.mu.Lock()
	fault := ""
	if f := w.fails[method]; len(f) > 0 {
		fault, w.fails[method] = f[0], f[1:]
	}
	if fault == "hang" {
		w.mu.Unlock()
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	defer w.mu.Unlock()
	return w.answer(r, method, fault, body)
}

func (w *workspace) answer(r *http.Request, method, fault string, body []byte) (*http.Response, error) {
	status, said := http.StatusOK, fault
	switch fault {
	case "429", "500":
		_, _ = fmt.Sscan(fault, &status)
	case "", "lost":
		said = w.take(r, method, body)
	}
	w.calls = append(w.calls, method+" "+said)
	if fault == "lost" {
		return nil, io.EOF
	}
	answer := map[string]any{"ok": false, "error": said}
	if ts, ok := strings.CutPrefix(said, "ok "); ok {
		answer = map[string]any{
			"ok":      true,
			"channel": "C_OTHER",
			"ts":      ts,
			"message": w.shown(ts, body),
		}
	}
	b, err := json.Marshal(answer) // with the message's < > & escaped, as Slack does
	return &http.Response{
		StatusCode: status,
		Header:     http.Header{"Retry-After": {"1"}},
		Body:       io.NopCloser(bytes.NewReader(b)),
	}, err
}

// take does what is asked and returns "ok" with the message's ts, or an error's name.
func (w *workspace) take(r *http.Request, method string, body []byte) string {
	var m struct {
		Channel, TS, Text string
		Thread            string `json:"thread_ts"`
		Broadcast         bool   `json:"reply_broadcast"`
	}
	switch {
	case json.Unmarshal(body, &m) != nil || m.Text == "":
		return "invalid_arguments"
	case r.Header.Get("Authorization") != "Bearer "+w.token:
		return "invalid_auth"
	case m.Channel != room:
		return "channel_not_found"
	case method == "chat.update":
		p := w.find(m.TS)
		if p == nil || m.Thread != "" || m.Broadcast {
			return "message_not_found"
		}
		p.updates, p.body = p.updates+1, body
		return "ok " + p.ts
	case m.TS != "" || method != "chat.postMessage":
		return "invalid_arguments"
	}
	switch p := w.find(m.Thread); {
	case m.Thread == "":
	case p == nil: // Slack does not say so
		m.Thread, m.Broadcast = "", false
	case p.thread != "":
		return "thread_not_found"
	}
	p := posted{
		ts:        fmt.Sprintf("1772442900.%06d", len(w.messages)+1),
		thread:    m.Thread,
		broadcast: m.Broadcast,
		body:      body,
	}
	w.messages = append(w.messages, p)
	return "ok " + p.ts
}

// shown is a message as an answer has it: in the thread that it is in, whatever was asked for.
func (w *workspace) shown(ts string, body []byte) map[string]any {
	var m map[string]any
	if p := w.find(ts); json.Unmarshal(body, &m) == nil && p != nil {
		if delete(m, "thread_ts"); p.thread != "" {
			m["thread_ts"] = p.thread
		}
	}
	return m
}

func (w *workspace) find(ts string) *posted {
	for i := range w.messages {
		if w.messages[i].ts == ts {
			return &w.messages[i]
		}
	}
	return nil
}

// board is a Threads that keeps its promise. Where err is set, it fails.
type board struct {
	mu     sync.Mutex
	ids    map[string]string // "?" while somebody is about to post
	err    error
	opened int
	failed int
}

// Thread, Opened and Failed are report.Threads.
func (b *board) Thread(_ context.Context, incident, channel string) (id string, ours bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := incident + " " + channel
	switch id, known := b.ids[key]; {
	case b.err != nil:
		return "", false, b.err
	case !known:
		b.ids[key] = "?"
		return "", true, nil
	case id != "?":
		return id, false, nil
	}
	return "", false, nil
}

// Opened notes the thread.
func (b *board) Opened(ctx context.Context, incident, channel, id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.opened++
	b.ids[incident+" "+channel] = id
	return ctx.Err()
}

// Failed gives the claim back.
func (b *board) Failed(ctx context.Context, incident, channel string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failed++
	delete(b.ids, incident+" "+channel)
	return ctx.Err()
}

func newBoard() *board { return &board{ids: map[string]string{}} }

func newWorkspace() *workspace { return &workspace{token: token, fails: map[string][]string{}} }

// notifier is one run's. It logs to log.
func (w *workspace) notifier(b report.Threads, c clock.Clock, log io.Writer) *Notifier {
	return New(Options{
		HTTPClient: &http.Client{Transport: w},
		Secret:     &secrets{values: []secret.Value{{BotToken: secret.NewKey(token)}}},
		SecretName: "trailkeeper/slack",
		Channel:    room,
		API:        "https://slack.example/api/",
		Threads:    b,
		Log:        slog.New(slog.NewJSONHandler(log, nil)),
		Clock:      c,
	})
}

// incident is one that began with a StopLogging, after count events, the last of which is n.
func incident(n finding.Finding, state finding.IncidentState, count int) finding.Finding {
	return findingtest.InIncident(n, state, count, message.Headline)
}
