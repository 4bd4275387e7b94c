package message

import (
	"fmt"
	"strings"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

// maxValue bounds a value within a sentence, in runes: longer than an ARN of a trail.
const maxValue = 300

// catalogue holds the words of every note: complete sentences, with a %s for each value.
var catalogue = map[finding.NoteID]string{
	finding.NoteText: "%s",
}

// Detail says in one or a few sentences what the outcome means here; "" where there is nothing to say.
func Detail(f finding.Finding) string { return text(f.Detail, f.Notes) }

// NextStep says what a human must do, as imperative sentences; "" where there is nothing to do.
func NextStep(f finding.Finding) string { return text(f.NextStep, f.Next) }

// text words the notes, after what a finding of an earlier version says in words of its own.
func text(said string, notes []finding.Note) string {
	var all []string
	for _, s := range append([]string{said}, worded(notes)...) {
		if s != "" {
			all = append(all, s)
		}
	}
	return strings.Join(all, " ")
}

func worded(notes []finding.Note) []string {
	var all []string
	for _, n := range notes {
		all = append(all, Word(n))
	}
	return all
}

// Word words one note. One that the catalogue does not have, as after a change of versions, is shown with its values.
func Word(n finding.Note) string {
	words, ok := catalogue[n.ID]
	if !ok || strings.Count(words, "%s") != len(n.Values) {
		return sanitize.Bound(strings.TrimSpace(string(n.ID)+" "+strings.Join(n.Values, ", ")), maxValue)
	}
	if n.ID == finding.NoteText {
		return sanitize.Clean(n.Values[0])
	}
	values := make([]any, len(n.Values))
	for i, v := range n.Values {
		values[i] = sanitize.Bound(v, maxValue)
	}
	return fmt.Sprintf(words, values...)
}
