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

// Of returns the choice nearest to word, or "" where none is near: two characters may differ, one in a word of up
// to three and one in three of a long word, case aside, or the word is the beginning of just that choice. Of equally near ones it returns the first.
func Of(word string, choices []string) string {
	word = strings.ToLower(word)
	length := utf8.RuneCountInString(word)
	if length == 0 || length > maxLength {
		return ""
	}
	best, distance := "", limit(length)+1
	starts := []string{}
	for _, choice := range choices {
		lower := strings.ToLower(choice)
		if utf8.RuneCountInString(lower) > maxLength {
			continue
		}
		if length > 2 && strings.HasPrefix(lower, word) {
			starts = append(starts, choice)
		}
		if d := levenshtein.ComputeDistance(word, lower); d < distance {
			best, distance = choice, d
		}
	}
	if best == "" && len(starts) == 1 {
		return starts[0]
	}
	return best
}

func limit(length int) int {
	if length <= 3 {
		return 1
	}
	return max(2, length/3)
}

// Mean is Of as the end of a sentence: `; did you mean "x"?`, or nothing.
func Mean(word string, choices []string) string {
	if found := Of(word, choices); found != "" {
		return `; did you mean "` + found + `"?`
	}
	return ""
}
