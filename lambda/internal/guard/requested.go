package guard

import (
	"encoding/json"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/trail"
)

// requested reports whether a call has set a field to what the trail now has: an approval covers what its principal did, and not what somebody
// else changed meanwhile. Calls but UpdateTrail are about one field as a whole.
func requested(rec events.Record, f trail.Field, now trail.State) bool {
	if rec.EventName != "UpdateTrail" {
		return true
	}
	var asked map[string]json.RawMessage
	if json.Unmarshal(rec.RequestParameters.JSON(), &asked) != nil {
		return false
	}
	s := now.Settings
	text := func(key, value string) bool {
		var want string
		raw, ok := asked[key]
		// A topic, a key and a log group may be named in short.
		inShort := func() bool {
			return want != "" && strings.HasSuffix(strings.TrimSuffix(value, ":*"), strings.TrimSuffix(want, ":*"))
		}
		return ok && json.Unmarshal(raw, &want) == nil && (want == value || inShort())
	}
	flag := func(key string, value bool) bool {
		var want bool
		raw, ok := asked[key]
		return ok && json.Unmarshal(raw, &want) == nil && want == value
	}
	switch f {
	case trail.FieldS3Bucket:
		return text("s3BucketName", s.S3Bucket)
	case trail.FieldS3Prefix:
		return text("s3KeyPrefix", s.S3Prefix)
	case trail.FieldKMSKey:
		return text("kmsKeyId", s.KMSKeyID) || strings.Contains(rec.RequestParameters.Text("kmsKeyId"), "alias/")
	case trail.FieldSNSTopic:
		return text("snsTopicName", s.SNSTopicARN)
	case trail.FieldLogGroup:
		return text("cloudWatchLogsLogGroupArn", s.LogGroupARN)
	case trail.FieldLogRole:
		return text("cloudWatchLogsRoleArn", s.LogRoleARN)
	case trail.FieldMultiRegion:
		return flag("isMultiRegionTrail", s.MultiRegion)
	case trail.FieldGlobalEvents: // CloudTrail switches them off with multi-Region
		return flag("includeGlobalServiceEvents", s.GlobalEvents) || flag("isMultiRegionTrail", s.GlobalEvents)
	case trail.FieldLogValidation:
		return flag("enableLogFileValidation", s.LogValidation)
	case trail.FieldOrganization:
		return flag("isOrganizationTrail", s.Organization)
	}
	return false
}
