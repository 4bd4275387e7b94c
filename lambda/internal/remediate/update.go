package remediate

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/trail"
)

type updateTrailAPI interface {
	UpdateTrail(context.Context, *cloudtrail.UpdateTrailInput, ...func(*cloudtrail.Options)) (*cloudtrail.UpdateTrailOutput, error)
}

type putEventSelectorsAPI interface {
	PutEventSelectors(context.Context, *cloudtrail.PutEventSelectorsInput, ...func(*cloudtrail.Options)) (*cloudtrail.PutEventSelectorsOutput, error)
}

type putInsightSelectorsAPI interface {
	PutInsightSelectors(context.Context, *cloudtrail.PutInsightSelectorsInput, ...func(*cloudtrail.Options)) (*cloudtrail.PutInsightSelectorsOutput, error)
}

type addTagsAPI interface {
	AddTags(context.Context, *cloudtrail.AddTagsInput, ...func(*cloudtrail.Options)) (*cloudtrail.AddTagsOutput, error)
}

// update puts the settings back. CloudTrail refuses the whole request for one destination that is gone, and then the rest is sent without it.
func (r *restoration) update(ctx context.Context, p trail.Patch) {
	for fields := patched(p); len(fields) > 0; fields = patched(p) {
		err := r.write(ctx, func(ctx context.Context) error {
			_, err := r.api.UpdateTrail(ctx, &cloudtrail.UpdateTrailInput{
				Name: aws.String(r.id.ARN()), S3BucketName: p.S3Bucket, S3KeyPrefix: p.S3Prefix, KmsKeyId: p.KMSKeyID, SnsTopicName: p.SNSTopicARN,
				CloudWatchLogsLogGroupArn: p.LogGroupARN, CloudWatchLogsRoleArn: p.LogRoleARN, IsMultiRegionTrail: p.MultiRegion,
				IncludeGlobalServiceEvents: p.GlobalEvents, EnableLogFileValidation: p.LogValidation, IsOrganizationTrail: p.Organization,
			})
			return err
		})
		if err == nil {
			return
		}
		gone := culprits(awscall.Code(err), fields)
		if len(gone) == 0 {
			r.fail(fields, err)
			return
		}
		r.fail(gone, err)
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

// culprits are the fields among those sent that an error is about (CloudTrail API reference, UpdateTrail, Errors). None: the error is about
// the whole request.
func culprits(code string, sent []trail.Field) []trail.Field {
	var about []trail.Field
	switch code {
	case "S3BucketDoesNotExist", "InsufficientS3BucketPolicy", "InvalidS3BucketName", "InvalidS3Prefix":
		about = []trail.Field{trail.FieldS3Bucket, trail.FieldS3Prefix}
	case "KmsKeyNotFound", "KmsKeyDisabled", "Kms", "InvalidKmsKeyId", "InsufficientEncryptionPolicy":
		about = []trail.Field{trail.FieldKMSKey}
	case "InsufficientSnsTopicPolicy", "InvalidSnsTopicName":
		about = []trail.Field{trail.FieldSNSTopic}
	case "CloudWatchLogsDeliveryUnavailable", "InvalidCloudWatchLogsLogGroupArn", "InvalidCloudWatchLogsRoleArn", "AccessDenied":
		// The one permission of UpdateTrail beside its own is iam:PassRole; where its own is missing, the rest is refused as well.
		about = []trail.Field{trail.FieldLogGroup, trail.FieldLogRole}
	}
	var found []trail.Field
	for _, f := range sent {
		for _, a := range about {
			if f == a {
				found = append(found, f)
			}
		}
	}
	return found
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
	}
}

// putSelectors puts the baseline's selectors as they were. A baseline without any means what a new trail records: all management events.
func (r *restoration) putSelectors(ctx context.Context) error {
	in := &cloudtrail.PutEventSelectorsInput{TrailName: aws.String(r.id.ARN())}
	for _, s := range r.baseline.Selectors {
		sel := types.EventSelector{
			ReadWriteType: types.ReadWriteType(s.ReadWrite), IncludeManagementEvents: aws.Bool(s.Management), ExcludeManagementEventSources: s.ExcludeSources,
		}
		for _, d := range s.DataResources {
			sel.DataResources = append(sel.DataResources, types.DataResource{Type: aws.String(d.Type), Values: d.Values})
		}
		in.EventSelectors = append(in.EventSelectors, sel)
	}
	for _, s := range r.baseline.Advanced {
		sel := types.AdvancedEventSelector{Name: optional(s.Name)}
		for _, f := range s.Fields {
			sel.FieldSelectors = append(sel.FieldSelectors, types.AdvancedFieldSelector{
				Field: aws.String(f.Field), Equals: f.Equals, NotEquals: f.NotEquals, StartsWith: f.StartsWith, NotStartsWith: f.NotStartsWith,
				EndsWith: f.EndsWith, NotEndsWith: f.NotEndsWith,
			})
		}
		in.AdvancedEventSelectors = append(in.AdvancedEventSelectors, sel)
	}
	if len(in.EventSelectors)+len(in.AdvancedEventSelectors) == 0 {
		in.EventSelectors = []types.EventSelector{{ReadWriteType: types.ReadWriteTypeAll, IncludeManagementEvents: aws.Bool(true)}}
	}
	_, err := r.api.PutEventSelectors(ctx, in)
	return err
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (r *restoration) putInsights(ctx context.Context) error {
	in := &cloudtrail.PutInsightSelectorsInput{TrailName: aws.String(r.id.ARN()), InsightSelectors: []types.InsightSelector{}}
	for _, s := range r.baseline.Insights {
		sel := types.InsightSelector{InsightType: types.InsightType(s.Type)}
		for _, c := range s.Categories {
			sel.EventCategories = append(sel.EventCategories, types.SourceEventCategory(c))
		}
		in.InsightSelectors = append(in.InsightSelectors, sel)
	}
	_, err := r.api.PutInsightSelectors(ctx, in)
	return err
}

func tagOf(key, value string) types.Tag {
	return types.Tag{Key: aws.String(key), Value: aws.String(value)}
}
