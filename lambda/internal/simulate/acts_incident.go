package simulate

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/lambda/internal/localcloud"
)

// secondTrail is what the scenarios about two trails call the other one.
const secondTrail = "second"

// secondOf is its ARN.
func secondOf(trail string) string { return trail[:len(trail)-len(trailOf(trail))] + secondTrail }

// stopBoth stops the trail of the scenario, and then another one.
func stopBoth(ctx context.Context, s *stage) error {
	if err := s.cloud.AddTrail(
		localcloud.TrailSeed{ARN: secondOf(s.trail), Logging: true, MultiRegion: true},
	); err != nil {
		return err
	}
	stopSecond := func(ctx context.Context, s *stage) error {
		_, err := s.attacker.StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: aws.String(secondTrail)})
		return err
	}
	return inTurn(2*time.Second, stopLogging, stopSecond)(ctx, s)
}

// stopAndDeny stops the trail, takes the guard's permission to start it, and stops it again.
func stopAndDeny(ctx context.Context, s *stage) error {
	if err := inTurn(2*time.Second, stopLogging)(ctx, s); err != nil {
		return err
	}
	s.cloud.Note("mallory", "denies the guard cloudtrail:StartLogging")
	s.inject(localcloud.Fault{
		Service:   "cloudtrail",
		Operation: "StartLogging",
		Kind:      localcloud.FaultError,
		Status:    http.StatusBadRequest,
		Code:      "AccessDeniedException",
		Message: "User is not authorized to perform: cloudtrail:StartLogging with an explicit deny in a service control " +
			"policy",
	})
	return stopLogging(ctx, s)
}

// stopsInTime stops the trail n times, one every few seconds, while the schedules fire.
func stopsInTime(n int) act { return inTime(8*time.Second, slices.Repeat([]act{stopLogging}, n)...) }

// beside does something while another trail logs, so that EventBridge gets the events all the same.
func beside(do act) act {
	return func(ctx context.Context, s *stage) error {
		if err := s.cloud.AddTrail(
			localcloud.TrailSeed{ARN: secondOf(s.trail), Logging: true, MultiRegion: true},
		); err != nil {
			return err
		}
		return do(ctx, s)
	}
}
