package render

import (
	"strings"
	"unicode/utf8"

	"trailkeeper/lambda/internal/sanitize"
)

// firstLine makes one line of a text that anybody may have written.
func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return sanitize.Clean(s)
}

// minText is what a line leaves for its text at least, however narrow it should be.
const minText = 20

// writeWrapped writes the head and the words behind it in lines of at most so many characters; the lines after the
// first start under the first word. A word that is longer than a line is cut.
func writeWrapped(b *strings.Builder, line int, head string, words []string) {
	width := utf8.RuneCountInString(head)
	most := max(line-width, minText)
	b.WriteString(head)
	column := 0
	for _, word := range words {
		word = sanitize.Clean(word)
		n := utf8.RuneCountInString(word)
		if n > most {
			word, n = sanitize.Truncate(word, most), most
		}
		switch {
		case column == 0:
		case column+1+n > most:
			b.WriteString("\n" + strings.Repeat(" ", width))
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	b.WriteByte('\n')
}
