package detection

import (
	"context"
	"errors"
	"slices"
	"time"

	"trailkeeper/lambda/internal/circuit"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/rules/count"
)

var errNoTable = errors.New("there is no state table")

// maxReached bounds the events that are remembered to have reached a limit.
const maxReached = 50

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

// Add counts an event, and reports whether there are enough for a finding. After state.ErrChanged nothing is counted:
// the table answers, and other runs were first each time. After another error nothing is known.
func (c *Counts) Add(
	ctx context.Context, rule, key string, limit count.Limit, e count.Event,
) (reached bool, err error) {
	id := rule + " " + digest(key)
	of := state.Of[tally]{
		Documents: c.Documents,
		Kind:      "count",
		Clock:     c.Clock,
		Keep:      limit.Within + count.Lateness + 24*time.Hour,
	}
	err = c.Breaker.Insist(ctx, state.ErrChanged, func(ctx context.Context) error {
		return of.Change(ctx, "count what a rule found", id, func(entry *state.Entry[tally]) (changed bool) {
			reached, changed = entry.Value.add(limit, e)
			return changed
		})
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
