package report

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"time"

	"trailkeeper/lambda/internal/circuit"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/state/claims"
)

// Claims remembers what each destination accepted, so that an event which arrives again, or is run again, is not
// delivered again. A subject is one message on one destination; it holds a digest of the event, so that a forged event
// cannot speak for another of the same ID. Nil knows nothing: an event that arrives again is reported again.
type Claims struct {
	Events events
	// Breaker bounds the questions to Events; nil: each by itself.
	Breaker *circuit.Breaker
	Clock   clock.Clock
	Log     *slog.Logger
}

// events are those of package claims.
type events interface {
	// Claim: the lease is how long it counts, unless one of the others follows. With a digest the caller has the message
	// from the failure queue: it may send what Parked noted under that digest, and nothing else. So whoever can write to
	// the queue can neither keep a message back nor speak for one.
	Claim(ctx context.Context, subject string, lease time.Duration, digest string) (claims.State, error)
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

// state claims a message, and waits a while for another run. Where the claims do not answer, the message is sent, and
// not known to be parked. Where it is not to be sent, the delivery says why.
func (c *Claims) state(ctx context.Context, d *Delivery, n finding.Finding, subject, digest string) claims.State {
	if c == nil {
		return claims.Unknown
	}
	state, err := c.ask(ctx, subject, digest)
	for waited := time.Duration(0); state == claims.InFlight && err == nil && waited < forOthers; waited += betweenClaims {
		if c.Clock.Sleep(ctx, betweenClaims) != nil {
			break
		}
		state, err = c.ask(ctx, subject, digest)
	}
	switch {
	case err != nil:
		c.warn(ctx, d, n, err)
		return claims.Unknown
	case state == claims.Delivered:
		d.Status = StatusRepeated
	case state == claims.InFlight:
		d.Status, d.Err = statusBusy, errBusy
	}
	return state
}

// sends reports whether a message in this state is the caller's to send.
func sends(s claims.State) bool { return s == claims.Claimed || s == claims.Unknown }

// ask makes one claim.
func (c *Claims) ask(ctx context.Context, subject, digest string) (state claims.State, err error) {
	lease := c.Clock.Left(ctx, 0, clock.LongestRun) + LeaseMargin
	err = c.Breaker.Ask(ctx, func(ctx context.Context) (err error) {
		state, err = c.Events.Claim(ctx, subject, lease, digest)
		return err
	})
	return state, err
}

// settle notes what became of a message that was claimed.
func (c *Claims) settle(ctx context.Context, d Delivery, n finding.Finding, payload json.RawMessage) {
	if c == nil || d.Status == StatusRepeated || d.Status == statusBusy {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, forNoting)
	defer cancel()
	subject, err := d.subject(n, payload), error(nil)
	switch d.Status {
	case statusParked, statusWaiting:
		err = c.Events.Parked(ctx, subject, d.digest)
	case statusLost:
		err = c.Events.Release(ctx, subject)
	default:
		err = c.Events.Delivered(ctx, subject)
	}
	if err != nil {
		c.warn(ctx, &d, n, err)
	}
}

func (c *Claims) warn(ctx context.Context, d *Delivery, n finding.Finding, err error) {
	c.Log.WarnContext(ctx, "claims", "event_id", n.EventID, "channel", d.Channel, "error", err.Error())
}

// subject is the one that the message was parked under, or its own.
func (d Delivery) subject(n finding.Finding, payload json.RawMessage) string {
	if d.parkedAs != "" {
		return d.parkedAs
	}
	return SubjectOf(n, d.Channel, payload)
}

// SubjectOf names a message on a destination. Who found it is part of it, as each rule that matches an event reports
// it, and so is what became of the event: "retrying" and then "restored" are two messages, but of what is well once
// there is one, whichever run of the event it was that restored the trail.
func SubjectOf(n finding.Finding, channel string, payload json.RawMessage) string {
	became := n.Outcome
	if became == finding.OutcomeAlreadyLogging || became == finding.OutcomeNoDrift {
		became = finding.OutcomeRestored
	}
	return strings.TrimSpace(strings.Join([]string{
		sanitize.Bound(n.EventID, 128), digest(payload), channel, string(became), sanitize.Bound(n.Occasion, 32),
		sanitize.Bound(n.Source, 128),
	}, " "))
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
