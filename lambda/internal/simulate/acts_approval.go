package simulate

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/localcloud"
)

const (
	deployRole = "Deploy"
	deployKey  = "ASIADEPLOY0000000001"
	newBucket  = "log-archive-new"
)

// asDeploy has the approved role do something.
func asDeploy(do act) act {
	return func(ctx context.Context, s *stage) error {
		s.cloud.AddPrincipal(localcloud.Principal{
			AccessKey: deployKey,
			Account:   s.account,
			UserName:  "ci",
			RoleName:  deployRole,
		})
		mallory := s.attacker
		s.attacker = clientOf(s.cloud, s.region, deployKey)
		defer func() { s.attacker = mallory }()
		return do(ctx, s)
	}
}

// late has the event history show what is done after a time.
func late(d time.Duration, do act) act {
	return func(ctx context.Context, s *stage) error {
		s.cloud.DelayHistory(d)
		return do(ctx, s)
	}
}

// lost loses the event of what is done.
func lost(do act) act {
	return func(ctx context.Context, s *stage) error {
		s.cloud.LoseEvents(1)
		return do(ctx, s)
	}
}

// thenSweeps has a sweep follow every five minutes, the first a minute after what is done.
func thenSweeps(n int, do act) act {
	return func(ctx context.Context, s *stage) error {
		if err := do(ctx, s); err != nil {
			return err
		}
		for i := range n {
			if err := s.cloud.Settle(); err != nil {
				return err
			}
			s.cloud.Pass(map[bool]time.Duration{true: time.Minute, false: 5 * time.Minute}[i == 0])
			if s.cloud.FireSchedules() == 0 {
				s.cloud.Note("Scheduler", "no schedule is enabled")
			}
		}
		return nil
	}
}

// timed prints the dark time of what is done.
func timed(do act) act {
	return func(ctx context.Context, s *stage) error {
		if err := do(ctx, s); err != nil {
			return err
		}
		if err := s.cloud.Settle(); err != nil {
			return err
		}
		dark, _ := (&Result{cloud: s.cloud}).dark()
		s.cloud.Note("stopwatch", "the trail was dark for "+finding.Duration(dark))
		return nil
	}
}

// slowly does one thing after the other, as fast as CloudTrail's quota lets it.
func slowly(acts ...act) act {
	return func(ctx context.Context, s *stage) error {
		for i, do := range acts {
			if i > 0 {
				s.cloud.Pass(time.Second)
			}
			if err := do(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}
}

func moveBucket(ctx context.Context, s *stage) error {
	_, err := s.attacker.UpdateTrail(
		ctx,
		&cloudtrail.UpdateTrailInput{Name: aws.String(trailName), S3BucketName: aws.String(newBucket)},
	)
	return err
}

func useAlias(ctx context.Context, s *stage) error {
	_, err := s.attacker.UpdateTrail(
		ctx,
		&cloudtrail.UpdateTrailInput{Name: aws.String(trailName), KmsKeyId: aws.String("alias/logs")},
	)
	return err
}

// racedUpdate is an approved change, and a second later one of somebody else.
func racedUpdate(ctx context.Context, s *stage) error {
	if err := asDeploy(moveBucket)(ctx, s); err != nil {
		return err
	}
	s.cloud.Pass(time.Second)
	_, err := s.attacker.UpdateTrail(ctx, &cloudtrail.UpdateTrailInput{
		Name: aws.String(trailName), S3KeyPrefix: aws.String("attic"), EnableLogFileValidation: aws.Bool(false),
	})
	return err
}

func forgedUpdate(ctx context.Context, s *stage) error {
	if err := s.invokeForged(
		ctx,
		"UpdateTrail",
		map[string]any{"name": trailName, "s3BucketName": newBucket},
	); err != nil {
		return err
	}
	return lost(moveBucket)(ctx, s)
}

func forgedStop(ctx context.Context, s *stage) error {
	if err := s.invokeForged(ctx, "StopLogging", map[string]any{"name": trailName}); err != nil {
		return err
	}
	return lost(stopLogging)(ctx, s)
}

// invokeForged invokes every function with a record of a call that the approved role never made, as anybody can who has
// lambda:InvokeFunction.
func (s *stage) invokeForged(ctx context.Context, call string, request map[string]any) error {
	now := s.cloud.Now().UTC().Format(time.RFC3339)
	role := in("", s.account).ARN("iam", "role/"+deployRole)
	payload, err := json.Marshal(map[string]any{
		"version":     "0",
		"id":          "f0f0f0f0-0000-4000-8000-000000000003",
		"source":      "aws.cloudtrail",
		"detail-type": "AWS API Call via CloudTrail",
		"account":     s.account,
		"region":      s.region,
		"time":        now,
		"resources":   []string{},
		"detail": map[string]any{
			"eventSource":        "cloudtrail.amazonaws.com",
			"eventName":          call,
			"eventType":          "AwsApiCall",
			"awsRegion":          s.region,
			"eventTime":          now,
			"eventID":            "f0f0f0f0-0000-4000-8000-000000000004",
			"recipientAccountId": s.account,
			"requestParameters":  request,
			"userIdentity": map[string]any{
				"type":      "AssumedRole",
				"arn":       in("", s.account).ARN("sts", "assumed-role/"+deployRole+"/ci"),
				"accountId": s.account,
				"sessionContext": map[string]any{"sessionIssuer": map[string]any{
					"type":      "Role",
					"arn":       role,
					"accountId": s.account,
					"userName":  deployRole,
				}},
			},
		},
	})
	if err != nil {
		return err
	}
	for _, name := range s.cloud.Deployment().Functions {
		if err := s.invoke(ctx, name, payload); err != nil {
			return err
		}
	}
	return s.cloud.Settle()
}

func (s *stage) invoke(ctx context.Context, name string, payload []byte) error {
	url := s.cloud.Endpoint() + "/2015-03-31/functions/" + name + "/invocations"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(payload))
	if err != nil {
		return err
	}
	req.Header.Set(
		"Authorization",
		"AWS4-HMAC-SHA256 Credential="+attackerKey+"/20260302/"+s.region+"/lambda/aws4_request, SignedHeaders=host, "+
			"Signature=0",
	)
	req.Header.Set("X-Amz-Invocation-Type", "Event")
	resp, err := loopbackClient().Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		return fmt.Errorf("invoke %s: %s", name, resp.Status)
	}
	return nil
}
