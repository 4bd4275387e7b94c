package cli

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"trailkeeper/lambda/internal/sanitize"
)

// Columns is how wide the commands print.
const Columns = 80

// maxLines bounds what one text takes.
const maxLines = 6

// rowIndent is in front of the text of a row: an indented word.
const rowIndent = 2 + 14

// Row writes a word and the text behind it, in as many lines as it takes. The text may hold what callers of AWS wrote.
func Row(w io.Writer, word, text string) {
	for i, line := range Wrap(sanitize.Clean(text), Columns-rowIndent) {
		if i > 0 {
			word = ""
		}
		fmt.Fprintf(w, "  %-14s%s\n", word, line)
	}
}

// Wrap breaks a text into lines of at most width runes, between words where it can. It keeps six lines and marks a cut.
func Wrap(text string, width int) []string {
	lines := wrap(text, width)
	if len(lines) > maxLines {
		lines = append(lines[:maxLines-1], sanitize.Truncate(lines[maxLines-1]+" …", width))
	}
	return lines
}

// Paragraph writes a text of ours in as many lines as it takes.
func Paragraph(w io.Writer, text string) {
	for _, line := range wrap(text, Columns) {
		fmt.Fprintln(w, line)
	}
}

// wrap is Wrap for a text of ours, which is kept whole.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines, line = append(lines, line), ""
		}
		for utf8.RuneCountInString(word) > width { // then the line is empty
			head := string([]rune(word)[:width])
			lines, word = append(lines, head), word[len(head):]
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// Flush ends a command's output.
func Flush(out *bufio.Writer) error {
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the output: %w", err)
	}
	return nil
}

// Choose returns one of two words.
func Choose(is bool, so, otherwise string) string {
	if is {
		return so
	}
	return otherwise
}

// Count writes a number with what is counted, such as "1 event".
func Count(n int, one, many string) string { return fmt.Sprintf("%d %s", n, Choose(n == 1, one, many)) }
