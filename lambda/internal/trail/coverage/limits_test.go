package coverage

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/trail/trailtest"
)

// TestLimitsOfWords: each limit of what is said, at it and one beyond.
func TestLimitsOfWords(t *testing.T) {
	names := func(n int) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprintf("Name%02d", i))
		}
		return all
	}
	for n, want := range map[int]string{
		1: "data events of AWS::S3::Object named Name00",
		2: "data events of AWS::S3::Object named Name00 or Name01",
		3: "data events of AWS::S3::Object named Name00, Name01 or Name02",
		4: "data events of AWS::S3::Object named Name00, Name01, Name02 or 1 more",
	} {
		if got := missing(
			advanced(data(object, eq("eventName", names(n)...))),
			baseline.State{},
		); !slices.Equal(
			got,
			[]string{want},
		) {
			t.Errorf("%d names: %q", n, got)
		}
	}
	for n, last := range map[int]string{
		maxPhrases: "named x11", maxPhrases + 1: "and 1 more", maxPhrases + 2: "and 2 more",
	} {
		var fields [][]baseline.FieldSelector
		for i := range n {
			fields = append(fields, data(fmt.Sprintf("AWS::T%02d::X", i), eq("eventName", fmt.Sprintf("x%02d", i))))
		}
		got := missing(advanced(fields...), baseline.State{})
		if len(got) != min(n, maxPhrases+1) || !strings.HasSuffix(got[len(got)-1], last) {
			t.Errorf("%d phrases: %d, the last %q", n, len(got), got[len(got)-1])
		}
	}
	for n, cut := range map[int]bool{maxValue: false, maxValue + 1: true} {
		if got := shownValue(
			strings.Repeat("ü", n),
		); strings.HasSuffix(got, "…") != cut ||
			utf8.RuneCountInString(strings.TrimSuffix(got, "…")) != maxValue {
			t.Errorf("a value of %d runes: %q", n, got)
		}
	}
}

// TestManyPiecesAreUndecided: beyond what anybody reads, a category is said not to be worked out, and up to it it is.
func TestManyPiecesAreUndecided(t *testing.T) {
	for n, undecided := range map[int]bool{maxPieces: false, maxPieces + 1: true} {
		var fields [][]baseline.FieldSelector
		for i := range n {
			fields = append(fields, data(fmt.Sprintf("AWS::T%03d::X", i), eq("eventName", fmt.Sprint(i))))
		}
		w := newComparer(advanced(fields...))
		d := differenceOf(w, boxesOf(w, advanced(fields...)), nil)
		if (len(d.Undecided) > 0) != undecided || len(d.Phrases) != maxPhrases+1 {
			t.Errorf("%d pieces: %d phrases, undecided %q", n, len(d.Phrases), d.Undecided)
		}
	}
}

// TestGivingUpMissesNothing: whatever the budget, selectors that differ are never said to be the same, and what is said
// to be lost is.
func TestGivingUpMissesNothing(t *testing.T) {
	for _, wd := range worlds {
		r := chance{rand.New(rand.NewPCG(41, 42))}
		events, gaveUp := wd.events(), 0
		for range 300 {
			a := r.state(wd)
			b := r.near(wd, a)
			w := newComparer(a, b)
			w.limit = 1 + r.IntN(150)
			from, of := boxesOf(w, a), boxesOf(w, b)
			d := differenceOf(w, from, of)
			unfinished := w.unfinished
			w.budget = w.limit
			lost, whole := w.lost(from, of)
			if len(d.Undecided) > 0 {
				gaveUp++
			}
			for _, e := range events {
				separates := e.recorded(a) && !e.recorded(b)
				if separates && d.None() {
					t.Fatalf("%s: with %d steps nothing is missed, but %v is\na %+v\nb %+v", wd.name, w.limit, e, a, b)
				}
				said := !unfinished && slices.ContainsFunc(lost, func(b box) bool { return e.in(w, b) })
				if wd.real == nil && said && !separates || whole && !unfinished && separates && !said {
					t.Fatalf(
						"%s: with %d steps %v is said to be lost: %v, want %v\na %+v\nb %+v",
						wd.name,
						w.limit,
						e,
						said,
						separates,
						a,
						b,
					)
				}
			}
		}
		if gaveUp == 0 {
			t.Errorf("%s: every comparison was finished", wd.name)
		}
	}
}

// TestOrderCostsNothing: selectors that differ only in the order of values, conditions and selectors are the same,
// however hard they are.
func TestOrderCostsNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	for _, h := range slices.Concat(trailtest.Worst[0][:], trailtest.Worst[1][:], trailtest.Worst[2][:]) {
		s, other := h.State(arn), h.State(arn)
		shuffle := func(n int, swap func(i, j int)) { r.Shuffle(n, swap) }
		for _, sel := range other.Advanced {
			for _, f := range sel.Fields {
				for _, v := range [...][]string{f.Equals, f.StartsWith, f.EndsWith, f.NotEquals, f.NotStartsWith, f.NotEndsWith} {
					shuffle(len(v), func(i, j int) { v[i], v[j] = v[j], v[i] })
				}
			}
			shuffle(len(sel.Fields), func(i, j int) { sel.Fields[i], sel.Fields[j] = sel.Fields[j], sel.Fields[i] })
		}
		shuffle(
			len(other.Advanced),
			func(i, j int) { other.Advanced[i], other.Advanced[j] = other.Advanced[j], other.Advanced[i] },
		)
		w := newComparer(s, other)
		a, b := boxesOf(w, s), boxesOf(w, other)
		if w.limit = 1; !differenceOf(w, a, b).None() || !differenceOf(w, b, a).None() {
			t.Errorf("%v: the order costs steps", h)
		}
	}
}
