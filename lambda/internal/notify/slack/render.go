package slack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	blockkit "github.com/slack-go/slack"

	"trailkeeper/lambda/internal/notify"
)

// Slack's limits, in characters.
const (
	maxHeader  = 150  // https://docs.slack.dev/reference/block-kit/blocks/header-block
	maxSection = 3000 // https://docs.slack.dev/reference/block-kit/blocks/section-block
	maxField   = 2000 // the same page: ten fields of 2000
	maxFields  = 10
	maxContext = 10 // https://docs.slack.dev/reference/block-kit/blocks/context-block
	maxBlocks  = 50 // https://docs.slack.dev/reference/block-kit/blocks
	// maxMessage bounds the whole message, in bytes. Slack documents no total but refuses blocks of about 13,200 characters
	// (https://github.com/slackapi/bolt-js/issues/2509).
	maxMessage = 12000
)

// message is the body of chat.postMessage and of a post to an incoming webhook.
type message struct {
	Channel     string           `json:"channel,omitempty"`
	Text        string           `json:"text"`
	Blocks      []blockkit.Block `json:"blocks"`
	Parse       string           `json:"parse"`
	UnfurlLinks bool             `json:"unfurl_links"`
	UnfurlMedia bool             `json:"unfurl_media"`
}

// sizes are the lengths to which the parts of a message are cut, in UTF-16 units of escaped text.
type sizes struct{ value, prose, request int }

// smaller shortens the request first, then the rest.
func (s sizes) smaller() sizes {
	switch {
	case s.request > 200:
		s.request /= 2
	case s.request > 0:
		s.request = 0
	default:
		s.value, s.prose = s.value/2, s.prose/2
	}
	return s
}

// render returns the JSON of the message, for a channel or, where that is empty, for the webhook. It keeps all of Slack's limits, whatever
// the notification holds.
func render(n notify.Notification, channel string) ([]byte, error) {
	for s := (sizes{value: 400, prose: 1500, request: 2400}); ; s = s.smaller() {
		body, err := encode(message{Channel: channel, Text: escape(n.Headline(), maxSection), Blocks: blocks(n, s), Parse: "none"})
		if err != nil || len(body) <= maxMessage || s.value == 0 {
			return body, err
		}
	}
}

// encode leaves < > & as they are: Slack counts characters of the JSON, and the texts are escaped for Slack already.
func encode(m message) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(m)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// blocks lays the message out: headline, outcome, facts, request, links, and the deployment with the event's ID.
func blocks(n notify.Notification, s sizes) []blockkit.Block {
	all := []blockkit.Block{
		blockkit.NewHeaderBlock(plainText(emoji(n.Severity)+" "+n.Headline(), maxHeader)),
		section(outcome(n, s)),
	}
	if n.NextStep != "" {
		all = append(all, section("*What to do*\n"+escape(unquoted(notify.Clean(n.NextStep)), s.prose)))
	}
	if c := changesBlock(n, s); c != "" {
		all = append(all, section(c))
	}
	if f := fields(n, s); len(f) > 0 {
		all = append(all, blockkit.NewSectionBlock(nil, f, nil))
	}
	if request := requestBlock(n, s); request != "" {
		all = append(all, section("*Request*\n"+request))
	}
	if l := links(n); l != "" {
		all = append(all, section(l))
	}
	return append(all, blockkit.NewContextBlock("", plainText(footer(n), s.value)))
}

func outcome(n notify.Notification, s sizes) string {
	text := "*" + escape(n.Severity.Word(), 40) + "* · " + escape(n.OutcomeText(), 200)
	if detail := notify.Clean(n.Detail); detail != "" {
		text += "\n" + escape(unquoted(detail), s.prose)
	}
	return text
}

// changesBlock lists how the trail differed from its baseline and what became of each change, or is "".
func changesBlock(n notify.Notification, s sizes) string {
	shown, more := n.ShownChanges()
	if len(shown) == 0 {
		return ""
	}
	text := "*" + escape(n.ChangesTitle(), 200) + "*"
	for i, c := range shown {
		before, after := c.BeforeAfter(s.value / 4)
		line := "\n• *" + c.Word() + "* " + code(notify.Bound(c.Field, 40), 60) + " " + code(before, s.value) + " → " + code(after, s.value) +
			"\n    " + escape(unquoted(notify.Bound(c.Sentence+" "+c.Reason, s.value)), s.value)
		if len(text)+len(line) > s.prose+1200 {
			more += len(shown) - i
			break
		}
		text += line
	}
	if more > 0 {
		text += fmt.Sprintf("\n• and %d more", more)
	}
	return text
}

func fields(n notify.Notification, s sizes) []*blockkit.TextBlockObject {
	facts := n.Facts(s.value)
	fields := make([]*blockkit.TextBlockObject, 0, maxFields)
	for _, f := range facts[:min(len(facts), maxFields)] {
		text := "*" + f.Label + "*\n" + code(f.Value, s.value+2)
		if f.More != "" {
			text += "\n" + code(f.More, s.value+2)
		}
		fields = append(fields, mrkdwn(text))
	}
	return fields
}

// requestBlock is the request's facts in a code block, or "".
func requestBlock(n notify.Notification, s sizes) string {
	text := escape(unquoted(n.RequestText(s.request)), s.request)
	if text == "" {
		return ""
	}
	return "```\n" + text + "\n```"
}

func links(n notify.Notification) string {
	var l []string
	if u := n.TrailLink(); u != "" {
		l = append(l, "<"+escape(u, maxSection/3)+"|Trail in the console>")
	}
	if u := n.EventLink(); u != "" {
		l = append(l, "<"+escape(u, maxSection/3)+"|Event in the event history>")
	}
	return strings.Join(l, "  ·  ")
}

func footer(n notify.Notification) string {
	text := "Trailkeeper"
	if stack := notify.Bound(n.Stack, 128); stack != "" {
		text += ", stack " + stack
	}
	if id := notify.Clean(n.EventID); id != "" {
		kind := "event"
		if n.Finding != "" {
			kind = "finding"
		}
		text += " · " + kind + " " + id
	}
	return text
}

func emoji(s notify.Severity) string {
	switch s {
	case notify.SeverityCritical:
		return "🚨"
	case notify.SeverityHigh:
		return "🔴"
	case notify.SeverityMedium:
		return "🟠"
	}
	return "🔵"
}

func section(text string) *blockkit.SectionBlock {
	return blockkit.NewSectionBlock(mrkdwn(text), nil, nil)
}

// mrkdwn is verbatim: Slack then makes no link and no mention out of bare words.
func mrkdwn(text string) *blockkit.TextBlockObject {
	return &blockkit.TextBlockObject{Type: blockkit.MarkdownType, Text: text, Verbatim: true}
}

// plainText takes emoji names as they are written, so that no name of a user turns into a picture.
func plainText(text string, most int) *blockkit.TextBlockObject {
	names := false
	return &blockkit.TextBlockObject{Type: blockkit.PlainTextType, Text: plain(text, max(1, most)), Emoji: &names}
}
