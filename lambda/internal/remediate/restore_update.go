package remediate

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/smithy-go"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/trail"
)

// update puts the settings back. CloudTrail refuses the whole request for one destination that is gone, and then the rest is sent without it.
func (r *restoration) update(ctx context.Context, p trail.Patch, share time.Time) {
	for fields := patched(p); len(fields) > 0; fields = patched(p) {
		w := write{callUpdateTrail, fields, func(ctx context.Context) error {
			_, err := r.api.UpdateTrail(ctx, updateRequest(r.id.ARN(), p))
			return err
		}}
		err := r.try(ctx, w, share)
		if err == nil {
			r.accept(w)
			return
		}
		gone := culprits(err, fields)
		if len(gone) == 0 || len(gone) == len(fields) {
			r.fail(w, fields, err)
			return
		}
		r.fail(w, gone, err)
		for _, f := range gone {
			drop(&p, f)
		}
	}
}

// patched lists the fields that a patch sets.
func patched(p trail.Patch) []trail.Field {
	var fields []trail.Field
	for _, m := range []struct {
		set   bool
		field trail.Field
	}{
		{p.S3Bucket != nil, trail.FieldS3Bucket},
		{p.S3Prefix != nil, trail.FieldS3Prefix},
		{p.KMSKeyID != nil, trail.FieldKMSKey},
		{p.SNSTopicARN != nil, trail.FieldSNSTopic},
		{p.LogGroupARN != nil, trail.FieldLogGroup},
		{p.LogRoleARN != nil, trail.FieldLogRole},
		{p.MultiRegion != nil, trail.FieldMultiRegion},
		{p.GlobalEvents != nil, trail.FieldGlobalEvents},
		{p.LogValidation != nil, trail.FieldLogValidation},
		{p.Organization != nil, trail.FieldOrganization},
	} {
		if m.set {
			fields = append(fields, m.field)
		}
	}
	return fields
}

// drop takes a field out of a patch.
func drop(p *trail.Patch, f trail.Field) {
	switch f {
	case trail.FieldS3Bucket:
		p.S3Bucket = nil
	case trail.FieldS3Prefix:
		p.S3Prefix = nil
	case trail.FieldKMSKey:
		p.KMSKeyID = nil
	case trail.FieldSNSTopic:
		p.SNSTopicARN = nil
	case trail.FieldLogGroup:
		p.LogGroupARN = nil
	case trail.FieldLogRole:
		p.LogRoleARN = nil
	case trail.FieldMultiRegion:
		p.MultiRegion = nil
	case trail.FieldGlobalEvents:
		p.GlobalEvents = nil
	case trail.FieldLogValidation:
		p.LogValidation = nil
	case trail.FieldOrganization:
		p.Organization = nil
	}
}

// The fields that stand or fall together: a prefix belongs to its bucket, and CloudTrail takes a log group only with its role.
var (
	aboutBucket       = []trail.Field{trail.FieldS3Bucket, trail.FieldS3Prefix}
	aboutKey          = []trail.Field{trail.FieldKMSKey}
	aboutTopic        = []trail.Field{trail.FieldSNSTopic}
	aboutLogs         = []trail.Field{trail.FieldLogGroup, trail.FieldLogRole}
	aboutOrganization = []trail.Field{trail.FieldOrganization}
	aboutTags         = []trail.Field{trail.FieldTags}
)

// suspects lists what an error of UpdateTrail or CreateTrail may be about, the likeliest first. An empty list means the request as a whole.
// Source: the errors' descriptions in the CloudTrail API reference; a missing key may also be that of the topic or of a bucket elsewhere.
func suspects(err error) [][]trail.Field {
	switch code := awscall.Code(err); code {
	case "S3BucketDoesNotExist", "InsufficientS3BucketPolicy", "InvalidS3BucketName", "InvalidS3Prefix":
		return [][]trail.Field{aboutBucket}
	case "KmsKeyNotFound":
		return [][]trail.Field{aboutKey, aboutTopic, aboutBucket}
	case "KmsKeyDisabled", "Kms", "InvalidKmsKeyId":
		return [][]trail.Field{aboutKey}
	case "InsufficientEncryptionPolicy":
		return [][]trail.Field{aboutKey, aboutBucket}
	case "InsufficientSnsTopicPolicy", "InvalidSnsTopicName", "CloudTrailInvalidClientTokenId":
		return [][]trail.Field{aboutTopic}
	case "CloudWatchLogsDeliveryUnavailable", "InvalidCloudWatchLogsLogGroupArn", "InvalidCloudWatchLogsRoleArn":
		return [][]trail.Field{aboutLogs}
	case "InvalidTagParameter", "TagsLimitExceeded":
		return [][]trail.Field{aboutTags}
	case "AccessDenied", "NotAuthorized", "UnauthorizedOperation":
		switch {
		case deniedFor(err, "iam:PassRole"):
			return [][]trail.Field{aboutLogs}
		case deniedFor(err, "cloudtrail:AddTags"):
			return [][]trail.Field{aboutTags}
		}
	default:
		if _, about := explainOrganization(code, events.Trail{}); about {
			return [][]trail.Field{aboutOrganization}
		}
	}
	return nil
}

// deniedFor reports whether AWS's message names an action as the one that is not allowed.
func deniedFor(err error, action string) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && strings.Contains(api.ErrorMessage(), "perform: "+action)
}

// culprits are the fields among those sent that an error is about. None: the error is about the whole request.
func culprits(err error, sent []trail.Field) []trail.Field {
	for _, about := range suspects(err) {
		var found []trail.Field
		for _, f := range sent {
			if slices.Contains(about, f) {
				found = append(found, f)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}
