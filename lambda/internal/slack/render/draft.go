// Package render writes a finding as a message of Slack's: Block Kit, within Slack's limits, with every text escaped;
// and as plain text for a Slack that refuses the blocks.
//
// It knows no address, no token and no network, and it decides nothing: what a message says is package message's.
package render

import (
	"bytes"
	"encoding/json"
	"fmt"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"

	blockkit "github.com/slack-go/slack"
)

// Slack's limits, in characters.
const (
	maxHeader  = 150  // https://docs.slack.dev/reference/block-kit/blocks/header-block
	maxSection = 3000 // https://docs.slack.dev/reference/block-kit/blocks/section-block
	maxField   = 2000 // the same page: ten fields of 2000
	maxFields  = 10
	maxContext = 10 // https://docs.slack.dev/reference/block-kit/blocks/context-block
	maxBlocks  = 50 // https://docs.slack.dev/reference/block-kit/blocks
	// maxMessage bounds the whole message, in bytes. Slack documents no total but refuses blocks of about 13,200
	// characters (https://github.com/slackapi/bolt-js/issues/2509).
	maxMessage = 12000
)

// maxPlain is the length of a message without blocks. Slack advises 4,000 and cuts at 40,000
// (https://docs.slack.dev/reference/methods/chat.postMessage#truncating).
const maxPlain = 3000

type block = blockkit.Block

// body is that of chat.postMessage, of chat.update and of a post to an incoming webhook.
type body struct {
	Channel     string  `json:"channel,omitempty"`
	TS          string  `json:"ts,omitempty"`              // of the message to update
	ThreadTS    string  `json:"thread_ts,omitempty"`       // of the message to follow
	Broadcast   bool    `json:"reply_broadcast,omitempty"` // a reply is shown in the channel as well
	Text        string  `json:"text"`
	Blocks      []block `json:"blocks,omitempty"`
	Parse       string  `json:"parse"`
	Markdown    *bool   `json:"mrkdwn,omitempty"` // of Text, where there are no blocks
	UnfurlLinks *bool   `json:"unfurl_links,omitempty"`
	UnfurlMedia *bool   `json:"unfurl_media,omitempty"`
}

// Draft is a message whose blocks are yet to be cut to size.
type Draft struct {
	body
	blocks func(sizes) []block // nil: it has none
}

// Message is the notification as a message for itself.
func Message(n finding.Finding) Draft {
	m := message.Of(n)
	return Draft{
		body:   body{Text: escape(m.State.Icon()+" "+m.Title, maxSection), UnfurlLinks: new(false), UnfurlMedia: new(false)},
		blocks: func(s sizes) []block { return blocks(m, n, s) },
	}
}

// Reply is the same message as a reply in a thread, shown in the channel as well where it is broadcast.
func (d Draft) Reply(thread string, broadcast bool) Draft {
	d.ThreadTS, d.Broadcast = thread, broadcast
	return d
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

// Encode returns the JSON of the message, for a channel or, where that is empty, for a webhook, which knows no threads.
// It keeps all of Slack's limits, whatever the notification holds.
func (d Draft) Encode(channel string) ([]byte, error) {
	m := d.body
	if m.Channel, m.Parse = channel, "none"; channel == "" {
		m.ThreadTS, m.Broadcast = "", false
	}
	for s := (sizes{value: 400, prose: 1500, request: 2400}); ; s = s.smaller() {
		if d.blocks != nil {
			m.Blocks = d.blocks(s)
		}
		body, err := encode(m)
		if err != nil {
			return nil, fmt.Errorf("render the message: %w", err)
		}
		if len(body) <= maxMessage || d.blocks == nil || s.value == 0 {
			return body, nil
		}
	}
}

// encode leaves < > & as they are: Slack counts characters of the JSON, and the texts are escaped for Slack already.
func encode(m body) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(m)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
