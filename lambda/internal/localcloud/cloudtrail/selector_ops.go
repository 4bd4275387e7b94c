package cloudtrail

import (
	"maps"
	"slices"
	"unicode/utf8"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/localcloud/kernel"
)

func (s *Trails) putEventSelectors(cl *kernel.Call, t *trail) (map[string]any, *kernel.Error) {
	lists := [2][]any{}
	lists[0], _ = cl.Params["EventSelectors"].([]any)
	lists[1], _ = cl.Params["AdvancedEventSelectors"].([]any)
	basic, failed := typed[basicSelector](lists[0])
	if failed != nil {
		return nil, failed
	}
	advanced, failed := typed[advancedSelector](lists[1])
	if failed != nil {
		return nil, failed
	}
	if len(basic) == 0 && len(advanced) == 0 {
		return nil, kernel.Refuse("InvalidEventSelectorsException", "Give at least one event selector.")
	}
	asked := baseline.State{ARN: t.ARN(), Selectors: basicState(basic), Advanced: advancedState(advanced)}
	if failed := taken(asked, baseline.PartSelectors); failed != nil {
		return nil, failed
	}
	for i := range basic { // as GetEventSelectors shows them
		management := basic[i].management()
		basic[i].IncludeManagementEvents, basic[i].ReadWriteType = &management, basic[i].readWrite()
	}
	state := t.state()
	state.Selectors, state.Advanced = untyped(basic), untyped(advanced)
	s.changed(t, state)
	return withSelectors(t, state), nil
}

func withSelectors(t *trail, state trailState) map[string]any {
	answer := map[string]any{"TrailARN": t.ARN()}
	switch {
	case len(state.Advanced) > 0:
		answer["AdvancedEventSelectors"] = state.Advanced
	case len(state.Selectors) > 0:
		answer["EventSelectors"] = state.Selectors
	default:
		answer["EventSelectors"] = []any{
			map[string]any{
				"ReadWriteType":                 "All",
				"IncludeManagementEvents":       true,
				"DataResources":                 []any{},
				"ExcludeManagementEventSources": []any{},
			},
		}
	}
	return answer
}

func (s *Trails) getEventSelectors(cl *kernel.Call, t *trail) (map[string]any, *kernel.Error) {
	state, failed := s.read(cl, t)
	if failed != nil {
		return nil, failed
	}
	return withSelectors(t, state), nil
}

func (s *Trails) putInsightSelectors(cl *kernel.Call, t *trail) (map[string]any, *kernel.Error) {
	list, _ := cl.Params["InsightSelectors"].([]any)
	given, failed := typed[insightSelector](list)
	if failed != nil {
		return nil, failed
	}
	state := t.state()
	asked := state.asBaseline(t.ARN(), "")
	asked.Insights = insightState(given)
	if failed := taken(asked, baseline.PartInsights); failed != nil {
		return nil, failed
	}
	state.Insights = untyped(given)
	s.changed(t, state)
	return map[string]any{"TrailARN": t.ARN(), "InsightSelectors": append([]any{}, state.Insights...)}, nil
}

func (s *Trails) getInsightSelectors(cl *kernel.Call, t *trail) (map[string]any, *kernel.Error) {
	state, failed := s.read(cl, t)
	switch {
	case failed != nil:
		return nil, failed
	case len(state.Insights) == 0:
		return nil, kernel.Refuse("InsightNotEnabledException", "Trail %s does not have Insights enabled.", t.ARN())
	}
	return map[string]any{"TrailARN": t.ARN(), "InsightSelectors": state.Insights}, nil
}

func tagsOf(cl *kernel.Call, member string) map[string]string {
	tags := map[string]string{}
	list, _ := cl.Params[member].([]any)
	for _, v := range list {
		tag, _ := v.(map[string]any)
		key, _ := tag["Key"].(string)
		value, _ := tag["Value"].(string)
		tags[key] = value
	}
	return tags
}

