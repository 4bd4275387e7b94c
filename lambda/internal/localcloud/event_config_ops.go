package localcloud

import "trailkeeper/lambda/config/baseline"

// aggregation has the members of CloudTrail's API.
type aggregation struct {
	EventCategory string
	Templates     []string
}

// putEventConfiguration sets what is aggregated. The size of events and the keys of their context belong to event data stores (CloudTrail API
// reference, PutEventConfiguration).
func (c *Cloud) putEventConfiguration(cl *call, t *trail) (map[string]any, *awsError) {
	for _, name := range []string{"EventDataStore", "MaxEventSize", "ContextKeySelectors"} {
		if v := cl.params[name]; v != nil && v != "" {
			return nil, refuse("InvalidParameterCombinationException", "%s is not valid for a trail.", name)
		}
	}
	list, _ := cl.params["AggregationConfigurations"].([]any)
	given, failed := typed[aggregation](list)
	if failed != nil {
		return nil, failed
	}
	if failed := taken(baseline.State{ARN: t.ARN(), Events: eventState(given)}, baseline.PartEvents); failed != nil {
		return nil, failed
	}
	s := t.state()
	s.Aggregations = untyped(given)
	c.changed(t, s)
	return eventConfiguration(t, s), nil
}

func (c *Cloud) getEventConfiguration(cl *call, t *trail) (map[string]any, *awsError) {
	s, failed := c.read(cl, t)
	if failed != nil {
		return nil, failed
	}
	return eventConfiguration(t, s), nil
}

func eventConfiguration(t *trail, s trailState) map[string]any {
	return map[string]any{"TrailARN": t.ARN(), "AggregationConfigurations": append([]any{}, s.Aggregations...)}
}
