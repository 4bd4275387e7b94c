package notify

import (
	"context"
	"encoding/json"
	"strings"
	"time"
)

// The channels. ChannelGuard is no notifier: the guard itself parks under it what it cannot read. A further destination of a channel is named
// after it: "slack:C0123456789", "slack:secret:KEY", "sns:NAME" of a topic.
const (
	ChannelSlack = "slack"
	ChannelSNS   = "sns"
	ChannelGuard = "guard"
)

// Notifier delivers notifications to one channel. Implementations are safe for concurrent use.
//
// It has two methods, against the rule of one: who delivers and how it is called in logs, in the queue and in the other channels'
// messages must not come apart.
type Notifier interface {
	// Name is the channel's constant name, or that of one of its further destinations.
	Name() string
	// Notify returns nil once the far end has accepted the message, and otherwise one plain sentence that holds no secret and says what
	// to do. It retries what a moment may cure, and returns when ctx ends.
	Notify(ctx context.Context, n Notification) error
}

// Kind is the channel of a destination: "slack" of "slack:C0123456789".
func Kind(destination string) string {
	kind, _, _ := strings.Cut(destination, ":")
	return kind
}

// Parker keeps what could not be delivered.
type Parker interface {
	// Park returns nil once the queue has accepted p.
	Park(ctx context.Context, p Parked) error
}

// ParkedVersion is the version of Parked's JSON form.
const ParkedVersion = 1

// Parked is a message in the failure queue, with all that is needed to send it again or to handle the event again.
type Parked struct {
	Version      int          `json:"version"`
	Channel      string       `json:"channel"`           // the destination that refused it
	Subject      string       `json:"subject,omitempty"` // the message's name in the ledger
	Reason       string       `json:"reason"`            // why, without any secret
	Time         time.Time    `json:"time"`              // when it was parked
	Notification Notification `json:"notification"`
	// Payload is the original event. Where PayloadCut is set, it is a JSON text with the event's beginning.
	Payload    json.RawMessage `json:"payload,omitempty"`
	PayloadCut bool            `json:"payload_cut,omitempty"`
}

// PayloadJSON is payload as JSON: itself if it is valid, otherwise a JSON text of it, and nil if it is empty.
func PayloadJSON(payload []byte) json.RawMessage {
	if len(payload) == 0 || json.Valid(payload) {
		return payload
	}
	text, err := json.Marshal(string(payload))
	if err != nil {
		return nil // a text always encodes
	}
	return text
}
