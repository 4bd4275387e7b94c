package history

import (
	"sync"
	"time"
)

// maxLookups is how many calls of LookupEvents CloudTrail takes in a second from an account in a Region (CloudTrail
// API reference, LookupEvents). Others in the account use it up as well.
const maxLookups = 2

// pacer spaces calls so that no second holds more than maxLookups of them, in each Region on its own. The zero pacer
// is ready.
type pacer struct {
	mu   sync.Mutex
	last map[string][maxLookups]time.Time // the times of the last calls, the oldest first
}

// reserve takes the next place in a Region, and returns how long to wait for it.
func (p *pacer) reserve(region string, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last == nil {
		p.last = make(map[string][maxLookups]time.Time)
	}
	times, at := p.last[region], now
	if free := times[0].Add(time.Second); !times[0].IsZero() && free.After(now) {
		at = free
	}
	copy(times[:], times[1:])
	times[maxLookups-1] = at
	p.last[region] = times
	return at.Sub(now)
}
