package coverage

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"trailkeeper/lambda/config/baseline"
)

// event is what the oracle judges: each field that a selector may name, with its value.
type event []attribute

type attribute struct{ field, value string }

func (e event) get(field string) string {
	for i := range e {
		if e[i].field == field {
			return e[i].value
		}
	}
	return ""
}

// recorded is a second reading of the CloudTrail API reference that shares nothing with the code under test: does a
// trail record an event?
func (e event) recorded(s baseline.State) bool {
	if len(s.Selectors)+len(s.Advanced) == 0 {
		return e.get("eventCategory") == "Management"
	}
	return slices.ContainsFunc(s.Selectors, e.basic) ||
		slices.ContainsFunc(s.Advanced, func(a baseline.AdvancedSelector) bool {
			return !slices.ContainsFunc(a.Fields, func(f baseline.FieldSelector) bool { return !fulfils(e.get(f.Field), f) })
		})
}

func (e event) basic(s baseline.Selector) bool {
	if half := e.get(
		"readOnly",
	); s.ReadWrite == "ReadOnly" && half != "true" ||
		s.ReadWrite == "WriteOnly" && half != "false" {
		return false
	}
	if e.get("eventCategory") == "Management" {
		return s.Management && !slices.Contains(s.ExcludeSources, e.get("eventSource"))
	}
	return e.get("eventCategory") == "Data" && slices.ContainsFunc(s.DataResources, func(r baseline.DataResource) bool {
		return r.Type == e.get("resources.type") && slices.ContainsFunc(r.Values, func(v string) bool {
			if r.Type == object {
				return strings.HasPrefix(e.get("resources.ARN"), v)
			}
			return e.get("resources.ARN") == v || v == "arn:aws:lambda"
		})
	})
}

func fulfils(v string, f baseline.FieldSelector) bool {
	one := func(test func(s, part string) bool, parts []string) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return test(v, p) })
	}
	same := func(a, b string) bool { return a == b }
	if one(same, f.NotEquals) || one(strings.HasPrefix, f.NotStartsWith) || one(strings.HasSuffix, f.NotEndsWith) {
		return false
	}
	return len(f.Equals)+len(f.StartsWith)+len(f.EndsWith) == 0 ||
		one(same, f.Equals) || one(strings.HasPrefix, f.StartsWith) || one(strings.HasSuffix, f.EndsWith)
}

// in reports whether a box holds the event.
func (e event) in(w *comparer, b box) bool {
	held := func(v string) func(cube) bool {
		return func(c cube) bool {
			return c.exact && v == w.texts.prefix(c) ||
				!c.exact && strings.HasPrefix(v, w.texts.prefix(c)) && strings.HasSuffix(v, w.texts.suffix(c))
		}
	}
	return !slices.ContainsFunc(b, func(k constraint) bool {
		v := held(e.get(k.field))
		return !slices.ContainsFunc(k.some, v) || slices.ContainsFunc(k.none, v)
	})
}

// TestMissingAgainstOracle compares random trails by every event of small worlds: missing is empty exactly if no event
// separates them, and the boxes that it words hold exactly the events that do. Where not every event can come it may
// only err towards a difference.
func TestMissingAgainstOracle(t *testing.T) {
	for _, w := range worlds {
		t.Run(w.name, func(t *testing.T) {
			r, events, differing := chance{rand.New(rand.NewPCG(3, 5))}, w.events(), 0
			for range w.rounds {
				a := r.state(w)
				b := r.near(w, a)
				if r.IntN(2) == 0 {
					b = r.state(w)
				}
				if len(missing(a, b)) > 0 {
					differing++
				}
				checkMissing(t, a, b, events, w.real == nil)
				if same := r.rewritten(a); len(missing(a, same))+len(missing(same, a)) > 0 {
					t.Errorf("%q %q\na %+v\nb %+v", missing(a, same), missing(same, a), a, same)
				}
				if t.Failed() {
					return
				}
			}
			if differing == 0 || differing == w.rounds {
				t.Errorf("%d of %d pairs differ", differing, w.rounds)
			}
		})
	}
}

func checkMissing(t *testing.T, a, b baseline.State, events []event, exact bool) {
	t.Helper()
	c := newComparer(a, b)
	all := boxesOf(c, a)
	lost, whole := c.lost(all, boxesOf(c, b))
	said, tidied := missing(a, b), tidy(c, slices.Clone(lost))
	if !whole || (len(said) > 0) != (len(lost) > 0) {
		t.Fatalf("%d boxes, budget %d: %q", len(lost), c.budget, said)
	}
	separating := 0
	for _, e := range events {
		want := e.recorded(a) && !e.recorded(b)
		for _, boxes := range [][]box{lost, tidied} {
			if got := slices.ContainsFunc(boxes, func(b box) bool { return e.in(c, b) }); got != want && (want || exact) {
				t.Errorf("%v: missing %v, want %v\na %+v\nb %+v\n%q\n%+v", e, got, want, a, b, said, boxes)
				return
			}
		}
		if !want {
			continue
		}
		separating++
		held := 0
		for _, b := range lost {
			if e.in(c, b) {
				held++
			}
		}
		if held > len(all) { // what is left of one box has no event in common
			t.Errorf("%v is in %d boxes: %+v", e, held, lost)
			return
		}
	}
	if exact && (separating > 0) != (len(said) > 0) {
		t.Errorf("%d events separate; %q\na %+v\nb %+v", separating, said, a, b)
	}
}
