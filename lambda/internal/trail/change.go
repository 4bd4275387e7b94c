package trail

import "trailkeeper/lambda/internal/finding"

// What a change does to the record that the trail keeps. Weakens and NewDependency leave the trail worse than its
// baseline; Neutral and Strengthens are reported and left alone.
const (
	Weakens       = finding.EffectWeakens       // less is recorded, or it is not delivered or protected as it was
	NewDependency = finding.EffectNewDependency // who holds what it depends on can make its logs unreadable or absent
	Neutral       = finding.EffectNeutral       // the same is recorded
	Strengthens   = finding.EffectStrengthens   // more is recorded, and nothing else
)

// Change is one field of a trail that is not as the baseline has it.
type Change struct {
	Field Field `json:"field"`
	// Before and After are the values in words, empty for none. Callers of AWS wrote them: escape and bound them before
	// they are shown.
	Before string         `json:"before"`
	After  string         `json:"after"`
	Effect finding.Effect `json:"effect"`
	// Sentence is one plain sentence about the trail as it is now: "Management events are no longer recorded."
	Sentence string `json:"sentence"`
}

// Weakened returns the changes that leave the trail worse than its baseline, those that are a new dependency included,
// in order.
func Weakened(changes []Change) []Change {
	var some []Change
	for _, c := range changes {
		if c.Effect.Worse() {
			some = append(some, c)
		}
	}
	return some
}

// Adopt returns the baseline with some fields as another state has them, so that what they are in that state counts as
// it should be. The baseline is not changed. What does not show in that state stays as it is.
func Adopt(baseline, from State, fields ...Field) State {
	to := baseline
	for _, f := range fields {
		if r := f.row(); from.Unseen[r.part] == "" && r.adopt != nil {
			r.adopt(&to, &from)
		}
	}
	return to
}
