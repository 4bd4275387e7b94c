package findingtest

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/finding"

	"github.com/google/go-cmp/cmp"
)

// TestFullHasEveryField: a field that is new in a notification has its value in Full, and with that its place in every
// rendering's golden file.
func TestFullHasEveryField(t *testing.T) {
	n := Full()
	seen := map[string]string{}
	for _, f := range Fields(&n) {
		empty := f.Path == "Changes[3].Done" // DoneNothing
		if f.Value.IsZero() != empty {
			t.Errorf("%s is empty", f.Path)
		}
		value := fmt.Sprint(f.Value.Interface())
		if f.Value.Kind() == reflect.Bool || f.Value.Kind() == reflect.Pointer || empty {
			continue
		}
		if other, ok := seen[value]; ok {
			t.Errorf("%s and %s are both %s", f.Path, other, value)
		}
		seen[value] = f.Path
	}
	for _, long := range Fields(&n) {
		if long.Value.Kind() == reflect.Pointer {
			continue
		}
		for _, short := range Fields(&n) {
			a, b := fmt.Sprint(long.Value.Interface()), fmt.Sprint(short.Value.Interface())
			_, plain := short.Value.Interface().(string)
			if plain && a != b && strings.Contains(a, b) && short.Path != "Subject.Partition" {
				t.Errorf("%s, %q, has %s in it", long.Path, a, short.Path)
			}
		}
	}
	if diff := cmp.Diff(Full(), clone(Full())); diff != "" {
		t.Errorf("Full as JSON and back (-want +got):\n%s", diff)
	}
}

// TestFieldsChange: each field that Fields finds is one that Change changes, and no other.
func TestFieldsChange(t *testing.T) {
	for i, f := range Fields(new(Full())) {
		n := Full()
		fields := Fields(&n)
		fields[i].Change()
		if cmp.Equal(f.Value.Interface(), fields[i].Value.Interface()) {
			t.Errorf("%s is not changed", f.Path)
		}
		for j, was := range Fields(new(Full())) {
			if strings.HasPrefix(was.Path, f.Path+".") || strings.HasPrefix(f.Path, was.Path+".") {
				continue // within
			}
			if same := cmp.Equal(was.Value.Interface(), fields[j].Value.Interface()); same != (i != j) {
				t.Errorf("changing %s: %s stays the same: %v", f.Path, was.Path, same)
			}
		}
	}
	var none finding.Finding
	if len(Fields(&none)) < 30 {
		t.Errorf("an empty notification has %d fields", len(Fields(&none)))
	}
}
