package look

import (
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/signs"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/trail"
)

// Finding is one thing that is wrong.
type Finding struct {
	Kind    finding.Kind
	Trail   events.Trail // zero where it is about a Region
	Region  string
	Changes []trail.Change // of Weakened
	// Reasons say what is wrong. Their values may hold what callers of AWS wrote.
	Reasons []finding.Note
	// Expired are the approvals of what was changed, now over; nil: none.
	Expired []known.Approved
	// Sign stands for this very finding: the same as long as it is the same.
	Sign string
}

// Subject names what a finding is about, for the memory of what was reported.
func (f Finding) Subject() string {
	if f.Trail == (events.Trail{}) {
		return string(f.Kind) + " " + f.Region
	}
	return string(f.Kind) + " " + f.Trail.ARN()
}

// Signed is the sign of a finding and of what became of it.
func (f Finding) Signed(further ...string) string { return signs.Digest(f.parts(further...)...) }

// Open is the sign of a finding that stands, and of what became of it.
func (f Finding) Open(further ...string) string { return signs.Open(f.parts(further...)...) }

func (f Finding) parts(further ...string) []string {
	all := []string{string(f.Kind), f.Sign}
	for _, c := range f.Changes {
		all = append(all, string(c.Field), string(c.Effect), c.Before, c.After)
	}
	var reasons []string
	for _, n := range f.Reasons {
		if n.ID != finding.NoteText {
			reasons = append(reasons, string(n.ID))
		}
		reasons = append(reasons, n.Values...)
	}
	return append(append(all, strings.Join(reasons, "\n")), further...)
}

// Done is the sign of a finding that was put right, and of what became of it.
func (f Finding) Done(further ...string) string { return signs.Done(f.parts(further...)...) }
