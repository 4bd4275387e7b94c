package guard

import (
	"context"
	"strings"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/store"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// remember notes that a healthy trail was seen, and records its state where that may become its baseline.
func (r *sweepRun) remember(ctx context.Context, s *look.Sight) {
	if r.memory == nil || r.report.MemoryErr != nil {
		return
	}
	if s.Gone && s.Kind != trail.Declared {
		r.note(ctx, func(ctx context.Context) error { return r.memory.Forget(ctx, s.Trail.ARN()) }) // it was told
	}
	if s.State.ARN == "" {
		return
	}
	if s.State.Logging && s.State.Unseen[trail.PartLogging] == "" && r.at.Sub(s.Known.Seen) >= seenAgain {
		r.note(ctx, func(ctx context.Context) error { return r.memory.MarkHealthy(ctx, s.Trail.ARN()) })
	}
	if !r.recorded || s.Kind == trail.Declared {
		return
	}
	if why := s.Fit(r.open(s), r.at); len(why) > 0 {
		r.log.DebugContext(ctx, "baseline not recorded", "trail", s.Trail.ARN(), "why", strings.Join(why, " "))
		return
	}
	known := s.Known.Recorded
	usable, unusable := look.Usable(s.Known)
	if usable != nil && !strengthened(usable.State, s.State) {
		return
	}
	if s.Known.Broken != 0 {
		known = &store.Recorded{Version: s.Known.Broken}
	}
	recorded, ours, err := r.memory.Record(ctx, s.State, known)
	if err != nil {
		r.log.WarnContext(ctx, "state table", "error", err.Error())
	}
	if ours {
		r.log.InfoContext(ctx, "baseline recorded", "trail", s.Trail.ARN(), "version", recorded.Version)
	}
	if ours && (known == nil || unusable != nil) {
		r.tellRecorded(ctx, s)
	}
}

// strengthened reports whether a trail has changed since its baseline was recorded, and nothing of it weakens.
func strengthened(recorded, now trail.State) bool {
	changes := trail.Diff(recorded, now)
	return len(changes) > 0 && len(trail.Weakened(changes)) == 0
}

// open reports whether something that was told of the trail is not over.
func (r *sweepRun) open(s *look.Sight) bool {
	for subject, sign := range r.told {
		if strings.HasSuffix(subject, " "+s.Trail.ARN()) && strings.HasPrefix(sign, signOpen) && !strings.HasPrefix(subject, string(finding.KindRecovered)) &&
			!strings.HasPrefix(subject, string(finding.KindConfirmed)) && !strings.HasPrefix(subject, string(finding.KindRecorded)) {
			return true
		}
	}
	return false
}

// tellRecorded announces the first baseline of a trail, so that people can object to it.
func (r *sweepRun) tellRecorded(ctx context.Context, s *look.Sight) {
	f := look.Finding{Kind: finding.KindRecorded, Trail: s.Trail, Region: s.Trail.Region, Sign: r.id}
	n := r.finding(f)
	n.Severity = finding.SeverityLow
	n.Detail = "The sweep has recorded the trail's present state as its baseline, from which it only strengthens the trail: it records " +
		trail.Records(s.State) + ", into bucket " + s.State.Settings.S3Bucket + "."
	n.NextStep = "Check that this is how the trail should be, and declare it: trailkeeper baseline capture --region " + s.Trail.Region + " --trail " +
		s.Trail.ARN() + ", then deploy."
	r.tell(ctx, f, n)
}
