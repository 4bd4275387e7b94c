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

// measure says that the sweep ran, and what it saw.
func measure(ctx context.Context, r *run) {
	found := 0
	for _, n := range r.found {
		found += n
	}
	counts := map[health]int64{}
	for i := range r.seen.Sights {
		counts[healthOf(r, &r.seen.Sights[i])]++
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

// healthOf is how this sweep leaves a trail. One that could not be seen in full is as it was last reported to be, and
// unknown where nothing was: it is not taken for healthy.
func healthOf(r *run, s *look.Sight) health {
	if r.restored[s.Trail.ARN()] {
		return healthy
	}
	off, weaker, unseen := wrong(r, s)
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

// wrong reports whether a trail does not log, is weaker or does not deliver, as this sweep has found it, or as it was
// last reported to be where that could not be seen.
func wrong(r *run, s *look.Sight) (off, weaker, unseen bool) {
	hidden := s.State.ARN == "" && !s.Gone
	noStatus := hidden || s.State.Unseen[trail.PartLogging] != ""
	unseen = hidden || len(s.State.Unseen) > 0
	is := func(visible bool, kinds ...finding.Kind) bool {
		return s.Found(kinds...) ||
			!visible && slices.ContainsFunc(kinds, func(k finding.Kind) bool { return r.isOpen(s, k) })
	}
	off = is(!noStatus, finding.KindNotLogging) || is(!hidden, finding.KindMissing)
	weaker = is(!noStatus, finding.KindDeliveryError, finding.KindStale) || is(!unseen, finding.KindWeakened)
	return off, weaker, unseen
}

// excused reports whether a trail is worse than its baseline and not found to be so, because of an approval, which puts
// nothing in order. What is only claimed to be approved excuses nothing.
func excused(s *look.Sight) (off, weaker, excused bool) {
	worse := s.Worse()
	if len(worse) == 0 || s.Found(finding.KindNotLogging, finding.KindWeakened) {
		return false, false, false
	}
	claimed := len(s.Claims.Waiting) > 0
	return claimed && slices.Contains(worse, trail.FieldLogging), claimed, true
}
