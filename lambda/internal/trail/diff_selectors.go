package trail

import (
	"slices"

	"trailkeeper/lambda/internal/trail/coverage"
)

// pair is two states' selectors, and what comparing them has said.
type pair struct {
	baseline, now State
	coverage.Compared
}

// maxPairs bounds what a Differ remembers. A trail is compared with one or two baselines, and changes a few times
// while it is restored.
const maxPairs = 8

// leastSteps is what each further pair may take at least.
const leastSteps = 1 << 16

// compare compares the selectors of two states, or remembers it.
func (d *Differ) compare(baseline, now State) coverage.Compared {
	if coverage.Same(baseline, now) {
		return coverage.Compared{}
	}
	for _, k := range d.known {
		if coverage.Same(k.baseline, baseline) && coverage.Same(k.now, now) {
			return k.Compared
		}
	}
	// Whoever puts other selectors while the trail is restored has each of them compared with half the steps, so that the
	// run ends in time.
	c := coverage.Compare(baseline, now, max(leastSteps, coverage.Steps>>d.compared))
	d.compared++
	if len(d.known) == maxPairs {
		d.known = slices.Delete(d.known, 0, 1)
	}
	d.known = append(d.known, pair{baseline, now, c})
	return c
}

// charge is what is said of events that CloudTrail charges for one by one, on every resource there is.
const charge = " CloudTrail charges for each of these events, and they are those of every resource: look at what " +
	"that costs."

// selectors tells what is recorded. What is lost and what is gained are changes of their own, so that neither hides the
// other.
func (d *changes) selectors(c coverage.Compared, same bool) {
	if c.Lost.None() && c.Gained.None() && !same {
		d.add(
			FieldSelectors,
			c.Before,
			c.After,
			Neutral,
			"The event selectors are written in another way and record the same.",
		)
	}
	for _, what := range c.Lost.Phrases {
		d.add(FieldSelectors, c.Before, c.After, Weakens, capital(what)+" are no longer recorded.")
	}
	for _, what := range c.Lost.Undecided {
		d.add(
			FieldSelectors,
			c.Before,
			c.After,
			Weakens,
			"Whether all "+what+" are still recorded could not be worked out, for the selectors have too many conditions; so "+
				"they count as lost.",
		)
	}
	for _, what := range c.Gained.Phrases {
		sentence := capital(what) + " are recorded now."
		if slices.Contains(c.Gained.Charged, what) {
			sentence += charge
		}
		d.add(FieldSelectors, c.Before, c.After, Strengthens, sentence)
	}
	for _, what := range c.Gained.Undecided {
		d.add(FieldSelectors, c.Before, c.After, Neutral,
			"Whether more "+what+" are recorded now could not be worked out, for the selectors have too many conditions.")
	}
}
