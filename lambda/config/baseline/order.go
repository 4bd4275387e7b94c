package baseline

import "slices"

// ordered sorts the values of every list that CloudTrail takes as a set, as reading a trail does: two states that
// differ in nothing but the order in which somebody wrote values are the same text. The selectors and their conditions
// stay in their order.
func (s *State) ordered() {
	for i := range s.Selectors {
		slices.Sort(s.Selectors[i].ExcludeSources)
		for _, r := range s.Selectors[i].DataResources {
			slices.Sort(r.Values)
		}
	}
	for _, a := range s.Advanced {
		for _, f := range a.Fields {
			for _, values := range [...][]string{
				f.Equals, f.NotEquals, f.StartsWith, f.NotStartsWith, f.EndsWith, f.NotEndsWith,
			} {
				slices.Sort(values)
			}
		}
	}
	for _, i := range s.Insights {
		slices.Sort(i.Categories)
	}
	for _, k := range s.Events.ContextKeys {
		slices.Sort(k.Equals)
	}
	for _, a := range s.Events.Aggregations {
		slices.Sort(a.Templates)
	}
}
