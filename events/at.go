package events

import "time"

// At is when an event was sent; where it does not say so, now.
func (e Event) At(now time.Time) time.Time {
	if at, err := time.Parse(time.RFC3339, e.Time); err == nil {
		return at.UTC()
	}
	return now.UTC()
}
