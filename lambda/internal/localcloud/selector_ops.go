package localcloud

import (
	"maps"
	"slices"
	"unicode/utf8"

	"trailkeeper/lambda/config/baseline"
)

func (c *Cloud) putEventSelectors(cl *call, t *trail) (map[string]any, *awsError) {
	lists := [2][]any{}
	lists[0], _ = cl.params["EventSelectors"].([]any)
	lists[1], _ = cl.params["AdvancedEventSelectors"].([]any)
	basic, failed := typed[basicSelector](lists[0])
	if failed != nil {
		return nil, failed
	}
	advanced, failed := typed[advancedSelector](lists[1])
	if failed != nil {
		return nil, failed
	}
	if len(basic) == 0 && len(advanced) == 0 {
		return nil, refuse("InvalidEventSelectorsException", "Give at least one event selector.")
	}
	asked := baseline.State{ARN: t.ARN(), Selectors: basicState(basic), Advanced: advancedState(advanced)}
	if failed := taken(asked, baseline.PartSelectors); failed != nil {
		return nil, failed
	}
	for i := range basic { // as GetEventSelectors shows them
		management := basic[i].management()
		basic[i].IncludeManagementEvents, basic[i].ReadWriteType = &management, basic[i].readWrite()
	}
	s := t.state()
	s.Selectors, s.Advanced = untyped(basic), untyped(advanced)
	c.changed(t, s)
	return withSelectors(t, s), nil
}

func withSelectors(t *trail, s trailState) map[string]any {
	answer := map[string]any{"TrailARN": t.ARN()}
	switch {
	case len(s.Advanced) > 0:
		answer["AdvancedEventSelectors"] = s.Advanced
	case len(s.Selectors) > 0:
		answer["EventSelectors"] = s.Selectors
	default:
		answer["EventSelectors"] = []any{map[string]any{
			"ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": []any{}, "ExcludeManagementEventSources": []any{},
		}}
	}
	return answer
}

func (c *Cloud) getEventSelectors(cl *call, t *trail) (map[string]any, *awsError) {
	s, failed := c.read(cl, t)
	if failed != nil {
		return nil, failed
	}
	return withSelectors(t, s), nil
}

func (c *Cloud) putInsightSelectors(cl *call, t *trail) (map[string]any, *awsError) {
	list, _ := cl.params["InsightSelectors"].([]any)
	given, failed := typed[insightSelector](list)
	if failed != nil {
		return nil, failed
	}
	s := t.state()
	asked := s.asBaseline(t.ARN(), "")
	asked.Insights = insightState(given)
	if failed := taken(asked, baseline.PartInsights); failed != nil {
		return nil, failed
	}
	s.Insights = untyped(given)
	c.changed(t, s)
	return map[string]any{"TrailARN": t.ARN(), "InsightSelectors": append([]any{}, s.Insights...)}, nil
}

func (c *Cloud) getInsightSelectors(cl *call, t *trail) (map[string]any, *awsError) {
	s, failed := c.read(cl, t)
	switch {
	case failed != nil:
		return nil, failed
	case len(s.Insights) == 0:
		return nil, refuse("InsightNotEnabledException", "Trail %s does not have Insights enabled.", t.ARN())
	}
	return map[string]any{"TrailARN": t.ARN(), "InsightSelectors": s.Insights}, nil
}

func tagsOf(cl *call, member string) map[string]string {
	tags := map[string]string{}
	list, _ := cl.params[member].([]any)
	for _, v := range list {
		tag, _ := v.(map[string]any)
		key, _ := tag["Key"].(string)
		value, _ := tag["Value"].(string)
		tags[key] = value
	}
	return tags
}

// validTags refuses a tag without a key, and keys and values that are too long or empty; a tag may have no value (the service's model, Tag).
func validTags(cl *call) *awsError {
	list, _ := cl.params["TagsList"].([]any)
	for _, v := range list {
		tag, _ := v.(map[string]any)
		key, _ := tag["Key"].(string)
		value, given := tag["Value"].(string)
		if n := utf8.RuneCountInString(key); n == 0 || n > 128 || given && value == "" || utf8.RuneCountInString(value) > 256 {
			return refuse("InvalidTagParameterException", "The tag %.200q with the value %.200q is not valid.", key, value)
		}
	}
	return nil
}

func (c *Cloud) addTags(cl *call, t *trail) (map[string]any, *awsError) {
	if failed := validTags(cl); failed != nil {
		return nil, failed
	}
	s := t.state()
	s.Tags = maps.Clone(s.Tags)
	maps.Copy(s.Tags, tagsOf(cl, "TagsList"))
	if failed := taken(baseline.State{ARN: t.ARN(), Tags: s.Tags}, baseline.PartTags); failed != nil {
		return nil, failed
	}
	c.changed(t, s)
	return map[string]any{}, nil
}

func (c *Cloud) removeTags(cl *call, t *trail) (map[string]any, *awsError) {
	if failed := validTags(cl); failed != nil {
		return nil, failed
	}
	s := t.state()
	s.Tags = maps.Clone(s.Tags)
	for key := range tagsOf(cl, "TagsList") {
		delete(s.Tags, key)
	}
	c.changed(t, s)
	return map[string]any{}, nil
}

func (c *Cloud) listTags(cl *call, _ *trail) (map[string]any, *awsError) {
	wanted, given := cl.params["ResourceIdList"].([]any)
	if !given {
		return nil, refuse("ValidationException", "ResourceIdList must not be null.")
	}
	list := []any{}
	for _, v := range wanted {
		arn, _ := v.(string)
		t, ok := c.trails[arn]
		if !ok {
			return nil, refuse("ResourceNotFoundException", "Unknown resource: %s", arn)
		}
		s, failed := c.read(cl, t)
		if failed != nil {
			return nil, refuse("ResourceNotFoundException", "Unknown resource: %s", arn)
		}
		tags := []any{}
		for _, key := range slices.Sorted(maps.Keys(s.Tags)) {
			tags = append(tags, map[string]any{"Key": key, "Value": s.Tags[key]})
		}
		list = append(list, map[string]any{"ResourceId": arn, "TagsList": tags})
	}
	return map[string]any{"ResourceTagList": list}, nil
}
