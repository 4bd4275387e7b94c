package trail

import (
	"slices"
	"testing"
)

// TestAdoptProperties: with every field adopted nothing differs; with one, nothing but the others does, and the
// baseline is left as it was.
func TestAdoptProperties(t *testing.T) {
	for _, m := range mutations {
		base, now := full(), with(m.change)
		if left := Weakened(Diff(Adopt(base, now, Fields()...), now)); len(left) > 0 {
			t.Errorf("with every field adopted: %+v", left)
		}
		for _, c := range Diff(base, now) {
			if slices.ContainsFunc(
				Diff(Adopt(base, now, c.Field), now),
				func(d Change) bool { return d.Field == c.Field && d.Effect != Neutral },
			) {
				t.Errorf("%s is adopted, and still differs", c.Field)
			}
		}
		if again := Diff(full(), base); len(again) > 0 {
			t.Fatalf("the baseline has changed: %+v", again)
		}
	}
	blind := full()
	blind.Unseen, blind.Selectors, blind.Advanced = map[Part]string{PartSelectors: "denied"}, nil, nil
	if got := Adopt(full(), blind, FieldSelectors); len(Diff(full(), got)) > 0 {
		t.Error("what is not seen was adopted")
	}
}

// TestEveryFieldHasItsCall: each field is changed by exactly one call that an exception can name.
func TestEveryFieldHasItsCall(t *testing.T) {
	for _, f := range Fields() {
		if !slices.Contains(FieldsOf(f.Call()), f) {
			t.Errorf("%s: %s does not change it", f, f.Call())
		}
	}
	if len(FieldsOf("DeleteTrail")) > 0 || len(FieldsOf("CreateTrail")) > 0 {
		t.Error("a trail that is gone has no fields")
	}
}
