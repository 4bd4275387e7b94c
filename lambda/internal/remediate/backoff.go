package remediate

import (
	"context"
	"time"

	"trailkeeper/lambda/internal/clock"
)

const (
	firstPause   = 200 * time.Millisecond
	longestPause = 3 * time.Second
)

// backoff waits between two tries, each time twice as long.
type backoff struct {
	clock clock.Clock
	end   time.Time
	next  time.Duration
}

// wait waits before the next try; at once skips the first wait, and no other: a connection that is always closed must
// not be tried without end. It reports false when the time is up.
func (b *backoff) wait(ctx context.Context, atOnce bool) bool {
	d := b.next
	b.next = min(2*d, longestPause)
	if !b.clock.Now().Add(d).Before(b.end) {
		return false
	}
	return atOnce && d == firstPause || b.clock.Sleep(ctx, d) == nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
