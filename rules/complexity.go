package rules

import (
	"maps"
	"slices"
	"strings"
)

// maxPatternComplexity is the highest complexity of a field's wildcards at which EventBridge is known to admit a rule
// ("Rule is too complex" otherwise). AWS publishes no figure: rules of 9 were admitted, and of 11 refused, counted as
// event-ruler's MachineComplexityEvaluator does.
const maxPatternComplexity = 9

// maxSteps bounds the search. No pattern of 2,048 characters that is admitted comes near it.
const maxSteps = 1 << 16

// complexity is the number of places in the field's wildcards at which one value can be at the same time; it does not
// look further than one above maxPatternComplexity. It is at least what event-ruler counts.
func (f field) complexity() int {
	var m machine
	m.node()
	for _, c := range f.conditions {
		m.addAll(c.wildcards)
	}
	return m.widest(maxPatternComplexity + 1)
}

// machine is event-ruler's ByteMachine, as far as wildcards make it: node 0 is the start, and the last node of each
// wildcard its match.
type machine struct{ nodes []stage }

// stage is a place in a wildcard, and where to go from there.
type stage struct {
	on  map[byte][]int
	any []int // with every byte
}

func (m *machine) node() int {
	m.nodes = append(m.nodes, stage{on: map[byte][]int{}})
	return len(m.nodes) - 1
}

// addAll adds the wildcards of one condition. They share their match, and their beginnings up to the first star;
// event-ruler shares more where it can.
func (m *machine) addAll(list []wildcard) {
	if len(list) == 0 {
		return
	}
	match, shared := m.node(), map[string]int{}
	for _, w := range list {
		at := m.beginning(w, shared, match)
		before := shared[w[0]] // the place before a star, which may stand for nothing
		for i, part := range w[1:] {
			if i > 0 {
				at, before = m.star(at), at
			}
			for j := range len(part) {
				next := match
				if i+2 < len(w) || j+1 < len(part) {
					next = m.node()
				}
				m.step(at, part[j], next)
				m.step(before, part[j], next)
				at, before = next, next
			}
		}
	}
}

// beginning adds a wildcard up to its first star, as far as no other has made it, and returns the place behind.
func (m *machine) beginning(w wildcard, shared map[string]int, match int) int {
	const starred = "\xff" // no text has this byte
	at := 0
	for i := range len(w[0]) {
		next, known := shared[w[0][:i+1]]
		switch {
		case len(w) == 1 && i+1 == len(w[0]):
			next = match
		case !known:
			next = m.node()
			shared[w[0][:i+1]] = next
		}
		m.step(at, w[0][i], next)
		at = next
	}
	if len(w) == 1 {
		return at
	}
	star, known := shared[w[0]+starred]
	if !known {
		star = m.star(at)
		shared[w[0]+starred] = star
	}
	return star
}

// star makes the place in which a star waits for what is behind it.
func (m *machine) star(at int) int {
	next := m.node()
	m.nodes[next].any = []int{next}
	m.nodes[at].any = append(m.nodes[at].any, next)
	return next
}

// step leads from a place to the next with a byte.
func (m *machine) step(at int, b byte, next int) {
	m.nodes[at].on[b] = append(m.nodes[at].on[b], next)
}

// widest follows every value, and returns the most places that one can be at, or limit where there are as many.
func (m *machine) widest(limit int) int {
	maximum, seen := 0, map[string]bool{}
	for queue := [][]int{{0}}; len(queue) > 0; queue = queue[1:] {
		for _, next := range m.after(queue[0]) {
			if key := keyOf(next); len(next) == 0 || seen[key] {
				continue
			} else if seen[key] = true; len(seen) > maxSteps {
				return limit
			}
			if maximum = max(maximum, m.size(next)); maximum >= limit {
				return limit
			}
			queue = append(queue, next)
		}
	}
	return maximum
}

// after are the sets of places to which the bytes lead. Bytes that no place waits for lead where stars do.
func (m *machine) after(places []int) [][]int {
	var any []int
	bytes := map[byte]bool{}
	for _, at := range places {
		any = append(any, m.nodes[at].any...)
		for b := range m.nodes[at].on {
			bytes[b] = true
		}
	}
	any = unique(any)
	sets := [][]int{any}
	for _, b := range slices.Sorted(maps.Keys(bytes)) {
		set := slices.Clone(any)
		for _, at := range places {
			set = append(set, m.nodes[at].on[b]...)
		}
		sets = append(sets, unique(set))
	}
	return sets
}

// size counts the places, and those to which a star that stands for nothing leads on.
func (m *machine) size(places []int) int {
	n := len(places)
	for _, at := range places {
		for _, next := range m.nodes[at].any {
			if !slices.Contains(places, next) {
				n++
			}
		}
	}
	return n
}

// unique sorts a list, and leaves each number in it once.
func unique(list []int) []int {
	slices.Sort(list)
	return slices.Compact(list)
}

func keyOf(places []int) string {
	var key strings.Builder
	for _, at := range places {
		key.WriteRune(rune(at))
	}
	return key.String()
}
