package approval

import (
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/state/known"
)

// FalseClaim says that CloudTrail does not know the call of a note.
func FalseClaim(note known.Approved) finding.Note {
	return finding.Say(
		finding.NoteFalseClaim, sanitize.Bound(note.EventID, 64), sanitize.Bound(note.EventName, 64),
		sanitize.Bound(note.Principal, 200),
	)
}
