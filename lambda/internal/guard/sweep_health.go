package guard

import (
	"context"
	"slices"
	"strings"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// heartbeat says that the sweep ran, and what it saw.
func (r *sweepRun) heartbeat(ctx context.Context) {
	found := 0
	for _, n := range r.found {
		found += n
	}
	healthy, weakened, stopped := r.health()
	now := r.clock.Now()
	r.measure(ctx,
		metrics.Metric{Name: metric.Heartbeat, Unit: "Count", Value: 1},
		metrics.Metric{Name: metric.SweepDuration, Unit: "Milliseconds", Value: now.Sub(r.at).Milliseconds()},
		metrics.Metric{Name: metric.TrailsHealthy, Unit: "Count", Value: healthy},
		metrics.Metric{Name: metric.TrailsWeakened, Unit: "Count", Value: weakened},
		metrics.Metric{Name: metric.TrailsStopped, Unit: "Count", Value: stopped},
		metrics.Metric{Name: metric.CannotSee, Unit: "Count", Value: int64(r.unseen)},
		metrics.Metric{Name: metric.Findings, Unit: "Count", Value: int64(found)})
}

// health counts the trails as this sweep leaves them. One that could not be seen in full is as it was last told to be, and counts nowhere where
// nothing was told: it is not taken for healthy.
func (r *sweepRun) health() (healthy, weakened, stopped int64) {
	for i := range r.report.Sights {
		s := &r.report.Sights[i]
		off, weak := s.Found(finding.KindNotLogging, finding.KindMissing), s.Found(finding.KindWeakened)
		failing := s.Found(finding.KindDeliveryError, finding.KindStale)
		unseen := s.State.ARN == "" && !s.Gone
		if unseen || s.State.Unseen[trail.PartLogging] != "" {
			off, failing = off || r.isOpen(s, finding.KindNotLogging), failing || r.isOpen(s, finding.KindDeliveryError) || r.isOpen(s, finding.KindStale)
		}
		if unseen || len(s.State.Unseen) > 0 {
			off, weak = off || unseen && r.isOpen(s, finding.KindMissing), weak || r.isOpen(s, finding.KindWeakened)
			unseen = true
		}
		if out := s.Worse(); len(out) > 0 && !s.Found(finding.KindNotLogging, finding.KindWeakened) { // an approval puts nothing in order, and what is only claimed excuses nothing
			claimed := len(s.Claims.Waiting) > 0
			off, weak, unseen = off || claimed && slices.Contains(out, trail.FieldLogging), weak || claimed, true
		}
		if r.restored[s.Trail.ARN()] {
			off, weak, unseen = false, false, false
		}
		switch {
		case off:
			stopped++
		case weak || failing:
			weakened++
		case !unseen:
			healthy++
		}
	}
	return healthy, weakened, stopped
}

// isOpen reports whether it was told before this sweep that something is wrong with the trail, and not that it is over.
func (r *sweepRun) isOpen(s *look.Sight, kind finding.Kind) bool {
	return strings.HasPrefix(r.told[look.Finding{Kind: kind, Trail: s.Trail}.Subject()], signOpen)
}
