package remediate

import (
	"errors"
	"slices"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/trail"
)

// blind reports whether a trail that could not be read is restored all the same: the baseline is a declared one,
// CloudTrail throttled the reads or did not answer them, and the call asked for something worse than the baseline. The
// account's ten reads a second are anybody's to use up, and its one write a second is another quota ("Quotas in AWS
// CloudTrail").
func (r *restoration) blind(err error) bool {
	if !mayPass(err) {
		return false
	}
	r.remember()
	r.model, r.now = true, r.baseline
	if len(r.hidden()) > 0 {
		return true
	}
	r.model, r.now = false, trail.State{}
	return false
}

// hidden are the changes that the call asked for and no reading has shown or refuted, but for what is left alone, what
// is approved, and what Trailkeeper does not put back.
func (r *restoration) hidden() []trail.Change {
	if r.kind != trail.Declared || len(r.asked) == 0 {
		return nil
	}
	excused := r.excused()
	return slices.DeleteFunc(slices.Clone(r.asked), func(c trail.Change) bool {
		hidden := r.model || r.now.Unseen[c.Field.Part()] != "" && r.now.Passing
		return !hidden || c.Field.Restore() == "" || reserved(c) || slices.Contains(r.leaveAlone, c.Field) ||
			slices.Contains(excused, c.Field)
	})
}

// excused are the fields in which what the call asked for is approved.
func (r *restoration) excused() []trail.Field {
	if r.approve == nil || r.wanted.ARN == "" {
		return nil
	}
	worse := trail.Weakened(r.differ.Diff(r.approve(r.baseline, r.wanted), r.wanted))
	return slices.DeleteFunc(trail.Fields(), func(f trail.Field) bool {
		return slices.ContainsFunc(worse, func(c trail.Change) bool { return c.Field == f })
	})
}

// addUnread takes what cannot be seen of what the call asked for for a change.
func (r *restoration) addUnread() {
	for _, c := range r.hidden() {
		r.result.Before, r.unread = append(r.result.Before, c), append(r.unread, c.Field)
	}
}

// seenState is the trail as far as it was seen.
func (r *restoration) seenState() trail.State {
	if r.model && !r.created {
		return trail.State{}
	}
	return r.now
}

// mayPass reports whether a trail could not be read because CloudTrail throttled the reads, failed or did not answer.
func mayPass(err error) bool {
	return !errors.Is(err, trail.ErrNotFound) && (awscall.Code(err) == "" || awscall.Passing(err))
}

// unverified reports whether a change was written, and whether that holds cannot be read: CloudTrail throttles the
// reads or does not answer them, or it was written without reading to begin with.
func (r *restoration) unverified(c trail.Change) bool {
	name := r.sent[c.Field]
	_, unsure := r.unsure[name]
	hidden := r.now.Unseen[c.Field.Part()] != "" && (r.now.Passing || slices.Contains(r.unread, c.Field))
	return name != "" && !unsure && (r.model || r.silent || hidden) && !r.result.Missing && !r.created &&
		r.stuck[c.Field] == ""
}
