package localcloud

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// slackRequest is a request to Slack, by the function or by an API destination.
type slackRequest struct {
	method     string
	host, path string
	header     http.Header
	body       []byte
	via        string
	eventID    string // where the event is known
	paths      []string
	empty      []string
	function   bool
	try        int
}

type slackAnswer struct {
	status int // 0: none in time
	header map[string]string
	body   []byte
	err    string
	posted posted // what the channel got
}

// The operations of Slack that faults name.
const (
	opPost    = "chat.postMessage"
	opUpdate  = "chat.update"
	opWebhook = "webhook"
)

func (r slackRequest) op() string {
	if method, ok := strings.CutPrefix(r.path, "/api/"); ok {
		return method
	}
	return opWebhook
}

// placeIn is the channel's ID, or "secret:KEY" for an incoming webhook.
func (c *Cloud) placeIn(r slackRequest, m slackMessage) string {
	if r.op() != opWebhook {
		return m.Channel
	}
	if key := c.webhookKey(r.host, r.path); key != "" {
		return "secret:" + key
	}
	return ""
}

// slack answers an incoming webhook, chat.postMessage or chat.update as Slack does, and shows the message. The cloud is locked.
func (c *Cloud) slack(r slackRequest) (slackAnswer, *Injected) {
	var m slackMessage
	parseErr := json.Unmarshal(r.body, &m)
	at := c.placeIn(r, m)
	injected := c.pick(faulty{service: "slack", op: r.op(), by: r.via, about: at, function: r.function})
	c.leaks.Write(append(r.body, '\n'))
	if injected != nil && injected.Kind != FaultError {
		c.noteFault(injected, "slack", r.op())
	}
	if !injected.effective() && injected.Kind != FaultError {
		return slackAnswer{status: injected.garbage().status}, injected
	}
	answer := c.slackAnswer(r, m, parseErr, injected)
	p := answer.posted
	if p.Channel == "" {
		p.Channel = at
	}
	e := Entry{
		Kind: KindSlack, Via: r.via, Function: r.function, Text: m.Text, Raw: string(r.body), EventID: r.eventID, Err: answer.err,
		Paths: r.paths, Empty: r.empty, Channel: p.Channel, TS: p.TS, Thread: m.ThreadTS, Broadcast: m.ReplyBroadcast, Update: r.op() == opUpdate,
	}
	if e.Update {
		e.TS = m.TS
	}
	if r.try <= 1 || answer.err == "" {
		c.note(e)
	}
	return answer, injected
}

func (c *Cloud) slackAnswer(r slackRequest, m slackMessage, parseErr error, injected *Injected) slackAnswer {
	if r.method != http.MethodPost {
		return slackAnswer{status: http.StatusMethodNotAllowed, body: []byte("method_not_allowed"), err: "405 method_not_allowed"}
	}
	f := c.fault("slack", r.path, r.function)
	if f == nil {
		f = injected.failure()
	}
	if f != nil {
		return f.slackAnswer(r.op())
	}
	problem := m.problem()
	if parseErr != nil {
		problem = "invalid_payload"
	}
	if r.op() == opWebhook {
		return c.answerWebhook(r, m, problem)
	}
	return c.answerMethod(r, m, problem)
}

// slackAnswer is a failure in Slack's form: with status 200 it is an error of the Web API, "ok" is false.
func (f *Failure) slackAnswer(op string) slackAnswer {
	if f.Status == http.StatusOK && op != opWebhook {
		return f.retryAfter(notOK(f.Code))
	}
	status := strconv.Itoa(f.Status) + " "
	return f.retryAfter(slackAnswer{status: f.Status, body: []byte(f.Code), err: status + strings.TrimPrefix(f.Code, status)})
}

func (f *Failure) retryAfter(a slackAnswer) slackAnswer {
	after := f.RetryAfter
	if after == 0 && f.Status == http.StatusTooManyRequests {
		after = time.Second
	}
	if after > 0 {
		if a.header == nil {
			a.header = map[string]string{}
		}
		a.header["Retry-After"] = strconv.Itoa(int(after / time.Second))
	}
	return a
}

func notOK(code string) slackAnswer {
	a := slackAnswer{status: http.StatusOK, header: map[string]string{"Content-Type": "application/json; charset=utf-8"}, err: code}
	a.body, _ = json.Marshal(map[string]any{"ok": false, "error": code})
	return a
}

// answerWebhook: failures of an incoming webhook are real 4xx ("Sending messages using incoming webhooks").
func (c *Cloud) answerWebhook(r slackRequest, m slackMessage, problem string) slackAnswer {
	key := c.webhookKey(r.host, r.path)
	switch {
	case key == "":
		return slackAnswer{status: http.StatusNotFound, body: []byte("no_service"), err: "404 no_service"}
	case problem != "":
		return slackAnswer{status: http.StatusBadRequest, body: []byte(problem), err: "400 " + problem}
	}
	p := c.channel("secret:"+key).post(c.time.Now(), r, m, "secret:"+key)
	return slackAnswer{status: http.StatusOK, body: []byte("ok"), posted: *p}
}

// answerMethod: errors of the Web API are answered with status 200 and ok false.
func (c *Cloud) answerMethod(r slackRequest, m slackMessage, problem string) slackAnswer {
	bot := c.tokenKey(strings.TrimPrefix(r.header.Get("Authorization"), "Bearer "))
	var p *posted
	switch {
	case r.op() != opPost && r.op() != opUpdate:
		problem = "unknown_method"
	case bot == "":
		problem = "invalid_auth"
	case m.Channel == "":
		problem = "channel_not_found"
	case problem != "":
	case r.op() == opUpdate:
		p, problem = c.channel(m.Channel).update(c.time.Now(), r, m, bot)
	default:
		p, problem = c.channel(m.Channel).postIn(c.time.Now(), r, m, bot)
	}
	if problem != "" {
		return notOK(problem)
	}
	a := slackAnswer{status: http.StatusOK, header: map[string]string{"Content-Type": "application/json; charset=utf-8"}, posted: *p}
	a.body, _ = json.Marshal(map[string]any{"ok": true, "channel": m.Channel, "ts": p.TS, "message": map[string]any{"text": m.Text}})
	return a
}

// secretKey is the key of a secret whose value is wanted; empty: none is.
func (c *Cloud) secretKey(wanted func(value string) bool) string {
	found := ""
	for _, text := range c.opts.Secrets {
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
func (c *Cloud) webhookKey(host, path string) string {
	return c.secretKey(func(value string) bool {
		u, err := url.Parse(value)
		return err == nil && strings.HasPrefix(u.Path, "/services/") && u.Path == path && (u.Host == host || host == c.addr)
	})
}

// tokenKey is the key of a bot's token, which stands for the bot; empty: no bot has it.
func (c *Cloud) tokenKey(token string) string {
	return c.secretKey(func(value string) bool { return strings.HasPrefix(token, "xox") && value == token })
}
