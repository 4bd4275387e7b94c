package known

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/state"
)

// keepingVersions is how long an old version of a recorded baseline is kept.
const keepingVersions = 365 * 24 * time.Hour

// Baselines keeps the baselines that a sweep records.
type Baselines struct{ of state.Of[document] }

// NewBaselines returns what these documents say of baselines.
func NewBaselines(documents state.Documents, clk clock.Clock) *Baselines {
	return &Baselines{of(documents, clk)}
}

// Record keeps a state as the trail's baseline, as the version after the one that is known, and keeps the old versions.
// It reports whether this call did so: of two at once, one does.
func (b *Baselines) Record(ctx context.Context, s baseline.State, known *Recorded) (Recorded, bool, error) {
	const what = "record the trail's baseline"
	now := seconds(b.of.Clock)
	next := Recorded{Version: 1, At: now, State: s}
	var read int64
	if known != nil {
		read = known.Version
		next.Version = read + 1
	}
	content, err := baseline.Format(baseline.Baseline{Version: baseline.Version, CapturedAt: now, Trail: s})
	if err != nil {
		return Recorded{}, false, err
	}
	v, ours := version{next.Version, now, content}, false
	err = b.of.Change(ctx, what, s.ARN, func(e *entry) bool {
		ours = e.Value.record(v, read)
		keepFor(e, now, forgetting)
		return ours
	})
	if err != nil || !ours {
		return Recorded{}, false, err
	}
	return next, true, b.keep(ctx, s.ARN, v)
}

// keep puts a version beside the others, each a document of its own that no later one overwrites.
func (b *Baselines) keep(ctx context.Context, arn string, v version) error {
	of := state.Of[json.RawMessage]{
		Documents: b.of.Documents,
		Kind:      "baseline#" + arn,
		Clock:     b.of.Clock,
		New:       true,
	}
	id := fmt.Sprintf("v%08d", v.Version)
	return of.Change(ctx, "keep the version of the trail's baseline", id, func(e *state.Entry[json.RawMessage]) bool {
		fresh := len(e.Value) == 0
		e.Value, e.Expires = v.Baseline, v.At.Add(keepingVersions)
		return fresh
	})
}
