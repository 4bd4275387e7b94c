package rules

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// leaf is one value of an event that is no object and no array. Its text is as event-ruler compares it: a text has its
// quotation marks, so that "1" is not 1 and "null" not null.
type leaf struct {
	text string
	at   place
}

// leaves are the values of an event by the names of their fields. Arrays have no name of their own, and a dot in a key
// is like one between two keys.
type leaves map[string][]leaf

// place says in which element of which arrays a leaf stands. An array counts only where its element holds other values:
// the texts of an array of texts stand side by side.
type place map[int]int

// with puts two places together, and reports false where they are in different elements of one array.
func (p place) with(other place) (place, bool) {
	for array, index := range other {
		if taken, ok := p[array]; ok && taken != index {
			return nil, false
		}
	}
	if len(other) == 0 {
		return p, true
	}
	both := maps.Clone(p)
	if both == nil {
		both = place{}
	}
	maps.Copy(both, other)
	return both, true
}

// beside reports whether a value stands outside of an array of which an element is taken, and in which others of the
// field stand. Only a key that is written twice, or with a dot, can do that; event-ruler does not look at such a value
// (StructuredFinder).
func (p place) beside(at place, values []leaf) bool {
	for array := range p {
		if _, inside := at[array]; inside {
			continue
		}
		if slices.ContainsFunc(values, func(l leaf) bool { _, inside := l.at[array]; return inside }) {
			return true
		}
	}
	return false
}

// places is a set of them.
type places map[string]place

func (s places) add(p place) {
	var key strings.Builder
	for _, array := range slices.Sorted(maps.Keys(p)) {
		fmt.Fprintf(&key, "%d.%d ", array, p[array])
	}
	s[key.String()] = p
}

// leavesOf collects the leaves that the fields ask for.
func leavesOf(root object, fields []field) leaves {
	c := collector{found: leaves{}}
	for _, f := range fields {
		c.found[f.name] = nil
	}
	c.object("", root, nil)
	return c.found
}

type collector struct {
	found  leaves
	arrays int
}

func (c *collector) object(path string, o object, at place) {
	for _, m := range o {
		c.value(path+"."+m.key, m.value, at)
	}
}

func (c *collector) value(path string, v any, at place) {
	switch v := v.(type) {
	case object:
		c.object(path, v, at)
	case []any:
		c.array(path, v, at)
	default:
		if list, wanted := c.found[path[1:]]; wanted {
			c.found[path[1:]] = append(list, leaf{textOf(v), at})
		}
	}
}

func (c *collector) array(path string, list []any, at place) {
	array := c.arrays
	c.arrays++
	for i, v := range list {
		inside := at
		switch v.(type) {
		case object, []any:
			inside, _ = at.with(place{array: i}) // the array is new
		}
		c.value(path, v, inside)
	}
}

func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return quoted(v)
	case json.Number:
		return string(v)
	case nil:
		return "null"
	default:
		return fmt.Sprint(v)
	}
}

func quoted(s string) string { return `"` + s + `"` }
