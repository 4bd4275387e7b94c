package slack

import (
	"fmt"
	"slices"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// posted is a message as Slack keeps it.
type posted struct {
	Posted
	bot string // the key of the token, or "secret:KEY" of the webhook
}

// Posted is a message in a channel of Slack, as it is now.
type Posted struct {
	Channel string // the ID, or "secret:KEY" for the channel of an incoming webhook
	TS      string // the message's ID in the channel
	Thread  string // the TS of the parent of a reply
	// Broadcast says that a reply is shown in the channel as well.
	Broadcast bool
	At        time.Time
	Via       string // ViaFunction or ViaDestination
	Who       string // the role of the function
	Text, Raw string // Raw is the whole message; both as of the last update
	First     string // the text as it was first posted
	Updates   int
}

type slackChannel struct {
	name     string
	messages []*posted
}

func (s *Workspace) channel(name string) *slackChannel {
	for _, ch := range s.channels {
		if ch.name == name {
			return ch
		}
	}
	ch := &slackChannel{name: name}
	s.channels = append(s.channels, ch)
	return ch
}

// Channels returns the messages of every channel that has one, in order, by the channel.
func (s *Workspace) Channels() map[string][]Posted {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make(map[string][]Posted)
	for _, ch := range s.channels {
		for _, p := range ch.messages {
			all[ch.name] = append(all[ch.name], p.Posted)
		}
	}
	return all
}

// DeleteMessage deletes a message, as a person in the channel may; it reports false where there is none. Replies stay,
// and the thread takes no more.
func (s *Workspace) DeleteMessage(channel, ts string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.channel(channel)
	before := len(ch.messages)
	ch.messages = slices.DeleteFunc(ch.messages, func(p *posted) bool { return p.TS == ts })
	return len(ch.messages) < before
}

func (ch *slackChannel) find(ts string) *posted {
	for _, p := range ch.messages {
		if p.TS == ts {
			return p
		}
	}
	return nil
}

// post keeps a message. Its TS is the time in seconds and a number that no other message of the channel has.
func (ch *slackChannel) post(now time.Time, r kernel.Post, m slackMessage, bot string) *posted {
	p := &posted{bot: bot, Posted: Posted{
		Channel:   ch.name,
		TS:        fmt.Sprintf("%d.%06d", now.Unix(), 100*(len(ch.messages)+1)),
		Thread:    m.ThreadTS,
		Broadcast: m.ReplyBroadcast,
		At:        now,
		Via:       r.Via,
		Who:       r.Who,
		Text:      m.Text,
		Raw:       string(r.Body),
		First:     m.Text,
	}}
	for ch.find(p.TS) != nil { // a message was deleted
		p.TS += "1"
	}
	ch.messages = append(ch.messages, p)
	return p
}

// postIn posts with a bot's token. A reply to a message that Slack does not know is posted for itself; one to a reply
// is refused.
func (ch *slackChannel) postIn(now time.Time, r kernel.Post, m slackMessage, bot string) (*posted, string) {
	if m.ThreadTS != "" {
		switch parent := ch.find(m.ThreadTS); {
		case parent == nil:
			m.ThreadTS, m.ReplyBroadcast = "", false
		case parent.Thread != "":
			return nil, "thread_not_found"
		}
	}
	return ch.post(now, r, m, bot), ""
}

// update changes a message of the same bot (chat.update, Errors).
func (ch *slackChannel) update(_ time.Time, r kernel.Post, m slackMessage, bot string) (*posted, string) {
	p := ch.find(m.TS)
	switch {
	case p == nil:
		return nil, "message_not_found"
	case p.bot != bot:
		return nil, "cant_update_message"
	}
	p.Text, p.Raw = m.Text, string(r.Body)
	p.Updates++
	return p, ""
}
