package coverage

import (
	"math"
	"slices"
	"strings"
)

// index ranks the texts of selectors, so that two cubes are compared by numbers: the texts that start with one follow
// it in the order of all, and those that end with it do in the order of all read backwards. CloudTrail takes 500 values
// of 2,048 characters, which may share all but the last.
type index struct {
	texts []string // in order, each once; the first is empty
	last  []int32  // of each text, the rank of the last that starts with it
	// Of the texts read backwards; nil: nothing asks how a text ends.
	back     []int32 // of each text, its rank
	backward []int32 // of each rank, the text
	lastBack []int32 // of each rank, that of the last text which ends with it
}

func newIndex(texts []string, endings bool) index {
	slices.Sort(texts)
	x := index{texts: slices.Compact(texts)}
	x.last = nested(x.texts)
	if !endings {
		return x
	}
	reversed := make([]string, len(x.texts))
	x.backward = make([]int32, len(x.texts))
	for i, t := range x.texts {
		bytes := []byte(t)
		slices.Reverse(bytes)
		reversed[i], x.backward[i] = string(bytes), int32(i)
	}
	slices.SortFunc(x.backward, func(i, j int32) int { return strings.Compare(reversed[i], reversed[j]) })
	x.back = make([]int32, len(x.texts))
	inOrder := make([]string, len(x.texts))
	for rank, i := range x.backward {
		x.back[i], inOrder[rank] = int32(rank), reversed[i]
	}
	x.lastBack = nested(inOrder)
	return x
}

// nested returns of each of the texts, which are in order, the last that starts with it.
func nested(texts []string) []int32 {
	last := make([]int32, len(texts))
	var open []int
	for i, t := range texts {
		for len(open) > 0 && !strings.HasPrefix(t, texts[open[len(open)-1]]) {
			last[open[len(open)-1]] = int32(i - 1)
			open = open[:len(open)-1]
		}
		open = append(open, i)
	}
	for _, i := range open {
		last[i] = int32(len(texts) - 1)
	}
	return last
}

// rank is the place of a text, which is one of those indexed.
func (x *index) rank(text string) int32 {
	i, _ := slices.BinarySearch(x.texts, text)
	return int32(i)
}

// exactly returns cubes of one text each.
func (x *index) exactly(values ...string) []cube {
	cubes := make([]cube, len(values))
	for i, v := range values {
		rank := x.rank(v)
		cubes[i] = cube{exact: true, from: rank, to: rank}
		if x.back != nil {
			cubes[i].fromBack = x.back[rank]
			cubes[i].toBack = cubes[i].fromBack
		}
	}
	return cubes
}

// starting returns the texts that start with one.
func (x *index) starting(prefix string) cube {
	if prefix == "" {
		return everything[0]
	}
	rank := x.rank(prefix)
	return cube{from: rank, to: x.last[rank], toBack: math.MaxInt32}
}

// ending returns the texts that end with one.
func (x *index) ending(suffix string) cube {
	if suffix == "" {
		return everything[0]
	}
	rank := x.back[x.rank(suffix)]
	return cube{to: math.MaxInt32, fromBack: rank, toBack: x.lastBack[rank]}
}

// prefix is what the texts of a cube start with; of an exact one, its text.
func (x *index) prefix(c cube) string { return x.texts[c.from] }

// suffix is what the texts of a cube end with.
func (x *index) suffix(c cube) string {
	if c.exact || x.back == nil {
		return ""
	}
	return x.texts[x.backward[c.fromBack]]
}
