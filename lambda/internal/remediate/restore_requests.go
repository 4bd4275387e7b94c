package remediate

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

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

type createTrailAPI interface {
	CreateTrail(context.Context, *cloudtrail.CreateTrailInput, ...func(*cloudtrail.Options)) (*cloudtrail.CreateTrailOutput, error)
}

// updateRequest sends the members of the patch that are not nil, and no other: what is not sent stays as it is. SnsTopicName takes an ARN.
func updateRequest(arn string, p trail.Patch) *cloudtrail.UpdateTrailInput {
	return &cloudtrail.UpdateTrailInput{
		Name: aws.String(arn), S3BucketName: p.S3Bucket, S3KeyPrefix: p.S3Prefix, KmsKeyId: p.KMSKeyID, SnsTopicName: p.SNSTopicARN,
		CloudWatchLogsLogGroupArn: p.LogGroupARN, CloudWatchLogsRoleArn: p.LogRoleARN, IsMultiRegionTrail: p.MultiRegion,
		IncludeGlobalServiceEvents: p.GlobalEvents, EnableLogFileValidation: p.LogValidation, IsOrganizationTrail: p.Organization,
	}
}

// createRequest makes a trail with these settings and tags. Every switch is sent, so that none is left to CloudTrail's defaults.
func createRequest(name string, s trail.Settings, tags map[string]string) *cloudtrail.CreateTrailInput {
	return &cloudtrail.CreateTrailInput{
		Name: aws.String(name), S3BucketName: aws.String(s.S3Bucket), S3KeyPrefix: optional(s.S3Prefix), KmsKeyId: optional(s.KMSKeyID),
		SnsTopicName: optional(s.SNSTopicARN), CloudWatchLogsLogGroupArn: optional(s.LogGroupARN), CloudWatchLogsRoleArn: optional(s.LogRoleARN),
		IsMultiRegionTrail: aws.Bool(s.MultiRegion), IncludeGlobalServiceEvents: aws.Bool(s.GlobalEvents),
		EnableLogFileValidation: aws.Bool(s.LogValidation), IsOrganizationTrail: aws.Bool(s.Organization), TagsList: tagList(tags),
	}
}

// selectorsRequest puts basic or advanced selectors, as the trail has them. One that has neither records all management events, and CloudTrail
// takes no empty list, so that this is what is put.
func selectorsRequest(s trail.State) *cloudtrail.PutEventSelectorsInput {
	in := &cloudtrail.PutEventSelectorsInput{TrailName: aws.String(s.ARN)}
	if len(s.Advanced) > 0 {
		in.AdvancedEventSelectors = advancedSelectors(s.Advanced)
		return in
	}
	for _, b := range s.Selectors {
		sel := types.EventSelector{
			ReadWriteType: types.ReadWriteType(b.ReadWrite), IncludeManagementEvents: aws.Bool(b.Management), ExcludeManagementEventSources: b.ExcludeSources,
		}
		if sel.ReadWriteType == "" {
			sel.ReadWriteType = types.ReadWriteTypeAll
		}
		for _, d := range b.DataResources {
			sel.DataResources = append(sel.DataResources, types.DataResource{Type: aws.String(d.Type), Values: d.Values})
		}
		in.EventSelectors = append(in.EventSelectors, sel)
	}
	if len(in.EventSelectors) == 0 {
		in.EventSelectors = []types.EventSelector{{ReadWriteType: types.ReadWriteTypeAll, IncludeManagementEvents: aws.Bool(true)}}
	}
	return in
}

func advancedSelectors(list []trail.AdvancedSelector) []types.AdvancedEventSelector {
	var all []types.AdvancedEventSelector
	for _, a := range list {
		sel := types.AdvancedEventSelector{Name: optional(a.Name)}
		for _, f := range a.Fields {
			sel.FieldSelectors = append(sel.FieldSelectors, types.AdvancedFieldSelector{
				Field: aws.String(f.Field), Equals: f.Equals, NotEquals: f.NotEquals, StartsWith: f.StartsWith, NotStartsWith: f.NotStartsWith,
				EndsWith: f.EndsWith, NotEndsWith: f.NotEndsWith,
			})
		}
		all = append(all, sel)
	}
	return all
}

func (r *restoration) putSelectors(ctx context.Context) error {
	_, err := r.api.PutEventSelectors(ctx, selectorsRequest(r.baseline))
	return err
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

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// tagList lists tags in the order of their keys. A tag may have no value, and CloudTrail takes none that is empty (the service's model, TagValue).
func tagList(tags map[string]string) []types.Tag {
	var list []types.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: aws.String(key), Value: optional(tags[key])})
	}
	return list
}
