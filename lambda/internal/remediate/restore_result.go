package remediate

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/trail"
)

// Result is what became of a restart or a restore.
type Result struct {
	// Of a restart: its outcome, the last stop that the status shows, and when the trail logs again since, as far as that
	// is known.
	Outcome          finding.Outcome
	Stopped, Started time.Time

	// The rest is of a restore, and what both have stands at the end.

	// Before is every change that was found, weakening ones first; those that were made while the trail was put back come
	// last.
	Before []trail.Change
	// Kept are the changes of the fields that were left as they are; they are not in Before.
	Kept []trail.Change
	// Restored are the weakening changes that were put back, as reading the trail again shows; Left are the others that
	// are still there or cannot be seen, each with the reason. A change that went away without a write of ours is in
	// neither. For a trail that was created again, they tell of what was done after that; the rest of it is as in the
	// baseline.
	Restored []trail.Change
	Left     []trail.Left
	// Unverified are the changes that were written while the trail could not be read, or could not any more: CloudTrail
	// accepted the write, and nobody has seen what came of it. They are not in Left.
	Unverified []trail.Left
	Unseen     map[trail.Part]string // parts that could not be read, at the last reading, with the reason
	// Missing says that there is no such trail; Created that it was created again.
	Missing, Created bool
	// Capped says that the attempt cap kept something from being put back. Unconfirmed says that a write was accepted and
	// reading does not show its effect, yet or any more.
	Capped, Unconfirmed bool
	// Counts says that the restore counts towards the attempt cap: it was about more than what blinds the trail.
	Counts bool
	// Dark are the fields in which the trail was found to record less than its baseline, and Accepted is when the first
	// write of ours was accepted.
	Dark     []trail.Field
	Accepted time.Time
	// AfterCall is the time from our first write to the confirmation of all that was accepted; RestoredAt when that was.
	// Zero without one.
	AfterCall  time.Duration
	RestoredAt time.Time
	// Err is set where something is not restored; Retryable says that another run may help. Detail and NextStep say in
	// plain sentences what stands in the way of the whole, and are empty where Left has the reasons.
	Err              error
	Retryable        bool
	Detail, NextStep string
	Calls            []string // the writes that were made, by name, in order
}

// Lit reports whether the trail is known to record what its baseline does again.
func (r Result) Lit() bool {
	return !r.RestoredAt.IsZero() && !r.Missing &&
		!slices.ContainsFunc(r.Left, func(l trail.Left) bool { return slices.Contains(r.Dark, l.Change.Field) })
}

// Done reports whether nothing that weakens is left, as far as could be seen.
func (r Result) Done() bool {
	return r.Err == nil && len(r.Left) == 0 && len(r.Unverified) == 0 && len(r.Unseen) == 0
}

// finish says what came of each change, as the trail was last read.
func (r *restoration) finish() Result {
	r.result.Created = r.created
	if !r.result.Missing && (!r.model || r.created) {
		r.late()
	}
	for _, c := range trail.Weakened(r.result.Before) {
		if reason, left := r.reason(c); left && r.unverified(c) {
			r.result.Unverified = append(r.result.Unverified, trail.Left{Change: c, Reason: reason})
		} else if left {
			r.result.Left = append(r.result.Left, trail.Left{Change: c, Reason: reason})
		} else if r.sent[c.Field] != "" {
			r.result.Restored = append(r.result.Restored, c)
		}
	}
	r.conclude()
	return r.result
}

// late notes the weakening changes that were made while the trail was put back, and what the writes for them did not
// make good.
func (r *restoration) late() {
	for _, c := range trail.Weakened(r.differ.Diff(r.baseline, r.now)) {
		if !slices.Contains(r.result.Before, c) {
			r.result.Before = append(r.result.Before, c)
		}
	}
}

