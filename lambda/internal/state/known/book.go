package known

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/state"
)

// Book notes which trails there are, what happens to them, and how they were when they were healthy. Every error is
// one sentence that says what could not be read or noted, and why.
type Book struct{ of state.Of[document] }

// NewBook returns what these documents say of trails.
func NewBook(documents state.Documents, clk clock.Clock) *Book {
	return &Book{of(documents, clk)}
}

type discovery struct {
	At time.Time `json:"at"`
}

const discoveryID = "discovery"

func discoveries(b *Book) state.Of[discovery] {
	return state.Of[discovery]{Documents: b.of.Documents, Kind: "sweep"}
}

// Discovered returns when a sweep last looked for trails that are not known.
func (b *Book) Discovered(ctx context.Context) (time.Time, error) {
	found, err := discoveries(b).Get(ctx, "read when trails were last looked for", discoveryID)
	return found.At, err
}

// Discover notes that they were looked for now.
func (b *Book) Discover(ctx context.Context) error {
	now := b.of.Now()
	return discoveries(b).Change(ctx, "note that trails were looked for", discoveryID,
		func(e *state.Entry[discovery]) bool {
			e.Value.At = now
			return true
		})
}

// Trail reads what is known of a trail; of one that is not known, only the ARN.
func (b *Book) Trail(ctx context.Context, arn string) (Trail, error) {
	d, err := b.of.Get(ctx, "read what is known of the trail", arn)
	return d.trail(arn), err
}

// Trails reads what is known of every trail, in the order of their ARNs. What has no trail's ARN is left out.
func (b *Book) Trails(ctx context.Context) ([]Trail, error) {
	found, err := b.of.All(ctx, "read what is known of the trails")
	var all []Trail
	for arn, d := range found {
		if _, bad := events.ParseTrailARN(arn); bad == nil {
			all = append(all, d.trail(arn))
		}
	}
	slices.SortFunc(all, func(a, b Trail) int { return strings.Compare(a.ARN, b.ARN) })
	return all, err
}

// MarkHealthy notes that the trail is there, and logs.
func (b *Book) MarkHealthy(ctx context.Context, arn string) error {
	now := b.of.Now()
	return b.of.Change(ctx, "note that the trail was seen", arn, func(e *entry) bool {
		e.Value.Seen = now
		keepFor(e, now, forgetting)
		return true
	})
}

// Forget notes that a trail is no longer there: what is known of it is dropped before long.
func (b *Book) Forget(ctx context.Context, arn string) error {
	now := b.of.Now()
	return b.of.Change(ctx, "note that the trail is gone", arn, func(e *entry) bool {
		e.Value.Seen = time.Time{}
		keepFor(e, now, passing)
		return true
	})
}

// RecordTampering notes that a call tampered with the trail.
func (b *Book) RecordTampering(ctx context.Context, arn string) error {
	now := b.of.Now()
	return b.of.Change(ctx, "note that the trail was tampered with", arn, func(e *entry) bool {
		e.Value.recordTampering(now)
		keepAtLeast(e, now)
		return true
	})
}

// AddPending notes an outcome that was accepted and not confirmed, for a sweep to settle.
func (b *Book) AddPending(ctx context.Context, arn string, p Pending) error {
	now := b.of.Now()
	p.Since = p.Since.UTC().Truncate(time.Second)
	return b.of.Change(ctx, "note the outcome that is not confirmed", arn, func(e *entry) bool {
		e.Value.Pending = p
		keepFor(e, now, forgetting)
		return true
	})
}

// ResolvePending ends what AddPending noted, and reports whether this call did so: of two at once, one does.
func (b *Book) ResolvePending(ctx context.Context, arn string, p Pending) (ours bool, err error) {
	err = b.of.Change(ctx, "note that the outcome is settled", arn, func(e *entry) bool {
		ours = e.Value.resolve(p)
		return ours
	})
	return ours && err == nil, err
}

// Attempt counts an attempt to restore the trail.
func (b *Book) Attempt(ctx context.Context, arn string) error {
	now := b.of.Now()
	return b.of.Change(ctx, "count the attempt", arn, func(e *entry) bool {
		e.Value.attempt(now)
		keepAtLeast(e, now)
		return true
	})
}

// keepingVersions is how long an old version of a recorded baseline is kept.
const keepingVersions = 365 * 24 * time.Hour

// Record keeps a state as the trail's baseline, as the version after the one that is known, and keeps the old versions.
// It reports whether this call did so: of two at once, one does.
func (b *Book) Record(ctx context.Context, s baseline.State, known *Recorded) (Recorded, bool, error) {
	const what = "record the trail's baseline"
	now := b.of.Now()
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
func (b *Book) keep(ctx context.Context, arn string, v version) error {
	of := state.Of[json.RawMessage]{Documents: b.of.Documents, Kind: "baseline#" + arn, New: true}
	id := fmt.Sprintf("v%08d", v.Version)
	return of.Change(ctx, "keep the version of the trail's baseline", id, func(e *state.Entry[json.RawMessage]) bool {
		fresh := len(e.Value) == 0
		e.Value, e.Expires = v.Baseline, v.At.Add(keepingVersions)
		return fresh
	})
}
