package sweep

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"trailkeeper/lambda/internal/baselines"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/signs"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
	"trailkeeper/lambda/internal/trail/coverage"
)

// seenAgain is how long the sight of a trail is fresh enough.
const seenAgain = 24 * time.Hour

// Memory keeps which trails there are, and how they were when they were healthy.
type Memory interface {
	Discover(ctx context.Context) error
	MarkHealthy(ctx context.Context, arn string) error
	Forget(ctx context.Context, arn string) error
	Record(ctx context.Context, state trail.State, known *known.Recorded) (recorded known.Recorded, ours bool, err error)
}

// Records keeps what a sweep sees.
type Records struct {
	Table Memory // nil: there is none
	// Baselines says that the states of healthy trails are recorded, and count as baselines.
	Baselines bool
	Log       *slog.Logger
}

// remember notes that a healthy trail was seen, and records its state where that may become its baseline.
func (m *Records) remember(ctx context.Context, r *run, s *look.Sight) {
	if m.Table == nil || r.seen.MemoryErr != nil {
		return
	}
	if s.Gone && s.Kind != trail.Declared {
		state.Log(ctx, m.Log, m.Table.Forget(ctx, s.Trail.ARN())) // it was reported
	}
	if s.State.ARN == "" {
		return
	}
	if s.State.Logging && s.State.Unseen[trail.PartLogging] == "" && r.at.Sub(s.Known.Seen) >= seenAgain {
		state.Log(ctx, m.Log, m.Table.MarkHealthy(ctx, s.Trail.ARN()))
	}
	if m.Baselines && s.Kind != trail.Declared {
		m.record(ctx, r, s)
	}
}

// record records the state of a trail as its baseline, where that is fit and nothing or something weaker is recorded.
func (m *Records) record(ctx context.Context, r *run, s *look.Sight) {
	if why := s.Fit(anyOpen(r, s), r.at); len(why) > 0 {
		m.Log.DebugContext(ctx, "baseline not recorded", "trail", s.Trail.ARN(), "why", strings.Join(why, " "))
		return
	}
	last := s.Known.Recorded
	usable, unusable := baselines.Usable(s.Known)
	if usable != nil && !strengthened(usable.State, s.State) {
		return
	}
	if s.Known.Broken != 0 {
		last = &known.Recorded{Version: s.Known.Broken}
	}
	recorded, ours, err := m.Table.Record(ctx, s.State, last)
	state.Log(ctx, m.Log, err)
	if !ours {
		return
	}
	m.Log.InfoContext(ctx, "baseline recorded", "trail", s.Trail.ARN(), "version", recorded.Version)
	if last == nil || unusable != nil {
		m.reportRecorded(ctx, r, s)
	}
}

// strengthened reports whether a trail has changed since its baseline was recorded, and nothing of it weakens.
func strengthened(recorded, now trail.State) bool {
	changes := trail.Diff(recorded, now)
	return len(changes) > 0 && len(trail.Weakened(changes)) == 0
}

// anyOpen reports whether something that was reported of the trail is not over.
func anyOpen(r *run, s *look.Sight) bool {
	ends := []finding.Kind{finding.KindRecovered, finding.KindConfirmed, finding.KindRecorded}
	for subject, sign := range r.reported {
		if !strings.HasSuffix(subject, " "+s.Trail.ARN()) || !signs.IsOpen(sign) {
			continue
		}
		end := false
		for _, kind := range ends {
			end = end || strings.HasPrefix(subject, string(kind))
		}
		if !end {
			return true
		}
	}
	return false
}

// reportRecorded announces the first baseline of a trail, so that people can object to it.
func (m *Records) reportRecorded(ctx context.Context, r *run, s *look.Sight) {
	f := look.Finding{
		Kind:   finding.KindRecorded,
		Trail:  s.Trail,
		Region: s.Trail.Region,
		Sign:   r.id,
	}
	n := r.finding(f)
	n.Severity = finding.SeverityLow
	n.Note(finding.NoteBaselineRecord, coverage.Records(s.State), s.State.Settings.S3Bucket)
	n.Advise(finding.NextDeclare, s.Trail.Region, s.Trail.ARN())
	r.report(ctx, f, n)
}
