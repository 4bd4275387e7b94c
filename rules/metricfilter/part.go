package metricfilter

import (
	"fmt"
	"regexp"
	"strings"

	"trailkeeper/rules/expression"
)

// part is a part of a pattern: a comparison, or parts that are joined.
type part struct {
	join  string // and, or, always or never; empty for a comparison
	parts []part
	// Of a comparison: the property, the operator, and what the property is compared with.
	selector, operator, value string
}

// The ways in which parts are joined. always and never are no pattern.
const (
	and    = "&&"
	or     = "||"
	always = "true"
	never  = "false"
)

// style is how a pattern is written: with space, or without where it is too long.
type style struct{ space string }

var (
	spaced = style{" "}
	dense  = style{}
)

// written is the part as text. && binds closer than ||, so that only alternatives among what is joined by && need
// parentheses.
func (p part) written(s style) string {
	if p.join == "" {
		if p.value == "" {
			return p.selector + " " + p.operator
		}
		return p.selector + s.space + p.operator + s.space + p.value
	}
	var all []string
	for _, one := range p.parts {
		text := one.written(s)
		if p.join == and && one.join == or {
			text = "(" + text + ")"
		}
		all = append(all, text)
	}
	return strings.Join(all, s.space+p.join+s.space)
}

// joined puts parts together. What is always so, or never, decides or is left out.
func joined(join string, parts ...part) part {
	decides, idle := never, always
	if join == or {
		decides, idle = always, never
	}
	var all []part
	for _, one := range parts {
		switch one.join {
		case decides:
			return part{join: decides}
		case idle:
		case join:
			all = append(all, one.parts...)
		default:
			all = append(all, one)
		}
	}
	switch len(all) {
	case 0:
		return part{join: idle}
	case 1:
		return all[0]
	}
	return part{join: join, parts: all}
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// selectorOf is the property selector of a path.
func selectorOf(path []string) (string, error) {
	var b strings.Builder
	b.WriteString("$")
	for _, name := range path {
		switch {
		case name == expression.Each:
			b.WriteString(name)
		case plainName.MatchString(name):
			b.WriteString("." + name)
		case strings.ContainsAny(name, `'"]\`):
			return "", fmt.Errorf("a filter pattern cannot name the field %.60q", name)
		default:
			b.WriteString(".['" + name + "']")
		}
	}
	if b.Len() == 1 {
		return "", fmt.Errorf("a filter pattern is about single fields, and it is about the record")
	}
	return b.String(), nil
}

var escaped = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// quoted is a text as a pattern has it, with a star where any text may stand before or behind it.
func quoted(before bool, text string, behind bool) string {
	star := map[bool]string{true: "*"}
	return `"` + star[before] + escaped.Replace(text) + star[behind] + `"`
}
