package asked

import (
	"encoding/json"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/trail"
)

// selectors reads PutEventSelectors, with CloudTrail's defaults (CloudTrail API reference, EventSelector).
func (r *Request) selectors(raw json.RawMessage) error {
	in, err := read[struct {
		Basic []struct {
			ReadWrite      string               `json:"readWriteType"`
			Management     *flag                `json:"includeManagementEvents"`
			ExcludeSources []string             `json:"excludeManagementEventSources"`
			DataResources  []trail.DataResource `json:"dataResources"`
		} `json:"eventSelectors"`
		Advanced []trail.AdvancedSelector `json:"advancedEventSelectors"`
	}](raw)
	if err != nil {
		return err
	}
	for _, b := range in.Basic {
		s := trail.Selector{
			ReadWrite:      b.ReadWrite,
			Management:     b.Management == nil || bool(*b.Management),
			ExcludeSources: sorted(b.ExcludeSources),
		}
		if s.ReadWrite == "" {
			s.ReadWrite = "All"
		}
		for _, d := range b.DataResources {
			s.DataResources = append(s.DataResources, trail.DataResource{Type: d.Type, Values: sorted(d.Values)})
		}
		slices.SortStableFunc(s.DataResources, func(a, b trail.DataResource) int { return strings.Compare(a.Type, b.Type) })
		r.State.Selectors = append(r.State.Selectors, s)
	}
	for _, a := range in.Advanced {
		s := trail.AdvancedSelector{Name: a.Name}
		for _, f := range a.Fields {
			s.Fields = append(s.Fields, trail.FieldSelector{
				Field:         f.Field,
				Equals:        sorted(f.Equals),
				NotEquals:     sorted(f.NotEquals),
				StartsWith:    sorted(f.StartsWith),
				NotStartsWith: sorted(f.NotStartsWith),
				EndsWith:      sorted(f.EndsWith),
				NotEndsWith:   sorted(f.NotEndsWith),
			})
		}
		r.State.Advanced = append(r.State.Advanced, s)
	}
	if len(in.Basic)+len(in.Advanced) > 0 {
		r.Fields = []trail.Field{trail.FieldSelectors}
	}
	return nil
}

// insights reads PutInsightSelectors, of which an empty list switches Insights off.
func (r *Request) insights(raw json.RawMessage) error {
	in, err := read[struct {
		Selectors *[]trail.InsightSelector `json:"insightSelectors"`
	}](raw)
	if err != nil || in.Selectors == nil {
		return err
	}
	for _, s := range *in.Selectors {
		r.State.Insights = append(r.State.Insights, trail.InsightSelector{Type: s.Type, Categories: sorted(s.Categories)})
	}
	slices.SortStableFunc(
		r.State.Insights, func(a, b trail.InsightSelector) int { return strings.Compare(a.Type, b.Type) },
	)
	r.Fields = []trail.Field{trail.FieldInsights}
	return nil
}

// events reads PutEventConfiguration.
func (r *Request) events(raw json.RawMessage) error {
	in, err := read[trail.EventConfiguration](raw)
	if err != nil {
		return err
	}
	for i := range in.ContextKeys {
		in.ContextKeys[i].Equals = sorted(in.ContextKeys[i].Equals)
	}
	for i := range in.Aggregations {
		in.Aggregations[i].Templates = sorted(in.Aggregations[i].Templates)
	}
	r.State.Events, r.Fields = in, []trail.Field{trail.FieldEvents}
	return nil
}

// tags reads AddTags and RemoveTags.
func (r *Request) tags(raw json.RawMessage) error {
	in, err := read[struct {
		List []struct {
			Key   string `json:"key"`
			Value string `json:"value"`
		} `json:"tagsList"`
	}](raw)
	if err != nil || len(in.List) == 0 {
		return err
	}
	r.State.Tags = map[string]string{}
	for _, tag := range in.List {
		r.State.Tags[tag.Key] = tag.Value
	}
	r.Fields = []trail.Field{trail.FieldTags}
	return nil
}
