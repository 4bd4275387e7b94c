package page

import (
	"encoding/json"
	"html/template"
	"strings"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/simulate/result"
)

// message is one message as its reader sees it.
type message struct {
	At      string
	From    string
	Slack   bool
	Where   string        // in Slack, if not at the end of the channel
	Blocks  template.HTML // of a Slack message
	Subject string        // of an e-mail
	Body    string
	Refused string // by the channel
}

// messagesOf are the first messages of a scenario, and how many more there are.
func messagesOf(r result.Result) (shown []message, more int) {
	for _, e := range r.Timeline {
		if e.Kind != localcloud.KindSlack && e.Kind != localcloud.KindSNS {
			continue
		}
		if len(shown) == maxMessages {
			more++
			continue
		}
		shown = append(shown, messageOf(e, r))
	}
	return shown, more
}

func messageOf(e localcloud.Entry, r result.Result) message {
	m := message{
		At:      offset(e.At.Sub(r.Start)),
		From:    senderOf(e),
		Refused: sanitize.Bound(e.Err, maxText),
	}
	if e.Kind == localcloud.KindSNS {
		m.Subject, m.Body = sanitize.Bound(e.Subject, maxText), sanitize.Truncate(e.Text, 20_000)
		return m
	}
	m.Slack, m.Where = true, whereOf(e)
	m.Blocks = slackMessage(e.Raw)
	if m.Blocks == "" {
		m.Blocks = mrkdwn(e.Text)
	}
	return m
}

func senderOf(e localcloud.Entry) string {
	switch e.Via {
	case localcloud.ViaDestination, "EventBridge":
		return "EventBridge rule, no code"
	case localcloud.ViaFunction:
		return "guard"
	}
	return sanitize.Bound(e.Via, maxText)
}

func whereOf(e localcloud.Entry) string {
	switch {
	case e.Channel == result.SecondChannel:
		return "in the channel of a route"
	case e.Update:
		return "changes the first message"
	case e.Broadcast:
		return "in the thread and the channel"
	case e.Thread != "":
		return "in the thread"
	}
	return ""
}

// slackMessage renders a payload's blocks, or its text where it has none. It is empty where it cannot be read.
func slackMessage(raw string) template.HTML {
	var payload struct {
		Text   string  `json:"text"`
		Blocks []block `json:"blocks"`
	}
	if json.Unmarshal([]byte(raw), &payload) != nil {
		return ""
	}
	if len(payload.Blocks) == 0 {
		return mrkdwn(payload.Text)
	}
	var b strings.Builder
	for _, block := range payload.Blocks {
		block.write(&b)
	}
	return template.HTML(b.String())
}

type block struct {
	Type     string `json:"type"`
	Text     text   `json:"text"`
	Fields   []text `json:"fields"`
	Elements []text `json:"elements"`
}

type text struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

func (t text) html() string {
	if t.Type == "mrkdwn" {
		return string(mrkdwn(t.Text))
	}
	return strings.ReplaceAll(template.HTMLEscapeString(t.Text), "\n", "<br>")
}

func (k block) write(b *strings.Builder) {
	group := func(class string, texts []text) {
		if len(texts) == 0 {
			return
		}
		b.WriteString(`<div class="` + class + `">`)
		for _, t := range texts {
			b.WriteString("<div>" + t.html() + "</div>")
		}
		b.WriteString("</div>")
	}
	switch k.Type {
	case "header":
		b.WriteString(`<p class="headline">` + k.Text.html() + "</p>")
	case "divider":
		b.WriteString("<hr>")
	case "context":
		group("context", k.Elements)
	default:
		if k.Text.Text != "" {
			b.WriteString(`<div class="text">` + k.Text.html() + "</div>")
		}
		group("fields", k.Fields)
	}
}
