package translate

import (
	"slices"
	"strconv"
	"strings"
)

// Condition is what a rule of another language asks of a record. It can be written in the language of the rules,
// evaluated as the other language would, and from its parts records can be made that meet it or nearly do.
//
// The conditions are allOf, anyOf, negation, Constant, *Atom and *pair. Conditions may share parts.
type Condition interface {
	// holds evaluates the condition as the other language does.
	holds(record map[string]any) bool
	// size is about how many bytes the condition has when it is written.
	size() int
}

type (
	// allOf holds where each of its conditions does.
	allOf []Condition
	// anyOf holds where one of its conditions does.
	anyOf []Condition
	// negation holds where its condition does not.
	negation struct{ Of Condition }
	// Constant always holds, or never does.
	Constant bool
)

// Atom is a condition on one field.
type Atom struct {
	Path Path
	// CEL is the condition in the language of the rules, and Opposite what is true where it is not; empty for !(CEL).
	CEL, Opposite string
	// Holds evaluates it for a value of the field, which is nil where the field is missing.
	Holds func(value any) bool
	// Yes and No are values for which it holds, and values that come near.
	Yes, No []any
	// Put is where Yes and No are put if not at Path.
	Put *Path
}

// pair is a condition on two fields.
type pair struct {
	A, B  Path
	CEL   string
	Holds func(a, b any) bool
}

func (c allOf) holds(record map[string]any) bool {
	for _, one := range c {
		if !one.holds(record) {
			return false
		}
	}
	return true
}

func (c anyOf) holds(record map[string]any) bool {
	for _, one := range c {
		if one.holds(record) {
			return true
		}
	}
	return false
}

func (c negation) holds(record map[string]any) bool { return !c.Of.holds(record) }
func (c Constant) holds(map[string]any) bool        { return bool(c) }
func (c *Atom) holds(record map[string]any) bool    { return c.Path.any(record, c.Holds) }
func (c *pair) holds(record map[string]any) bool {
	return c.A.any(record, func(a any) bool {
		return c.B.any(record, func(b any) bool { return c.Holds(a, b) })
	})
}

func (c allOf) size() int    { return sizeOf(c) }
func (c anyOf) size() int    { return sizeOf(c) }
func (c negation) size() int { return 3 + c.Of.size() }
func (c Constant) size() int { return len("false") }
func (c *Atom) size() int    { return len(c.CEL) }
func (c *pair) size() int    { return len(c.CEL) }

// Size is about how many bytes a condition has when it is written.
func Size(c Condition) int { return c.size() }

// tooLong is more than any expression may have; nothing that long is put together.
const tooLong = 1 << 16

func sizeOf(parts []Condition) int {
	n := 2
	for _, one := range parts {
		if n += len(" && ") + one.size(); n > tooLong {
			return tooLong
		}
	}
	return n
}

// And is a condition that holds where all the given ones do, as short as that is easily found.
func And(parts ...Condition) Condition {
	var kept allOf
	for _, part := range parts {
		switch part := part.(type) {
		case Constant:
			if !part {
				return Constant(false)
			}
		case allOf:
			kept = append(kept, part...)
		default:
			kept = append(kept, part)
		}
	}
	if kept = allOf(distinct(kept)); len(kept) == 1 {
		return kept[0]
	}
	if len(kept) == 0 {
		return Constant(true)
	}
	return kept
}

// Or is a condition that holds where one of the given ones does, as short as that is easily found.
func Or(parts ...Condition) Condition {
	var kept anyOf
	for _, part := range parts {
		switch part := part.(type) {
		case Constant:
			if part {
				return Constant(true)
			}
		case anyOf:
			kept = append(kept, part...)
		default:
			kept = append(kept, part)
		}
	}
	kept = anyOf(distinct(kept))
	for _, one := range kept[:min(len(kept), maxCompared)] {
		if n, negated := one.(negation); negated && contains(kept, n.Of) {
			return Constant(true)
		}
	}
	if len(kept) == 1 {
		return kept[0]
	}
	if len(kept) == 0 {
		return Constant(false)
	}
	return kept
}

