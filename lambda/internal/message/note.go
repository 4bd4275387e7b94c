package message

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

// maxValue bounds a value within a sentence, in runes: longer than an ARN of a trail.
const maxValue = 300

// catalogue holds the words of every note: complete sentences, with a %s for each value. A command that goes with one
// follows on a line of its own, after "$ ". It is made when the first note is worded, so that a start does not pay for
// it.
var catalogue = sync.OnceValue(func() map[finding.NoteID]string {
	all := map[finding.NoteID]string{finding.NoteText: "%s"}
	for _, area := range []map[finding.NoteID]string{
		assessWords(), outcomeWords(), remediationWords(), responseWords(), sweepWords(), redriveWords(),
	} {
		maps.Copy(all, area)
	}
	return all
})

// Detail says in one or a few sentences what the outcome means here; "" where there is nothing to say.
func Detail(f finding.Finding) string {
	return sentences("", f.Notes)
}

// Why says why a change is not restored, or not verified; "" where there is nothing to say.
func Why(c finding.Change) string { return sentences(c.Reason, c.Why) }

// sentences puts notes after what a producer has worded itself.
func sentences(own string, notes []finding.Note) string {
	all := []string{own}
	for _, n := range notes {
		all = append(all, Word(n))
	}
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), " ")
}

// Word words one note, its command with it. One that the catalogue does not have, as after a change of versions, is
// shown with its values.
func Word(n finding.Note) string {
	words, ok := catalogue()[n.ID]
	if !ok || strings.Count(words, "%s") != len(n.Values) {
		return sanitize.Bound(strings.TrimSpace(string(n.ID)+" "+strings.Join(n.Values, ", ")), maxValue)
	}
	if n.ID == finding.NoteText {
		return sanitize.Clean(n.Values[0])
	}
	return fill(strings.ReplaceAll(words, mark, " "), n.Values)
}

// fill puts the values into a sentence.
func fill(words string, values []string) string {
	bounded := make([]any, len(values))
	for i, v := range values {
		bounded[i] = sanitize.Bound(v, maxValue)
	}
	return fmt.Sprintf(words, bounded...)
}
