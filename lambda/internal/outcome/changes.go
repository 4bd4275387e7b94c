package outcome

import (
	"slices"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/trail"
)

// changes lists the changes with what became of each. A trail that was created again is reported as a whole.
func changes(res remediate.Result) []finding.Change {
	var all []finding.Change
	for _, c := range res.Before {
		done, why := became(res, c)
		if !res.Created || done == finding.DoneNotRestored {
			all = append(all, Change(c, done, why...))
		}
	}
	for _, c := range res.Kept {
		all = append(all, Change(c, finding.DoneNothing, finding.Say(finding.NoteLeftAlone)))
	}
	return all
}

// became says what became of a change, and why it is not restored, or not verified.
func became(res remediate.Result, c trail.Change) (done finding.Done, why []finding.Note) {
	is := func(l remediate.Left) bool { return l.Change == c }
	if i := slices.IndexFunc(res.Left, is); i >= 0 {
		done, why = finding.DoneNotRestored, res.Left[i].Why
	}
	if i := slices.IndexFunc(res.Unverified, is); i >= 0 {
		done, why = finding.DoneAccepted, res.Unverified[i].Why
	}
	switch {
	case slices.Contains(res.Restored, c):
		return finding.DoneRestored, why
	case !c.Effect.Worse() && c.Field != trail.FieldTags &&
		slices.ContainsFunc(res.Restored, func(r trail.Change) bool { return r.Field == c.Field }):
		// What a call restores as a whole takes along what was added; tags are restored one by one.
		return finding.DoneRestored, why
	case c.Effect.Worse() && done == finding.DoneNothing:
		return finding.DoneNotRestored, res.Notes
	}
	return done, why
}

// Change is a change of a trail as a finding has it, with what became of it.
func Change(c trail.Change, done finding.Done, why ...finding.Note) finding.Change {
	return finding.Change{
		Field:    string(c.Field),
		Before:   c.Before,
		After:    c.After,
		Effect:   c.Effect,
		Sentence: c.Sentence,
		Done:     done,
		Why:      why,
	}
}
