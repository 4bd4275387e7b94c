package simulate

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/cdk/golden"
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
	}{"swept": {[]string{region, elsewhere}, true}, "not swept": {[]string{region}, false}, "none": {nil, false}} {
		t.Run(name, func(t *testing.T) {
			var other string
			var logs bool
			_, err := Play(t.Context(), template, Scenario{
				Name:    name,
				sweeps:  true,
				regions: test.regions,
				act: func(ctx context.Context, s *stage) error {
					other = strings.ReplaceAll(s.trail, ":"+s.region+":", ":"+elsewhere+":")
					state := full(other)
					state.Settings.MultiRegion, state.Settings.LogGroupARN, state.Settings.LogRoleARN = false, "", ""
					if err := s.cloud.AddTrailAs(state); err != nil {
						return err
					}
					if err := s.sweep(1); err != nil {
						return err
					}
					if _, err := client(
						s.cloud,
						elsewhere,
					).StopLogging(
						ctx,
						&cloudtrail.StopLoggingInput{Name: aws.String(other)},
					); err != nil {
						return err
					}
					s.cloud.Pass(5 * time.Minute)
					if err := s.sweep(1); err != nil {
						return err
					}
					logs = s.cloud.Logging(other)
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
