// Package trailtest makes selectors that are hard to compare, and measures what comparing them takes.
//
// It is for tests only, and knows no trail but by its selectors.
package trailtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"trailkeeper/lambda/config/baseline"
)

// Hostile makes selectors that are hard to compare, within what CloudTrail takes of a trail: 500 values of at most
// 2,048 characters in all conditions (CloudTrail API reference, PutEventSelectors and AdvancedFieldSelector). Its
// numbers are what the search for the worst turns.
type Hostile struct {
	Selectors, Fields int    // how many, and conditions on texts in each
	Values            int    // in all
	Length            int    // of what the values share
	Alphabet          int    // how many parts the values are made of
	Operators         [6]int // the shares of Equals, StartsWith, EndsWith and their opposites
	Category          int    // management, data, network activity, or a mix of the first two
	Seed              uint64
}

// fields are what the conditions are on, the first of them first.
var fields = []string{
	"userIdentity.arn",
	"eventName",
	"eventSource",
	"eventType",
	"errorCode",
	"resources.ARN",
	"vpcEndpointId",
	"moonPhase",
}

// State is a trail with these selectors, as reading it shows it.
func (h Hostile) State(arn string) baseline.State {
	r := rand.New(rand.NewPCG(h.Seed, 7))
	s, left := baseline.State{ARN: arn, Logging: true}, min(h.Values, 500)
	per := max(1, (left-2*h.Selectors)/max(1, h.Selectors*h.Fields))
	for range h.Selectors {
		var sel baseline.AdvancedSelector
		sel.Fields, left = h.category(r, left)
		for i := range h.Fields {
			f := baseline.FieldSelector{Field: fields[i%len(fields)]}
			n := min(per, max(0, left))
			for range n {
				h.add(r, &f)
			}
			if left -= n; n > 0 {
				sort(&f)
				sel.Fields = append(sel.Fields, f)
			}
		}
		s.Advanced = append(s.Advanced, sel)
	}
	return s
}

// category returns the conditions that a selector begins with, and how many values are left after them.
func (h Hostile) category(r *rand.Rand, left int) ([]baseline.FieldSelector, int) {
	name := []string{"Management", "Data", "NetworkActivity", "Management"}[h.Category]
	if h.Category == 3 && r.IntN(2) == 0 {
		name = "Data"
	}
	of := []baseline.FieldSelector{{Field: "eventCategory", Equals: []string{name}}}
	if name == "Data" {
		of = append(of, baseline.FieldSelector{Field: "resources.type", Equals: []string{"AWS::S3::Object"}})
	}
	return of, left - len(of)
}

// add adds a value to one of the operators, by their shares.
func (h Hostile) add(r *rand.Rand, f *baseline.FieldSelector) {
	value, share := "", strings.Repeat("x", h.Length)
	for range 1 + r.IntN(3) {
		value += strconv.Itoa(r.IntN(h.Alphabet))
	}
	lists := [...]*[]string{&f.Equals, &f.StartsWith, &f.EndsWith, &f.NotEquals, &f.NotStartsWith, &f.NotEndsWith}
	texts := [...]string{
		share + value + share,
		share + value,
		value + share,
		share + value + share,
		share + value,
		value + share,
	}
	total := 0
	for _, n := range h.Operators {
		total += n
	}
	pick := r.IntN(total)
	for op, n := range h.Operators {
		if pick -= n; pick < 0 {
			*lists[op] = append(*lists[op], texts[op])
			return
		}
	}
}

func sort(f *baseline.FieldSelector) {
	for _, list := range [...][]string{f.Equals, f.StartsWith, f.EndsWith, f.NotEquals, f.NotStartsWith, f.NotEndsWith} {
		slices.Sort(list)
	}
}

// Mutated is another one beside it.
func (h Hostile) Mutated(r *rand.Rand) Hostile {
	switch r.IntN(8) {
	case 0:
		h.Selectors = max(1, h.Selectors+r.IntN(2*h.Selectors+3)-h.Selectors-1)
	case 1:
		h.Fields = 1 + r.IntN(8)
	case 2:
		h.Values = 50 + r.IntN(451)
	case 3:
		h.Length = r.IntN(1020)
	case 4:
		h.Alphabet = 1 + r.IntN(200)
	case 5:
		h.Operators[r.IntN(6)] = r.IntN(6)
		h.Operators[1]++
	case 6:
		h.Category = r.IntN(4)
	case 7:
		h.Seed = r.Uint64()
	}
	h.Selectors = min(h.Selectors, 160)
	return h
}

// String is the literal, to be kept as one of Worst.
func (h Hostile) String() string { return fmt.Sprintf("%#v", h) }

// Worst are the pairs that a search of some thousands found to take the longest.
var Worst = [][2]Hostile{
	{
		{
			Selectors: 33,
			Fields:    7,
			Values:    342,
			Length:    916,
			Alphabet:  147,
			Operators: [6]int{0, 3, 1, 1, 1, 3},
			Category:  3,
			Seed:      0x8d20f18b7074c02f,
		},
		{
			Selectors: 8,
			Fields:    4,
			Values:    471,
			Length:    692,
			Alphabet:  112,
			Operators: [6]int{0, 1, 1, 0, 1, 1},
			Category:  3,
			Seed:      0x81d6e9cacb4316fb,
		},
	},
	{
		{
			Selectors: 4,
			Fields:    2,
			Values:    500,
			Length:    806,
			Alphabet:  31,
			Operators: [6]int{5, 2, 1, 0, 1, 1},
			Category:  0,
			Seed:      0x8f76421174ef15c6,
		},
		{
			Selectors: 4,
			Fields:    8,
			Values:    500,
			Length:    707,
			Alphabet:  20,
			Operators: [6]int{0, 1, 1, 0, 1, 1},
			Category:  0,
			Seed:      0xd07a43fc8f0d3bf2,
		},
	},
	{
		{
			Selectors: 4,
			Fields:    7,
			Values:    383,
			Length:    900,
			Alphabet:  43,
			Operators: [6]int{0, 1, 1, 0, 1, 1},
			Category:  1,
			Seed:      0x1,
		},
		{
			Selectors: 5,
			Fields:    2,
			Values:    155,
			Length:    900,
			Alphabet:  20,
			Operators: [6]int{5, 3, 4, 0, 1, 1},
			Category:  3,
			Seed:      0xb87fbabffccc5c95,
		},
	},
}

// CPU is the processor time that a call takes, the collector's included; the machine may be busy with other things.
func CPU(call func()) time.Duration {
	var before, after syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	call()
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	return time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
}
