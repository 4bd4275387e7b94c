package trail

import "maps"

// Adopt returns the baseline with some fields as another state has them, so that what they are in that state counts as it should be. The
// baseline is not changed. What does not show in that state stays as it is.
func Adopt(baseline, from State, fields ...Field) State {
	to := baseline
	for _, f := range fields {
		if from.Unseen[f.Part()] == "" {
			adopt(&to, from, f)
		}
	}
	return to
}

func adopt(to *State, from State, f Field) {
	t, s := &to.Settings, from.Settings
	switch f {
	case FieldLogging:
		to.Logging = from.Logging
	case FieldSelectors:
		to.Selectors, to.Advanced = from.Selectors, from.Advanced
	case FieldInsights:
		to.Insights = from.Insights
	case FieldEvents:
		to.Events = from.Events
	case FieldTags:
		to.Tags = maps.Clone(from.Tags)
	case FieldS3Bucket:
		t.S3Bucket = s.S3Bucket
	case FieldS3Prefix:
		t.S3Prefix = s.S3Prefix
	case FieldKMSKey:
		t.KMSKeyID = s.KMSKeyID
	case FieldSNSTopic:
		t.SNSTopicARN = s.SNSTopicARN
	case FieldLogGroup:
		t.LogGroupARN = s.LogGroupARN
	case FieldLogRole:
		t.LogRoleARN = s.LogRoleARN
	case FieldMultiRegion:
		t.MultiRegion = s.MultiRegion
	case FieldGlobalEvents:
		t.GlobalEvents = s.GlobalEvents
	case FieldLogValidation:
		t.LogValidation = s.LogValidation
	case FieldOrganization:
		t.Organization = s.Organization
	}
}

// Fields lists every field, in the order of the constants.
func Fields() []Field {
	return []Field{
		FieldLogging, FieldS3Bucket, FieldS3Prefix, FieldKMSKey, FieldSNSTopic, FieldLogGroup, FieldLogRole, FieldMultiRegion, FieldGlobalEvents,
		FieldLogValidation, FieldOrganization, FieldSelectors, FieldInsights, FieldEvents, FieldTags,
	}
}

// FieldsOf lists the fields that a call of the CloudTrail API may change.
func FieldsOf(eventName string) []Field {
	switch eventName {
	case "StopLogging", "StartLogging":
		return []Field{FieldLogging}
	case "UpdateTrail":
		return []Field{
			FieldS3Bucket, FieldS3Prefix, FieldKMSKey, FieldSNSTopic, FieldLogGroup, FieldLogRole, FieldMultiRegion, FieldGlobalEvents,
			FieldLogValidation, FieldOrganization,
		}
	case "PutEventSelectors":
		return []Field{FieldSelectors}
	case "PutInsightSelectors":
		return []Field{FieldInsights}
	case "PutEventConfiguration":
		return []Field{FieldEvents}
	case "AddTags", "RemoveTags":
		return []Field{FieldTags}
	}
	return nil
}

// Call is the call of the CloudTrail API that weakens a field: the one that an operator's exceptions name.
func (f Field) Call() string {
	for _, call := range []string{"StopLogging", "UpdateTrail", "PutEventSelectors", "PutInsightSelectors", "PutEventConfiguration"} {
		for _, field := range FieldsOf(call) {
			if field == f {
				return call
			}
		}
	}
	return "RemoveTags"
}
