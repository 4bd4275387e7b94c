package finding

import "time"

// Late says of a message that it comes out of the failure queue, long after what it tells.
type Late struct {
	Parked time.Time `json:"parked"`
	// Now is how the trail stands when the message is sent, as reading it shows: "logging", "not logging", "deleted", …;
	// empty: it is about no trail.
	Now string `json:"now,omitempty"`
	// History says that what the message tells is not so any more, or is not known to be so. Then it closes nothing.
	History bool `json:"history,omitempty"`
}
