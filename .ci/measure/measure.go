package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// worst is how many places a figure lists.
const worst = 5

// The goals.
const (
	maxComplexity = 15
	maxMethods    = 12
	maxInterface  = 6
	maxFiles      = 12
	maxColumns    = 120
	maxPairs      = 3 // on one line
	minDocLines   = 2
	maxGoLines    = 42_000 // without comments and tests
	maxReadme     = 1_800  // words
)

// place is where a figure comes from.
type place struct {
	value int
	name  string
}

// figure is one line of the table.
type figure struct {
	name, goal string
	value      int
	note       string
	places     []place // the worst ones first
}

type figures []figure

// measure takes every figure of the module in a folder.
func measure(dir string) (figures, error) {
	m, err := load(dir)
	if err != nil {
		return nil, err
	}
	code := counted(m.files, func(f file) bool { return !f.test })
	product := counted(code, func(f file) bool { return !strings.HasPrefix(f.path, ".ci") })
	readme, err := words(dir, "README.md")
	if err != nil {
		return nil, err
	}
	return figures{
		highest("worst cyclomatic complexity", maxComplexity, complexities(code)),
		highest("most methods on a type, loopback cloud aside", maxMethods, methodCounts(m.packages)),
		over("interfaces of more than 6 methods", maxInterface, interfaceSizes(m.packages)),
		number("exported names that only their own package uses", unused(m)),
		lines("lines over 120 columns", m.files, longLines),
		lines("literals of more than three pairs, not one to a line", m.files, crowded),
		over("packages of more than 12 files, tests aside", maxFiles, filesPerPackage(code)),
		number("packages with less than two lines of doc", undocumented(code)),
		{name: "lines of Go code, tests and .ci aside", goal: fmt.Sprint("<= ", maxGoLines), value: goLines(product)},
		{name: "words in README.md", goal: fmt.Sprint("<= ", maxReadme), value: readme},
	}, nil
}

// highest is the largest of the places, and lists those above a goal, or the worst few.
func highest(name string, goal int, places []place) figure {
	places = sorted(places)
	above := 0
	for _, p := range places {
		if p.value > goal {
			above++
		}
	}
	f := figure{
		name:   name,
		goal:   fmt.Sprint("<= ", goal),
		note:   fmt.Sprintf("%d above", above),
		places: places[:min(max(above, worst), len(places))],
	}
	if len(places) > 0 {
		f.value = places[0].value
	}
	return f
}

// over counts the places above a goal.
func over(name string, goal int, places []place) figure {
	return number(name, slices.DeleteFunc(places, func(p place) bool { return p.value <= goal }))
}

// number is how many places there are.
func number(name string, places []place) figure {
	return figure{
		name:   name,
		goal:   "0",
		value:  len(places),
		places: sorted(places),
	}
}

func sorted(places []place) []place {
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(b.value, a.value), cmp.Compare(a.name, b.name))
	})
	return places
}

// render is the table, and below it up to limit places of each figure. All if limit is 0.
func (all figures) render(limit int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-54s %7s %9s\n", "", "today", "goal")
	for _, f := range all {
		fmt.Fprintf(&b, "%-54s %7d %9s  %s\n", f.name, f.value, f.goal, f.note)
	}
	for _, f := range all {
		if len(f.places) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n%s\n", f.name)
		for i, p := range f.places {
			if limit > 0 && i == limit {
				fmt.Fprintf(&b, "        and %d more\n", len(f.places)-limit)
				break
			}
			if p.value > 0 {
				fmt.Fprintf(&b, "%6d  %s\n", p.value, p.name)
			} else {
				fmt.Fprintf(&b, "        %s\n", p.name)
			}
		}
	}
	// Without spaces at the end of a line.
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}
