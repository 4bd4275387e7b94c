package sweep

import (
	"context"
	"slices"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// heartbeat says that the sweep ran, and what it saw.
func (r *run) heartbeat(ctx context.Context) {
	found := 0
	for _, n := range r.found {
		found += n
	}
	counts := map[health]int64{}
	for i := range r.seen.Sights {
		counts[r.health(&r.seen.Sights[i])]++
	}
	took := r.sweeper.Clock.Now().Sub(r.at)
	r.sweeper.Reports.Measure(ctx,
		metrics.Metric{Name: metric.Heartbeat, Unit: "Count", Value: 1},
		metrics.Metric{Name: metric.SweepDuration, Unit: "Milliseconds", Value: took.Milliseconds()},
		metrics.Metric{Name: metric.TrailsHealthy, Unit: "Count", Value: counts[healthy]},
		metrics.Metric{Name: metric.TrailsWeakened, Unit: "Count", Value: counts[weak]},
		metrics.Metric{Name: metric.TrailsStopped, Unit: "Count", Value: counts[stopped]},
		metrics.Metric{Name: metric.CannotSee, Unit: "Count", Value: int64(r.blind)},
		metrics.Metric{Name: metric.Findings, Unit: "Count", Value: int64(found)})
}

// health is how a sweep leaves a trail.
type health int

const (
	unknown health = iota
	healthy
	weak
	stopped
)

// health is how this sweep leaves a trail. One that could not be seen in full is as it was last reported to be, and unknown where nothing was: it is not
// taken for healthy.
func (r *run) health(s *look.Sight) health {
	if r.restored[s.Trail.ARN()] {
		return healthy
	}
	hidden := s.State.ARN == "" && !s.Gone
	off := s.Found(finding.KindNotLogging, finding.KindMissing)
	weaker := s.Found(finding.KindWeakened, finding.KindDeliveryError, finding.KindStale)
	if hidden || s.State.Unseen[trail.PartLogging] != "" {
		off = off || r.isOpen(s, finding.KindNotLogging)
		weaker = weaker || r.isOpen(s, finding.KindDeliveryError) || r.isOpen(s, finding.KindStale)
	}
	unseen := hidden || len(s.State.Unseen) > 0
	if unseen {
		off = off || hidden && r.isOpen(s, finding.KindMissing)
		weaker = weaker || r.isOpen(s, finding.KindWeakened)
	}
	claimedOff, claimed, excused := excused(s)
	switch {
	case off || claimedOff:
		return stopped
	case weaker || claimed:
		return weak
	case unseen || excused:
		return unknown
	}
	return healthy
}

// excused reports whether a trail is worse than its baseline and not found to be so, because of an approval, which puts nothing in order. What is only
// claimed to be approved excuses nothing.
func excused(s *look.Sight) (off, weaker, excused bool) {
	worse := s.Worse()
	if len(worse) == 0 || s.Found(finding.KindNotLogging, finding.KindWeakened) {
		return false, false, false
	}
	claimed := len(s.Claims.Waiting) > 0
	return claimed && slices.Contains(worse, trail.FieldLogging), claimed, true
}
