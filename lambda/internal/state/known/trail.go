// Package known keeps what the guard knows of each trail: whether a sweep saw it, what is pending, recorded and
// approved of it, and how often it was restored.
//
// It reads no trail and refuses to decide anything: whoever reads it may only let it strengthen a trail.
package known

import (
	"time"

	"trailkeeper/lambda/config/baseline"
)

// Trail is what is known of a trail.
type Trail struct {
	ARN  string
	Seen time.Time // when a sweep last noted that it is there; zero: no sweep has
	// TamperedAt is when a call last tampered with the trail, as an event said.
	TamperedAt time.Time
	// Pending is what was accepted and not confirmed; its zero value: nothing.
	Pending Pending
	// Recorded is the last recorded baseline; nil: none. Broken is the version of one that cannot be read, or is not the
	// trail's.
	Recorded *Recorded
	Broken   int64
	// Held is when a sweep first held a repair back because of an approval; zero: it holds none back.
	Held time.Time
	// Approved are the changes that records claim to be approved, one for each event. Whoever can invoke the function or
	// write to the table can forge a note: it counts only as package approval says.
	Approved []Approved
	Attempts Attempts
}

// Known reports whether the trail was seen, or is waited for; otherwise all that is known is that somebody tampered
// with it.
func (t Trail) Known() bool {
	return t.Shown() || t.Pending != (Pending{}) || len(t.Approved) > 0
}

// Shown reports whether a sweep has seen the trail. Otherwise records alone have said that there is one.
func (t Trail) Shown() bool {
	return !t.Seen.IsZero() || t.Recorded != nil || t.Broken != 0
}

// Tampered reports whether an event said that a call tampered with the trail within so long before now. A time to come
// is forged, and says nothing.
func (t Trail) Tampered(now time.Time, within time.Duration) bool {
	age := now.Sub(t.TamperedAt)
	return !t.TamperedAt.IsZero() && age <= within && age > -time.Minute
}

// Pending is an outcome that a sweep settles.
type Pending struct {
	EventID   string    `json:"eventId"`
	EventName string    `json:"eventName"`
	Since     time.Time `json:"since"`
}

// Recorded is a baseline that a sweep recorded.
type Recorded struct {
	Version int64
	At      time.Time
	State   baseline.State
}

// Approved is what a record claims: that its call changed a trail under an approval.
type Approved struct {
	EventID   string         `json:"eventId"`
	EventName string         `json:"eventName"`
	Principal string         `json:"principal"`
	Reason    string         `json:"reason"`
	At        time.Time      `json:"at"`
	Expires   time.Time      `json:"expires"`
	Fields    []string       `json:"fields"` // those that the call asked to set
	State     baseline.State `json:"state"`  // the values that it asked for
	// Told says that its confirmation by the event history was reported. Nothing else follows from it.
	Reported bool `json:"told,omitempty"`
}

// Attempts is how often a trail was restored lately.
type Attempts struct {
	Since time.Time `json:"since"` // the start of the window; zero: none
	Count int64     `json:"count"`
}

// attemptWindow is the time over which attempts count.
const attemptWindow = time.Hour

// Within returns the attempts that count at a time.
func (a Attempts) Within(now time.Time) Attempts {
	if now.Sub(a.Since) >= attemptWindow || a.Since.After(now.Add(attemptWindow)) {
		return Attempts{}
	}
	return a
}
