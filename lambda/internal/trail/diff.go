package trail

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/finding"
)

// Differ compares states. It remembers which selectors it has compared, so that the same pair is worked out once,
// however often it is asked for. The zero value is ready. It is not for concurrent use.
type Differ struct {
	known    []pair
	compared int // pairs in all
}

// Diff lists what differs between the baseline and the trail now, changes for the worse first; given fields, only what
// differs in those. Parts that are unseen in either state are left out: what cannot be read is neither changed nor
// healthy. Delivery is not compared, since it defines no trail.
//
// Where the two states can be ordered (a switch, what is recorded), swapping them turns Weakens into Strengthens or
// Neutral. What the trail depends on is worse either way: one that is taken away weakens, and one that is added or
// replaced is a new dependency.
//
// Its time is bounded, whatever the selectors are: see steps.
func Diff(baseline, now State, only ...Field) []Change {
	return new(Differ).Diff(baseline, now, only...)
}

// Diff is like the function, and works the same selectors out once.
func (d *Differ) Diff(baseline, now State, only ...Field) []Change {
	all := changes{differ: d}
	for i := range rows {
		r := &rows[i]
		asked := len(only) == 0 || slices.Contains(only, r.field)
		if asked && baseline.Unseen[r.part] == "" && now.Unseen[r.part] == "" {
			r.compare(&all, &baseline, &now)
		}
	}
	slices.SortStableFunc(all.list, func(a, b Change) int { return cmp.Compare(rank(a.Effect), rank(b.Effect)) })
	return all.list
}

func rank(e finding.Effect) int {
	switch e {
	case Weakens, NewDependency:
		return 0
	case Neutral:
		return 1
	}
	return 2
}

// changes gathers the changes of one trail.
type changes struct {
	differ *Differ
	list   []Change
}

func (d *changes) add(f Field, before, after string, e finding.Effect, sentence string) {
	d.list = append(d.list, Change{f, before, after, e, sentence})
}

// toggle compares a switch that is safer when it is on; added is what switching it on is.
func (d *changes) toggle(f Field, before, after bool, added finding.Effect, off, on string) {
	switch {
	case before && !after:
		d.add(f, "true", "false", Weakens, off)
	case !before && after:
		d.add(f, "false", "true", added, on)
	}
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// insights compares which kinds of Insights are on, for which category of events.
func (d *changes) insights(b, n []InsightSelector) {
	if slices.EqualFunc(
		b,
		n,
		func(x, y InsightSelector) bool { return x.Type == y.Type && slices.Equal(x.Categories, y.Categories) },
	) {
		return
	}
	d.set(FieldInsights, insightKinds(b), insightKinds(n), "Insights no longer look for ", "Insights look for ")
}

// insightKinds words each type and category once, in order.
func insightKinds(selectors []InsightSelector) []string {
	var kinds []string
	for _, s := range selectors {
		categories := s.Categories
		if len(categories) == 0 {
			categories = []string{"Management"}
		}
		for _, c := range categories {
			kinds = append(kinds, s.Type+" ("+c+")")
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// large is the greater of the two sizes of events (CloudTrail API reference, PutEventConfiguration).
const large = "Large"

// events compares the event configuration.
func (d *changes) events(b, n EventConfiguration) {
	switch {
	case b.MaxEventSize == large && n.MaxEventSize != large:
		d.add(FieldEvents, b.MaxEventSize, n.MaxEventSize, Weakens, "Large events are cut to the standard size.")
	case b.MaxEventSize != large && n.MaxEventSize == large:
		d.add(FieldEvents, b.MaxEventSize, n.MaxEventSize, Strengthens, "Large events are kept whole now.")
	}
	sameKey := func(x, y ContextKey) bool { return x.Type == y.Type && slices.Equal(x.Equals, y.Equals) }
	if !slices.EqualFunc(b.ContextKeys, n.ContextKeys, sameKey) {
		d.set(FieldEvents, contextKeys(b), contextKeys(n), "Events no longer carry ", "Events carry ")
	}
	sameAggregation := func(x, y Aggregation) bool {
		return x.Category == y.Category && slices.Equal(x.Templates, y.Templates)
	}
	if !slices.EqualFunc(b.Aggregations, n.Aggregations, sameAggregation) {
		d.set(
			FieldEvents,
			aggregations(b),
			aggregations(n),
			"Events are no longer aggregated as ",
			"Events are aggregated as ",
		)
	}
}

// set compares two lists of words.
func (d *changes) set(f Field, before, after []string, lost, gained string) {
	for _, s := range before {
		if !slices.Contains(after, s) {
			d.add(f, strings.Join(before, ", "), strings.Join(after, ", "), Weakens, lost+s+".")
		}
	}
	for _, s := range after {
		if !slices.Contains(before, s) {
			d.add(f, strings.Join(before, ", "), strings.Join(after, ", "), Strengthens, gained+s+" now.")
		}
	}
}

func contextKeys(e EventConfiguration) []string {
	var keys []string
	for _, k := range e.ContextKeys {
		for _, v := range k.Equals {
			keys = append(keys, k.Type+" "+v)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func aggregations(e EventConfiguration) []string {
	var all []string
	for _, a := range e.Aggregations {
		for _, t := range a.Templates {
			all = append(all, a.Category+" "+t)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// tags compares the tags: policies may depend on one that is gone or changed.
func (d *changes) tags(b, n map[string]string) {
	if maps.Equal(b, n) {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(b)) {
		switch value, ok := n[key]; {
		case !ok:
			d.add(FieldTags, key+"="+b[key], "", Weakens, "The tag "+key+" is gone; policies may depend on it.")
		case value != b[key]:
			d.add(
				FieldTags,
				key+"="+b[key],
				key+"="+value,
				Weakens,
				"The tag "+key+" has another value; policies may depend on it.",
			)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(n)) {
		if _, ok := b[key]; !ok {
			d.add(FieldTags, "", key+"="+n[key], Neutral, "The tag "+key+" was added.")
		}
	}
}
