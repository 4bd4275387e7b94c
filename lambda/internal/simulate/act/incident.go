package act

import (
	"context"
	"slices"
	"time"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/stage"
)

// Beside does something while another trail logs, so that EventBridge gets the events all the same.
func Beside(do Act) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		second := localcloud.TrailSeed{ARN: stage.SecondOf(s.Trail), Logging: true, MultiRegion: true}
		if err := s.Cloud.AddTrail(second); err != nil {
			return err
		}
		return do(ctx, s)
	}
}

// StopBoth stops the trail of the scenario, and then another one.
func StopBoth() Act {
	stopSecond := func(ctx context.Context, s *stage.Stage) error { return stopNamed(ctx, s, stage.SecondTrail) }
	return Beside(InTurn(2*time.Second, StopLogging, stopSecond))
}

// StopAndDeny stops the trail, takes the guard's permission to start it, and stops it again.
func StopAndDeny() Act {
	denied := cloudTrailRefuses("StartLogging", "AccessDeniedException", "User is not authorized to perform: "+
		"cloudtrail:StartLogging with an explicit deny in a service control policy")
	return InOrder(
		InTurn(2*time.Second, StopLogging),
		note("mallory", "denies the guard cloudtrail:StartLogging"),
		Faulty(StopLogging, denied),
	)
}

// StopsInTime stops the trail n times, one every few seconds, while the schedules fire.
func StopsInTime(n int) Act { return InTime(8*time.Second, slices.Repeat([]Act{StopLogging}, n)...) }

// StopsRefused tries to stop the trail n times, one every two seconds, and wants AWS to refuse it.
func StopsRefused(n int) Act {
	return InTime(2*time.Second, slices.Repeat([]Act{Refused(StopLogging)}, n)...)
}
