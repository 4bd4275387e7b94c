package cloudtrail

import (
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

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

// realBurst is how many seconds' worth of calls may come at once in real time, where people type; AWS documents no
// burst.
const realBurst = 3

// tokens is a token bucket.
type tokens struct {
	rate   float64 // calls a second
	size   float64 // calls at once
	tokens float64
	filled time.Time
}

func (b *tokens) take(now time.Time) bool {
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

// quotas are the buckets of every account and Region.
type quotas struct {
	kernel  *kernel.Kernel
	buckets map[string]*tokens
}

// take uses up one call of the account's quota in the Region.
func (q *quotas) take(account, region string, of quota) bool {
	name := account + "/" + region + "/" + of.name
	now := q.kernel.Now()
	b, ok := q.buckets[name]
	if !ok {
		b = &tokens{rate: of.rate, size: of.rate, filled: now}
		if q.kernel.Real() {
			b.size = of.rate * realBurst
		}
		b.tokens = b.size
		q.buckets[name] = b
	}
	return b.take(now)
}

// Flood uses up the quota of writing calls of an account and Region for a time, as somebody does who calls AddTags in a
// loop, or those of the kinds that are named: read, write, lookup.
func (s *Trails) Flood(at kernel.Site, d time.Duration, kinds ...string) {
	if len(kinds) == 0 {
		kinds = []string{"write"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, kind := range kinds {
		s.quotas.buckets[at.Account+"/"+at.Region+"/"+kind] = &tokens{
			rate:   writesPerSecond,
			size:   writesPerSecond,
			filled: s.kernel.Now().Add(d),
		}
	}
}

// Occupy has a trail be busy with a change for a time, as if somebody else had made one.
func (s *Trails) Occupy(arn string, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.trails[arn]; t != nil {
		t.busy = s.kernel.Now().Add(d)
	}
}
