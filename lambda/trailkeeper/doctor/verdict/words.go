package verdict

import (
	"fmt"
	"strings"

	"trailkeeper/lambda/internal/sanitize"
)

// Names are at most three of them, each of at most 100 runes, and how many more there are.
func Names(all []string) string {
	const most = 3
	var shown []string
	for i, n := range all {
		if i == most {
			return strings.Join(shown, ", ") + fmt.Sprintf(" and %d more", len(all)-most)
		}
		shown = append(shown, sanitize.Bound(n, 100))
	}
	return strings.Join(shown, ", ")
}

// OneLine is an error on one line of at most 300 runes, without the full stop at its end.
func OneLine(err error) string {
	return strings.TrimRight(sanitize.Bound(strings.ReplaceAll(err.Error(), "\n", "; "), 300), ".")
}

// Sentence is a text with a capital letter in front and one full stop at its end.
func Sentence(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + strings.TrimRight(text[1:], ".") + "."
}
