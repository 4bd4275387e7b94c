package remediate

import (
	"errors"
	"slices"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/trail"
)

// assumeBaseline reports whether a trail that could not be read is restored all the same, and takes it for what its
// baseline has: the baseline is a declared one, CloudTrail throttled the reads or did not answer them, and the call
// asked for something worse than the baseline. The account's ten reads a second are anybody's to use up, and its one
// write a second is another quota ("Quotas in AWS CloudTrail").
func (s *sight) assumeBaseline(err error) bool {
	if !mayPass(err) {
		return false
	}
	s.assumed, s.now = true, s.baseline
	if len(hidden(s)) > 0 {
		return true
	}
	s.assumed, s.now = false, trail.State{}
	return false
}

// hidden are the changes that the call asked for and no reading has shown or refuted, but for what is left alone, what
// is approved, and what Trailkeeper does not put back.
func hidden(s *sight) []trail.Change {
	if s.order.Kind != trail.Declared || len(s.order.Asked) == 0 {
		return nil
	}
	but := append(excused(s), s.order.Leave...)
	return slices.DeleteFunc(slices.Clone(s.order.Asked), func(c trail.Change) bool {
		hidden := s.assumed || s.now.Unseen[c.Field.Part()] != "" && s.now.Passing
		return !hidden || c.Field.Restore() == "" || reserved(c) || slices.Contains(but, c.Field)
	})
}

// excused are the fields in which what the call asked for is approved.
func excused(s *sight) []trail.Field {
	approve, wanted := s.recalled().Approve, s.order.Wanted
	if approve == nil || wanted.ARN == "" {
		return nil
	}
	worse := trail.Weakened(s.differ.Diff(approve(s.baseline, wanted), wanted))
	return slices.DeleteFunc(trail.Fields(), func(f trail.Field) bool {
		return slices.ContainsFunc(worse, func(c trail.Change) bool { return c.Field == f })
	})
}

// mayBlind are the fields which are written without reading, and in which a trail can lose events for good: nobody
// knows whether it does.
func (f found) mayBlind() []trail.Field {
	return slices.DeleteFunc(slices.Clone(f.unread), func(f trail.Field) bool { return !f.MayBlind() })
}

// mayPass reports whether a trail could not be read because CloudTrail throttled the reads, failed or did not answer.
func mayPass(err error) bool {
	return !errors.Is(err, trail.ErrNotFound) && (awscall.Code(err) == "" || awscall.Passing(err))
}
