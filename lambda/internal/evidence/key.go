package evidence

import (
	"context"
	"errors"
	"fmt"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/kmskey"
	"trailkeeper/lambda/internal/sanitize"
)

// Enabler enables the key of a trail again, where that is asked for. Its fields are set once; it is safe for concurrent
// use.
type Enabler struct {
	Keys    *kmskey.Client
	Account string // the function's own, whose keys alone are touched
	Scope   assess.Scope
	Clock   clock.Clock
}

// may reports whether the key of a baseline may be enabled: the baseline says that it is, it is of the function's own
// account, and the mode of the trail restores what weakens it.
func (e *Enabler) may(b baseline.Baseline) bool {
	if e == nil || b.Key == nil || !b.Key.Enabled {
		return false
	}
	key, err := events.ParseARN(b.Trail.Settings.KMSKeyID)
	return err == nil && key.Account == e.Account && e.Scope.ModeOf(b.Trail.ARN, "DisableKey").AtLeast(config.ModeRestore)
}

// stateEnabled is the state of a key that can be used, as DescribeKey has it.
const stateEnabled = "Enabled"

// enabled is what became of a key.
type enabled struct {
	was, now string // states, as DescribeKey has them; empty: not known
	acted    time.Time
	done     time.Time
	err      error
}

const (
	// readsAfter is how often the key is read after it was enabled, and between is the time between: KMS is eventually
	// consistent (AWS KMS Developer Guide, "AWS KMS eventual consistency").
	readsAfter = 4
	between    = 700 * time.Millisecond
)

// enable cancels a deletion, enables the key, and reads it until it is enabled. What is enabled is left alone.
func (e *Enabler) enable(ctx context.Context, arn string) (out enabled) {
	k, err := e.Keys.Describe(ctx, arn)
	if err != nil {
		return enabled{err: err}
	}
	out.was, out.now = k.State, k.State
	switch k.State {
	case stateEnabled:
		return out
	case "Disabled", "PendingDeletion":
	default:
		out.err = fmt.Errorf("its state is %.40s, in which it cannot be enabled", k.State)
		return out
	}
	out.acted = e.Clock.Now()
	if k.State == "PendingDeletion" {
		if out.err = e.Keys.CancelDeletion(ctx, arn); out.err != nil {
			return out
		}
	}
	if out.err = e.Keys.Enable(ctx, arn); out.err != nil {
		return out
	}
	for range readsAfter {
		if k, err := e.Keys.Describe(ctx, arn); err == nil {
			if out.now, out.done = k.State, e.Clock.Now(); k.Enabled() {
				return out
			}
		}
		if err := e.Clock.Sleep(ctx, between); err != nil {
			out.err = err
			return out
		}
	}
	out.err = errors.New("DescribeKey does not say that it is enabled")
	return out
}

// word says in a finding what became of the key. Of one that is enabled there is nothing to undo.
func (out enabled) word(n *finding.Finding) {
	switch {
	case out.err != nil:
		n.Outcome, n.Severity = finding.OutcomeCannotRestore, finding.SeverityCritical
		n.Notes = []finding.Note{finding.Say(finding.NoteKeyNotEnabled, sanitize.Sentence(out.err))}
		return
	case out.was == stateEnabled:
		n.Outcome = finding.OutcomeNoDrift
		n.Notes = []finding.Note{finding.Say(finding.NoteKeyIsEnabled)}
	default:
		n.Outcome = finding.OutcomeRestored
		n.AfterCall = out.done.Sub(out.acted)
		if !n.EventTime.IsZero() && n.Kind == "" && out.done.After(n.EventTime) {
			n.SinceEvent = out.done.Sub(n.EventTime)
		}
		n.Notes = []finding.Note{finding.Say(finding.NoteKeyEnabled, out.was)}
	}
	n.Next = nil
	if n.EventName != "" {
		n.Advise(finding.NextReview, n.Region, n.EventID)
	}
}
