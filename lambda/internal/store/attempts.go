package store

import (
	"context"
	"errors"
	"time"
)

// Attempts is how often a trail was put back lately.
type Attempts struct {
	Since time.Time // the start of the window; zero: none
	Count int64
	// Told says that the cap of this window was told.
	Told bool
}

const (
	// AttemptWindow is the time over which attempts count.
	AttemptWindow = time.Hour

	attrWindow   = "window"
	attrAttempts = "attempts"
	attrCapTold  = "capTold" // the window whose cap was told
)

func attemptsOf(i item) Attempts {
	a := Attempts{Since: momentOf(i[attrWindow]), Count: numberOf(i[attrAttempts])}
	a.Told = !a.Since.IsZero() && momentOf(i[attrCapTold]).Equal(a.Since)
	return a
}

// Within returns the attempts that count at a time.
func (a Attempts) Within(now time.Time) Attempts {
	if now.Sub(a.Since) >= AttemptWindow || a.Since.After(now.Add(AttemptWindow)) {
		return Attempts{}
	}
	return a
}

var attemptNames = map[string]string{"#window": attrWindow, "#attempts": attrAttempts}

// Attempt counts an attempt to put the trail back.
func (s *Store) Attempt(ctx context.Context, arn string) error {
	now := s.Clock.Now()
	c := change{
		what: "count the attempt", pk: pkTrail, sk: arn, update: "ADD #attempts :one", condition: "#window > :old",
		names: attemptNames, values: item{":one": number(1), ":old": moment(now.Add(-AttemptWindow))},
	}
	err := s.update(ctx, c)
	if !errors.Is(err, errCondition) {
		return err
	}
	c.update, c.condition = "SET #attempts = :one, #window = :now", "attribute_not_exists(#window) OR #window <= :old"
	c.values[":now"] = moment(now)
	if err = s.update(ctx, c); errors.Is(err, errCondition) {
		return nil // another run has just begun the window
	}
	return err
}

// TellCap reports whether the cap of the current window is for this call to tell: of all, one is.
func (s *Store) TellCap(ctx context.Context, arn string, a Attempts) (bool, error) {
	err := s.update(ctx, change{
		what: "note that the attempt cap is told", pk: pkTrail, sk: arn, update: "SET #told = :window",
		condition: "attribute_not_exists(#told) OR #told <> :window",
		names:     map[string]string{"#told": attrCapTold}, values: item{":window": moment(a.Since)},
	})
	if errors.Is(err, errCondition) {
		return false, nil
	}
	return err == nil, err
}
