package known

import (
	"context"
	"slices"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/state"
)

// Book notes what happens to trails. Every error is one sentence that says what could not be read or noted, and why.
type Book struct{ of state.Of[document] }

// NewBook returns what these documents say of trails.
func NewBook(documents state.Documents, clk clock.Clock) *Book {
	return &Book{of(documents, clk)}
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
	now := seconds(b.of.Clock)
	return b.of.Change(ctx, "note that the trail was seen", arn, func(e *entry) bool {
		e.Value.Seen = now
		keepFor(e, now, forgetting)
		return true
	})
}

// Forget notes that a trail is no longer there: what is known of it is dropped before long.
func (b *Book) Forget(ctx context.Context, arn string) error {
	now := seconds(b.of.Clock)
	return b.of.Change(ctx, "note that the trail is gone", arn, func(e *entry) bool {
		e.Value.Seen = time.Time{}
		keepFor(e, now, passing)
		return true
	})
}

// RecordTampering notes that a call tampered with the trail.
func (b *Book) RecordTampering(ctx context.Context, arn string) error {
	now := seconds(b.of.Clock)
	return b.of.Change(ctx, "note that the trail was tampered with", arn, func(e *entry) bool {
		e.Value.recordTampering(now)
		keepAtLeast(e, now)
		return true
	})
}

// AddPending notes an outcome that was accepted and not confirmed, for a sweep to settle.
func (b *Book) AddPending(ctx context.Context, arn string, p Pending) error {
	now := seconds(b.of.Clock)
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
	now := seconds(b.of.Clock)
	return b.of.Change(ctx, "count the attempt", arn, func(e *entry) bool {
		e.Value.attempt(now)
		keepAtLeast(e, now)
		return true
	})
}
