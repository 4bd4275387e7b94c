package reading

import (
	"sync"
	"time"
)

// maxReads is how many get, describe and list calls CloudTrail takes in a second from an account in a Region ("Quotas
// in AWS CloudTrail"; it is not raised). Others in the account use it up as well, so that a call within it may be
// throttled all the same.
const maxReads = 10

// pacer spaces calls so that no second holds more than maxReads of them, in each Region on its own. The zero pacer is
// ready.
type pacer struct {
	mu   sync.Mutex
	last map[string]*[maxReads]time.Time // the times of the last calls, the oldest first
}

// reserve takes the next place in a Region, and returns how long to wait for it.
func (p *pacer) reserve(region string, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last == nil {
		p.last = make(map[string]*[maxReads]time.Time)
	}
	times := p.last[region]
	if times == nil {
		times = new([maxReads]time.Time)
		p.last[region] = times
	}
	at := now
	if free := times[0].Add(time.Second); !times[0].IsZero() && free.After(now) {
		at = free
	}
	copy(times[:], times[1:])
	times[maxReads-1] = at
	return at.Sub(now)
}
