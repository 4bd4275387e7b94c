package fivexl

import (
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
	at := 0
	for _, part := range parts {
		space := len(part) - len(strings.TrimLeft(part, " \t\r\n"))
		found = append(found, terraform.Piece{Text: part[space:], Place: placeAt(pieces, at+space)})
		at += len(part) + len(separator)
	}
	return found
}

// placeAt is the line of a byte of the pieces' text.
func placeAt(pieces []terraform.Piece, at int) translate.Place {
	for i, p := range pieces {
		if at < len(p.Text) || i == len(pieces)-1 {
			place := p.Place
			place.Line += strings.Count(p.Text[:min(at, len(p.Text))], "\n")
			return place
		}
		at -= len(p.Text)
	}
	return translate.Place{}
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
