// Package act holds what attackers, operators, faults and time do to a stage, and how one thing follows another. It
// knows no scenario, and nothing of what is checked.
package act

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/smithy-go"

	"trailkeeper/lambda/internal/simulate/stage"
)

// Act is something that somebody does to the cloud.
type Act = func(context.Context, *stage.Stage) error

// Refused wants AWS to refuse what is done.
func Refused(do Act) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		err := do(ctx, s)
		if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() == "AccessDeniedException" {
			return nil
		}
		return fmt.Errorf("want AccessDeniedException, got %w", err)
	}
}

// StopLogging stops the trail.
func StopLogging(ctx context.Context, s *stage.Stage) error { return stopNamed(ctx, s, s.Name()) }

func stopNamed(ctx context.Context, s *stage.Stage, name string) error {
	_, err := s.Attacker.StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: aws.String(name)})
	return err
}

// DeleteTrail deletes the trail.
func DeleteTrail(ctx context.Context, s *stage.Stage) error {
	_, err := s.Attacker.DeleteTrail(ctx, &cloudtrail.DeleteTrailInput{Name: aws.String(stage.TrailName)})
	return err
}

// CreateWeaker creates a trail of the same name, which records one Region into another bucket, and does not log.
func CreateWeaker(ctx context.Context, s *stage.Stage) error {
	return Create(ctx, s, stage.TrailName, NewBucket)
}

// Create creates a trail of one Region, which does not log.
func Create(ctx context.Context, s *stage.Stage, name, bucket string) error {
	in := &cloudtrail.CreateTrailInput{Name: aws.String(name), S3BucketName: aws.String(bucket)}
	_, err := s.Attacker.CreateTrail(ctx, in)
	return err
}

// UpdateWith is an UpdateTrail with what changes.
func UpdateWith(change func(*stage.Stage, *cloudtrail.UpdateTrailInput)) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		in := &cloudtrail.UpdateTrailInput{Name: aws.String(s.Name())}
		change(s, in)
		_, err := s.Attacker.UpdateTrail(ctx, in)
		return err
	}
}

// off is false, as CloudTrail takes it.
var off = aws.Bool(false)

var (
	// UpdateTrail has the trail record one Region, without digests.
	UpdateTrail = UpdateWith(func(_ *stage.Stage, to *cloudtrail.UpdateTrailInput) {
		to.IsMultiRegionTrail, to.EnableLogFileValidation = off, off
	})
	// WithoutDigests weakens the trail without blinding it.
	WithoutDigests = UpdateWith(func(_ *stage.Stage, to *cloudtrail.UpdateTrailInput) { to.EnableLogFileValidation = off })
	// MoveBucket has the trail write into another bucket.
	MoveBucket = UpdateWith(func(_ *stage.Stage, to *cloudtrail.UpdateTrailInput) {
		to.S3BucketName = aws.String(NewBucket)
	})
	// UseAlias names the key by its alias.
	UseAlias = UpdateWith(func(_ *stage.Stage, to *cloudtrail.UpdateTrailInput) {
		to.KmsKeyId = aws.String("alias/logs")
	})
	// ExchangeKey has another key of the account encrypt the logs.
	ExchangeKey = UpdateWith(func(s *stage.Stage, to *cloudtrail.UpdateTrailInput) {
		to.KmsKeyId = aws.String(stage.OwnKey(s.Region, "11111111"))
	})
	// AddDependencies weakens nothing today, and has the trail depend on what somebody else holds.
	AddDependencies = UpdateWith(func(s *stage.Stage, to *cloudtrail.UpdateTrailInput) {
		to.KmsKeyId = aws.String(stage.OwnKey(s.Region, "11111111"))
		to.S3KeyPrefix = aws.String("attic")
		to.SnsTopicName = aws.String(stage.At(s.Region, stage.Account).ARN("sns", "unread"))
	})
	// WeakenSevenFields redirects the logs and their notices, encrypts them with a key of somebody else's, and records
	// less; CloudTrail itself switches global events off with multi-Region.
	WeakenSevenFields = UpdateWith(func(s *stage.Stage, to *cloudtrail.UpdateTrailInput) {
		foreign := stage.At(s.Region, "999999999999")
		to.S3BucketName, to.S3KeyPrefix = aws.String("mallorys-bucket"), aws.String("hidden")
		to.KmsKeyId = aws.String(foreign.ARN("kms", "key/00000000-0000-0000-0000-000000000000"))
		to.SnsTopicName = aws.String(foreign.ARN("sns", "mallorys-topic"))
		to.IsMultiRegionTrail, to.EnableLogFileValidation = off, off
	})
)

