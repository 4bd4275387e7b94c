package kernel

import "time"

// RetryPolicy is how often and for how long EventBridge and its Scheduler try a target (RetryPolicy in the API
// reference of each).
type RetryPolicy struct{ MaximumRetryAttempts, MaximumEventAgeInSeconds *int }

// The defaults of a retry policy, which are its upper limits as well, and the pauses between tries, which double from
// the first to the longest; AWS says "exponential backoff".
const (
	MaxAttempts    = 185
	maxAge         = 24 * time.Hour
	firstBackoff   = time.Second
	longestBackoff = 15 * time.Minute
)

// Next is how long to wait after so many tries of what is under way since a time. Exhausted names the limit at which it
// is given up; empty: it is not.
func (p RetryPolicy) Next(tries int, since, now time.Time) (pause time.Duration, exhausted string) {
	attempts, age := MaxAttempts, maxAge
	if n := p.MaximumRetryAttempts; n != nil {
		attempts = *n
	}
	if n := p.MaximumEventAgeInSeconds; n != nil {
		age = time.Duration(*n) * time.Second
	}
	pause = min(firstBackoff<<min(tries-1, 20), longestBackoff)
	switch {
	case tries > attempts:
		return 0, "MaximumRetryAttempts"
	case now.Add(pause).Sub(since) > age:
		return 0, "MaximumEventAgeInSeconds"
	}
	return pause, ""
}
