package coverage

import (
	"math"
	"slices"
)

// cube is a set of texts: one text if it is exact, otherwise all that start with one and end with another, which may
// overlap. It holds the ranks of the texts that are known to start and to end so, the first of which is what they have
// in common; see index.
type cube struct {
	exact            bool
	from, to         int32 // by their start
	fromBack, toBack int32 // by their end
}

// everything is the cube of all texts; never changed.
var everything = []cube{{to: math.MaxInt32, toBack: math.MaxInt32}}

// covers reports whether c holds every text of d.
func (c cube) covers(d cube) bool {
	if c.exact {
		return d.exact && c.from == d.from
	}
	return c.from <= d.from && d.from <= c.to && c.fromBack <= d.fromBack && d.fromBack <= c.toBack
}

// meet returns the texts that both hold, and whether there are any.
func (c cube) meet(d cube) (cube, bool) {
	switch {
	case c.covers(d):
		return d, true
	case d.covers(c):
		return c, true
	case c.exact || d.exact:
		return cube{}, false
	}
	met := c
	if c.from <= d.from && d.from <= c.to {
		met.from, met.to = d.from, d.to
	}
	if c.fromBack <= d.fromBack && d.fromBack <= c.toBack {
		met.fromBack, met.toBack = d.fromBack, d.toBack
	}
	return met, d.covers(met)
}

// condition is a set of texts: those that a cube of some holds and no cube of none does.
//
// No cube of some is covered by one of none, so that a condition is empty exactly if some is. That needs no search for
// a text: if no cube of none covers prefix…suffix, then that text holds, with a filler that stands in no selector. The
// filler makes the test exact over all texts. A field of a real event takes fewer (an ARN has a form, a name has a
// length), and so two conditions may be said to differ by texts that never come; they are never said to be the same
// wrongly.
type condition struct{ some, none []cube }

func (c condition) empty() bool { return len(c.some) == 0 }

func covered(c cube, by []cube) bool {
	for i := range by {
		if by[i].covers(c) {
			return true
		}
	}
	return false
}

// comparer does the algebra of conditions and boxes within a budget of steps, one for each pair of cubes that is
// compared. What it returns once the budget is spent means nothing.
type comparer struct {
	texts                 index
	limit, budget         int    // the steps of one comparison, and what is left of them
	unfinished            bool   // the budget did not suffice to work out what a selector records
	categories, readWrite []cube // what the two fields with few values can be
}

// spend takes the steps of comparing n cubes with m, and reports whether the budget allows them.
func (w *comparer) spend(n, m int) bool {
	w.budget -= 1 + n*m
	return w.budget >= 0
}

// without returns the texts of c that no cube of gone holds.
func (w *comparer) without(c condition, gone []cube) condition {
	if !w.spend(len(c.some), len(gone)) {
		return condition{}
	}
	keep := func(x cube) bool { return !covered(x, gone) }
	first := slices.IndexFunc(c.some, keep)
	if first < 0 {
		return condition{}
	}
	rest := condition{some: make([]cube, 0, len(c.some)-first)}
	for _, x := range c.some[first:] {
		if keep(x) {
			rest.some = append(rest.some, x)
		}
	}
	rest.none = w.relevant(rest.some, c.none, gone)
	return rest
}

// relevant returns the cubes of both lists that hold a text of some, each once.
func (w *comparer) relevant(some, none, more []cube) []cube {
	if !slices.ContainsFunc(some, func(x cube) bool { return !x.exact }) || len(none)+len(more) == 0 {
		return nil // what is exact and covered by none is no longer there
	}
	if !w.spend(len(some)+len(none)+len(more), len(none)+len(more)) {
		return nil
	}
	var kept []cube
	for _, list := range [2][]cube{none, more} {
		for _, n := range list {
			meets := func(x cube) bool { _, ok := x.meet(n); return ok }
			if slices.ContainsFunc(some, meets) && !covered(n, kept) {
				kept = append(kept, n)
			}
		}
	}
	return kept
}

// cross returns the texts that a cube of both lists holds.
func (w *comparer) cross(some, others []cube) []cube {
	if !w.spend(len(some), len(others)) {
		return nil
	}
	var met []cube
	for _, x := range some {
		if covered(x, others) {
			met = append(met, x)
			continue
		}
		for _, y := range others {
			z, ok := x.meet(y)
			if !ok {
				continue
			}
			if !w.spend(1, len(met)) {
				return nil
			}
			if !covered(z, met) {
				met = append(met, z)
			}
		}
	}
	return met
}

// meet returns the texts of both conditions.
func (w *comparer) meet(c, d condition) condition {
	met := w.without(condition{some: w.cross(c.some, d.some)}, c.none)
	return w.without(met, d.none)
}

// meets reports whether there is a text in both conditions, like meet, but stops at the first.
func (w *comparer) meets(c, d condition) bool {
	for _, x := range c.some {
		if !w.spend(1, len(d.some)) {
			return false
		}
		for _, y := range d.some {
			z, ok := x.meet(y)
			if !ok {
				continue
			}
			if !w.spend(1, len(c.none)+len(d.none)) {
				return false
			}
			if !covered(z, c.none) && !covered(z, d.none) {
				return true
			}
		}
	}
	return false
}