// reason says why a change is not restored.
func (r *restoration) reason(c trail.Change) (string, bool) {
	if reason, ok := r.stuck[c.Field]; ok {
		return reason, true
	}
	switch name := r.sent[c.Field]; {
	case reserved(c):
		return "AWS alone sets tags that begin with aws:. Find out what the tag's service did to the trail.", r.seenWeak(c)
	case name == "":
		return r.planned(c), r.seenWeak(c)
	case !r.open(c.Field):
		return "", false
	default:
		if f, ok := r.unsure[name]; ok {
			return f.reason, true
		}
		return r.unconfirmed(name, c.Field), true
	}
}

// seenWeak reports whether the trail, as it was last read, still shows a change.
func (r *restoration) seenWeak(c trail.Change) bool {
	return slices.Contains(r.differ.Diff(r.baseline, r.now), c)
}

// planned says why the plan leaves a change alone.
func (r *restoration) planned(c trail.Change) string {
	for _, l := range r.plan.Left {
		if l.Change.Field == c.Field {
			return l.Reason
		}
	}
	return "It was changed while the trail was restored. If no further message tells of it, restore it by hand."
}

// unconfirmed words a write that was accepted and that reading does not show.
func (r *restoration) unconfirmed(name string, f trail.Field) string {
	switch {
	case r.result.Missing:
		return "CloudTrail accepted " + name + ", but the trail is gone now."
	case r.now.Unseen[f.Part()] != "":
		return "CloudTrail accepted " + name + ", but it could not be verified. " + r.now.Unseen[f.Part()] + " " + r.showsIt(
			f,
		)
	case r.model || r.silent:
		return "CloudTrail accepted " + name + ", but the trail could not be read since. " + r.showsIt(f)
	}
	return "CloudTrail accepted " + name + ", but reading the trail does not show it: it lags, or somebody has changed " +
		"it again. " + r.showsIt(
		f,
	)
}

// showsIt names the command that shows a field.
func (r *restoration) showsIt(f trail.Field) string {
	_, command := trail.ShownBy(f.Part())
	return "Run aws cloudtrail --region " + r.id.Region + " " + command + r.id.ARN() + " and look."
}

// conclude says whether another run may help.
func (r *restoration) conclude() {
	failures := r.failures
	for name, f := range r.unsure {
		if r.anyLeft(name) {
			failures = append(failures, f)
		}
	}
	for _, f := range failures {
		r.result.Err, r.result.Retryable = errors.Join(r.result.Err, f.err), r.result.Retryable || f.retryable
	}
	for f, name := range r.sent {
		if _, unsure := r.unsure[name]; !unsure && r.open(f) {
			r.result.Unconfirmed = true
		}
	}
	found := len(r.result.Restored)+len(r.result.Left)+len(r.result.Unverified) > 0
	switch {
	case r.result.Err != nil:
	case !found && !r.created && r.now.Passing:
		r.result.Err, r.result.Retryable = fmt.Errorf("restore %s: not all of it could be read", r.id.ARN()), true
	case len(r.result.Left) > 0, r.result.Unconfirmed:
		r.result.Err = fmt.Errorf("restore %s: not all of it is restored", r.id.ARN())
	}
}

func (r *restoration) anyLeft(name string) bool {
	for f, by := range r.sent {
		if by == name && r.open(f) {
			return true
		}
	}
	return false
}

// cannotRead is the result where the trail could not be read at all.
func (r *restoration) cannotRead(err error) Result {
	r.result.Err = fmt.Errorf("restore %s: %w", r.id.ARN(), err)
	if errors.Is(err, trail.ErrNotFound) {
		r.result.Missing = true
		r.result.Detail = "No such trail: " + r.id.ARN() + ". If it was deleted, only mode recreate creates it again."
		r.result.NextStep = "Create it again with the settings of its baseline, then run start-logging."
		return r.result
	}
	p := explainCall("", err, r.id)
	r.result.Detail = p.Sentence + " So the trail could not be read."
	r.result.NextStep = p.NextStep
	r.result.Retryable = p.Retryable
	return r.result
}
