package localcloud

import (
	"maps"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
)

// AddTrailAs puts a trail there as a baseline has it, as if it had been created a month ago. The error says what is wrong with the ARN.
func (c *Cloud) AddTrailAs(state baseline.State) error {
	id, err := events.ParseTrailARN(state.ARN)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seed(id, stateOf(state))
	return nil
}

// seed puts a trail there as if it had been created a month ago.
func (c *Cloud) seed(id events.Trail, s trailState) {
	long := c.start.Add(-30 * 24 * time.Hour)
	s.Started = long
	if !s.Logging {
		s.Stopped = c.start
	}
	c.resolveKey(s.Settings, id)
	t := &trail{Trail: id, health: health{played: long}}
	t.change(s, long)
	c.trails[id.ARN()] = t
}

// stateOf is what CloudTrail keeps of a trail that is as a baseline has it.
func stateOf(in baseline.State) trailState {
	s := trailState{Tags: map[string]string{}, Logging: in.Logging, Settings: map[string]any{
		"S3BucketName": in.Settings.S3Bucket, "IncludeGlobalServiceEvents": in.Settings.GlobalEvents, "IsMultiRegionTrail": in.Settings.MultiRegion,
		"EnableLogFileValidation": in.Settings.LogValidation, "IsOrganizationTrail": in.Settings.Organization,
	}}
	maps.Copy(s.Tags, in.Tags)
	for name, v := range map[string]string{
		"S3KeyPrefix": in.Settings.S3Prefix, "SnsTopicName": in.Settings.SNSTopicARN, "KmsKeyId": in.Settings.KMSKeyID,
		"CloudWatchLogsLogGroupArn": in.Settings.LogGroupARN, "CloudWatchLogsRoleArn": in.Settings.LogRoleARN,
	} {
		if v != "" {
			s.Settings[name] = v
		}
	}
	var basic []basicSelector
	for _, b := range in.Selectors {
		sel := basicSelector{ReadWriteType: b.ReadWrite, IncludeManagementEvents: &b.Management, ExcludeManagementEventSources: b.ExcludeSources}
		for _, d := range b.DataResources {
			sel.DataResources = append(sel.DataResources, dataResource(d))
		}
		basic = append(basic, sel)
	}
	var advanced []advancedSelector
	for _, a := range in.Advanced {
		sel := advancedSelector{Name: a.Name}
		for _, f := range a.Fields {
			sel.FieldSelectors = append(sel.FieldSelectors, fieldSelector(f))
		}
		advanced = append(advanced, sel)
	}
	var insights []insightSelector
	for _, i := range in.Insights {
		insights = append(insights, insightSelector{InsightType: i.Type, EventCategories: i.Categories})
	}
	var aggregations []aggregation
	for _, a := range in.Events.Aggregations {
		aggregations = append(aggregations, aggregation{EventCategory: a.Category, Templates: a.Templates})
	}
	s.Selectors, s.Advanced, s.Insights, s.Aggregations = untyped(basic), untyped(advanced), untyped(insights), untyped(aggregations)
	return s
}
