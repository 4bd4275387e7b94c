package techniques

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/simulate"
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/scenarios"
	"trailkeeper/lambda/internal/simulate/stage"
)

// TestTrailOfAnotherRegion: where no rule of the stack can see its events, a trail is found, recorded and started again
// by the sweep, as long as its Region is among those that are swept.
func TestTrailOfAnotherRegion(t *testing.T) {
	const elsewhere = "us-east-1"
	template, ok := golden.Variant("everything")
	if !ok {
		t.Fatal("there is no golden template")
	}
	for name, test := range map[string]struct {
		regions []string
		started bool
	}{
		"swept":     {[]string{stage.Region, elsewhere}, true},
		"not swept": {[]string{stage.Region}, false},
		"none":      {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			var other string
			var logs bool
			_, err := simulate.Play(t.Context(), template, scenarios.Scenario{
				Name:   name,
				Sweeps: true,
				Setup:  stage.Setup{Regions: test.regions},
				Act: func(ctx context.Context, s *stage.Stage) error {
					other = strings.ReplaceAll(s.Trail, ":"+s.Region+":", ":"+elsewhere+":")
					state := full(other)
					state.Settings.MultiRegion, state.Settings.LogGroupARN, state.Settings.LogRoleARN = false, "", ""
					if err := s.Cloud.AddTrailAs(state); err != nil {
						return err
					}
					if err := act.Sweep(1)(ctx, s); err != nil {
						return err
					}
					if _, err := stage.Client(
						s.Cloud,
						elsewhere,
					).StopLogging(
						ctx,
						&cloudtrail.StopLoggingInput{Name: aws.String(other)},
					); err != nil {
						return err
					}
					s.Cloud.Pass(5 * time.Minute)
					if err := act.Sweep(1)(ctx, s); err != nil {
						return err
					}
					logs = s.Cloud.Logging(other)
					return nil
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			if logs != test.started {
				t.Errorf("%s logs: %v", other, logs)
			}
		})
	}
}
