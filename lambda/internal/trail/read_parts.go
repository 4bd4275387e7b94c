package trail

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"trailkeeper/lambda/internal/awscall"
)

// observation is one trail while it is read. Every part writes its own fields of the state.
type observation struct {
	reader    *Reader
	region    string
	state     State
	described *types.Trail // what DescribeTrails said; nil before

	mu sync.Mutex // of State.Unseen
}

func (r *Reader) observe(region string, s State) *observation {
	return &observation{reader: r, region: region, state: s}
}

// settings asks for the settings. DescribeTrails has the last word on whether the trail exists.
func (o *observation) settings(ctx context.Context) error {
	list, err := o.reader.describe(ctx, o.region, o.state.ARN)
	if err != nil {
		return &readError{whyUnseen(PartSettings, err), err}
	}
	i := slices.IndexFunc(list, func(t types.Trail) bool { return aws.ToString(t.TrailARN) == o.state.ARN })
	if i < 0 {
		return fmt.Errorf("%w: %s", ErrNotFound, o.state.ARN)
	}
	o.described, o.state.Settings = &list[i], settingsOf(list[i])
	return nil
}

// parts returns the step that reads what is neither settings nor tags.
func (o *observation) parts(ctx context.Context) func() {
	withoutInsights := o.described != nil && o.described.HasInsightSelectors != nil && !*o.described.HasInsightSelectors
	var steps []func()
	for _, p := range []struct {
		part Part
		read func(context.Context, API, *State) error
	}{
		{PartLogging, readStatus},
		{PartSelectors, readSelectors},
		{PartInsights, readInsights},
		{PartEvents, readEventConfiguration},
	} {
		if p.part == PartInsights && withoutInsights {
			continue
		}
		steps = append(steps, func() {
			api := o.reader.Client(o.region)
			if err := o.reader.call(ctx, o.region, func(ctx context.Context) error { return p.read(ctx, api, &o.state) }); err != nil {
				o.unseen(p.part, err)
			}
		})
	}
	return func() { o.reader.each(steps...) }
}

func (o *observation) unseen(part Part, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.state.Unseen == nil {
		o.state.Unseen = make(map[Part]string)
	}
	o.state.Unseen[part] = whyUnseen(part, err)
	o.state.Passing = o.state.Passing || awscall.Code(err) == "" || awscall.Passing(err)
}

func settingsOf(t types.Trail) Settings {
	return Settings{
		S3Bucket: aws.ToString(t.S3BucketName), S3Prefix: aws.ToString(t.S3KeyPrefix), KMSKeyID: aws.ToString(t.KmsKeyId),
		SNSTopicARN: aws.ToString(t.SnsTopicARN), LogGroupARN: aws.ToString(t.CloudWatchLogsLogGroupArn),
		LogRoleARN:  aws.ToString(t.CloudWatchLogsRoleArn),
		MultiRegion: aws.ToBool(t.IsMultiRegionTrail), GlobalEvents: aws.ToBool(t.IncludeGlobalServiceEvents),
		LogValidation: aws.ToBool(t.LogFileValidationEnabled), Organization: aws.ToBool(t.IsOrganizationTrail),
	}
}

func readStatus(ctx context.Context, api API, s *State) error {
	out, err := api.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: aws.String(s.ARN)})
	if err != nil {
		return err
	}
	s.Logging = aws.ToBool(out.IsLogging)
	s.Delivery = Delivery{
		Latest: aws.ToTime(out.LatestDeliveryTime).UTC(), LatestError: aws.ToString(out.LatestDeliveryError),
		LatestDigest: aws.ToTime(out.LatestDigestDeliveryTime).UTC(), LatestDigestError: aws.ToString(out.LatestDigestDeliveryError),
		LatestLogs: aws.ToTime(out.LatestCloudWatchLogsDeliveryTime).UTC(), LatestLogError: aws.ToString(out.LatestCloudWatchLogsDeliveryError),
		Started: aws.ToTime(out.StartLoggingTime).UTC(), Stopped: aws.ToTime(out.StopLoggingTime).UTC(),
	}
	return nil
}

func readInsights(ctx context.Context, api API, s *State) error {
	out, err := api.GetInsightSelectors(ctx, &cloudtrail.GetInsightSelectorsInput{TrailName: aws.String(s.ARN)})
	if awscall.Code(err) == "InsightNotEnabled" {
		return nil
	}
	if err != nil {
		return err
	}
	s.Insights = nil
	for _, i := range out.InsightSelectors {
		s.Insights = append(s.Insights, InsightSelector{Type: string(i.InsightType), Categories: sorted(plainTexts(i.EventCategories))})
	}
	slices.SortStableFunc(s.Insights, func(a, b InsightSelector) int { return strings.Compare(a.Type, b.Type) })
	return nil
}

// readEventConfiguration takes an endpoint that does not know the operation, and one that does not support it for trails, for one where there
// is nothing to configure: what cannot be read there cannot be put either, so that nothing is missed.
func readEventConfiguration(ctx context.Context, api API, s *State) error {
	out, err := api.GetEventConfiguration(ctx, &cloudtrail.GetEventConfigurationInput{TrailName: aws.String(s.ARN)})
	if code := awscall.Code(err); code == "UnknownOperation" || code == "UnsupportedOperation" {
		return nil
	}
	if err != nil {
		return err
	}
	e := EventConfiguration{MaxEventSize: string(out.MaxEventSize)}
	for _, k := range out.ContextKeySelectors {
		e.ContextKeys = append(e.ContextKeys, ContextKey{Type: string(k.Type), Equals: sorted(k.Equals)})
	}
	for _, a := range out.AggregationConfigurations {
		e.Aggregations = append(e.Aggregations, Aggregation{Category: string(a.EventCategory), Templates: sorted(plainTexts(a.Templates))})
	}
	slices.SortStableFunc(e.ContextKeys, func(a, b ContextKey) int { return strings.Compare(a.Type, b.Type) })
	slices.SortStableFunc(e.Aggregations, func(a, b Aggregation) int { return strings.Compare(a.Category, b.Category) })
	s.Events = e
	return nil
}
