package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"
)

// Parker keeps what could not be delivered.
type Parker interface {
	// Park returns the digest of the text that the queue has accepted.
	Park(ctx context.Context, p Parked) (digest string, err error)
}

// ParkedVersion is the version of Parked's JSON form.
const ParkedVersion = 1

// Parked is a message in the failure queue, with all that is needed to send it again or to handle the event again. Out of the queue it is a hint:
// only the ledger proves that this deployment wrote it.
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

// The longest fields of what is read out of the queue, in runes, and its longest lists.
const (
	mostName    = 128 // longer than any ID of AWS's or ours
	mostField   = 2 << 10
	mostEntries = 100
	mostRequest = 256 << 10 // bytes
)

// Read is p as it came out of the queue with this text: every field bounded, whoever wrote it, and the digest with it.
func (p Parked) Read(text string) Parked {
	p.Digest = DigestOf(text)
	p.Channel, p.Reason, p.Subject = Bound(p.Channel, mostName), Bound(p.Reason, maxReason), Truncate(p.Subject, 4*mostName)
	p.Notification = p.Notification.bounded()
	return p
}

// bounded bounds every text and list.
func (n Notification) bounded() Notification {
	for _, s := range []*string{
		&n.EventID, &n.EventName, &n.Finding, &n.Account, &n.Region, &n.Partition, &n.Occasion, &n.Ended, &n.Recipient, &n.Channel, &n.Stack, &n.Cause,
		(*string)(&n.Outcome), (*string)(&n.Severity),
	} {
		*s = Truncate(*s, mostName)
	}
	for _, s := range []*string{
		&n.Detail, &n.NextStep, &n.Actor, &n.ActorARN, &n.Principal, &n.TrailARN, &n.TrailName, &n.SourceIP, &n.UserAgent, &n.ErrorCode, &n.ErrorMessage, &n.Reason,
		&n.Runbook,
	} {
		*s = Truncate(*s, mostField)
	}
	if len(n.Request) > mostRequest {
		n.Request = nil
	}
	n.Changes = slices.Clone(n.Changes[:min(len(n.Changes), mostEntries)])
	for i := range n.Changes {
		c := &n.Changes[i]
		for _, s := range []*string{&c.Field, &c.Before, &c.After, &c.Effect, &c.Sentence, &c.Reason, (*string)(&c.Done)} {
			*s = Truncate(*s, mostField)
		}
	}
	if n.Baseline != nil {
		b := *n.Baseline
		b.Kind = Truncate(b.Kind, mostName)
		n.Baseline = &b
	}
	if n.Incident != nil {
		i := *n.Incident
		i.ID, i.State = Truncate(i.ID, mostName), IncidentState(Truncate(string(i.State), mostName))
		i.First, i.Last, i.Heard = i.First.Bounded(), i.Last.Bounded(), nil
		n.Incident = &i
	}
	return n
}
