package evidence

import (
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
)

// maxMeant bounds the commands of one message that differ in the trail alone.
const maxMeant = 3

// advise adds the commands with which a human compares or undoes what differs and is not restored, and writes it into the
// baselines that have it otherwise.
func (s *subject) advise(n *finding.Finding) {
	left := false
	for _, c := range n.Changes {
		if c.Done == finding.DoneRestored {
			continue
		}
		left = true
		switch {
		case c.Field == fieldExists && s.Type == typeBucket:
			adviseOnce(n, finding.NextOwnerOf, s.Name, s.Account)
		case c.Field == fieldExists:
		case c.Field == fieldOwner:
			adviseOnce(n, finding.NextOwnerOf, s.Name, c.Before)
		case isOff(c):
			if c.After == "PendingDeletion" {
				adviseOnce(n, finding.NextUndo, "kms", "cancel-key-deletion", s.Region, "key-id", s.ARN)
			}
			adviseOnce(n, finding.NextUndo, "kms", "enable-key", s.Region, "key-id", s.ARN)
		case s.Type == typeKey:
			adviseOnce(n, finding.NextCompareByHand, "kms", "get-key-policy", s.Region, "key-id", s.ARN)
		default:
			adviseOnce(n, finding.NextCompareByHand, "s3api", verbs[c.Field], s.Region, "bucket", s.Name)
		}
	}
	if left {
		s.adviseMeant(n)
	}
}

// verbs show what a field of a bucket is now.
var verbs = map[string]string{
	fieldPolicy:     "get-bucket-policy",
	fieldLifecycle:  "get-bucket-lifecycle-configuration",
	fieldNoncurrent: "get-bucket-lifecycle-configuration",
	fieldVersioning: "get-bucket-versioning",
}

// adviseMeant adds how a change that was meant comes into the baselines.
func (s *subject) adviseMeant(n *finding.Finding) {
	shown := s.differing[:min(len(s.differing), maxMeant)]
	for _, b := range shown {
		n.Advise(finding.NextEvidenceMeant, b.Trail.ARN)
	}
	var further []string
	for _, b := range s.differing[len(shown):] {
		t, _ := events.ParseTrailARN(b.Trail.ARN)
		further = append(further, t.Name+" in "+t.Region)
	}
	if len(further) > 0 {
		n.Advise(finding.NextMeantFurther, strings.Join(further, ", "))
	}
}

// adviseOnce adds a statement on what a human must do, unless it is there already.
func adviseOnce(n *finding.Finding, id finding.NoteID, values ...any) {
	one := finding.Say(id, values...)
	if !slices.ContainsFunc(n.Next, func(is finding.Note) bool { return is.ID == one.ID && slices.Equal(is.Values, one.Values) }) {
		n.Advise(id, values...)
	}
}
