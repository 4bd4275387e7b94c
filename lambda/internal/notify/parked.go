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

// The longest fields of what is written to the queue and read out of it, in runes, and its longest lists.
const (
	mostName    = 128     // longer than any ID of AWS's or ours
	MostText    = 2 << 10 // of every other text
	mostEntries = 100
	mostRequest = 256 << 10 // bytes
)

// Read is p as it came out of the queue with this text: every field bounded, whoever wrote it, and the digest with it.
func (p Parked) Read(text string) Parked {
	p = p.Bounded(MostText)
	p.Digest = DigestOf(text)
	if i := p.Notification.Incident; i != nil {
		i.Heard = nil // whoever wrote it would choose its routes
	}
	return p
}

// Bounded is a copy in which every text has at most most runes, a name at most 128, and every list at most a hundred entries.
func (p Parked) Bounded(most int) Parked {
	p.Channel, p.Reason, p.Subject = Bound(p.Channel, mostName), Bound(p.Reason, maxReason), Truncate(p.Subject, 4*mostName)
	p.Notification = p.Notification.bounded(most)
	return p
}

func (n Notification) bounded(most int) Notification {
	cut := func(most int, texts ...*string) {
		for _, s := range texts {
			*s = Truncate(*s, most)
		}
	}
	cut(mostName, &n.EventID, &n.EventName, &n.Finding, &n.Account, &n.Region, &n.Partition, &n.Occasion, &n.Text, &n.Ended, &n.Recipient, &n.Channel, &n.Stack,
		&n.Cause, (*string)(&n.Outcome), (*string)(&n.Severity))
	cut(most, &n.Detail, &n.NextStep, &n.Actor, &n.ActorARN, &n.Principal, &n.TrailARN, &n.TrailName, &n.SourceIP, &n.UserAgent, &n.ErrorCode, &n.ErrorMessage,
		&n.Reason, &n.Runbook)
	if len(n.Request) > mostRequest {
		n.Request = nil
	}
	n.Changes = slices.Clone(n.Changes[:min(len(n.Changes), mostEntries)])
	for i := range n.Changes {
		c := &n.Changes[i]
		cut(most, &c.Field, &c.Before, &c.After, &c.Effect, &c.Sentence, &c.Reason, (*string)(&c.Done))
	}
	if n.Baseline != nil {
		n.Baseline = new(*n.Baseline)
		cut(mostName, &n.Baseline.Kind)
	}
	if n.Late != nil {
		n.Late = new(*n.Late)
		cut(mostName, &n.Late.Now)
	}
	if n.Incident != nil {
		n.Incident = new(n.Incident.bounded())
	}
	return n
}

func (i Incident) bounded() Incident {
	i.ID, i.State = Truncate(i.ID, mostName), IncidentState(Truncate(string(i.State), mostName))
	i.First, i.Last = i.First.Bounded(), i.Last.Bounded()
	i.Heard = slices.Clone(i.Heard[:min(len(i.Heard), mostEntries)])
	for k, h := range i.Heard {
		i.Heard[k] = Heard{Severity: Severity(Truncate(string(h.Severity), mostName)), Event: Truncate(h.Event, mostName)}
	}
	return i
}
