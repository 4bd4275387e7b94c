package report

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

// Parker keeps what could not be delivered.
type Parker interface {
	// Park returns the digest of the text that the queue has accepted.
	Park(ctx context.Context, p Parked) (digest string, err error)
}

// ParkedVersion is the version of Parked's JSON form.
const ParkedVersion = 1

// Parked is a message in the failure queue, with all that is needed to send it again or to handle the event again. Out
// of the queue it is a hint: only the claims prove that this deployment wrote it.
type Parked struct {
	Version      int             `json:"version"`
	Channel      string          `json:"channel"`           // the destination that refused it
	Subject      string          `json:"subject,omitempty"` // the message's name in the claims
	Reason       string          `json:"reason"`            // why, without any secret
	Time         time.Time       `json:"time"`              // when it was parked
	Notification finding.Finding `json:"notification"`
	// Payload is the original event. Where PayloadCut is set, it is a JSON text with the event's beginning.
	Payload    json.RawMessage `json:"payload,omitempty"`
	PayloadCut bool            `json:"payload_cut,omitempty"`

	Digest string `json:"-"` // of the text in the queue
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

// DigestOf is by what a text in the queue is known again.
func DigestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Read is p as it came out of the queue with this text: every field bounded, whoever wrote it, and the digest with it.
func (p Parked) Read(text string) Parked {
	p.Notification = withTexts(p.Notification, text)
	p = p.Bounded(finding.MaxText)
	p.Digest = DigestOf(text)
	if i := p.Notification.Incident; i != nil {
		i.RouteKeys = nil // whoever wrote it would choose its routes
	}
	return p
}

// withTexts adds the words that an earlier version kept beside the notes, before which they came.
func withTexts(n finding.Finding, text string) finding.Finding {
	var earlier struct {
		Notification struct {
			Detail   string `json:"detail"`
			NextStep string `json:"next_step"`
		} `json:"notification"`
	}
	if json.Unmarshal([]byte(text), &earlier) != nil {
		return n
	}
	notes, next := n.Notes, n.Next
	n.Notes, n.Next = nil, nil
	n.Note(finding.NoteText, earlier.Notification.Detail)
	n.Advise(finding.NoteText, earlier.Notification.NextStep)
	n.Notes, n.Next = append(n.Notes, notes...), append(n.Next, next...)
	return n
}

// Bounded is a copy in which every text has at most limit runes, a name at most 128, and every list at most a hundred
// entries.
func (p Parked) Bounded(limit int) Parked {
	p.Channel = sanitize.Bound(p.Channel, finding.MaxName)
	p.Reason = sanitize.Bound(p.Reason, finding.MaxReason)
	p.Subject = sanitize.Truncate(p.Subject, 4*finding.MaxName)
	p.Notification = p.Notification.Bounded(limit)
	return p
}
