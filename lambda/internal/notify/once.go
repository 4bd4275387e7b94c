package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"
)

// Turn says whose turn it is to tell a channel of something.
type Turn int

// The turns.
const (
	TurnOurs Turn = iota // it was not told, or the run that was to tell it has failed
	TurnBusy             // another run is about to tell it
	TurnTold             // the channel accepted it
)

// Ledger remembers what each channel accepted, so that an event which arrives again, or is run again, is not told again. A subject is one message
// on one channel. The sign is a digest of the event behind it, so that a forged event cannot speak for another of the same ID.
type Ledger interface {
	// The lease is how long a claim counts, unless Sent or Release follows.
	Claim(ctx context.Context, subject, sign string, lease time.Duration) (Turn, error)
	// Sent follows when the far end or the failure queue has accepted the message, Release when neither has.
	Sent(ctx context.Context, subject, sign string) error
	Release(ctx context.Context, subject, sign string) error
}

// The bounds of the ledger's calls. Without an answer to the first the message is sent: told twice is better than not told.
const (
	forClaiming = 300 * time.Millisecond
	forNoting   = time.Second
)

// A claim's lease is what is left of the run and LeaseMargin. LongestRun is what Lambda allows (Lambda quotas, "Function timeout").
const (
	LongestRun  = 15 * time.Minute
	LeaseMargin = 10 * time.Second
)

// errBusy makes Lambda run the event again: if the other run fails, that one tells.
var errBusy = errors.New("another run of the same event is about to tell it")

// claim asks whether a message is to be sent; where it is not, the delivery says why.
func (f *Fanout) claim(ctx context.Context, d *Delivery, n Notification, payload json.RawMessage) (send bool) {
	if f.Ledger == nil {
		return true
	}
	lease := f.Clock.Left(ctx, 0, LongestRun) + LeaseMargin
	ctx, cancel := context.WithTimeout(ctx, forClaiming)
	defer cancel()
	turn, err := f.Ledger.Claim(ctx, subject(n, d.Channel), digest(payload), lease)
	switch {
	case err != nil:
		f.Log.WarnContext(ctx, "ledger", "event_id", n.EventID, "channel", d.Channel, "error", err.Error())
		return true
	case turn == TurnTold:
		d.Status = StatusRepeated
		return false
	case turn == TurnBusy:
		d.Status, d.Err = StatusBusy, errBusy
		return false
	}
	return true
}

// settle notes in the ledger what became of a message that was claimed.
func (f *Fanout) settle(ctx context.Context, d Delivery, n Notification, payload json.RawMessage) {
	if f.Ledger == nil || d.Status == StatusRepeated || d.Status == StatusBusy {
		return
	}
	note := f.Ledger.Sent
	if d.Status == StatusLost {
		note = f.Ledger.Release
	}
	ctx, cancel := context.WithTimeout(ctx, forNoting)
	defer cancel()
	if err := note(ctx, subject(n, d.Channel), digest(payload)); err != nil {
		f.Log.WarnContext(ctx, "ledger", "event_id", n.EventID, "channel", d.Channel, "error", err.Error())
	}
}

// eventSubject begins every subject.
const eventSubject = "event "

// subject names a message on a channel. What became of an event is part of it: "retrying" and then "restored" are two messages, but of what is
// well once there is one, whichever run of the event it was that restored the trail.
func subject(n Notification, channel string) string {
	became := n.Outcome
	if became == OutcomeAlreadyLogging || became == OutcomeNoDrift {
		became = OutcomeRestored
	}
	return eventSubject + Bound(n.EventID, 128) + " " + channel + " " + string(became)
}

func digest(payload json.RawMessage) string {
	sum := sha256.Sum256(payload)
	return hex.EncodeToString(sum[:16])
}
