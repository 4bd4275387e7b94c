package look

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/store"
	"trailkeeper/lambda/internal/trail"
)

// Finding is one thing that is wrong.
type Finding struct {
	Kind    finding.Kind
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
