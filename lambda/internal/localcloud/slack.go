package localcloud

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
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
	shown  string // the text that the channel shows
	err    string
}

// slack answers an incoming webhook or chat.postMessage as Slack does, and shows the message. The cloud is locked.
func (c *Cloud) slack(r slackRequest) slackAnswer {
	answer := c.slackAnswer(r)
	e := Entry{
		Kind: KindSlack, Via: r.via, Function: r.function, Text: answer.shown, Raw: string(r.body), EventID: r.eventID, Err: answer.err,
		Paths: r.paths, Empty: r.empty,
	}
	c.leaks.Write(append(r.body, '\n'))
	if r.try <= 1 || answer.err == "" {
		c.note(e)
	}
	return answer
}

func (c *Cloud) slackAnswer(r slackRequest) slackAnswer {
	var m slackMessage
	parseErr := json.Unmarshal(r.body, &m)
	if r.method != http.MethodPost {
		return slackAnswer{
			status: http.StatusMethodNotAllowed, body: []byte("method_not_allowed"), err: "405 method_not_allowed", shown: m.Text,
		}
	}
	webhook := strings.HasPrefix(r.path, "/services/")
	if f := c.fault("slack", r.path, r.function); f != nil {
		a := slackAnswer{status: f.Status, body: []byte(f.Code), err: f.Code, shown: m.Text}
		if f.Status == http.StatusTooManyRequests {
			a.header = map[string]string{"Retry-After": "1"}
		}
		return a
	}
	problem := m.problem()
	if parseErr != nil {
		problem = "invalid_payload"
	}
	if webhook {
		return c.answerWebhook(r, m, problem)
	}
	return c.answerMethod(r, m, problem)
}

// answerWebhook: failures of an incoming webhook are real 4xx ("Sending messages using incoming webhooks").
func (c *Cloud) answerWebhook(r slackRequest, m slackMessage, problem string) slackAnswer {
	switch {
	case !c.isWebhook(r.host, r.path):
		return slackAnswer{status: http.StatusNotFound, body: []byte("no_service"), err: "404 no_service", shown: m.Text}
	case problem != "":
		return slackAnswer{status: http.StatusBadRequest, body: []byte(problem), err: "400 " + problem, shown: m.Text}
	}
	return slackAnswer{status: http.StatusOK, body: []byte("ok"), shown: m.Text}
}

// answerMethod: errors of the Web API are answered with status 200 and ok false.
func (c *Cloud) answerMethod(r slackRequest, m slackMessage, problem string) slackAnswer {
	switch {
	case r.path != "/api/chat.postMessage":
		problem = "unknown_method"
	case !c.isToken(strings.TrimPrefix(r.header.Get("Authorization"), "Bearer ")):
		problem = "invalid_auth"
	case m.Channel == "":
		problem = "channel_not_found"
	}
	a := slackAnswer{status: http.StatusOK, header: map[string]string{"Content-Type": "application/json; charset=utf-8"}, shown: m.Text}
	if problem != "" {
		a.err = problem
		a.body, _ = json.Marshal(map[string]any{"ok": false, "error": problem})
		return a
	}
	a.body, _ = json.Marshal(map[string]any{"ok": true, "channel": m.Channel, "ts": "1772442900.000100", "message": map[string]any{"text": m.Text}})
	return a
}

// secretKeys calls yes with the keys of every secret until it says so.
func (c *Cloud) secretKeys(yes func(keys map[string]string) bool) bool {
	for _, text := range c.opts.Secrets {
		var keys map[string]string
		if json.Unmarshal([]byte(text), &keys) == nil && yes(keys) {
			return true
		}
	}
	return false
}

func (c *Cloud) isWebhook(host, path string) bool {
	return c.secretKeys(func(keys map[string]string) bool {
		u, err := url.Parse(keys["webhook"])
		return err == nil && u.Path == path && (u.Host == host || host == c.addr)
	})
}

func (c *Cloud) isToken(token string) bool {
	return c.secretKeys(func(keys map[string]string) bool { return token != "" && keys["bot_token"] == token })
}

// slackMessage is what is checked of a message.
type slackMessage struct {
	Channel string       `json:"channel"`
	Text    string       `json:"text"`
	Blocks  []slackBlock `json:"blocks"`
}

type slackBlock struct {
	Type     string      `json:"type"`
	Text     *slackText  `json:"text"`
	Fields   []slackText `json:"fields"`
	Elements []any       `json:"elements"`
}

type slackText struct {
	Text string `json:"text"`
}

// Slack's limits on blocks (Block Kit reference).
const (
	mostBlocks, mostFields, mostElements     = 50, 10, 10
	mostHeader, mostSection, mostField       = 150, 3000, 2000
	mostBlockText                        int = 13_000 // of all blocks together; observed, not documented
)

// problem returns Slack's error code for a message that it would refuse, or "".
func (m slackMessage) problem() string {
	if m.Text == "" && len(m.Blocks) == 0 {
		return "no_text"
	}
	if len(m.Blocks) > mostBlocks {
		return "invalid_blocks"
	}
	total := 0
	for _, b := range m.Blocks {
		n, ok := b.size()
		if !ok {
			return "invalid_blocks"
		}
		total += n
	}
	if total > mostBlockText {
		return "msg_blocks_too_long"
	}
	return ""
}

func (b slackBlock) size() (int, bool) {
	total, ok := 0, len(b.Fields) <= mostFields && (b.Type != "context" || len(b.Elements) <= mostElements)
	if b.Text != nil {
		n := utf8.RuneCountInString(b.Text.Text)
		most := mostSection
		if b.Type == "header" {
			most = mostHeader
		}
		ok = ok && n >= 1 && n <= most
		total += n
	}
	for _, f := range b.Fields {
		n := utf8.RuneCountInString(f.Text)
		ok = ok && n >= 1 && n <= mostField
		total += n
	}
	return total, ok
}
