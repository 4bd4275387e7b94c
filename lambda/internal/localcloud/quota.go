package localcloud

import "time"

// CloudTrail's quotas for an account and Region, none of which AWS raises ("Quotas in AWS CloudTrail").
const (
	writesPerSecond  = 1
	readsPerSecond   = 10
	lookupsPerSecond = 2
	trailsPerRegion  = 5
)

// quota is what calls of one kind use up together.
type quota struct {
	name string
	rate float64 // calls a second
}

func quotaOf(op string, o operation) quota {
	switch {
	case o.write:
		return quota{"write", writesPerSecond}
	case op == "LookupEvents":
		return quota{"lookup", lookupsPerSecond}
	}
	return quota{"read", readsPerSecond}
}

// realBurst is how many seconds' worth of calls may come at once in real time, where people type; AWS documents no burst.
const realBurst = 3

// bucket is a token bucket.
type bucket struct {
	rate   float64 // calls a second
	size   float64 // calls at once
	tokens float64
	filled time.Time
}

func (b *bucket) take(now time.Time) bool {
	if now.After(b.filled) {
		b.tokens = min(b.size, b.tokens+b.rate*now.Sub(b.filled).Seconds())
		b.filled = now
	}
	const nearly = 1 - 1e-9 // a full second after the last call counts as full, whatever the floating point says
	if b.tokens < nearly {
		return false
	}
	b.tokens--
	return true
}

// takeQuota uses up one call of the account's quota in the Region.
func (c *Cloud) takeQuota(account, region string, q quota) bool {
	name := account + "/" + region + "/" + q.name
	now := c.time.Now()
	b, ok := c.quotas[name]
	if !ok {
		b = &bucket{rate: q.rate, size: q.rate, filled: now}
		if c.opts.RealTime {
			b.size = q.rate * realBurst
		}
		b.tokens = b.size
		c.quotas[name] = b
	}
	return b.take(now)
}

// Flood uses up the quota of writing calls of the stack's account and Region for a time, as somebody does who calls AddTags in a loop.
func (c *Cloud) Flood(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	name := c.opts.Account + "/" + c.opts.Region + "/write"
	c.quotas[name] = &bucket{rate: writesPerSecond, size: writesPerSecond, filled: c.time.Now().Add(d)}
}
