package store

import (
	"context"
	"errors"
	"time"
)

const (
	// longestLease is longer than the longest run of a function: a claim that says it counts for longer is forged.
	longestLease = 16 * time.Minute
	// rememberingEvents is longer than a queue can keep a message (SQS quotas, "Message retention").
	rememberingEvents = 15 * 24 * time.Hour
)

// ClaimEvent asks whether it is for this run to send one message about one event. The lease is how long the claim counts before another run may
// take it over: a little longer than this run can last. With a digest the caller has the message from the failure queue: it may send what
// EventParked noted under that digest, and claims nothing else; the answer is TurnUnknown where nothing is noted so. After TurnOurs one of the three
// below must follow.
func (s *Store) ClaimEvent(ctx context.Context, subject string, lease time.Duration, digest string) (Turn, error) {
	now := s.Clock.Now()
	const over = "(#state = :claimed AND (#until < :now OR #until > :longest))"
	c := change{
		what: "see whether it was told", pk: pkEvent, sk: subject, set: "#state = :claimed, #until = :until, #expires = :expires",
		condition: "attribute_not_exists(#state) OR " + over,
		names:     map[string]string{"#state": attrState, "#until": attrUntil, "#expires": attrExpires},
		values: item{
			":claimed": text(stateClaimed), ":until": moment(now.Add(lease)), ":longest": moment(now.Add(longestLease)), ":now": moment(now),
			":expires": moment(now.Add(rememberingEvents)),
		},
	}
	if digest != "" {
		c.condition = "#digest = :digest AND (#state = :parked OR " + over + ")"
		c.names["#digest"] = attrDigest
		c.values[":digest"], c.values[":parked"] = text(digest), text(stateParked)
	}
	err := s.update(ctx, c)
	if !errors.Is(err, errCondition) {
		return TurnOurs, err
	}
	found, err := s.get(ctx, c.what, pkEvent, subject)
	switch {
	case digest != "" && err == nil && textOf(found[attrDigest]) != digest:
		return TurnUnknown, nil
	case digest != "" && err == nil && textOf(found[attrState]) == stateParked:
		return TurnBusy, nil // another run has just left it there
	}
	return turnOf(found), err
}

// EventSent notes that the far end has accepted the message.
func (s *Store) EventSent(ctx context.Context, subject string) error {
	return s.eventState(ctx, subject, stateSent, "")
}

// EventParked notes that the message is in the failure queue, as a text with this digest, unless it was accepted before. What is not noted so is not
// known to be the deployment's own.
func (s *Store) EventParked(ctx context.Context, subject, digest string) error {
	return s.eventState(ctx, subject, stateParked, digest)
}

// eventState leaves the digest that there is where none is given.
func (s *Store) eventState(ctx context.Context, subject, state, digest string) error {
	c := change{
		what: "note that it was told", pk: pkEvent, sk: subject, set: "#state = :state, #expires = :expires",
		condition: "attribute_not_exists(#state) OR #state <> :sent",
		names:     map[string]string{"#state": attrState, "#expires": attrExpires},
		values:    item{":state": text(state), ":sent": text(stateSent), ":expires": moment(s.Clock.Now().Add(rememberingEvents))},
	}
	if digest != "" {
		c.set += ", #digest = :digest"
		c.names["#digest"], c.values[":digest"] = attrDigest, text(digest)
	}
	err := s.update(ctx, c)
	if errors.Is(err, errCondition) {
		return nil // sent is sent
	}
	return err
}

// EventReleased gives a claim back: the message is neither sent nor parked.
func (s *Store) EventReleased(ctx context.Context, subject string) error {
	err := s.update(ctx, change{
		what: "note that it was not told", pk: pkEvent, sk: subject, remove: "#state, #until", condition: "#state = :claimed",
		names: map[string]string{"#state": attrState, "#until": attrUntil}, values: item{":claimed": text(stateClaimed)},
	})
	if errors.Is(err, errCondition) {
		return nil
	}
	return err
}
