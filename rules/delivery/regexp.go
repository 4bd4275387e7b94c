package delivery

import (
	"regexp/syntax"
	"slices"

	"trailkeeper/rules/expression"
)

// maxBeginnings bounds the alternatives of a regular expression.
const maxBeginnings = 40

// beginning is how a text that matches may begin.
type beginning struct {
	text  string
	open  bool // anything may follow, or what follows is not known
	ended bool // nothing follows
}

// plainly are tests for the texts that a regular expression describes: what they are, or how they begin. Where it is
// not anchored at the start, all that is known is that there is one.
func plainly(pattern string) []expression.Test {
	there := []expression.Test{{}}
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return there
	}
	rest, ok := anchored(re)
	if !ok {
		return there
	}
	var tests []expression.Test
	for _, b := range beginnings(rest) {
		test := expression.Test{Op: expression.StartsWith, Text: b.text}
		if b.ended && !b.open {
			test.Op = expression.Is
		} else if b.text == "" {
			return there
		}
		tests = append(tests, test)
	}
	return tests
}

// anchored is what follows the start of the text.
func anchored(re *syntax.Regexp) ([]*syntax.Regexp, bool) {
	switch {
	case re.Op == syntax.OpBeginText:
		return nil, true
	case re.Op == syntax.OpConcat && re.Sub[0].Op == syntax.OpBeginText:
		return re.Sub[1:], true
	}
	return nil, false
}

// beginnings are those of parts in a row.
func beginnings(parts []*syntax.Regexp) []beginning {
	all := []beginning{{}}
	for _, part := range parts {
		if part.Op == syntax.OpEndText {
			for i := range all {
				all[i].ended = !all[i].open
			}
			continue
		}
		var next []beginning
		for _, b := range all {
			if b.open || b.ended {
				next = append(next, b)
				continue
			}
			for _, more := range beginningsOf(part) {
				next = append(next, beginning{b.text + more.text, more.open, more.ended})
			}
		}
		if len(next) > maxBeginnings {
			for i := range all {
				all[i].open, all[i].ended = true, false
			}
			return all
		}
		all = next
	}
	return all
}

// beginningsOf are those of one part.
func beginningsOf(re *syntax.Regexp) []beginning {
	unknown := []beginning{{open: true}}
	switch re.Op {
	case syntax.OpEmptyMatch:
		return []beginning{{}}
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			return []beginning{{text: string(re.Rune)}}
		}
	case syntax.OpCharClass:
		var all []beginning
		for i := 0; i+1 < len(re.Rune); i += 2 {
			if re.Rune[i+1]-re.Rune[i]+rune(len(all)) > maxBeginnings {
				return unknown
			}
			for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
				all = append(all, beginning{text: string(r)})
			}
		}
		return all
	case syntax.OpCapture:
		return beginningsOf(re.Sub[0])
	case syntax.OpConcat:
		return beginnings(re.Sub)
	case syntax.OpAlternate:
		var all []beginning
		for _, sub := range re.Sub {
			all = append(all, beginningsOf(sub)...)
		}
		return all
	case syntax.OpQuest:
		return append(beginningsOf(re.Sub[0]), beginning{})
	case syntax.OpPlus:
		all := slices.Clone(beginningsOf(re.Sub[0]))
		for i := range all {
			all[i].open = true
		}
		return all
	}
	return unknown
}
