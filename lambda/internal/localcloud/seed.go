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
	long := c.start.Add(-30 * 24 * time.Hour)
	s := trailState{Settings: settingsAs(state.Settings), Logging: state.Logging, Started: long, Tags: map[string]string{}}
	maps.Copy(s.Tags, state.Tags)
	if !state.Logging {
		s.Stopped = c.start
	}
	for _, sel := range state.Selectors {
		s.Selectors = append(s.Selectors, basicAs(sel))
	}
	for _, sel := range state.Advanced {
		s.Advanced = append(s.Advanced, advancedAs(sel))
	}
	for _, i := range state.Insights {
		s.Insights = append(s.Insights, leaveOut(map[string]any{"InsightType": i.Type, "EventCategories": listOf(i.Categories)}))
	}
	t := &trail{Trail: id}
	t.change(s, long)
	c.trails[state.ARN] = t
	return nil
}

func settingsAs(s baseline.Settings) map[string]any {
	return leaveOut(map[string]any{
		"S3BucketName": s.S3Bucket, "S3KeyPrefix": s.S3Prefix, "KmsKeyId": s.KMSKeyID, "SnsTopicName": s.SNSTopicARN,
		"CloudWatchLogsLogGroupArn": s.LogGroupARN, "CloudWatchLogsRoleArn": s.LogRoleARN, "IsMultiRegionTrail": s.MultiRegion,
		"IncludeGlobalServiceEvents": s.GlobalEvents, "EnableLogFileValidation": s.LogValidation, "IsOrganizationTrail": s.Organization,
	})
}

func basicAs(s baseline.Selector) map[string]any {
	resources := []any{}
	for _, r := range s.DataResources {
		resources = append(resources, map[string]any{"Type": r.Type, "Values": listOf(r.Values)})
	}
	return map[string]any{
		"ReadWriteType": s.ReadWrite, "IncludeManagementEvents": s.Management, "DataResources": resources,
		"ExcludeManagementEventSources": listOf(s.ExcludeSources),
	}
}

func advancedAs(s baseline.AdvancedSelector) map[string]any {
	fields := []any{}
	for _, f := range s.Fields {
		fields = append(fields, leaveOut(map[string]any{
			"Field": f.Field, "Equals": listOf(f.Equals), "NotEquals": listOf(f.NotEquals), "StartsWith": listOf(f.StartsWith),
			"NotStartsWith": listOf(f.NotStartsWith), "EndsWith": listOf(f.EndsWith), "NotEndsWith": listOf(f.NotEndsWith),
		}))
	}
	return leaveOut(map[string]any{"Name": s.Name, "FieldSelectors": fields})
}

// leaveOut drops empty texts and lists, as the API does.
func leaveOut(m map[string]any) map[string]any {
	maps.DeleteFunc(m, func(_ string, v any) bool {
		list, isList := v.([]any)
		return v == "" || isList && len(list) == 0
	})
	return m
}

func listOf(all []string) []any {
	list := make([]any, len(all))
	for i, s := range all {
		list[i] = s
	}
	return list
}
