package localcloud

import (
	"fmt"

	"trailkeeper/events"
)

// settings are the members of CreateTrail by which CloudFormation makes the trail.
func (s trailSpec) settings() map[string]any {
	settings := map[string]any{"IncludeGlobalServiceEvents": true}
	for name, v := range map[string]string{
		"S3BucketName": s.S3BucketName, "S3KeyPrefix": s.S3KeyPrefix, "SnsTopicName": s.SnsTopicName, "KmsKeyId": s.KMSKeyId,
		"CloudWatchLogsLogGroupArn": s.CloudWatchLogsLogGroupArn, "CloudWatchLogsRoleArn": s.CloudWatchLogsRoleArn,
	} {
		if v != "" {
			settings[name] = v
		}
	}
	for name, v := range map[string]*bool{
		"IsMultiRegionTrail": s.IsMultiRegionTrail, "IncludeGlobalServiceEvents": s.IncludeGlobalServiceEvents,
		"EnableLogFileValidation": s.EnableLogFileValidation, "IsOrganizationTrail": s.IsOrganizationTrail,
	} {
		if v != nil {
			settings[name] = *v
		}
	}
	return settings
}

// deployTrails makes the template's trails, a month ago as AddTrail does. The error says what CloudTrail would refuse.
func (c *Cloud) deployTrails() error {
	for _, d := range c.stack.deployed {
		id, err := events.ParseTrailARN(d.arn)
		if err != nil {
			return fmt.Errorf("%s: %w", d.id, err)
		}
		s := trailState{
			Settings: d.spec.settings(), Selectors: untyped(d.spec.EventSelectors), Advanced: untyped(d.spec.AdvancedEventSelectors),
			Insights: untyped(d.spec.InsightSelectors), Tags: map[string]string{}, Logging: d.spec.IsLogging != nil && *d.spec.IsLogging,
		}
		for _, tag := range d.spec.Tags {
			s.Tags[tag.Key] = tag.Value
		}
		c.resolveKey(s.Settings, id)
		if failed := taken(s.asBaseline(d.arn, topicOf(id, s))); failed != nil {
			return fmt.Errorf("%s: %s: %s", d.id, failed.Code, failed.Message)
		}
		// A scenario may move a template that is bound to its account into a member account; there its trails only do not deliver.
		bound := c.opts.ManagementAccount == c.opts.Account
		if failed := c.depends(&call{who: Principal{Account: id.Account}}, id, s); failed != nil && bound {
			return fmt.Errorf("%s: %s: %s", d.id, failed.Code, failed.Message)
		}
		if c.trailsIn(id.Account, id.Region) >= trailsPerRegion {
			return fmt.Errorf("%s: more than %d trails in %s", d.id, trailsPerRegion, id.Region)
		}
		c.seed(id, s)
	}
	return nil
}
