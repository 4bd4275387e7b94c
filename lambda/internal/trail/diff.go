package trail

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Diff lists what differs between the baseline and the trail now, weakening changes first. Parts that are unseen in either state are left
// out: what cannot be read is neither changed nor healthy. Delivery is not compared, since it defines no trail.
//
// Where the two states can be ordered (a switch, what is recorded), swapping them turns Weakens into Strengthens or Neutral. What the trail
// depends on is worse either way: one that is taken away weakens, and one that is added or replaced is a new dependency.
func Diff(baseline, now State) []Change {
	var d differ
	unseen := func(p Part) bool { return baseline.Unseen[p] != "" || now.Unseen[p] != "" }
	if !unseen(PartLogging) {
		d.toggle(FieldLogging, baseline.Logging, now.Logging, "The trail does not log.", "The trail logs.")
	}
	if !unseen(PartSettings) {
		d.settings(baseline.Settings, now.Settings)
	}
	if !unseen(PartSelectors) {
		d.selectors(baseline, now)
	}
	if !unseen(PartInsights) {
		d.insights(baseline.Insights, now.Insights)
	}
	if !unseen(PartEvents) {
		d.events(baseline.Events, now.Events)
	}
	if !unseen(PartTags) {
		d.tags(baseline.Tags, now.Tags)
	}
	slices.SortStableFunc(d.changes, func(a, b Change) int { return cmp.Compare(rank(a.Effect), rank(b.Effect)) })
	return d.changes
}

func rank(e Effect) int {
	if e.Worse() {
		return 0
	}
	return slices.Index([]Effect{Weakens, Neutral, Strengthens}, e)
}

// differ gathers the changes of one trail.
type differ struct{ changes []Change }

func (d *differ) add(f Field, before, after string, e Effect, sentence string) {
	d.changes = append(d.changes, Change{f, before, after, e, sentence})
}

// toggle compares a switch that is safer when it is on.
func (d *differ) toggle(f Field, before, after bool, off, on string) {
	switch {
	case before && !after:
		d.add(f, "true", "false", Weakens, off)
	case !before && after:
		d.add(f, "false", "true", Strengthens, on)
	}
}

// selectors compares what is recorded. What is lost and what is gained are changes of their own, so that neither hides the other.
func (d *differ) selectors(b, n State) {
	lost, gained := missing(b, n), missing(n, b)
	if len(lost) == 0 && len(gained) == 0 {
		if !sameSelectors(b, n) {
			d.add(FieldSelectors, records(b), records(n), Neutral, "The event selectors are written in another way and record the same.")
		}
		return
	}
	before, after := records(b), records(n)
	for _, what := range lost {
		d.add(FieldSelectors, before, after, Weakens, capital(what)+" are no longer recorded.")
	}
	for _, what := range gained {
		d.add(FieldSelectors, before, after, Strengthens, capital(what)+" are recorded now.")
	}
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// insights compares which kinds of Insights are on, for which category of events.
func (d *differ) insights(b, n []InsightSelector) {
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
func (d *differ) events(b, n EventConfiguration) {
	switch {
	case b.MaxEventSize == large && n.MaxEventSize != large:
		d.add(FieldEvents, b.MaxEventSize, n.MaxEventSize, Weakens, "Large events are cut to the standard size.")
	case b.MaxEventSize != large && n.MaxEventSize == large:
		d.add(FieldEvents, b.MaxEventSize, n.MaxEventSize, Strengthens, "Large events are kept whole now.")
	}
	d.set(FieldEvents, contextKeys(b), contextKeys(n), "Events no longer carry ", "Events carry ")
	d.set(FieldEvents, aggregations(b), aggregations(n), "Events are no longer aggregated as ", "Events are aggregated as ")
}

// set compares two lists of words.
func (d *differ) set(f Field, before, after []string, lost, gained string) {
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
func (d *differ) tags(b, n map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(b)) {
		switch value, ok := n[key]; {
		case !ok:
			d.add(FieldTags, key+"="+b[key], "", Weakens, "The tag "+key+" is gone; policies may depend on it.")
		case value != b[key]:
			d.add(FieldTags, key+"="+b[key], key+"="+value, Weakens, "The tag "+key+" has another value; policies may depend on it.")
		}
	}
	for _, key := range slices.Sorted(maps.Keys(n)) {
		if _, ok := b[key]; !ok {
			d.add(FieldTags, "", key+"="+n[key], Neutral, "The tag "+key+" was added.")
		}
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
