package asked

import (
	"encoding/json"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/trail"
)

// update is the request of UpdateTrail; what is nil was not given, and an empty text removes (CloudTrail API reference, UpdateTrail).
type update struct {
	S3Bucket      *string `json:"s3BucketName"`
	S3Prefix      *string `json:"s3KeyPrefix"`
	KMSKeyID      *string `json:"kmsKeyId"`
	SNSTopic      *string `json:"snsTopicName"`
	LogGroup      *string `json:"cloudWatchLogsLogGroupArn"`
	LogRole       *string `json:"cloudWatchLogsRoleArn"`
	MultiRegion   *flag   `json:"isMultiRegionTrail"`
	GlobalEvents  *flag   `json:"includeGlobalServiceEvents"`
	LogValidation *flag   `json:"enableLogFileValidation"`
	Organization  *flag   `json:"isOrganizationTrail"`
}

func (r *Request) settings(raw json.RawMessage, rec events.Record, t events.Trail) error {
	in, err := read[update](raw)
	if err != nil {
		return err
	}
	s := &r.State.Settings
	r.text(trail.FieldS3Bucket, &s.S3Bucket, in.S3Bucket)
	r.text(trail.FieldS3Prefix, &s.S3Prefix, in.S3Prefix)
	if in.KMSKeyID != nil {
		if key, ok := keyARN(*in.KMSKeyID, rec.ResponseKMSKeyID, t); ok {
			r.text(trail.FieldKMSKey, &s.KMSKeyID, &key)
		}
	}
	r.text(trail.FieldSNSTopic, &s.SNSTopicARN, form(in.SNSTopic, func(name string) string { return inAccount(name, "sns", "", t) }))
	r.text(trail.FieldLogGroup, &s.LogGroupARN, form(in.LogGroup, func(arn string) string { return strings.TrimSuffix(arn, ":*") + ":*" }))
	r.text(trail.FieldLogRole, &s.LogRoleARN, in.LogRole)
	if in.GlobalEvents == nil {
		in.GlobalEvents = in.MultiRegion // CloudTrail switches the events of global services with multi-Region
	}
	r.flag(trail.FieldMultiRegion, &s.MultiRegion, in.MultiRegion)
	r.flag(trail.FieldGlobalEvents, &s.GlobalEvents, in.GlobalEvents)
	r.flag(trail.FieldLogValidation, &s.LogValidation, in.LogValidation)
	r.flag(trail.FieldOrganization, &s.Organization, in.Organization)
	return nil
}

func (r *Request) text(f trail.Field, to, given *string) {
	if given != nil {
		*to, r.Fields = *given, append(r.Fields, f)
	}
}

func (r *Request) flag(f trail.Field, to *bool, given *flag) {
	if given != nil {
		*to, r.Fields = bool(*given), append(r.Fields, f)
	}
}

// form rewrites a text that is given and not empty.
func form(given *string, as func(string) string) *string {
	if given == nil || *given == "" {
		return given
	}
	text := as(*given)
	return &text
}

// inAccount makes the ARN of a name, which belongs to the trail's account and Region; an ARN is one already.
func inAccount(name, service, kind string, t events.Trail) string {
	if events.IsARN(name) {
		return name
	}
	return t.Place().ARN(service, kind+name)
}

// keyARN returns the ARN of the key that a request names (UpdateTrail, KmsKeyId). What an alias stands for is only in the answer of the call: without
// it the value is not known, since whoever may move an alias can have it stand for another key meanwhile.
func keyARN(given, answered string, t events.Trail) (arn string, ok bool) {
	a, _ := events.ParseARN(given)
	switch {
	case given == "":
		return "", true
	case strings.HasPrefix(given, "alias/"), strings.HasPrefix(a.Resource, "alias/"):
		return answered, events.FormKey.Matches(answered)
	}
	return inAccount(given, "kms", "key/", t), true
}
