package coverage

import (
	"cmp"
	"slices"
)

// tidy returns the same events in fewer and simpler boxes, in an order of its own: no box inside another, boxes that
// differ in one field as one. It is for people to read: what takes too many steps stays as it is.
func tidy(w *comparer, boxes []box) []box {
	t := *w
	t.budget = w.limit / 8
	tidied := make([]box, 0, len(boxes))
	for _, b := range boxes {
		tidied = append(tidied, simplify(&t, b))
	}
	again := false
	for i := 0; i < len(tidied); i++ {
		for j := 0; j < len(tidied) && t.spend(tidied[i].size(), 1); j++ {
			if i == j {
				continue
			}
			if b, ok := joined(&t, tidied[i], tidied[j]); ok {
				tidied[i], again = b, true
				tidied = slices.Delete(tidied, j, j+1)
				i = -1 // what was joined may join with one before
				break
			}
		}
	}
	if !again {
		return tidied
	}
	for i := range tidied {
		tidied[i] = simplify(&t, tidied[i])
	}
	return tidied
}

// simplify sorts the cubes of a box, and leaves out those inside another and the constraints that every event fulfils.
func simplify(w *comparer, b box) box {
	simple := make(box, 0, len(b))
	for _, k := range b {
		c := condition{widest(w, k.some), widest(w, k.none)}
		if !slices.Equal(c.some, w.universe(k.field)) || len(c.none) > 0 {
			simple = append(simple, constraint{k.field, c})
		}
	}
	return simple
}

func widest(w *comparer, cubes []cube) []cube {
	if len(cubes) < 2 {
		return cubes
	}
	sorted := sortCubes(w, cubes)
	if !w.spend(len(sorted), len(sorted)) {
		return sorted
	}
	kept := sorted[:0:0]
	for i, c := range sorted {
		if !covered(c, sorted[:i]) && !covered(c, sorted[i+1:]) {
			kept = append(kept, c)
		}
	}
	return kept
}

// sortCubes returns the cubes in order, each once.
func sortCubes(w *comparer, cubes []cube) []cube {
	cubes = slices.Clone(cubes)
	slices.SortFunc(cubes, func(a, b cube) int { return compareCubes(w, a, b) })
	return slices.Compact(cubes)
}

func compareCubes(w *comparer, a, b cube) int {
	if a.exact != b.exact {
		if a.exact {
			return -1
		}
		return 1
	}
	if a.from != b.from || a.fromBack == b.fromBack {
		return cmp.Compare(a.from, b.from)
	}
	return cmp.Compare(w.texts.suffix(a), w.texts.suffix(b))
}

// joined returns the events of both as one box, if they are one: b is inside a, or both differ in the texts of one
// field. Categories of events are not joined, as a reader looks for them one by one.
func joined(w *comparer, a, b box) (box, bool) {
	if isInside(w, b, a) {
		return a, true
	}
	if len(a) != len(b) {
		return nil, false
	}
	differs := -1
	for i := range a {
		if a[i].field != b[i].field || !slices.Equal(a[i].none, b[i].none) {
			return nil, false
		}
		if !slices.Equal(a[i].some, b[i].some) {
			if differs >= 0 || a[i].field == onCategory {
				return nil, false
			}
			differs = i
		}
	}
	if differs < 0 {
		return a, true
	}
	field := a[differs].field
	both := condition{sortCubes(w, slices.Concat(a[differs].some, b[differs].some)), a[differs].none}
	if len(both.none) == 0 && slices.Equal(both.some, w.universe(field)) {
		return slices.Concat(a[:differs], a[differs+1:]), true
	}
	return a.with(field, both), true
}

// isInside reports whether every event of a is in b.
func isInside(w *comparer, a, b box) bool {
	for _, k := range b {
		has := w.of(a, k.field)
		if !w.without(has, k.some).empty() || !w.hidden(has, k.condition).empty() {
			return false
		}
	}
	return w.budget >= 0
}
