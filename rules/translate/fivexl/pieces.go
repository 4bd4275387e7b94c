package fivexl

import (
	"slices"
	"strings"

	"trailkeeper/rules/translate"
	"trailkeeper/rules/translate/python"
	"trailkeeper/rules/translate/terraform"
)

// piecesOf splits a text at the separator, each part with the line that it begins on.
//
// The module splits at every comma, also at those within a rule, which then never counts; unless plainly is asked for,
// a comma within quotation marks or brackets does not separate here.
func piecesOf(pieces []terraform.Piece, separator string, plainly bool) []terraform.Piece {
	var whole strings.Builder
	for _, p := range pieces {
		whole.WriteString(p.Text)
	}
	text := whole.String()
	var parts []string
	switch {
	case separator == "":
		parts = []string{text}
	case separator == "," && !plainly:
		parts = python.Split(text)
	default:
		parts = strings.Split(text, separator)
	}
	var found []terraform.Piece
	c := cursor{rest: slices.Clone(pieces)}
	for _, part := range parts {
		space := len(part) - len(strings.TrimLeft(part, " \t\r\n"))
		c.skip(space)
		found = append(found, terraform.Piece{Text: part[space:], Place: c.place()})
		c.skip(len(part) - space + len(separator))
	}
	return found
}

// cursor goes through the text of pieces.
type cursor struct {
	rest []terraform.Piece // the first one from where the cursor is
	last translate.Place
}

func (c *cursor) skip(n int) {
	for len(c.rest) > 0 {
		p := c.rest[0]
		length := min(n, len(p.Text))
		p.Line += strings.Count(p.Text[:length], "\n")
		n -= length
		p.Text, c.last = p.Text[length:], p.Place
		if p.Text != "" {
			c.rest[0] = p
			return
		}
		c.rest = c.rest[1:]
	}
}

// place is the line that the cursor is on.
func (c *cursor) place() translate.Place {
	if len(c.rest) > 0 {
		return c.rest[0].Place
	}
	return c.last
}

// linesApart has a comma for each line break, as lists of names are also written.
func linesApart(pieces []terraform.Piece) []terraform.Piece {
	var found []terraform.Piece
	for _, p := range pieces {
		for i, line := range strings.SplitAfter(p.Text, "\n") {
			code, _, _ := strings.Cut(line, "#")
			text := strings.TrimSpace(code) + ","
			found = append(found, terraform.Piece{Text: text, Place: translate.Place{File: p.File, Line: p.Line + i}})
		}
	}
	return found
}

// withoutComments blanks lines that are comments.
func withoutComments(pieces []terraform.Piece) []terraform.Piece {
	var found []terraform.Piece
	for _, p := range pieces {
		lines := strings.Split(p.Text, "\n")
		for i, line := range lines {
			if strings.HasPrefix(strings.TrimSpace(line), "#") {
				lines[i] = ""
			}
		}
		found = append(found, terraform.Piece{Text: strings.Join(lines, "\n"), Place: p.Place})
	}
	return found
}
