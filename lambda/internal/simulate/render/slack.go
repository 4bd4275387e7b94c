package render

import (
	"encoding/json"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/result"
)

// SlackMessage is what Slack shows of a payload: its blocks, or its text where it has none.
type SlackMessage struct {
	Text   string
	Blocks []SlackBlock
}

// SlackBlock is a part of a message (docs.slack.dev/reference/block-kit/blocks).
type SlackBlock struct {
	Type             string
	Text             *SlackText
	Fields, Elements []SlackText
}

// SlackText is a text of a message: plain, or in Slack's markup.
type SlackText struct{ Type, Text string }

// Plain reports whether the text has no markup.
func (t SlackText) Plain() bool { return t.Type == "plain_text" }

// Slack reads the payload of a message that Slack got; of one that cannot be read it is the entry's text. Whoever shows
// it escapes it: attackers write parts of it.
func Slack(e localcloud.Entry) SlackMessage {
	var m SlackMessage
	if json.Unmarshal([]byte(e.Raw), &m) != nil || len(m.Blocks) == 0 && m.Text == "" {
		return SlackMessage{Text: e.Text}
	}
	return m
}

// emojis are those that path 1 writes by their names.
var emojis = map[string]string{
	"red_circle":          "🔴",
	"white_circle":        "⚪",
	"large_yellow_circle": "🟡",
	"large_blue_circle":   "🔵",
	"warning":             "⚠️",
}

// Emoji is the character of an emoji's name; empty: it is none that Trailkeeper writes.
func Emoji(name string) string { return emojis[name] }

// Sender says who sent a message: EventBridge itself, a function, or an alarm.
func Sender(e localcloud.Entry) string {
	return map[string]string{
		localcloud.ViaDestination: "EventBridge",
		localcloud.ViaRule:        "EventBridge",
		localcloud.ViaFunction:    "the " + functionOf(e),
		localcloud.ViaAlarm:       "an alarm",
	}[e.Via]
}

// Place says where in the channel a message in Slack is; empty: at its end.
func Place(e localcloud.Entry) string {
	switch {
	case e.Channel == result.SecondChannel:
		return "in " + result.SecondChannel
	case e.Update:
		return "first message, changed"
	case e.Broadcast:
		return "in its thread and the channel"
	case e.Thread != "":
		return "in its thread"
	}
	return ""
}
