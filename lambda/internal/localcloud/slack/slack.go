// Package slack is Slack as far as messages are posted and changed: incoming webhooks, chat.postMessage, chat.update,
// its limits and its errors. It knows no AWS, and nothing of what messages say.
package slack

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// Workspace is Slack: the channels and who may post to them, which the secrets say.
type Workspace struct {
	kernel  *kernel.Kernel
	secrets map[string]string // name to text
	here    func() string     // the URL of the loopback, which takes posts to webhooks as well

	mu       sync.Mutex
	channels []*slackChannel
	foreign  map[string]bool // addresses that are not Slack's, by host and path
}

// Foreign is the channel of everything that went to an address that is not the deployment's.
const Foreign = "foreign"

// ForeignWebhook has an address, whose path begins with /services/, take whatever is posted to it as Slack does: that of
// somebody who wants the messages of others, and answers that all is well.
func (s *Workspace) ForeignWebhook(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u, err := url.Parse(address); err == nil {
		s.foreign[u.Host+u.Path] = true
	}
}

// New returns a workspace in which nothing was posted.
func New(k *kernel.Kernel, secrets map[string]string, here func() string) *Workspace {
	return &Workspace{kernel: k, secrets: secrets, here: here, foreign: map[string]bool{}}
}

type slackAnswer struct {
	kernel.Answer
	err    string
	posted posted // what the channel got
}

// The operations of Slack that faults name.
const (
	opPost    = "chat.postMessage"
	opUpdate  = "chat.update"
	opAuth    = "auth.test"
	opWebhook = kernel.OpWebhook
)

func op(r kernel.Post) string {
	if method, ok := strings.CutPrefix(r.Path, "/api/"); ok {
		return method
	}
	return opWebhook
}

// Serve answers a request of a function.
func (s *Workspace) Serve(r *http.Request, body []byte) (kernel.Answer, *kernel.Injected) {
	return s.Take(kernel.Post{
		Method:   r.Method,
		Host:     r.Host,
		Path:     r.URL.Path,
		Header:   r.Header,
		Body:     body,
		Via:      kernel.ViaFunction,
		Function: true,
		Who:      r.Header.Get(kernel.Sender),
	})
}

// placeIn is the channel's ID, or "secret:KEY" for an incoming webhook.
func (s *Workspace) placeIn(r kernel.Post, m slackMessage) string {
	if op(r) != opWebhook {
		return m.Channel
	}
	if s.foreign[r.Host+r.Path] {
		return Foreign
	}
	if key := s.webhookKey(r.Host, r.Path); key != "" {
		return "secret:" + key
	}
	return ""
}

// Take answers an incoming webhook, chat.postMessage or chat.update as Slack does, and shows the message.
func (s *Workspace) Take(r kernel.Post) (kernel.Answer, *kernel.Injected) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var m slackMessage
	parseErr := json.Unmarshal(r.Body, &m)
	at := s.placeIn(r, m)
	injected := s.kernel.Pick(kernel.Step{
		Service:  "slack",
		Op:       op(r),
		By:       r.Via,
		About:    at,
		Function: r.Function,
	})
	s.kernel.Leak(string(r.Body))
	if injected != nil && injected.Kind != kernel.FaultError {
		s.kernel.Shows(injected, "slack", op(r))
	}
	if !injected.Effective() && injected.Kind != kernel.FaultError {
		return kernel.Answer{Status: injected.Garbage().Status}, injected
	}
	answer := s.slackAnswer(r, m, parseErr, injected)
	p := answer.posted
	if p.Channel == "" {
		p.Channel = at
	}
	e := kernel.Entry{
		Kind:      kernel.KindSlack,
		Via:       r.Via,
		Who:       r.Who,
		Function:  r.Function,
		Text:      m.Text,
		Raw:       string(r.Body),
		EventID:   r.EventID,
		Err:       answer.err,
		Paths:     r.Paths,
		Empty:     r.Empty,
		Channel:   p.Channel,
		TS:        p.TS,
		Thread:    p.Thread,
		Broadcast: p.Broadcast,
		Update:    op(r) == opUpdate,
	}
	if e.Update {
		e.TS = m.TS
	}
	if op(r) != opAuth && (r.Try <= 1 || answer.err == "") { // who asks who it is posts nothing
		s.kernel.Note(e)
	}
	return answer.Answer, injected
}

