package detection

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"trailkeeper/lambda/internal/circuit"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/rules/count"
)

var (
	errNoTable = errors.New("there is no state table")
	// errContended says that the table answers, and that other runs were first with the same count each time.
	errContended = errors.New("other runs count the same, and were first each time")
)

const (
	// forContention is how long a count is tried where other runs are first, and the pauses in between.
	forContention        = 3 * time.Second
	firstPause, maxPause = 20 * time.Millisecond, 400 * time.Millisecond
	// maxReached bounds the events that are remembered to have reached a limit.
	maxReached = 50
)

// Counts keeps how often the events of a rule with a threshold happened: a document for each rule and each key that it
// counts by. It is safe for concurrent use.
type Counts struct {
	Documents state.Documents
	Breaker   *circuit.Breaker
	Clock     clock.Clock
}

// tally is a document.
type tally struct {
	Window count.Window `json:"window"`
	// Reached are the events with which there were enough, in short: one that comes again, because its message was lost,
	// is reported again.
	Reached []string `json:"reached,omitempty"`
}

// Add counts an event, and reports whether there are enough for a finding. After errContended nothing is counted; after
// another error nothing is known.
func (c *Counts) Add(ctx context.Context, rule, key string, limit count.Limit, e count.Event) (bool, error) {
	until := c.Clock.Now().Add(c.Clock.Left(ctx, time.Second, forContention))
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		reached, err := c.try(ctx, rule+" "+digest(key), limit, e)
		if !errors.Is(err, errContended) || c.Clock.Now().Add(pause).After(until) {
			return reached, err
		}
		if err := c.Clock.Sleep(ctx, pause/2+rand.N(pause/2)); err != nil { //nolint:gosec // no secret
			return false, errContended
		}
	}
}

// try counts an event unless another run is first. A question that runs out of time after the table has answered part
// of it was contended: the table is not silent.
func (c *Counts) try(ctx context.Context, id string, limit count.Limit, e count.Event) (reached bool, err error) {
	of := state.Of[tally]{
		Documents: c.Documents,
		Kind:      "count",
		Clock:     c.Clock,
		Keep:      limit.Within + count.Lateness + 24*time.Hour,
	}
	asked := 0
	err = c.Breaker.Ask(ctx, func(ctx context.Context) error {
		err := of.Change(ctx, "count what a rule found", id, func(entry *state.Entry[tally]) (changed bool) {
			asked++
			reached, changed = entry.Value.add(limit, e)
			return changed
		})
		if err != nil && (asked > 1 || errors.Is(err, state.ErrChanged)) {
			return errContended
		}
		return err
	})
	return reached && err == nil, err
}

// add counts an event, and says whether there is something new to remember.
func (t *tally) add(limit count.Limit, e count.Event) (reached, changed bool) {
	short := digest(e.ID)
	if slices.Contains(t.Reached, short) {
		return true, false
	}
	if reached = t.Window.Add(limit, e); reached {
		t.Reached = append(t.Reached, short)
		t.Reached = t.Reached[max(0, len(t.Reached)-maxReached):]
	}
	return reached, true
}
