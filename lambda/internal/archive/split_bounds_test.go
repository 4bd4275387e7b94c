package archive

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/s3read/s3list"
)

// TestSplitBounds: whoever writes keys decides how folders are nested and how many there are. Beyond a depth and a number
// they are not opened but listed as they are, and no file is lost.
func TestSplitBounds(t *testing.T) {
	var deep, wide, names []string
	for i := range 20 {
		names = append(names, fmt.Sprintf("%02d", i))
		deep = append(deep, strings.Join(names, "/")+"/x.json")
	}
	for _, folder := range names[:10] {
		wide = append(wide, folder+"/a/x.json", folder+"/b/x.json")
	}
	for name, tt := range map[string]struct {
		keys     []string
		most     int
		opened   int64 // folders
		prefixes int
		has      string
	}{
		"deep":           {deep, maxPrefixes, 9, 1, "00/01/02/03/04/05/06/07/08/"},
		"wide":           {wide, 3, 1 + 4, 6 + 2*4, "04/"},
		"as wide as may": {wide, 19, 1 + 10 + 20, 0, ""},
		"one less":       {wide, 18, 1 + 10 + 19, 1, "09/b/"},
	} {
		calls := atomic.Int64{}
		b := &Bucket{Name: "b", List: func(c context.Context, ask s3list.Ask) (s3list.Page, error) {
			calls.Add(1)
			return (&objects{keys: tt.keys}).list(c, ask)
		}}
		s, err := b.split(t.Context(), Filter{}, tt.most)
		if err != nil || calls.Load() != tt.opened || len(s.Prefixes) != tt.prefixes ||
			tt.has != "" && !slices.Contains(s.Prefixes, tt.has) {
			t.Errorf("%s: %v, %d folders opened, %d prefixes: %q", name, err, calls.Load(), len(s.Prefixes), s.Prefixes)
		}
		for _, prefix := range s.Prefixes {
			s.Files = slices.AppendSeq(s.Files, b.Below(t.Context(), prefix, Filter{}))
		}
		want := slices.Collect(b.Files(t.Context(), Filter{}))
		if diff := cmp.Diff(namesAndErrors(want), namesAndErrors(s.Files)); diff != "" || len(want) != len(tt.keys) {
			t.Errorf("%s, of %d files (-whole +parts):\n%s", name, len(want), diff)
		}
	}
}

// TestSplitMost: no more than some 100,000 folders are opened.
func TestSplitMost(t *testing.T) {
	folders := make([]string, 100_020)
	for i := range folders {
		folders[i] = fmt.Sprintf("%06d/", i)
	}
	b := &Bucket{Name: "b", List: func(_ context.Context, ask s3list.Ask) (s3list.Page, error) {
		if ask.Prefix == "" {
			return s3list.Page{Folders: folders}, nil
		}
		return s3list.Page{}, nil
	}}
	s, err := b.Split(t.Context(), Filter{})
	if diff := cmp.Diff(folders[100_001:], s.Prefixes); err != nil || diff != "" {
		t.Errorf("%v (-want +not opened)\n%s", err, diff)
	}
}