func (s *Workspace) slackAnswer(r kernel.Post, m slackMessage, parseErr error, injected *kernel.Injected) slackAnswer {
	if r.Method != http.MethodPost {
		return plain(http.StatusMethodNotAllowed, "method_not_allowed")
	}
	f := s.kernel.Asked("slack", r.Path, r.Function)
	if f == nil {
		f = injected.Failure()
	}
	if f != nil {
		return answerOf(f, op(r))
	}
	problem := m.problem()
	if parseErr != nil {
		problem = "invalid_payload"
	}
	if op(r) == opWebhook {
		return s.answerWebhook(r, m, problem)
	}
	return s.answerMethod(r, m, problem)
}

// answerOf is a failure in Slack's form: with status 200 it is an error of the Web API, "ok" is false.
func answerOf(f *kernel.Failure, op string) slackAnswer {
	a := notOK(f.Code)
	if f.Status != http.StatusOK || op == opWebhook {
		a = plain(f.Status, strings.TrimPrefix(f.Code, strconv.Itoa(f.Status)+" "))
		a.Body = []byte(f.Code)
	}
	after := f.RetryAfter
	if after == 0 && f.Status == http.StatusTooManyRequests {
		after = time.Second
	}
	if after > 0 {
		a.Header["Retry-After"] = strconv.Itoa(int(after / time.Second))
	}
	return a
}

// plain is an error with a status of its own.
func plain(status int, code string) slackAnswer {
	a := kernel.Answer{Status: status, Header: map[string]string{}, Body: []byte(code)}
	return slackAnswer{Answer: a, err: strconv.Itoa(status) + " " + code}
}

func notOK(code string) slackAnswer {
	return slackAnswer{Answer: inJSON(map[string]any{"ok": false, "error": code}), err: code}
}

func inJSON(v any) kernel.Answer {
	body, _ := json.Marshal(v) // texts always encode
	header := map[string]string{"Content-Type": "application/json; charset=utf-8"}
	return kernel.Answer{Status: http.StatusOK, Header: header, Body: body}
}

// answerWebhook: failures of an incoming webhook are real 4xx ("Sending messages using incoming webhooks").
func (s *Workspace) answerWebhook(r kernel.Post, m slackMessage, problem string) slackAnswer {
	at := s.placeIn(r, m)
	switch {
	case at == "":
		return plain(http.StatusNotFound, "no_service")
	case problem != "" && at != Foreign:
		return plain(http.StatusBadRequest, problem)
	}
	p := s.channel(at).post(s.kernel.Now(), r, m, at)
	return slackAnswer{Answer: kernel.Answer{Status: http.StatusOK, Body: []byte("ok")}, posted: *p}
}

// answerMethod: errors of the Web API are answered with status 200 and ok false.
func (s *Workspace) answerMethod(r kernel.Post, m slackMessage, problem string) slackAnswer {
	bot := s.tokenKey(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	var p *posted
	switch {
	case op(r) != opPost && op(r) != opUpdate && op(r) != opAuth:
		problem = "unknown_method"
	case bot == "":
		problem = "invalid_auth"
	case op(r) == opAuth:
		return slackAnswer{Answer: inJSON(map[string]any{"ok": true, "user": bot, "team": "local"})}
	case m.Channel == "":
		problem = "channel_not_found"
	case problem != "":
	case op(r) == opUpdate:
		p, problem = s.channel(m.Channel).update(s.kernel.Now(), r, m, bot)
	default:
		p, problem = s.channel(m.Channel).postIn(s.kernel.Now(), r, m, bot)
	}
	if problem != "" {
		return notOK(problem)
	}
	shown := map[string]any{"text": m.Text, "ts": p.TS}
	if p.Thread != "" {
		shown["thread_ts"] = p.Thread
	}
	a := inJSON(map[string]any{
		"ok":      true,
		"channel": m.Channel,
		"ts":      p.TS,
		"message": shown,
	})
	return slackAnswer{Answer: a, posted: *p}
}

// secretKey is the key of a secret whose value is wanted; empty: none is.
func (s *Workspace) secretKey(wanted func(value string) bool) string {
	found := ""
	for _, text := range s.secrets {
		var keys map[string]string
		if json.Unmarshal([]byte(text), &keys) != nil {
			continue
		}
		for key, value := range keys {
			if wanted(value) && (found == "" || key < found) {
				found = key
			}
		}
	}
	return found
}

// webhookKey is the key of the incoming webhook at an address; empty: there is none.
func (s *Workspace) webhookKey(host, path string) string {
	return s.secretKey(func(value string) bool {
		u, err := url.Parse(value)
		return err == nil && strings.HasPrefix(u.Path, "/services/") && u.Path == path &&
			(u.Host == host || "http://"+host == s.here())
	})
}

// tokenKey is the key of a bot's token, which stands for the bot; empty: no bot has it.
func (s *Workspace) tokenKey(token string) string {
	return s.secretKey(func(value string) bool { return strings.HasPrefix(token, "xox") && value == token })
}
