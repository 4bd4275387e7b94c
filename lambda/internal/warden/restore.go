package warden

import (
	"context"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/warden/check"
)

const (
	// leastPerRepair is what a repair must have; without it, it is left for the next run.
	leastPerRepair = 3 * time.Second
	// settling is how long after a repair a resource is read again where it does not yet show it.
	settling = 2 * time.Second
	// readings is how often a resource is read after its repairs.
	readings = 2
)

// restore restores what may be restored of a resource, and reads it again: only what reading shows is restored.
func (r *run) restore(ctx context.Context, with check.Check, s *sight) {
	tried := false
	began := r.warden.Clock.Now()
	for i := range s.differences {
		tried = r.repair(ctx, &s.differences[i]) || tried
	}
	if !tried {
		return
	}
	after, err := r.reading(ctx, with, s)
	for i := range s.differences {
		d := &s.differences[i]
		switch {
		case d.done != finding.DoneAccepted:
		case err != nil:
			d.why = append(d.why, finding.Say(finding.NoteNotReadAgain, reason(err)))
		case stillThere(after, d.Field):
			d.done = finding.DoneNotRestored
			d.why = append(d.why, finding.Say(finding.NoteStillDiffers))
		default:
			d.done = finding.DoneRestored
		}
	}
	for _, o := range after { // what the repair has made, or what came while it was made
		if !slices.ContainsFunc(s.differences, func(d difference) bool { return d.Field == o.Field }) {
			s.differences = append(s.differences, difference{Difference: o, done: finding.DoneNotRestored, why: []finding.Note{
				finding.Say(finding.NoteStillDiffers),
			}})
		}
	}
	s.took = r.warden.Clock.Now().Sub(began)
	s.markLeft()
}

// markLeft says of what was left that it is not restored, where the rest of the resource is.
func (s *sight) markLeft() {
	if !slices.ContainsFunc(s.differences, func(d difference) bool { return d.done == finding.DoneRestored }) {
		return
	}
	for i := range s.differences {
		if s.differences[i].done == finding.DoneNothing {
			s.differences[i].done = finding.DoneNotRestored
		}
	}
}

// repair does one repair, and reports whether it was accepted.
func (r *run) repair(ctx context.Context, d *difference) bool {
	left := r.until.Sub(r.warden.Clock.Now())
	switch {
	case d.Repair == nil:
		d.why = append(d.why, finding.Say(finding.NoteNeverRestored))
		return false
	case !r.warden.Restores:
		d.why = append(d.why, finding.Say(finding.NoteWardenNotify))
		return false
	case r.doubt != "" && !d.ByName:
		d.done, d.why = finding.DoneNotRestored, append(d.why, finding.Say(finding.NoteInDoubt, r.doubt))
		if r.doubt == recordDoubt {
			d.Next = "First see to the parameter " + deployment.ParameterName(r.warden.Stack) + ": where its names are not those of " +
				"the deployment, this is as it was deployed."
		}
		return false
	case left < leastPerRepair:
		d.done, d.why = finding.DoneNotRestored, append(d.why, finding.Say(finding.NoteNoTimeLeft))
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, min(maxEach, left))
	defer cancel()
	if err := d.Repair(ctx); err != nil {
		d.done = finding.DoneNotRestored
		d.why = append(d.why, finding.Say(finding.NoteRepairFailed, strings.TrimSuffix(sanitize.Bound(err.Error(), finding.MaxReason), ".")))
		return false
	}
	d.done = finding.DoneAccepted
	return true
}

// reading is what a resource looks like after its repairs; again a little later where it is not in order.
func (r *run) reading(ctx context.Context, with check.Check, s *sight) (after []check.Difference, err error) {
	for i := range readings {
		if i > 0 && r.warden.Clock.Sleep(ctx, settling) != nil {
			break
		}
		if after, err = r.compare(ctx, with, s.of, r.until); err == nil && !s.left(after) {
			return after, nil
		}
	}
	return after, err
}

// left reports whether something is still there that a repair should have ended.
func (s *sight) left(after []check.Difference) bool {
	return slices.ContainsFunc(s.differences, func(d difference) bool {
		return d.done == finding.DoneAccepted && stillThere(after, d.Field)
	})
}

// stillThere reports whether a field still differs, or what it is a part of, such as a target or the whole resource, is gone.
func stillThere(after []check.Difference, field string) bool {
	return slices.ContainsFunc(after, func(o check.Difference) bool {
		return o.Field == field || o.Field == check.MissingField || strings.HasPrefix(field, o.Field+".")
	})
}
