package fivexl

import (
	"strings"

	"trailkeeper/rules/translate"
	"trailkeeper/rules/translate/python"
	"trailkeeper/rules/translate/terraform"
)

// python takes the texts of lists and of calls of append in a Python file.
func (i *importer) python(s translate.Source) {
	at := func(line int) translate.Place { return translate.Place{File: s.Name, Line: line} }
	texts, err := python.Texts(s.Text)
	if err != nil {
		i.set.Refuse(at(1), "not Python: %v", err)
		return
	}
	for _, t := range texts {
		r := rules
		switch name := strings.ToLower(t.Name); {
		case strings.Contains(name, "ignore"):
			r = ignores
		case strings.Contains(name, "event"):
			r = events
		}
		if t.Joined && t.InList {
			i.set.Remark(at(t.Line), "this text is written in parts without a comma between them, and Python makes one text of "+
				"them; if they are two rules, a comma is missing")
		}
		if t.Err != nil {
			i.counts[r]++
			i.set.Refuse(at(t.Line), "%v: %s", t.Err, translate.Excerpt(t.Text))
			continue
		}
		piece := terraform.Piece{Text: t.Text, Place: at(t.Line)}
		if r == events {
			i.separated(r, []terraform.Piece{piece}, ",")
		} else {
			i.one(r, piece)
		}
	}
}
