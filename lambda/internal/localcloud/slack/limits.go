package slack

import (
	"unicode/utf8"
)

// slackMessage is what is checked of a message.
type slackMessage struct {
	Channel        string       `json:"channel"`
	Text           string       `json:"text"`
	Blocks         []slackBlock `json:"blocks"`
	TS             string       `json:"ts"` // of the message that chat.update changes
	ThreadTS       string       `json:"thread_ts"`
	ReplyBroadcast bool         `json:"reply_broadcast"`
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
	mostText                                 = 40_000 // characters of a message ("Truncating content")
)

// problem returns Slack's error code for a message that it would refuse, or "".
func (m slackMessage) problem() string {
	if m.Text == "" && len(m.Blocks) == 0 {
		return "no_text"
	}
	if utf8.RuneCountInString(m.Text) > mostText {
		return "msg_too_long"
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
