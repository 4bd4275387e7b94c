package simulate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/smithy-go"

	"trailkeeper/lambda/internal/localcloud"
)

func stopLogging(ctx context.Context, s *stage) error {
	_, err := s.attacker.StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: aws.String(s.name())})
	return err
}

// name is what the attacker calls the trail: its name, or the ARN where it belongs to another account.
func (s *stage) name() string {
	if s.foreign {
		return s.trail
	}
	return trailOf(s.trail)
}

// refused wants AWS to refuse what is done.
func refused(act func(context.Context, *stage) error) func(context.Context, *stage) error {
	return func(ctx context.Context, s *stage) error {
		err := act(ctx, s)
		if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() == "AccessDeniedException" {
			return nil
		}
		return fmt.Errorf("want AccessDeniedException, got %w", err)
	}
}

func deleteTrail(ctx context.Context, s *stage) error {
	_, err := s.attacker.DeleteTrail(ctx, &cloudtrail.DeleteTrailInput{Name: aws.String(trailName)})
	return err
}

// createWeaker creates a trail of the same name, which records one Region into another bucket, and does not log.
func createWeaker(ctx context.Context, s *stage) error {
	_, err := s.attacker.CreateTrail(
		ctx,
		&cloudtrail.CreateTrailInput{Name: aws.String(trailName), S3BucketName: aws.String(newBucket)},
	)
	return err
}

func putSelectors(ctx context.Context, s *stage) error {
	_, err := s.attacker.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{
		TrailName: aws.String(trailName),
		EventSelectors: []types.EventSelector{{ // CloudTrail takes none without management events and without data resources
			ReadWriteType: types.ReadWriteTypeReadOnly, IncludeManagementEvents: aws.Bool(false),
			DataResources: []types.DataResource{{Type: aws.String("AWS::S3::Object"), Values: []string{"arn:aws:s3:::decoy/"}}},
		}},
	})
	return err
}

func updateTrail(ctx context.Context, s *stage) error {
	_, err := s.attacker.UpdateTrail(ctx, &cloudtrail.UpdateTrailInput{
		Name: aws.String(trailName), IsMultiRegionTrail: aws.Bool(false), EnableLogFileValidation: aws.Bool(false),
	})
	return err
}

func putInsights(ctx context.Context, s *stage) error {
	_, err := s.attacker.PutInsightSelectors(ctx, &cloudtrail.PutInsightSelectorsInput{
		TrailName: aws.String(trailName), InsightSelectors: []types.InsightSelector{},
	})
	return err
}

// quietCalls makes the calls of rule activity, one a quota's second.
func quietCalls(ctx context.Context, s *stage) error {
	const other = "second"
	tags := []types.Tag{{Key: aws.String("owner"), Value: aws.String("mallory")}}
	calls := []func() error{
		func() error {
			_, err := s.attacker.CreateTrail(
				ctx,
				&cloudtrail.CreateTrailInput{Name: aws.String(other), S3BucketName: aws.String("second-log-archive")},
			)
			return err
		},
		func() error {
			_, err := s.attacker.AddTags(ctx, &cloudtrail.AddTagsInput{ResourceId: aws.String(s.trail), TagsList: tags})
			return err
		},
		func() error {
			_, err := s.attacker.RemoveTags(ctx, &cloudtrail.RemoveTagsInput{ResourceId: aws.String(s.trail), TagsList: tags})
			return err
		},
		func() error {
			_, err := s.attacker.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: aws.String(other)})
			return err
		},
	}
	for _, call := range calls {
		if err := call(); err != nil {
			return err
		}
		s.cloud.Pass(time.Second)
	}
	return nil
}

// forge puts an event on the bus as PutEvents does: the source cannot start with "aws.".
func forge(_ context.Context, s *stage) error {
	payload, err := json.Marshal(map[string]any{
		"version":     "0",
		"id":          "f0f0f0f0-0000-4000-8000-000000000001",
		"source":      "custom.forged",
		"detail-type": "AWS API Call via CloudTrail",
		"account":     s.account,
		"region":      s.region,
		"time":        s.cloud.Now().Format(time.RFC3339),
		"resources":   []string{},
		"detail": map[string]any{
			"eventSource":        "cloudtrail.amazonaws.com",
			"eventName":          "StopLogging",
			"eventType":          "AwsApiCall",
			"awsRegion":          s.region,
			"eventTime":          s.cloud.Now().Format(time.RFC3339),
			"eventID":            "f0f0f0f0-0000-4000-8000-000000000002",
			"recipientAccountId": s.account,
			"userIdentity": map[string]any{
				"type":      "Root",
				"arn":       in("", s.account).ARN("iam", "root"),
				"accountId": s.account,
			},
			"requestParameters": map[string]any{"name": trailName},
		},
	})
	if err != nil {
		return err
	}
	s.cloud.Note("mallory", "puts an event on the bus that looks like CloudTrail's StopLogging")
	s.cloud.Deliver("f0f0f0f0-0000-4000-8000-000000000002", "StopLogging", payload)
	return nil
}

// flood is how long the attacker keeps CloudTrail's quota of writing calls used up.
const flood = 8 * time.Second

func stopAndFlood(ctx context.Context, s *stage) error {
	if err := stopLogging(ctx, s); err != nil {
		return err
	}
	s.cloud.Note("mallory", "calls AddTags in a loop: the quota of writing calls is used up for "+offset(flood))
	s.cloud.Flood(flood)
	return nil
}

// inMember deploys the stack into a member account that is a delegated administrator, where the attacker is as well.
func inMember(o *localcloud.Options) {
	o.ManagementAccount = account
	if o.Account == account {
		o.Account = memberAccount
	}
	o.DelegatedAdministrators = []string{o.Account}
}

// failing makes every call of a service fail that the attacker does not make.
func failing(service, op string, status int, code, message string) func(*localcloud.Options) {
	return func(o *localcloud.Options) {
		o.Fault = func(p localcloud.FaultPoint) *localcloud.Failure {
			if p.Service != service || op != "" && p.Op != op {
				return nil
			}
			return &localcloud.Failure{Status: status, Code: code, Message: message}
		}
	}
}

// failingFor ends a failure after a time.
func failingFor(d time.Duration, setup func(*localcloud.Options)) func(*localcloud.Options) {
	return func(o *localcloud.Options) {
		setup(o)
		fails := o.Fault
		o.Fault = func(p localcloud.FaultPoint) *localcloud.Failure {
			if p.At.Sub(localcloud.Start) >= d {
				return nil
			}
			return fails(p)
		}
	}
}
