package trail

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

// fieldOrder is the order of the fields in a box. Boxes are split by the first of them first, which keeps the words for the pieces short.
var fieldOrder = []string{
	onCategory, onType, onReadOnly, onSource, onName, onEventType, onError, onConsole, onEndpoint, onPrincipal, onARN,
}

// What a field can be, in the order of compareCubes; never changed.
var (
	everything = []cube{{}}
	categories = exactly(categoryData, categoryManagement, categoryNetwork)
	readWrite  = exactly("false", "true")
)

// universe is what a field can be. Two fields have few values, and a condition on them holds exact cubes only, among them values that are
// not known here, so that a category of tomorrow is compared too.
func universe(field string) []cube {
	switch field {
	case onCategory:
		return categories
	case onReadOnly:
		return readWrite
	default:
		return everything
	}
}

func exactly(values ...string) []cube {
	cubes := make([]cube, len(values))
	for i, v := range values {
		cubes[i] = cube{exact: true, prefix: v}
	}
	return cubes
}

// constraint is a condition on one field.
type constraint struct {
	field string
	condition
}

// box is a set of events: those that fulfil every constraint. Each field has one constraint at most; the constraints are in order.
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

// of returns the condition on a field.
func (b box) of(field string) condition {
	for i := range b {
		if b[i].field == field {
			return b[i].condition
		}
	}
	return condition{some: universe(field)}
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

// subtract appends to pieces the events of a that are not in b, as boxes that have no event in common: for each field of b, what fulfils
// the fields before and not this one.
func (w *comparer) subtract(pieces []box, a, b box) []box {
	for i := range b {
		if !w.meets(a.of(b[i].field), b[i].condition) {
			return append(pieces, a)
		}
	}
	for _, k := range b {
		has := a.of(k.field)
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

// lost returns the events of a that are not in b, as boxes.
func (w *comparer) lost(a, b []box) []box {
	var lost, rest, next []box
	for _, x := range a {
		rest = append(rest[:0], x)
		for _, y := range b {
			next = next[:0]
			for _, r := range rest {
				if w.budget < 0 {
					return nil
				}
				next = w.subtract(next, r, y)
			}
			rest, next = next, rest
		}
		lost = append(lost, rest...)
	}
	return lost
}
