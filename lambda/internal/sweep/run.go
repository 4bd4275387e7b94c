package sweep

import (
	"context"
	"slices"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/outcome"
	"trailkeeper/lambda/internal/signs"
	"trailkeeper/lambda/internal/sweep/look"
)

// leastPerAct is what a repair must have; without it, it is left for the next sweep.
const leastPerAct = 5 * time.Second

// run is one sweep.
type run struct {
	sweeper  *Sweeper
	at       time.Time
	id       string // the schedule's time, as the event says: the same for two invocations of the same one
	event    bool   // an event has started it, whose record names no trail
	until    time.Time
	seen     look.Report
	unread   []look.Finding    // what could not be read of buckets and keys
	reported map[string]string // what was reported before, by subject

	restored map[string]bool // trails that were put back, by ARN
	waiting  int             // trails that are yet to be seen to
	found    map[finding.Kind]int
	blind    int // Regions of which not everything could be seen
	left     int // trails for which no time was left
	untold   int // messages that no channel accepted
	errs     []error

	unchecked string // why not all of the deployment's part was checked; empty: it was, or there is none
}

// actOnAll acts on every trail, each with its share of the time, those that do not log first.
func (r *run) actOnAll(ctx context.Context) {
	order := r.inOrder()
	for _, s := range order {
		if len(s.Findings) > 0 {
			r.waiting++
		}
	}
	for _, s := range order {
		if len(s.Findings) > 0 {
			r.waiting--
			r.actInTime(ctx, s, r.waiting+1)
		}
		r.sweeper.Claims.settle(ctx, r, s)
		r.sweeper.Ends.settle(ctx, r, s)
		r.sweeper.Records.remember(ctx, r, s)
	}
}

// inOrder are the trails, the most urgent first. Among equals the order changes from sweep to sweep, so that no trail
// is always the last.
func (r *run) inOrder() []*look.Sight {
	order := make([]*look.Sight, 0, len(r.seen.Sights))
	for i := range r.seen.Sights {
		order = append(order, &r.seen.Sights[i])
	}
	if n := len(order); n > 0 {
		first := int(r.at.Unix()/60) % n
		order = append(order[first:], order[:first]...)
	}
	slices.SortStableFunc(order, func(a, b *look.Sight) int { return urgency(a) - urgency(b) })
	return order
}

func urgency(s *look.Sight) int {
	switch {
	case s.Found(finding.KindNotLogging):
		return 0
	case s.Found(finding.KindMissing, finding.KindWeakened):
		return 1
	}
	return 2
}

// actInTime acts with a share of the time, or leaves it to the next sweep.
func (r *run) actInTime(ctx context.Context, s *look.Sight, troubled int) {
	now := r.sweeper.Clock.Now()
	left := r.until.Sub(now)
	if left < leastPerAct {
		r.left++
		r.sweeper.Log.WarnContext(ctx, "no time left in this sweep", "trail", s.Trail.ARN())
		return
	}
	r.sweeper.Repairs.act(ctx, r, s, now.Add(max(leastPerAct, left/time.Duration(troubled))))
}

// isOpen reports whether it was reported before this sweep that something is wrong with the trail, and not that it is
// over.
func (r *run) isOpen(s *look.Sight, kind finding.Kind) bool {
	return signs.IsOpen(r.reported[look.Finding{Kind: kind, Trail: s.Trail}.Subject()])
}

// changedAt is when a trail was changed that the sweep finds changed: at the last event about it, if that is not long
// ago, or not before the sweep.
func (r *run) changedAt(s *look.Sight) time.Time {
	if at := s.Known.TamperedAt; r.at.Sub(at) <= outcome.Believed && !at.After(r.at) {
		return at
	}
	return r.at
}

// clear notes that a subject is over, and reports whether this run is to report that.
func (r *run) clear(ctx context.Context, subject, sign string) bool {
	return r.sweeper.Reports.Once.Over(ctx, subject, sign)
}
