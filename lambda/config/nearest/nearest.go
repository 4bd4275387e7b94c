// Package nearest finds what somebody who misspelt a word may have meant, for messages that ask "did you mean".
// It knows no setting, flag or command: the caller passes the words that there are.
package nearest

import (
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

// maxLength bounds the words that are compared, in runes: the comparison takes time by the product of the lengths.
const maxLength = 64

// Of returns the choice nearest to word, the first of several, or "" where none is near. A third of a choice's
// characters may differ, one in a word of up to five; two neighbours that changed places count once, and case does not
// count. Where none is near in that way, the only choice that begins with word is meant.
func Of(word string, choices []string) string {
	word = strings.ToLower(word)
	if word == "" || utf8.RuneCountInString(word) > maxLength {
		return ""
	}
	best, least := "", maxLength
	var starts []string
	for _, choice := range choices {
		lower := strings.ToLower(choice)
		length := utf8.RuneCountInString(lower)
		if length > maxLength {
			continue
		}
		if utf8.RuneCountInString(word) > 2 && strings.HasPrefix(lower, word) {
			starts = append(starts, choice)
		}
		if d := distance(word, lower); d < least && d <= max(1, length/3) {
			best, least = choice, d
		}
	}
	if best == "" && len(starts) == 1 {
		return starts[0]
	}
	return best
}

// distance is Levenshtein's, but one swap of two neighbours counts once.
func distance(a, b string) int {
	d := levenshtein.ComputeDistance(a, b)
	if d != 2 || len(a) != len(b) {
		return d
	}
	for i := range len(a) - 1 {
		if a[i] != b[i] {
			if a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:] {
				return 1
			}
			break
		}
	}
	return d
}

// Mean is Of as the end of a sentence: `; did you mean "x"?`, or nothing.
func Mean(word string, choices []string) string {
	if found := Of(word, choices); found != "" {
		return `; did you mean "` + found + `"?`
	}
	return ""
}
