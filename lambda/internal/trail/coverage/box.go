package coverage

import (
	"cmp"
	"slices"
	"strings"
)

// The fields of an event that selectors filter on and that are treated in a way of their own (CloudTrail API reference,
// AdvancedFieldSelector). Any other field is a text.
const (
	onCategory  = "eventCategory"
	onReadOnly  = "readOnly"
	onSource    = "eventSource"
	onType      = "resources.type"
	onARN       = "resources.ARN"
	onName      = "eventName"
	onEventType = "eventType"
	onError     = "errorCode"
	onPrincipal = "userIdentity.arn"
	onConsole   = "sessionCredentialFromConsole"
	onEndpoint  = "vpcEndpointId"
)

const (
	categoryManagement = "Management"
	categoryData       = "Data"
	categoryNetwork    = "NetworkActivity"
)

// fieldOrder is the order of the fields in a box. Boxes are split by the first of them first, which keeps the words for
// the pieces short.
var fieldOrder = []string{
	onCategory, onType, onReadOnly, onSource, onName, onEventType, onError, onConsole, onEndpoint, onPrincipal, onARN,
}

// universe is what a field can be, in the order of compareCubes. Two fields have few values, and a condition on them
// holds exact cubes only, among them values that are not known here, so that a category of tomorrow is compared too.
func (w *comparer) universe(field string) []cube {
	switch field {
	case onCategory:
		return w.categories
	case onReadOnly:
		return w.readWrite
	default:
		return everything
	}
}

// constraint is a condition on one field.
type constraint struct {
	field string
	condition
}

// box is a set of events: those that fulfil every constraint. Each field has one constraint at most; the constraints
// are in order.
type box []constraint

func compareFields(a, b string) int {
	if a == b {
		return 0
	}
	i, j := slices.Index(fieldOrder, a), slices.Index(fieldOrder, b)
	if i < 0 && j < 0 {
		return strings.Compare(a, b)
	}
	return cmp.Compare(uint(i), uint(j)) // a field that is not in the order, -1, comes last
}

func (b box) find(field string) (int, bool) {
	for i := range b {
		if b[i].field == field {
			return i, true
		}
	}
	return slices.BinarySearchFunc(b, field, func(c constraint, f string) int { return compareFields(c.field, f) })
}

// of returns the condition of a box on a field.
func (w *comparer) of(b box, field string) condition {
	for i := range b {
		if b[i].field == field {
			return b[i].condition
		}
	}
	return condition{some: w.universe(field)}
}

// with returns the box with another condition on a field, and leaves b as it is.
func (b box) with(field string, c condition) box {
	i, ok := b.find(field)
	changed := make(box, 0, len(b)+1)
	changed = append(append(changed, b[:i]...), constraint{field, c})
	if ok {
		i++
	}
	return append(changed, b[i:]...)
}

// subtract appends to pieces the events of a that are not in b, as boxes that have no event in common: for each field
// of b, what fulfils the fields before and not this one.
func (w *comparer) subtract(pieces []box, a, b box) []box {
	for i := range b {
		if !w.meets(w.of(a, b[i].field), b[i].condition) {
			return append(pieces, a)
		}
	}
	for _, k := range b {
		has := w.of(a, k.field)
		split := false
		for _, c := range [2]condition{w.without(has, k.some), w.hidden(has, k.condition)} {
			if !c.empty() && w.spend(4, len(a)) {
				pieces, split = append(pieces, a.with(k.field, c)), true
			}
		}
		if split {
			a = a.with(k.field, w.meet(has, k.condition))
		}
	}
	return pieces
}

// hidden returns the texts of c that d would hold, were it not for its none.
func (w *comparer) hidden(c, d condition) condition {
	if len(d.none) == 0 {
		return condition{}
	}
	return w.without(condition{some: w.cross(w.cross(c.some, d.some), d.none)}, c.none)
}

// lost returns the events of a that are not in b, as boxes, and whether that is all of them: once the budget is spent,
// or there are more pieces than anybody reads, it is not.
func (w *comparer) lost(a, b []box) (lost []box, whole bool) {
	var rest, next []box
	for _, x := range a {
		if slices.ContainsFunc(b, x.equal) {
			continue
		}
		rest = append(rest[:0], x)
		for _, y := range b {
			next = next[:0]
			for _, r := range rest {
				if w.budget < 0 {
					return lost, false
				}
				next = w.subtract(next, r, y)
			}
			rest, next = next, rest
		}
		if w.budget < 0 {
			return lost, false
		}
		if lost = append(lost, rest...); len(lost) > maxPieces {
			return lost[:maxPieces], false
		}
	}
	return lost, true
}

// equal reports whether two boxes are written in the same way.
func (b box) equal(c box) bool {
	return slices.EqualFunc(b, c, func(k, l constraint) bool {
		return k.field == l.field && slices.Equal(k.some, l.some) && slices.Equal(k.none, l.none)
	})
}

// size is how many cubes a box is written with.
func (b box) size() int {
	n := 0
	for _, k := range b {
		n += len(k.some) + len(k.none)
	}
	return n
}
