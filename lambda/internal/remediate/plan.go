package remediate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/trail"
)

// plan is what is written.
type plan struct {
	trail.Repair
	// counts says that it is about more than what blinds the trail, and capped that the attempt cap has taken that out.
	counts, capped bool
}

var errCapped = errors.New("attempt cap reached")

// planOf plans the repair of what was found. The attempt cap takes out all but what blinds the trail; a trail that was
// created again was gone, and so nothing of it is capped. The fates are those of the fields of a CreateTrail.
func planOf(s *sight, f found, done fates) plan {
	now := s.now
	if s.assumed && !s.created {
		now = trail.State{} // as far as it was seen
	}
	p := plan{Repair: trail.Plan(s.baseline, now, f.before, s.order.Kind)}
	p.To.Tags = own(p.To.Tags)
	if s.created {
		p.fitToNew(f, done)
		return p
	}
	rest := p.beyond(append(s.differ.Blinding(s.baseline, s.now), f.mayBlind()...))
	capped := s.recalled().Capped && len(rest) > 0
	p.counts, p.capped = len(rest) > 0 && !capped, capped
	if capped {
		failed := fmt.Errorf("restore %s: %w", s.id.ARN(), errCapped)
		done.giveUp(&failure{err: failed}, final(finding.NextStopThem, finding.NoteCapped).why(), rest...)
		p.Fields = without(p.Fields, rest...)
	}
	return p
}

// beyond are the fields of the plan that are neither among these nor set whatever the attempt cap says.
func (p plan) beyond(blinding []trail.Field) []trail.Field {
	var rest []trail.Field
	for _, call := range restoringCalls {
		rest = append(rest, slices.DeleteFunc(p.of(call), func(f trail.Field) bool {
			return f.Uncapped() || slices.Contains(blinding, f)
		})...)
	}
	return rest
}

// fitToNew fits the plan to a trail that was just created: what CreateTrail was refused for is not tried again, and the
// selectors are put where they record anything else than the new trail does, more or less.
func (p *plan) fitToNew(f found, done fates) {
	p.Fields = without(p.Fields, append(done.givenUp(), trail.FieldSelectors)...)
	if slices.ContainsFunc(f.before, func(c trail.Change) bool {
		return c.Field == trail.FieldSelectors && c.Effect != trail.Neutral
	}) {
		p.Fields = append(p.Fields, trail.FieldSelectors)
	}
}

// of are the fields of the plan that a call sets. There is no call for tags where none is to be added.
func (p plan) of(call string) []trail.Field {
	return slices.DeleteFunc(slices.Clone(p.Fields), func(f trail.Field) bool {
		return f.Restore() != call || f == trail.FieldTags && len(p.To.Tags) == 0
	})
}

// carryOut makes the writes of the plan in their order. Each has its share of the time, so that none that hangs or is
// throttled keeps the next from being tried.
func (p plan) carryOut(ctx context.Context, w *writer, done fates) {
	calls := slices.DeleteFunc(slices.Clone(restoringCalls), func(call string) bool { return len(p.of(call)) == 0 })
	for i, call := range calls {
		now := w.seen.clock.Now()
		share := now.Add(w.seen.writeEnd.Sub(now) / time.Duration(len(calls)-i))
		w.set(ctx, call, p.To, p.of(call), share, done)
	}
}
