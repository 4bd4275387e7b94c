package evidence

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"trailkeeper/lambda/config/baseline"
)

// TestComparedOnce: a bucket and a key that two trails share are compared once, with what both baselines say.
func TestComparedOnce(t *testing.T) {
	w, all := newWorld(), two(t)
	w.state = "Disabled"
	all[1].Bucket.PolicySHA256 = strings.Repeat("0", 64)
	s, to, _ := w.sweeper(t, false)
	got := s.Reader.Compare(t.Context(), all)
	var fields []string
	for _, c := range got {
		for _, change := range c.Changes {
			fields = append(fields, c.Subject.Type+" "+change.Field)
		}
	}
	slices.Sort(fields)
	if len(got) != 2 || !slices.Equal(fields, []string{typeKey + " " + fieldEnabled, typeBucket + " " + fieldPolicy}) {
		t.Errorf("%d are compared: %v", len(got), fields)
	}
	if len(to.got) != 0 || len(w.changing()) != 0 {
		t.Errorf("it reports %d and calls %v", len(to.got), w.changing())
	}
}

// TestMostCompared: so many buckets and keys are compared, and that there are more is said.
func TestMostCompared(t *testing.T) {
	for _, n := range []int{most, most + 1} {
		var all []baseline.Baseline
		for i := range n {
			b := described(t)
			b.Bucket, b.Trail.Settings.KMSKeyID = nil, fmt.Sprintf("%s%03d", keyARN[:len(keyARN)-3], i)
			all = append(all, b)
		}
		s, _, _ := newWorld().sweeper(t, false)
		got := s.Reader.Compare(t.Context(), all)
		said := strings.Contains(strings.Join(got[len(got)-1].Unseen, ""), "There are more than 40 buckets and keys")
		if len(got) != n || said != (n > most) {
			t.Errorf("of %d: %d, said %v", n, len(got), said)
		}
	}
}
