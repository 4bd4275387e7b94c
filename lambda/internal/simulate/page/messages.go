package page

import (
	"html/template"
	"strings"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/simulate/render"
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
		At:      render.Offset(e.At.Sub(r.Start)),
		From:    render.Sender(e),
		Refused: sanitize.Bound(e.Err, maxText),
	}
	if e.Kind == localcloud.KindSNS {
		m.Subject, m.Body = sanitize.Bound(e.Subject, maxText), sanitize.Truncate(e.Text, 20_000)
		return m
	}
	m.Slack, m.Where = true, render.Place(e)
	m.Blocks = slackMessage(render.Slack(e))
	return m
}

// slackMessage renders a message's blocks, or its text where it has none.
func slackMessage(m render.SlackMessage) template.HTML {
	if len(m.Blocks) == 0 {
		return mrkdwn(m.Text)
	}
	var b strings.Builder
	for _, block := range m.Blocks {
		writeBlock(&b, block)
	}
	return template.HTML(b.String())
}

func textHTML(t render.SlackText) string {
	if t.Plain() {
		return strings.ReplaceAll(template.HTMLEscapeString(t.Text), "\n", "<br>")
	}
	return string(mrkdwn(t.Text))
}

func writeBlock(b *strings.Builder, k render.SlackBlock) {
	group := func(class string, texts []render.SlackText) {
		if len(texts) == 0 {
			return
		}
		b.WriteString(`<div class="` + class + `">`)
		for _, t := range texts {
			b.WriteString("<div>" + textHTML(t) + "</div>")
		}
		b.WriteString("</div>")
	}
	switch k.Type {
	case "header":
		if k.Text != nil {
			b.WriteString(`<p class="headline">` + textHTML(*k.Text) + "</p>")
		}
	case "divider":
		b.WriteString("<hr>")
	case "context":
		group("context", k.Elements)
	default:
		if k.Text != nil {
			b.WriteString(`<div class="text">` + textHTML(*k.Text) + "</div>")
		}
		group("fields", k.Fields)
	}
}
