package sweep

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/store"
	"trailkeeper/lambda/internal/trail"
)

// Kind says what was found.
type Kind string

// The kinds. The values are part of the SNS JSON.
const (
	NotLogging  Kind = "not_logging"    // GetTrailStatus says that the trail is off
	Weakened    Kind = "weakened"       // the trail records less than its baseline, or depends on what that does not have
	Missing     Kind = "missing"        // CloudTrail knows no such trail any more
	Undelivered Kind = "delivery_error" // CloudTrail cannot deliver the trail's files
	Stale       Kind = "stale"          // the trail logs, and has delivered no digest for hours
	Uncovered   Kind = "no_trail"       // no trail records the write management events of the guard's Region
	CannotSee   Kind = "cannot_see"     // something could not be read
	Recorded    Kind = "recorded"       // the first baseline of a trail was recorded
	Confirmed   Kind = "confirmed"      // what was accepted and not confirmed is so
	Recovered   Kind = "recovered"      // what was found is over, and not by the guard's doing
	FalseClaim  Kind = "false_approval" // a record claimed an approval that CloudTrail does not know
	Named       Kind = "named"          // the event history shows who is behind what was found before
	TrueClaim   Kind = "true_approval"  // CloudTrail has confirmed a call that is approved
)

// Finding is one thing that is wrong.
type Finding struct {
	Kind    Kind
	Trail   events.Trail // zero where it is about a Region
	Region  string
	Changes []trail.Change // of Weakened
	// Reasons are plain sentences. They may hold what callers of AWS wrote: escape and bound them before they are shown.
	Reasons []string
	// Expired are the approvals of what was changed, now over; nil: none.
	Expired []store.Approved
	// Sign stands for this very finding: the same as long as it is the same.
	Sign string
}

// Subject names what a finding is about, for the memory of what was told.
func (f Finding) Subject() string {
	if f.Trail == (events.Trail{}) {
		return string(f.Kind) + " " + f.Region
	}
	return string(f.Kind) + " " + f.Trail.ARN()
}

// Signed is the sign of a finding and of what became of it.
func (f Finding) Signed(further ...string) string {
	h := sha256.New()
	add := func(s string) { h.Write([]byte(s)); h.Write([]byte{0}) }
	add(string(f.Kind))
	add(f.Sign)
	for _, c := range f.Changes {
		add(string(c.Field))
		add(string(c.Effect))
		add(c.Before)
		add(c.After)
	}
	add(strings.Join(f.Reasons, "\n"))
	for _, s := range further {
		add(s)
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}
