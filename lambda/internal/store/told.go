package store

import (
	"context"
	"errors"
	"time"
)

const (
	attrSign   = "sign" // what was told, or is being told
	attrState  = "state"
	attrUntil  = "until"  // of the claim
	attrDigest = "digest" // of the text in the failure queue

	stateClaimed = "claimed"
	stateSent    = "sent"
	stateParked  = "parked"
)

// Turn says whose turn it is to tell something.
type Turn int

// The turns.
const (
	TurnOurs    Turn = iota // it was not told, or the run that was to tell it has failed
	TurnBusy                // another run is about to tell it
	TurnTold                // it is told
	TurnUnknown             // what was to be claimed is not what was noted
)

// Claim asks whether it is for this run to tell something about a subject. The sign stands for what is to be told; where it is another one than
// the last, it is news. After TurnOurs, Sent must follow when it is told. The lease is how long the claim counts before another run may take it
// over: a little longer than this run can last.
func (s *Store) Claim(ctx context.Context, subject, sign string, lease time.Duration) (Turn, error) {
	now := s.Clock.Now()
	err := s.update(ctx, change{
		what: "see whether it was told", pk: pkTold, sk: subject,
		set:       "#sign = :sign, #state = :claimed, #until = :until, #expires = :expires",
		condition: "attribute_not_exists(#sign) OR #sign <> :sign OR (#state = :claimed AND (#until < :now OR #until > :longest))",
		names:     map[string]string{"#sign": attrSign, "#state": attrState, "#until": attrUntil, "#expires": attrExpires},
		values: item{
			":sign": text(sign), ":claimed": text(stateClaimed), ":until": moment(now.Add(lease)), ":longest": moment(now.Add(longestLease)), ":now": moment(now),
			":expires": moment(now.Add(forgetting)),
		},
	})
	if !errors.Is(err, errCondition) {
		return TurnOurs, err
	}
	found, err := s.get(ctx, "see whether it was told", pkTold, subject)
	return turnOf(found), err
}

// turnOf is whose turn it is where a claim was refused. Only what says that it was told, or is kept for later, counts as told: a claim that was given
// back meanwhile, and a state that nothing here writes, are no word that anybody was.
func turnOf(found item) Turn {
	if state := textOf(found[attrState]); state == stateSent || state == stateParked {
		return TurnTold
	}
	return TurnBusy
}

// Sent notes that what Claim gave out is told.
func (s *Store) Sent(ctx context.Context, subject, sign string) error {
	err := s.update(ctx, change{
		what: "note that it was told", pk: pkTold, sk: subject, set: "#state = :sent", condition: "#sign = :sign",
		names: map[string]string{"#state": attrState, "#sign": attrSign}, values: item{":sent": text(stateSent), ":sign": text(sign)},
	})
	if errors.Is(err, errCondition) {
		return nil // something newer is being told
	}
	return err
}

// Told returns what was last told of each subject, or is being told.
func (s *Store) Told(ctx context.Context) (map[string]string, error) {
	found, err := s.query(ctx, "read what was told", pkTold)
	told := make(map[string]string, len(found))
	for _, i := range found {
		if sign := textOf(i[attrSign]); sign != "" {
			told[textOf(i[attrSK])] = sign
		}
	}
	return told, err
}

// Clear forgets what was told of a subject, so that the same is told again when it comes back. It reports whether this call did so: of two at
// once, one does.
func (s *Store) Clear(ctx context.Context, subject, sign string) (bool, error) {
	err := s.update(ctx, change{
		what: "note that it is over", pk: pkTold, sk: subject, remove: "#sign, #state, #until", condition: "#sign = :sign",
		names: map[string]string{"#sign": attrSign, "#state": attrState, "#until": attrUntil}, values: item{":sign": text(sign)},
	})
	if errors.Is(err, errCondition) {
		return false, nil
	}
	return err == nil, err
}

// Discovered returns when the sweep last looked for trails that it does not know.
func (s *Store) Discovered(ctx context.Context) (time.Time, error) {
	found, err := s.get(ctx, "read when trails were last looked for", pkSweep, skDiscovery)
	return momentOf(found[attrSeen]), err
}

// Discover notes that it looked for them now.
func (s *Store) Discover(ctx context.Context) error {
	err := s.update(ctx, change{
		what: "note that trails were looked for", pk: pkSweep, sk: skDiscovery, set: "#seen = :now",
		names: map[string]string{"#seen": attrSeen}, values: item{":now": moment(s.Clock.Now())},
	})
	return err
}

const skDiscovery = "discovery"
