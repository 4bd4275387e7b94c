package guard

import (
	"context"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/sweep"
)

// heartbeat says that the sweep ran, and what it saw.
func (r *sweepRun) heartbeat(ctx context.Context) {
	found := 0
	for _, n := range r.found {
		found += n
	}
	healthy, weakened, stopped := r.health()
	now := r.clock.Now()
	metrics.Write(ctx, r.log, r.cfg.Stack, now,
		metrics.Metric{Name: metric.Heartbeat, Unit: "Count", Value: 1},
		metrics.Metric{Name: metric.SweepDuration, Unit: "Milliseconds", Value: now.Sub(r.at).Milliseconds()},
		metrics.Metric{Name: metric.TrailsHealthy, Unit: "Count", Value: healthy},
		metrics.Metric{Name: metric.TrailsWeakened, Unit: "Count", Value: weakened},
		metrics.Metric{Name: metric.TrailsStopped, Unit: "Count", Value: stopped},
		metrics.Metric{Name: metric.Findings, Unit: "Count", Value: int64(found)})
}

// health counts the trails as this sweep leaves them. One that could not be seen counts nowhere.
func (r *sweepRun) health() (healthy, weakened, stopped int64) {
	for i := range r.report.Sights {
		s := &r.report.Sights[i]
		off := s.Found(sweep.NotLogging, sweep.Missing)
		switch {
		case s.State.ARN == "" && !s.Gone:
		case !off && s.Found(sweep.Undelivered, sweep.Stale):
			weakened++
		case len(s.Findings) == 0 || r.restored[s.Trail.ARN()]:
			healthy++
		case off:
			stopped++
		default:
			weakened++
		}
	}
	return healthy, weakened, stopped
}
