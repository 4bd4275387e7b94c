package trail

import (
	"fmt"
	"slices"
	"testing"

	"trailkeeper/lambda/internal/trail/coverage"
)

// TestDifferForgetsTheOldest: a Differ works a pair out once, as long as it remembers it, and each new pair with fewer
// steps.
func TestDifferForgetsTheOldest(t *testing.T) {
	var d Differ
	state := func(i int) State { return advanced(management(ne("eventName", fmt.Sprint(i)))) }
	for i := range maxPairs + 1 {
		for range 3 {
			if changes := d.Diff(
				all,
				state(i),
			); len(changes) != 1 ||
				changes[0].Sentence != fmt.Sprintf("Management events named %d are no longer recorded.", i) {
				t.Fatalf("%+v", changes)
			}
		}
	}
	if d.compared != maxPairs+1 || len(d.known) != maxPairs || !coverage.Same(d.known[0].now, state(1)) {
		t.Errorf("compared %d pairs, knows %d", d.compared, len(d.known))
	}
	d.Diff(all, state(0))
	if d.compared != maxPairs+2 {
		t.Errorf("the oldest is still known: %d", d.compared)
	}
	d.Diff(state(3), all)
	if d.compared != maxPairs+3 {
		t.Error("a pair is taken for the same the other way round")
	}
}

// TestDifferSpendsLessOnEachPair: whoever puts other selectors before each look does not use up the time of a run.
func TestDifferSpendsLessOnEachPair(t *testing.T) {
	var some, others []string
	for i := range 490 {
		some, others = append(some, fmt.Sprint("Get", i, "!")), append(others, fmt.Sprint("Put", i, "!"))
	}
	a, b := advanced(data(object, ne("eventName", some...))), advanced(data(object, ne("eventName", others...)))
	for compared, decided := range map[int]bool{0: true, 5: false, 500: false} {
		d := Differ{compared: compared}
		if got := d.compare(a, b).Lost; (len(got.Undecided) == 0) != decided || got.None() {
			t.Errorf("after %d pairs: %+v", compared, got)
		}
	}
	small := Differ{compared: 500}
	if got := small.compare(
		all,
		basic(Selector{ReadWrite: "ReadOnly", Management: true}),
	).Lost; len(got.Undecided) > 0 ||
		!got.Management {
		t.Errorf("the least does not suffice for what is usual: %+v", got)
	}
}

// TestDiffOfSomeFields: only what is asked for is compared and returned.
func TestDiffOfSomeFields(t *testing.T) {
	now := with(func(s *State) {
		for _, m := range mutations {
			m.change(s)
		}
	})
	whole := Diff(full(), now)
	for _, f := range Fields() {
		want := slices.DeleteFunc(slices.Clone(whole), func(c Change) bool { return c.Field != f })
		if got := Diff(full(), now, f); !slices.Equal(got, want) {
			t.Errorf("%s: %+v; want %+v", f, got, want)
		}
	}
	if got := Diff(full(), now, FieldTags, FieldS3Bucket); len(got) != 2 || got[0].Field == got[1].Field {
		t.Errorf("two fields: %+v", got)
	}
}
