package trail

import (
	"slices"
)

// pair is two states' selectors, and what comparing them has said.
type pair struct {
	baseline, now State
	compared
}

// mostPairs bounds what a Differ remembers. A trail is compared with one or two baselines, and changes a few times while it is restored.
const mostPairs = 8

// leastSteps is what each further pair may take at least.
const leastSteps = 1 << 16

// compare compares the selectors of two states, or remembers it.
func (d *Differ) compare(baseline, now State) compared {
	if sameSelectors(baseline, now) {
		return compared{}
	}
	for _, k := range d.known {
		if sameSelectors(k.baseline, baseline) && sameSelectors(k.now, now) {
			return k.compared
		}
	}
	// Whoever puts other selectors while the trail is restored has each of them compared with half the steps, so that the run ends in time.
	c := compareSelectors(baseline, now, max(leastSteps, steps>>d.compared))
	d.compared++
	if len(d.known) == mostPairs {
		d.known = slices.Delete(d.known, 0, 1)
	}
	d.known = append(d.known, pair{baseline, now, c})
	return c
}

// charge is what is said of events that CloudTrail charges for one by one, on every resource there is.
const charge = " CloudTrail charges for each of these events, and they are those of every resource: look at what that costs."

// selectors tells what is recorded. What is lost and what is gained are changes of their own, so that neither hides the other.
func (d *changes) selectors(c compared, same bool) {
	if c.lost.none() && c.gained.none() && !same {
		d.add(FieldSelectors, c.before, c.after, Neutral, "The event selectors are written in another way and record the same.")
	}
	for _, what := range c.lost.phrases {
		d.add(FieldSelectors, c.before, c.after, Weakens, capital(what)+" are no longer recorded.")
	}
	for _, what := range c.lost.undecided {
		d.add(FieldSelectors, c.before, c.after, Weakens,
			"Whether all "+what+" are still recorded could not be worked out, for the selectors have too many conditions; so they count as lost.")
	}
	for _, what := range c.gained.phrases {
		sentence := capital(what) + " are recorded now."
		if slices.Contains(c.gained.charged, what) {
			sentence += charge
		}
		d.add(FieldSelectors, c.before, c.after, Strengthens, sentence)
	}
	for _, what := range c.gained.undecided {
		d.add(FieldSelectors, c.before, c.after, Neutral,
			"Whether more "+what+" are recorded now could not be worked out, for the selectors have too many conditions.")
	}
}

// sameSelectors compares the selectors as they are written.
func sameSelectors(a, b State) bool {
	return slices.EqualFunc(a.Selectors, b.Selectors, func(x, y Selector) bool {
		return x.ReadWrite == y.ReadWrite && x.Management == y.Management && slices.Equal(x.ExcludeSources, y.ExcludeSources) &&
			slices.EqualFunc(x.DataResources, y.DataResources, func(v, w DataResource) bool { return v.Type == w.Type && slices.Equal(v.Values, w.Values) })
	}) && slices.EqualFunc(a.Advanced, b.Advanced, func(x, y AdvancedSelector) bool {
		return x.Name == y.Name && slices.EqualFunc(x.Fields, y.Fields, sameField)
	})
}

func sameField(a, b FieldSelector) bool {
	return a.Field == b.Field && slices.Equal(a.Equals, b.Equals) && slices.Equal(a.NotEquals, b.NotEquals) &&
		slices.Equal(a.StartsWith, b.StartsWith) && slices.Equal(a.NotStartsWith, b.NotStartsWith) &&
		slices.Equal(a.EndsWith, b.EndsWith) && slices.Equal(a.NotEndsWith, b.NotEndsWith)
}
