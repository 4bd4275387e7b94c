package trail

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
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
		if got := missing(advanced(data(object, eq("eventName", names(n)...))), State{}); !slices.Equal(got, []string{want}) {
			t.Errorf("%d names: %q", n, got)
		}
	}
	for n, last := range map[int]string{maxPhrases: "named x11", maxPhrases + 1: "and 1 more", maxPhrases + 2: "and 2 more"} {
		var fields [][]FieldSelector
		for i := range n {
			fields = append(fields, data(fmt.Sprintf("AWS::T%02d::X", i), eq("eventName", fmt.Sprintf("x%02d", i))))
		}
		got := missing(advanced(fields...), State{})
		if len(got) != min(n, maxPhrases+1) || !strings.HasSuffix(got[len(got)-1], last) {
			t.Errorf("%d phrases: %d, the last %q", n, len(got), got[len(got)-1])
		}
	}
	for n, cut := range map[int]bool{maxValue: false, maxValue + 1: true} {
		if got := shownValue(strings.Repeat("ü", n)); strings.HasSuffix(got, "…") != cut || utf8.RuneCountInString(strings.TrimSuffix(got, "…")) != maxValue {
			t.Errorf("a value of %d runes: %q", n, got)
		}
	}
}

// TestManyPiecesAreUndecided: beyond what anybody reads, a category is said not to be worked out, and up to it it is.
func TestManyPiecesAreUndecided(t *testing.T) {
	for n, undecided := range map[int]bool{maxPieces: false, maxPieces + 1: true} {
		var fields [][]FieldSelector
		for i := range n {
			fields = append(fields, data(fmt.Sprintf("AWS::T%03d::X", i), eq("eventName", fmt.Sprint(i))))
		}
		w := newComparer(advanced(fields...))
		d := w.difference(w.boxes(advanced(fields...)), nil)
		if (len(d.undecided) > 0) != undecided || len(d.phrases) != maxPhrases+1 {
			t.Errorf("%d pieces: %d phrases, undecided %q", n, len(d.phrases), d.undecided)
		}
	}
}

// TestDifferForgetsTheOldest: a Differ works a pair out once, as long as it remembers it, and each new pair with fewer steps.
func TestDifferForgetsTheOldest(t *testing.T) {
	var d Differ
	state := func(i int) State { return advanced(management(ne("eventName", fmt.Sprint(i)))) }
	for i := range mostPairs + 1 {
		for range 3 {
			if changes := d.Diff(all, state(i)); len(changes) != 1 || changes[0].Sentence != fmt.Sprintf("Management events named %d are no longer recorded.", i) {
				t.Fatalf("%+v", changes)
			}
		}
	}
	if d.compared != mostPairs+1 || len(d.known) != mostPairs || !sameSelectors(d.known[0].now, state(1)) {
		t.Errorf("compared %d pairs, knows %d", d.compared, len(d.known))
	}
	d.Diff(all, state(0))
	if d.compared != mostPairs+2 {
		t.Errorf("the oldest is still known: %d", d.compared)
	}
	d.Diff(state(3), all)
	if d.compared != mostPairs+3 {
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
		if got := d.compare(a, b).lost; (len(got.undecided) == 0) != decided || got.none() {
			t.Errorf("after %d pairs: %+v", compared, got)
		}
	}
	small := Differ{compared: 500}
	if got := small.compare(all, basic(Selector{ReadWrite: "ReadOnly", Management: true})).lost; len(got.undecided) > 0 || !got.management {
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
