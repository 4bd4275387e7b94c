package remediate_test

import (
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/internal/remediate"
	trails "trailkeeper/lambda/internal/trail"
	"trailkeeper/lambda/internal/trail/trailtest"
)

// maxProcessor is the processor time of a whole run here: a function of 256 MB takes 6.9 times as long for it, and has
// 15 s.
const maxProcessor = 15 * time.Second * 10 / 69

// hard returns a trail with selectors that are hard to compare.
func hard(h trailtest.Hostile) trails.State {
	s := healthy()
	s.Selectors, s.Advanced = nil, h.State(s.ARN).Advanced
	return s
}

// TestRestoreOfTheWorstSelectorsEndsInTime: the selectors that take the longest to compare, with everything else
// weakened as well, are put back and told within the time of a run, also while somebody puts others, as hard, before
// each look.
func TestRestoreOfTheWorstSelectorsEndsInTime(t *testing.T) {
	for i, pair := range trailtest.Worst {
		for name, fought := range map[string]bool{"once": false, "fought over": true} {
			baseline, weak := hard(pair[0]), hard(pair[1])
			stop(&weak)
			weak.Settings, weak.Insights, weak.Tags = trails.Settings{S3Bucket: "evil"}, nil, nil
			c := newCloud(t, &weak)
			if fought {
				c.seen = func(n int, s *trails.State) (*trails.State, error) {
					h := pair[1]
					h.Seed += uint64(n) //nolint:gosec // a small number
					now := *s
					now.Advanced = h.State(s.ARN).Advanced
					return &now, nil
				}
			}
			var res remediate.Result
			took := trailtest.CPU(func() { res = c.restore(baseline, trails.Declared) })
			if took > maxProcessor {
				t.Errorf("%d, %s: %v of processor time; want at most %v", i, name, took, maxProcessor)
			}
			if got := strings.Join(c.names, " "); got != inOrder {
				t.Errorf("%d, %s: calls %s", i, name, got)
			}
			if res.Done() == fought {
				t.Errorf("%d, %s: done %v, left %d", i, name, res.Done(), len(res.Left))
			}
			t.Logf("%d, %s: %v, %d readings, %d changes, %d left", i, name, took, c.reads, len(res.Before), len(res.Left))
		}
	}
}

// TestOrderOfValuesIsNoChange: two selectors with 64 values each, which somebody wrote in another order, are as the
// baseline has them.
func TestOrderOfValuesIsNoChange(t *testing.T) {
	values := func(reverse bool) []string {
		var all []string
		for i := range 64 {
			v := "arn:aws:iam::111122223333:user/" + strings.Repeat("x", 1000) + string(rune('0'+i))
			if reverse {
				all = append([]string{v}, all...)
			} else {
				all = append(all, v)
			}
		}
		return all
	}
	state := func(reverse bool) trails.State {
		s := healthy()
		s.Selectors = nil
		for _, operator := range []trails.FieldSelector{{NotStartsWith: values(reverse)}, {NotEndsWith: values(!reverse)}} {
			operator.Field = "userIdentity.arn"
			s.Advanced = append(
				s.Advanced,
				trails.AdvancedSelector{
					Fields: []trails.FieldSelector{{Field: "eventCategory", Equals: []string{"Management"}}, operator},
				},
			)
		}
		return s
	}
	now := state(true)
	c := newCloud(t, &now)
	if res := c.restore(
		state(false),
		trails.Declared,
	); !res.Done() || len(c.names) > 0 ||
		len(trails.Weakened(res.Before)) > 0 {
		t.Errorf("%v: %+v", c.names, res)
	}
}
