package report

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

// ClaimState says who is to deliver a message to a destination.
type ClaimState int

// The states.
const (
	Claimed   ClaimState = iota // the caller: it was not delivered, or the run that was to has failed
	InFlight                    // another run is about to
	Delivered                   // nobody: it was accepted, or it is parked and the caller is not the one that sends what is parked
	Unknown                     // the claims do not know that what the caller has from the queue was parked
)

// Claims remembers what each destination accepted, so that an event which arrives again, or is run again, is not
// delivered again. A subject is one message on one destination; it holds a digest of the event, so that a forged event
// cannot speak for another of the same ID.
type Claims interface {
	// Claim: the lease is how long it counts, unless one of the others follows. With a digest the caller has the message
	// from the failure queue: it may send what Parked noted under that digest, and nothing else. So whoever can write to
	// the queue can neither keep a message back nor speak for one.
	Claim(ctx context.Context, subject string, lease time.Duration, digest string) (ClaimState, error)
	Delivered(ctx context.Context, subject string) error      // the far end has accepted it
	Parked(ctx context.Context, subject, digest string) error // a text with the digest is in the failure queue
	Release(ctx context.Context, subject string) error        // neither
}

const (
	// forNoting bounds a note of what became of a claim.
	forNoting = time.Second
	// forOthers is how long another run of the same event may take to deliver it before this one fails, so that Lambda
	// runs it again later.
	forOthers     = 4 * time.Second
	betweenClaims = 500 * time.Millisecond
)

// LeaseMargin is how much longer than its run a claim counts.
const LeaseMargin = 10 * time.Second

// errBusy makes Lambda run the event again: if the other run fails, that one delivers.
var errBusy = errors.New("another run of the same event is about to deliver it")

// claim asks whether a message is to be sent; where it is not, the delivery says why.
func (f *Fanout) claim(ctx context.Context, d *Delivery, n finding.Finding, payload json.RawMessage) (send bool) {
	state := f.claimState(ctx, d, n, d.subject(n, payload), "")
	send = state == Claimed || state == Unknown
	return send
}

// claimState claims, and waits a while for another run. Where the claims do not answer, the message is sent, and not
// known to be parked.
func (f *Fanout) claimState(ctx context.Context, d *Delivery, n finding.Finding, subject, digest string) ClaimState {
	if f.Claims == nil {
		return Unknown
	}
	state, err := f.ask(ctx, subject, digest)
	for waited := time.Duration(0); state == InFlight && err == nil && waited < forOthers && f.Clock.Sleep(ctx, betweenClaims) == nil; waited += betweenClaims {
		state, err = f.ask(ctx, subject, digest)
	}
	switch {
	case err != nil:
		f.Log.WarnContext(ctx, "claims", "event_id", n.EventID, "channel", d.Channel, "error", err.Error())
		return Unknown
	case state == Delivered:
		d.Status = StatusRepeated
	case state == InFlight:
		d.Status, d.Err = StatusBusy, errBusy
	}
	return state
}

// ask makes one claim.
func (f *Fanout) ask(ctx context.Context, subject, digest string) (ClaimState, error) {
	lease := f.Clock.Left(ctx, 0, clock.LongestRun) + LeaseMargin
	var state ClaimState
	err := f.Breaker.Ask(ctx, func(ctx context.Context) (err error) {
		state, err = f.Claims.Claim(ctx, subject, lease, digest)
		return err
	})
	return state, err
}

// settle notes what became of a message that was claimed.
func (f *Fanout) settle(ctx context.Context, d Delivery, n finding.Finding, payload json.RawMessage) {
	if f.Claims == nil {
		return
	}
	note := f.Claims.Delivered
	switch d.Status {
	case StatusRepeated, StatusBusy:
		return
	case StatusParked, StatusWaiting:
		note = func(ctx context.Context, subject string) error { return f.Claims.Parked(ctx, subject, d.digest) }
	case StatusLost:
		note = f.Claims.Release
	}
	ctx, cancel := context.WithTimeout(ctx, forNoting)
	defer cancel()
	if err := note(ctx, d.subject(n, payload)); err != nil {
		f.Log.WarnContext(ctx, "claims", "event_id", n.EventID, "channel", d.Channel, "error", err.Error())
	}
}

// subject is the one that the message was parked under, or its own.
func (d Delivery) subject(n finding.Finding, payload json.RawMessage) string {
	if d.parkedAs != "" {
		return d.parkedAs
	}
	return subject(n, d.Channel, payload)
}

// subject names a message on a destination. What became of an event is part of it: "retrying" and then "restored" are
// two messages, but of what is well once there is one, whichever run of the event it was that restored the trail.
func subject(n finding.Finding, channel string, payload json.RawMessage) string {
	became := n.Outcome
	if became == finding.OutcomeAlreadyLogging || became == finding.OutcomeNoDrift {
		became = finding.OutcomeRestored
	}
	return strings.TrimSpace(
		sanitize.Bound(
			n.EventID,
			128,
		) + " " + digest(
			payload,
		) + " " + channel + " " + string(
			became,
		) + " " + sanitize.Bound(
			n.Occasion,
			32,
		),
	)
}

// SubjectOf is the name under which a message is claimed on a destination.
func SubjectOf(n finding.Finding, channel string, payload json.RawMessage) string {
	return subject(n, channel, payload)
}

// digest is the same however the payload's JSON is written: a queue may give it back in another form.
func digest(payload json.RawMessage) string {
	var v any
	d := json.NewDecoder(bytes.NewReader(payload))
	d.UseNumber()
	if d.Decode(&v) == nil {
		if same, err := json.Marshal(v); err == nil {
			payload = same
		}
	}
	sum := sha256.Sum256(payload)
	return hex.EncodeToString(sum[:16])
}
