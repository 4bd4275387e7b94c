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
}

const (
	// AttemptWindow is the time over which attempts count.
	AttemptWindow = time.Hour

	attrWindow   = "window"
	attrAttempts = "attempts"
)

func attemptsOf(i item) Attempts {
	return Attempts{Since: momentOf(i[attrWindow]), Count: numberOf(i[attrAttempts])}
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
		what: "count the attempt", pk: pkTrail, sk: arn, add: "#attempts :one", condition: "#window > :old",
		names: attemptNames, values: item{":one": number(1), ":old": moment(now.Add(-AttemptWindow))},
	}
	err := s.update(ctx, c)
	if !errors.Is(err, errCondition) {
		return err
	}
	c.set, c.add, c.condition = "#attempts = :one, #window = :now", "", "attribute_not_exists(#window) OR #window <= :old"
	c.values[":now"] = moment(now)
	if err = s.update(ctx, c); errors.Is(err, errCondition) {
		return nil // another run has just begun the window
	}
	return err
}