// Basic puts basic event selectors in place of those that there are.
func Basic(selectors ...types.EventSelector) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		in := &cloudtrail.PutEventSelectorsInput{TrailName: aws.String(s.Name()), EventSelectors: selectors}
		_, err := s.Attacker.PutEventSelectors(ctx, in)
		return err
	}
}

var (
	// PutSelectors records one decoy's data events: CloudTrail takes no selector that records nothing.
	PutSelectors = Basic(types.EventSelector{
		ReadWriteType:           types.ReadWriteTypeReadOnly,
		IncludeManagementEvents: off,
		DataResources: []types.DataResource{
			{Type: aws.String("AWS::S3::Object"), Values: []string{"arn:aws:s3:::decoy/"}},
		},
	})
	// HalfBlind records read events alone.
	HalfBlind = Basic(types.EventSelector{
		ReadWriteType:           types.ReadWriteTypeReadOnly,
		IncludeManagementEvents: aws.Bool(true),
	})
)

// Advanced puts one advanced event selector for each list of fields in place of those that there are.
func Advanced(selectors ...[]types.AdvancedFieldSelector) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		in := &cloudtrail.PutEventSelectorsInput{TrailName: aws.String(s.Name())}
		for _, fields := range selectors {
			in.AdvancedEventSelectors = append(in.AdvancedEventSelectors, types.AdvancedEventSelector{FieldSelectors: fields})
		}
		_, err := s.Attacker.PutEventSelectors(ctx, in)
		return err
	}
}

var (
	// Management selects management events.
	Management = types.AdvancedFieldSelector{Field: aws.String("eventCategory"), Equals: []string{"Management"}}
	notKMS     = types.AdvancedFieldSelector{
		Field:     aws.String("eventSource"),
		NotEquals: []string{"kms.amazonaws.com"},
	}
	// ExcludeSource hides one service.
	ExcludeSource = Advanced([]types.AdvancedFieldSelector{Management, notKMS})
	// RewriteSelectors records the same by another form of selectors.
	RewriteSelectors = Advanced([]types.AdvancedFieldSelector{Management})
)

// insights puts Insights selectors in place of those that there are.
func insights(selectors ...types.InsightSelector) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		in := &cloudtrail.PutInsightSelectorsInput{
			TrailName:        aws.String(s.Name()),
			InsightSelectors: append([]types.InsightSelector{}, selectors...),
		}
		_, err := s.Attacker.PutInsightSelectors(ctx, in)
		return err
	}
}

var (
	// PutInsights turns Insights off.
	PutInsights = insights()
	// Strengthen turns Insights on.
	Strengthen = insights(types.InsightSelector{InsightType: types.InsightTypeApiCallRateInsight})
)

// QuietCalls creates, tags, untags and starts, one call a quota's second.
var QuietCalls = each([]Act{
	func(ctx context.Context, s *stage.Stage) error {
		return Create(ctx, s, stage.SecondTrail, "second-log-archive")
	},
	func(ctx context.Context, s *stage.Stage) error {
		_, err := s.Attacker.AddTags(ctx, &cloudtrail.AddTagsInput{ResourceId: aws.String(s.Trail), TagsList: tagged})
		return err
	},
	func(ctx context.Context, s *stage.Stage) error {
		_, err := s.Attacker.RemoveTags(ctx, &cloudtrail.RemoveTagsInput{ResourceId: aws.String(s.Trail), TagsList: tagged})
		return err
	},
	func(ctx context.Context, s *stage.Stage) error {
		_, err := s.Attacker.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: aws.String(stage.SecondTrail)})
		return err
	},
}, pass(time.Second))

var tagged = []types.Tag{{Key: aws.String("owner"), Value: aws.String("mallory")}}
