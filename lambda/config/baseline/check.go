package baseline

import (
	"fmt"
	"slices"
	"strings"
)

// The limits of the CloudTrail API reference, PutEventSelectors and "Quotas in AWS CloudTrail".
const (
	mostSelectors = 5
	mostResources = 250
	mostValues    = 500
	mostTags      = 50
)

// problems lists what is wrong with a baseline: the field, its value, and what is wanted.
func (b Baseline) problems() []string {
	c := &checker{}
	c.want(b.Version == Version, "version", b.Version, "1")
	c.want(!b.CapturedAt.IsZero(), "capturedAt", "", "the time of the capture, such as 2026-10-01T12:00:00Z")
	_, _, err := b.Trail.Home()
	c.want(err == nil, "trail.arn", b.Trail.ARN, "the ARN of a trail")
	c.settings(b.Trail.Settings)
	c.selectors(b.Trail)
	for i, s := range b.Trail.Insights {
		at := fmt.Sprintf("trail.insightSelectors[%d]", i)
		c.want(slices.Contains([]string{"ApiCallRateInsight", "ApiErrorRateInsight"}, s.Type), at+".insightType", s.Type, "ApiCallRateInsight or ApiErrorRateInsight")
		for _, category := range s.Categories {
			c.want(slices.Contains([]string{"Management", "Data"}, category), at+".eventCategories", category, "Management or Data")
		}
	}
	c.want(len(b.Trail.Tags) <= mostTags, "trail.tags", len(b.Trail.Tags), "at most 50 tags")
	return c.found
}

type checker struct{ found []string }

func (c *checker) want(ok bool, field string, value any, want string) {
	if !ok {
		c.found = append(c.found, fmt.Sprintf("%s is %.200q; want %s", field, fmt.Sprint(value), want))
	}
}

func (c *checker) settings(s Settings) {
	const at = "trail.settings."
	c.want(len(s.S3Bucket) >= 3 && len(s.S3Bucket) <= 63, at+"s3BucketName", s.S3Bucket, "the name of a bucket, 3 to 63 characters")
	c.want(len(s.S3Prefix) <= 200, at+"s3KeyPrefix", s.S3Prefix, "at most 200 characters")
	for _, a := range []struct{ field, value, service string }{
		{"kmsKeyId", s.KMSKeyID, "kms"},
		{"snsTopicArn", s.SNSTopicARN, "sns"},
		{"cloudWatchLogsLogGroupArn", s.LogGroupARN, "logs"},
		{"cloudWatchLogsRoleArn", s.LogRoleARN, "iam"},
	} {
		c.want(a.value == "" || isARN(a.value, a.service), at+a.field, a.value, "an ARN of "+a.service)
	}
	c.want((s.LogGroupARN == "") == (s.LogRoleARN == ""), at+"cloudWatchLogsRoleArn", s.LogRoleARN,
		"a log group and a role, or neither: CloudTrail takes only both together")
	c.want(!s.MultiRegion || s.GlobalEvents, at+"includeGlobalServiceEvents", s.GlobalEvents,
		"true: CloudTrail takes no multi-Region trail without global service events")
}

func isARN(s, service string) bool {
	parts := strings.SplitN(s, ":", 6)
	return len(parts) == 6 && parts[0] == "arn" && parts[2] == service && len(parts[4]) == 12 && parts[5] != ""
}

func (c *checker) selectors(t State) {
	c.want(len(t.Selectors) == 0 || len(t.Advanced) == 0, "trail.advancedEventSelectors", len(t.Advanced),
		"basic or advanced selectors: a trail has one kind or the other")
	c.want(len(t.Selectors) <= mostSelectors, "trail.eventSelectors", len(t.Selectors), "at most 5 selectors")
	management, resources := false, 0
	for i, s := range t.Selectors {
		c.want(slices.Contains([]string{"All", "ReadOnly", "WriteOnly"}, s.ReadWrite), fmt.Sprintf("trail.eventSelectors[%d].readWriteType", i), s.ReadWrite,
			"All, ReadOnly or WriteOnly")
		management = management || s.Management
		for _, r := range s.DataResources {
			resources += len(r.Values)
		}
	}
	c.want(len(t.Selectors) == 0 || management || resources > 0, "trail.eventSelectors", "without management events",
		"management events in one selector, or data resources")
	c.want(resources <= mostResources, "trail.eventSelectors", fmt.Sprint(resources, " data resources"), "at most 250 data resources")
	c.advanced(t.Advanced)
}

func (c *checker) advanced(selectors []AdvancedSelector) {
	values := 0
	for i, s := range selectors {
		at := fmt.Sprintf("trail.advancedEventSelectors[%d].fieldSelectors", i)
		category := false
		for j, f := range s.Fields {
			operators := [][]string{f.Equals, f.NotEquals, f.StartsWith, f.NotStartsWith, f.EndsWith, f.NotEndsWith}
			n := 0
			for _, o := range operators {
				n += len(o)
			}
			values += n
			c.want(f.Field != "", fmt.Sprintf("%s[%d].field", at, j), f.Field, "the name of a field, such as eventCategory")
			c.want(n > 0, fmt.Sprintf("%s[%d]", at, j), f.Field, "an operator with a value, such as equals")
			category = category || f.Field == "eventCategory" && len(f.Equals) == 1
		}
		c.want(category, at, s.Name, "eventCategory with equals and one value: CloudTrail takes no advanced selector without it")
	}
	c.want(values <= mostValues, "trail.advancedEventSelectors", fmt.Sprint(values, " values"), "at most 500 values")
}