// Negate is a condition that holds where the given one does not.
func Negate(c Condition) Condition {
	switch c := c.(type) {
	case Constant:
		return !c
	case negation:
		return c.Of
	}
	return negation{c}
}

// maxCompared bounds the parts among which equal ones are looked for.
const maxCompared = 1000

// distinct leaves out single conditions that were there before.
func distinct(parts []Condition) []Condition {
	if len(parts) > maxCompared {
		return parts
	}
	var kept []Condition
	for _, one := range parts {
		if !contains(kept, one) {
			kept = append(kept, one)
		}
	}
	return kept
}

func contains(parts []Condition, c Condition) bool {
	text, ok := single(c)
	if !ok {
		return false
	}
	return slices.ContainsFunc(parts, func(one Condition) bool {
		other, ok := single(one)
		return ok && other == text
	})
}

// single is the text of a condition that has no parts.
func single(c Condition) (string, bool) {
	switch c := c.(type) {
	case *Atom:
		return c.CEL, true
	case *pair:
		return c.CEL, true
	case negation:
		text, ok := single(c.Of)
		return "!" + text, ok
	}
	return "", false
}

// Without is a condition without the parts of guards that it asks for itself: where c cannot hold without a field,
// nothing else need ask for the field.
func Without(guard, c Condition) Condition {
	needs := needed(c)
	parts, ok := guard.(allOf)
	if !ok {
		parts = allOf{guard}
	}
	var kept []Condition
	for _, one := range parts {
		if a, isAtom := one.(*Atom); isAtom && a.CEL == a.Path.has() && needs[a.Path.CEL()] {
			continue
		}
		kept = append(kept, one)
	}
	return And(kept...)
}

// needed are the fields without which a condition cannot hold.
func needed(c Condition) map[string]bool {
	found := map[string]bool{}
	switch c := c.(type) {
	case *Atom:
		if !c.Holds(nil) {
			found[c.Path.CEL()] = true
		}
	case negation:
		if a, ok := c.Of.(*Atom); ok && a.Holds(nil) {
			found[a.Path.CEL()] = true
		}
	case allOf:
		for _, one := range c {
			for path := range needed(one) {
				found[path] = true
			}
		}
	case anyOf:
		for i, one := range c {
			of := needed(one)
			for path := range of {
				found[path] = found[path] || i == 0
			}
			for path := range found {
				if !of[path] {
					delete(found, path)
				}
			}
		}
	}
	return found
}

// lineLength is how long a condition may be on one line.
const lineLength = 90

// CEL writes a condition in the language of the rules. One that is long has a line for each of its parts.
func CEL(c Condition) string { return written(c, "\n") }

// written is a condition on one line where it is short, and otherwise with lines that begin with the given break.
func written(c Condition, newline string) string {
	space := " "
	if c.size() > lineLength {
		space = newline + "  "
	}
	switch c := c.(type) {
	case allOf:
		return joined(c, space+"&& ", newline)
	case anyOf:
		return joined(c, space+"|| ", newline)
	case negation:
		return negated(c.Of, newline)
	case Constant:
		return strconv.FormatBool(bool(c))
	case *Atom:
		return c.CEL
	case *pair:
		return c.CEL
	}
	return "false"
}

func joined(parts []Condition, operator, newline string) string {
	var all []string
	for _, one := range parts {
		text := written(one, newline+"  ")
		if compound(one) {
			text = "(" + text + ")"
		}
		all = append(all, text)
	}
	return strings.Join(all, operator)
}

func compound(c Condition) bool {
	switch c.(type) {
	case allOf, anyOf:
		return true
	}
	return false
}

func negated(c Condition, newline string) string {
	if a, ok := c.(*Atom); ok {
		if a.Opposite != "" {
			return a.Opposite
		}
		if strings.HasPrefix(a.CEL, "has(") {
			return "!" + a.CEL
		}
	}
	return "!(" + written(c, newline+"  ") + ")"
}
