package golden

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestTemplates(t *testing.T) {
	if !slices.Contains(Names(), Default) || !slices.IsSorted(Names()) {
		t.Errorf("names are %v; want them sorted, with %s", Names(), Default)
	}
	for _, name := range Names() {
		raw, ok := Variant(name)
		if !ok || !json.Valid(raw) {
			t.Errorf("%s is no JSON", name)
		}
	}
	if raw, ok := Warden("elsewhere"); !ok || !json.Valid(raw) {
		t.Error("elsewhere has no stack of the warden")
	}
	if _, ok := Warden(Default); ok {
		t.Error("the default variant has a stack of the warden")
	}
	if _, ok := Variant("bogus"); ok {
		t.Error("there is a variant bogus")
	}
	if raw, _ := Variant(Default); string(raw) != string(Template()) {
		t.Error("Template is not the default variant")
	}
}
