package trail

import (
	"maps"
	"slices"

	"trailkeeper/lambda/internal/finding"
)

// Kind says where a baseline comes from, and so how far a repair may follow it.
type Kind string

// The kinds. A declared baseline was reviewed by people and is out of an attacker's reach. A recorded one is what was
// once seen, so a repair from it may only strengthen: it names no destination and rebuilds no trail.
const (
	Declared Kind = "declared"
	Recorded Kind = "recorded"
)

// Repair is what to set to undo what leaves a trail worse than its baseline, and nothing more.
type Repair struct {
	// Fields are set, each by its call: see Field.Restore. To has their values; of the tags, those alone that are to be
	// added.
	Fields []Field
	To     State
	// Left are the weakened fields that the repair does not undo, each with the reason.
	Left map[Field]finding.NoteID
}

// Plan says how to undo the weakening changes and the new dependencies among the changes that Diff finds between the
// baseline and the trail now. What strengthens or is neutral stays as it is. Of a trail that could not be seen they are
// what a call asked for, and now is empty.
func Plan(baseline, now State, changes []Change, kind Kind) Repair {
	p := planner{baseline, now, kind, changes}
	repair := Repair{To: baseline}
	due := map[Field]bool{}
	for _, c := range Weakened(changes) {
		r := c.Field.row()
		if r.keeps != nil {
			if why := r.keeps(p); why != "" {
				if repair.Left == nil {
					repair.Left = map[Field]finding.NoteID{}
				}
				repair.Left[c.Field] = why
				continue
			}
		}
		due[c.Field] = true
		for _, f := range r.with {
			due[f] = true
		}
	}
	repair.Fields = fieldsWhere(func(r *row) bool { return due[r.field] })
	s := &repair.To.Settings
	s.GlobalEvents = s.GlobalEvents || due[FieldMultiRegion] && s.MultiRegion
	repair.To.Tags = maps.Clone(baseline.Tags)
	maps.DeleteFunc(repair.To.Tags, func(key, value string) bool {
		has, ok := now.Tags[key]
		return ok && has == value
	})
	return repair
}

type planner struct {
	baseline, now State
	kind          Kind
	changes       []Change
}

// unlessDeclared leaves what only a declared baseline may set or remove: what the trail depends on, and tags, on which
// policies depend.
func unlessDeclared(p planner) finding.NoteID {
	if p.kind == Declared {
		return ""
	}
	return finding.NoteOnlyDeclared
}

// gains reports whether more is there now in a field, or may be.
func gains(changes []Change, f Field) bool {
	return slices.ContainsFunc(changes, func(c Change) bool { return c.Field == f && !c.Effect.Worse() })
}
