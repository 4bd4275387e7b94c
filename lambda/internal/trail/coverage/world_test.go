package coverage

import (
	"math/rand/v2"
	"slices"
	"strings"

	"trailkeeper/lambda/config/baseline"
)

// allTexts lists every text of at most n letters. If selectors say parts of at most k letters and never the letter z,
// then what they can tell apart shows in texts of 2k+1 letters: a start, a filler and an end.
func allTexts(letters string, n int) []string {
	all := []string{""}
	for from := 0; n > 0; n-- {
		longer := all[from:]
		from = len(all)
		for _, t := range longer {
			for _, l := range letters {
				all = append(all, t+string(l))
			}
		}
	}
	return all
}

// world is a space of events, and what selectors say of their fields.
type world struct {
	name   string
	fields []worldField
	real   func(event) bool // nil: every event can come
	rounds int
}

type worldField struct {
	name         string
	values       []string
	parts        []string
	onlyEquality bool
}

var worlds = []world{
	{"one long text", []worldField{{"resources.ARN", allTexts("abz", 5), allTexts("ab", 2), false}}, nil, 1500},
	{
		"two texts",
		[]worldField{
			{"eventName", allTexts("abz", 3), allTexts("ab", 1), false},
			{"moonPhase", allTexts("abz", 3), allTexts("ab", 1), false},
		},
		nil,
		150,
	},
	{
		"basic and advanced",
		[]worldField{
			{"eventSource", allTexts("kz", 3), []string{"k"}, false},
			{"resources.type", []string{object, "t", "z"}, []string{object, "t"}, true},
			{"resources.ARN", allTexts("abz", 3), []string{"a", "b"}, false},
		},
		nil, 150,
	},
	{
		"real names",
		[]worldField{
			{"eventSource", []string{kms, rdsdata, "s3.amazonaws.com"}, []string{kms, rdsdata}, true},
			{"resources.type", []string{object, function}, []string{object, function}, true},
			{
				"resources.ARN",
				[]string{
					"arn:aws:s3:::a/",
					"arn:aws:s3:::a/x",
					"arn:aws:s3:::ab/",
					"arn:aws:s3:::z/",
					"arn:aws:lambda:f",
					"arn:aws:lambda:f2",
					"arn:aws:lambda:z",
				},
				[]string{
					"arn:aws:s3",
					"arn:aws:s3:::",
					"arn:aws:s3:::a",
					"arn:aws:s3:::a/",
					"arn:aws:s3:::a/x",
					"arn:aws:lambda",
					"arn:aws:lambda:f",
				},
				false,
			},
		},
		func(e event) bool {
			return strings.HasPrefix(e.get("resources.ARN"), "arn:aws:s3:::") == (e.get("resources.type") == object)
		},
		1500,
	},
}

func (w world) events() []event {
	all := []event{nil}
	grow := func(field string, values []string) {
		var grown []event
		for _, e := range all {
			for _, v := range values {
				grown = append(grown, append(slices.Clone(e), attribute{field, v}))
			}
		}
		all = grown
	}
	grow("eventCategory", []string{"Management", "Data", "NetworkActivity"})
	grow("readOnly", []string{"true", "false"})
	for _, f := range w.fields {
		grow(f.name, f.values)
	}
	if w.real != nil {
		all = slices.DeleteFunc(all, func(e event) bool { return !w.real(e) })
	}
	return all
}

// chance makes selectors.
type chance struct{ *rand.Rand }

func (r chance) pick(from []string) string { return from[r.IntN(len(from))] }

func (r chance) some(from []string, maximum int) []string {
	var list []string
	for range r.IntN(maximum + 1) {
		list = append(list, r.pick(from))
	}
	return list
}

func (r chance) advanced(fields []worldField) baseline.AdvancedSelector {
	var s baseline.AdvancedSelector
	if r.IntN(4) > 0 {
		s.Fields = append(s.Fields, eq("eventCategory", r.pick([]string{"Management", "Data", "Data"})))
	}
	if r.IntN(3) == 0 {
		s.Fields = append(s.Fields, eq("readOnly", r.pick([]string{"true", "false"})))
	}
	for _, f := range fields {
		switch {
		case f.onlyEquality:
			s.Fields = append(
				s.Fields,
				baseline.FieldSelector{Field: f.name, Equals: r.some(f.parts, 1), NotEquals: r.some(f.parts, 1)},
			)
		case r.IntN(3) > 0:
			for range 1 + r.IntN(5)/4 {
				s.Fields = append(s.Fields, baseline.FieldSelector{
					Field:         f.name,
					Equals:        r.some(f.parts, 2),
					StartsWith:    r.some(f.parts, 1),
					EndsWith:      r.some(f.parts, 1),
					NotEquals:     r.some(f.parts, 2),
					NotStartsWith: r.some(f.parts, 1),
					NotEndsWith:   r.some(f.parts, 1),
				})
			}
		}
	}
	s.Fields = slices.DeleteFunc(s.Fields, noOperator) // CloudTrail knows none, and the oracle would call it fulfilled
	return s
}

func (r chance) basic(sources, types, arns []string) baseline.Selector {
	s := baseline.Selector{
		ReadWrite:      r.pick([]string{"", "All", "ReadOnly", "WriteOnly"}),
		Management:     r.IntN(2) == 0,
		ExcludeSources: r.some(sources, 2),
	}
	for range r.IntN(3) {
		s.DataResources = append(s.DataResources, baseline.DataResource{Type: r.pick(types), Values: r.some(arns, 2)})
	}
	return s
}

// state makes a trail: a basic one only where the world has the fields of basic selectors.
func (r chance) state(w world) baseline.State {
	var s baseline.State
	basic := len(w.fields) == 3 && r.IntN(2) == 0
	for range r.IntN(4) {
		if basic {
			s.Selectors = append(s.Selectors, r.basic(w.fields[0].parts, w.fields[1].parts, w.fields[2].parts))
		} else {
			s.Advanced = append(s.Advanced, r.advanced(w.fields))
		}
	}
	return s
}

// rewritten makes a trail that records the same: everything twice and in another order.
func (r chance) rewritten(s baseline.State) baseline.State {
	s.Selectors, s.Advanced = slices.Clone(s.Selectors), slices.Clone(s.Advanced)
	for i, a := range s.Advanced {
		s.Advanced[i].Fields = slices.Clone(a.Fields)
		r.Shuffle(len(a.Fields), func(j, k int) {
			s.Advanced[i].Fields[j], s.Advanced[i].Fields[k] = s.Advanced[i].Fields[k], s.Advanced[i].Fields[j]
		})
	}
	r.Shuffle(len(s.Advanced), func(i, j int) { s.Advanced[i], s.Advanced[j] = s.Advanced[j], s.Advanced[i] })
	s.Selectors, s.Advanced = append(s.Selectors, s.Selectors...), append(s.Advanced, s.Advanced...)
	return s
}

// near makes a trail that differs in one selector at most.
func (r chance) near(w world, s baseline.State) baseline.State {
	s = r.rewritten(s)
	if len(s.Advanced) > 0 && r.IntN(3) > 0 {
		i := r.IntN(len(s.Advanced))
		s.Advanced[i] = r.advanced(w.fields)
	}
	if len(s.Selectors) > 0 && r.IntN(3) > 0 {
		s.Selectors[r.IntN(len(s.Selectors))].ReadWrite = "ReadOnly"
	}
	return s
}
