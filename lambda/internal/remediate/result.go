package remediate

import (
	"cmp"
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
	// neither. For a trail that was created again, they report what was done after that; the rest of it is as in the
	// baseline.
	Restored []trail.Change
	Left     []Left
	// Unverified are the changes that were written while the trail could not be read, or could not any more: CloudTrail
	// accepted the write, and nobody has seen what came of it. They are not in Left.
	Unverified []Left
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
	// Err is set where something is not restored; Retryable says that another run may help. Notes say what stands in the
	// way of the whole and Next what a human must do about that; there are none where Left has the reasons.
	Err         error
	Retryable   bool
	Notes, Next []finding.Note
	Calls       []string // the writes that were made, by name, in order
}

// Left is a change that is not undone, or not seen to be.
type Left struct {
	Change trail.Change
	Why    []finding.Note
}

// cannot says what stood in the way of the whole, and what could not be done for it.
func (r *Result) cannot(p problem, then finding.NoteID) {
	r.Notes, r.Next, r.Retryable = []finding.Note{p.says, finding.Say(then)}, p.steps(), p.retryable
}

// Lit reports whether the trail is known to record what its baseline does again.
func (r Result) Lit() bool {
	return !r.RestoredAt.IsZero() && !r.Missing &&
		!slices.ContainsFunc(r.Left, func(l Left) bool { return slices.Contains(r.Dark, l.Change.Field) })
}

// Done reports whether nothing that weakens is left, as far as could be seen.
func (r Result) Done() bool {
	return r.Err == nil && len(r.Left) == 0 && len(r.Unverified) == 0 && len(r.Unseen) == 0
}

// result says what came of each change, as the trail was last read.
func (r *run) result(verified time.Time) Result {
	s := r.seen
	res := Result{
		Before:     r.found.before,
		Kept:       s.kept,
		Unseen:     s.unseen,
		Missing:    s.missing,
		Created:    s.created,
		Capped:     r.plan.capped,
		Counts:     r.plan.counts,
		Dark:       r.found.dark,
		Accepted:   r.writer.accepted,
		RestoredAt: verified,
		Calls:      r.writer.calls,
	}
	if !verified.IsZero() {
		res.AfterCall = verified.Sub(r.writer.first)
	}
	if !s.missing && (!s.assumed || s.created) { // what was changed while the trail was put back
		for _, c := range trail.Weakened(s.changes()) {
			if !slices.Contains(res.Before, c) {
				res.Before = append(res.Before, c)
			}
		}
	}
	for _, c := range trail.Weakened(res.Before) {
		why, left := r.why(c)
		switch {
		case left && r.unverified(c):
			res.Unverified = append(res.Unverified, Left{Change: c, Why: why})
		case left:
			res.Left = append(res.Left, Left{Change: c, Why: why})
		case r.fates[c.Field].call != "":
			res.Restored = append(res.Restored, c)
		}
	}
	r.conclude(&res)
	return res
}

// why says why a change is not restored.
func (r *run) why(c trail.Change) (why []finding.Note, left bool) {
	done := r.fates[c.Field]
	switch {
	case done.stuck != nil:
		return done.stuck, true
	case reserved(c):
		return []finding.Note{finding.Say(finding.NoteReservedTag)}, r.stillThere(c)
	case done.call == "":
		planned := cmp.Or(r.plan.Left[c.Field], finding.NoteChangedMeanwhile)
		return []finding.Note{finding.Say(planned)}, r.stillThere(c)
	case !r.seen.open(c.Field):
		return nil, false
	case done.unsure():
		return done.failed.why(), true
	}
	return r.unconfirmed(done.call, c.Field), true
}

// stillThere reports whether the trail, as it was last read, still shows a change.
func (r *run) stillThere(c trail.Change) bool { return slices.Contains(r.seen.changes(), c) }

// unverified reports whether a change was written, and whether that holds cannot be read: CloudTrail throttles the
// reads or does not answer them, or it was written without reading to begin with.
func (r *run) unverified(c trail.Change) bool {
	s, done := r.seen, r.fates[c.Field]
	hidden := s.now.Unseen[c.Field.Part()] != "" && (s.now.Passing || slices.Contains(r.found.unread, c.Field))
	return done.call != "" && done.failed == nil && done.stuck == nil && (s.assumed || s.silent || hidden) &&
		!s.missing && !s.created
}

// unconfirmed says why a write that was accepted is not known to hold.
func (r *run) unconfirmed(call string, f trail.Field) []finding.Note {
	_, command := trail.ShownBy(f.Part())
	look := finding.Say(finding.NextLookAt, r.seen.id.Region, command+r.seen.id.ARN())
	switch unseen := r.seen.unseen[f.Part()]; {
	case r.seen.missing:
		return []finding.Note{finding.Say(finding.NoteAcceptedGone, call)}
	case unseen != "":
		return []finding.Note{
			finding.Say(finding.NoteAcceptedUnseen, call), finding.Say(finding.NoteText, unseen), look,
		}
	case r.seen.assumed || r.seen.silent:
		return []finding.Note{finding.Say(finding.NoteAcceptedUnread, call), look}
	}
	return []finding.Note{finding.Say(finding.NoteAcceptedNotShown, call), look}
}

// conclude says whether another run may help.
func (r *run) conclude(res *Result) {
	var failures []*failure
	for _, f := range trail.Fields() {
		done := r.fates[f]
		if done.failed != nil && (done.stuck != nil || r.seen.open(f)) && !slices.Contains(failures, done.failed) {
			failures = append(failures, done.failed)
			res.Err, res.Retryable = errors.Join(res.Err, done.failed.err), res.Retryable || done.failed.retryable
		}
		res.Unconfirmed = res.Unconfirmed || done.call != "" && !done.unsure() && r.seen.open(f)
	}
	found := len(res.Restored)+len(res.Left)+len(res.Unverified) > 0
	switch {
	case res.Err != nil:
	case !found && !res.Created && r.seen.now.Passing:
		res.Err, res.Retryable = fmt.Errorf("restore %s: not all of it could be read", r.seen.id.ARN()), true
	case len(res.Left) > 0, res.Unconfirmed:
		res.Err = fmt.Errorf("restore %s: not all of it is restored", r.seen.id.ARN())
	}
}