// validTags refuses a tag without a key, and keys and values that are too long or empty; a tag may have no value (the
// service's model, Tag).
func validTags(cl *kernel.Call) *kernel.Error {
	list, _ := cl.Params["TagsList"].([]any)
	for _, v := range list {
		tag, _ := v.(map[string]any)
		key, _ := tag["Key"].(string)
		value, given := tag["Value"].(string)
		if n := utf8.RuneCountInString(key); n == 0 || n > 128 || given && value == "" ||
			utf8.RuneCountInString(value) > 256 {
			return kernel.Refuse("InvalidTagParameterException", "The tag %.200q with the value %.200q is not valid.", key,
				value)
		}
	}
	return nil
}

func (s *Trails) addTags(cl *kernel.Call, t *trail) (map[string]any, *kernel.Error) {
	if failed := validTags(cl); failed != nil {
		return nil, failed
	}
	state := t.state()
	state.Tags = maps.Clone(state.Tags)
	maps.Copy(state.Tags, tagsOf(cl, "TagsList"))
	if failed := taken(baseline.State{ARN: t.ARN(), Tags: state.Tags}, baseline.PartTags); failed != nil {
		return nil, failed
	}
	s.changed(t, state)
	return map[string]any{}, nil
}

func (s *Trails) removeTags(cl *kernel.Call, t *trail) (map[string]any, *kernel.Error) {
	if failed := validTags(cl); failed != nil {
		return nil, failed
	}
	state := t.state()
	state.Tags = maps.Clone(state.Tags)
	for key := range tagsOf(cl, "TagsList") {
		delete(state.Tags, key)
	}
	s.changed(t, state)
	return map[string]any{}, nil
}

func (s *Trails) listTags(cl *kernel.Call, _ *trail) (map[string]any, *kernel.Error) {
	wanted, given := cl.Params["ResourceIdList"].([]any)
	if !given {
		return nil, kernel.Refuse("ValidationException", "ResourceIdList must not be null.")
	}
	found := []any{}
	for _, v := range wanted {
		arn, _ := v.(string)
		t, ok := s.trails[arn]
		if !ok {
			return nil, kernel.Refuse("ResourceNotFoundException", "Unknown resource: %s", arn)
		}
		state, failed := s.read(cl, t)
		if failed != nil {
			return nil, kernel.Refuse("ResourceNotFoundException", "Unknown resource: %s", arn)
		}
		tags := []any{}
		for _, key := range slices.Sorted(maps.Keys(state.Tags)) {
			tags = append(tags, map[string]any{"Key": key, "Value": state.Tags[key]})
		}
		found = append(found, map[string]any{"ResourceId": arn, "TagsList": tags})
	}
	return list(cl, "ResourceTagList", found, "InvalidTokenException")
}

// putEventConfiguration sets what is aggregated. The size of events and the keys of their context belong to event data
// stores (CloudTrail API reference, PutEventConfiguration).
func (s *Trails) putEventConfiguration(cl *kernel.Call, t *trail) (map[string]any, *kernel.Error) {
	for _, name := range []string{"EventDataStore", "MaxEventSize", "ContextKeySelectors"} {
		if v := cl.Params[name]; v != nil && v != "" {
			return nil, kernel.Refuse("InvalidParameterCombinationException", "%s is not valid for a trail.", name)
		}
	}
	list, _ := cl.Params["AggregationConfigurations"].([]any)
	given, failed := typed[aggregation](list)
	if failed != nil {
		return nil, failed
	}
	if failed := taken(baseline.State{ARN: t.ARN(), Events: eventState(given)}, baseline.PartEvents); failed != nil {
		return nil, failed
	}
	state := t.state()
	state.Aggregations = untyped(given)
	s.changed(t, state)
	return eventConfiguration(t, state), nil
}

func (s *Trails) getEventConfiguration(cl *kernel.Call, t *trail) (map[string]any, *kernel.Error) {
	state, failed := s.read(cl, t)
	if failed != nil {
		return nil, failed
	}
	return eventConfiguration(t, state), nil
}

func eventConfiguration(t *trail, state trailState) map[string]any {
	return map[string]any{"TrailARN": t.ARN(), "AggregationConfigurations": append([]any{}, state.Aggregations...)}
}
