// Package notes is the catalogue: the words of every note, complete sentences that are edited here and nowhere else.
//
// It knows no finding, no outcome and no channel, and it escapes nothing: values are as hostile as they were.
package notes

import (
	"fmt"
	"maps"
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
		detectionWords(), evidenceWords(), wardenWords(),
	} {
		maps.Copy(all, area)
	}
	return all
})

// mark begins the command of a note for what a human does next. It stands on a line of its own, after the sentence.
const mark = "\n$ "

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

// Step words a note for what a human does next, and its command; "" where there is none, or where a shell would read
// something in a value.
func Step(n finding.Note) (text, command string) {
	if n.ID == finding.NextRunByHand && len(n.Values) == 1 {
		return byHand(n.Values[0])
	}
	words, command, ok := strings.Cut(catalogue()[n.ID], mark)
	inText := strings.Count(words, "%s")
	if !ok || inText+strings.Count(command, "%s") != len(n.Values) {
		return Word(n), ""
	}
	return fill(words, n.Values[:inText]), Command(command, n.Values[inText:]...)
}

// byHand is a whole command as a step; one in which a shell would read something is only named.
func byHand(command string) (text, plain string) {
	if len(command) <= maxValue && strings.HasPrefix(command, "aws ") && hasOnly(command, "-_.:/=@+, ") {
		return "Restore it by hand.", command
	}
	return "Restore it by hand: " + sanitize.Bound(command, maxValue) + ".", ""
}

// Command fills in a command's values, or is "" where one is empty or is not plain.
func Command(command string, values ...string) string {
	args := make([]any, len(values))
	for i, v := range values {
		if v == "" || len(v) > maxValue || !hasOnly(v, "-_.:/=@+") {
			return ""
		}
		args[i] = v
	}
	return fmt.Sprintf(command, args...)
}

// hasOnly reports whether s has ASCII letters, digits and these characters only, and does not look like an option.
func hasOnly(s, more string) bool {
	return !strings.HasPrefix(s, "-") && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(more, r)
	})
}
