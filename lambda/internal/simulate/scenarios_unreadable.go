package simulate

import (
	"context"
	"net/http"

	"trailkeeper/lambda/internal/localcloud"
)

// unreadables are attacks by somebody who has used up the account's reads of CloudTrail.
func unreadables() []Scenario {
	return []Scenario{
		{
			Name: "reads-exhausted",
			Title: "seven fields are weakened while every read of the trail is throttled; a sweep follows when reads work " +
				"again",
			Recreate: true,
			sweeps:   true,
			act:      thenSweep(whileThrottled(weakenSevenFields)),
			checks: checks(
				putBack(),
				told("accepted, verification pending"),
				outcome("accepted"),
				found("confirmed", "notified_only", "was not confirmed then"),
				writesOnly("UpdateTrail"),
				swept(),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
		{
			Name:     "reads-exhausted-selectors",
			Title:    "a trail is set to read-only events while every read of the trail is throttled",
			Recreate: true,
			sweeps:   true,
			act:      thenSweep(whileThrottled(halfBlind)),
			checks: checks(
				putBack(),
				told("accepted, verification pending"),
				outcome("accepted"),
				writesOnly("PutEventSelectors"),
				swept(),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
	}
}

// whileThrottled has CloudTrail throttle the function's reads until all has come to rest.
func whileThrottled(do act) act {
	return func(ctx context.Context, s *stage) error {
		s.cloud.Note("mallory", "uses up the ten reads of CloudTrail a second")
		var faults []*localcloud.Injected
		for _, operation := range []string{
			"DescribeTrails", "GetTrailStatus", "GetEventSelectors", "GetInsightSelectors", "GetEventConfiguration", "ListTags", "GetTrail", "ListTrails",
		} {
			faults = append(faults, s.cloud.Inject(localcloud.Fault{
				Service:   "cloudtrail",
				Operation: operation,
				Kind:      localcloud.FaultError,
				Status:    http.StatusBadRequest,
				Code:      "ThrottlingException",
				Message:   "Rate exceeded",
			}))
		}
		if err := do(ctx, s); err != nil {
			return err
		}
		err := s.cloud.Run()
		for _, f := range faults {
			f.End()
		}
		return err
	}
}
