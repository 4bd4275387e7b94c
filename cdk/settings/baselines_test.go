package settings_test

import (
	"strings"
	"testing"

	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
)

func TestCheckBaselines(t *testing.T) {
	of := func(arns ...string) []baseline.Baseline {
		var all []baseline.Baseline
		for _, arn := range arns {
			all = append(all, baseline.Baseline{Trail: baseline.State{ARN: arn}})
		}
		return all
	}
	const main, foreign, far = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main", "arn:aws:cloudtrail:eu-west-1:444455556666:trail/main",
		"arn:aws:cloudtrail:us-east-1:111122223333:trail/main"
	bound := settings.Defaults()
	bound.Env = settings.Env{Account: "111122223333", Region: "eu-west-1"}
	both := bound
	both.Accounts = []string{"111122223333", "444455556666"}
	swept := bound
	swept.Sweep.Regions = []string{"eu-west-1", "us-east-1"}
	restoring := bound
	restoring.Mode = config.ModeRestore
	granted := restoring
	granted.OrganizationTrail = true
	organization := of(main)
	organization[0].Trail.Settings.Organization = true
	for _, tt := range []struct {
		name string
		s    settings.Settings
		all  []baseline.Baseline
		want []string
	}{
		{"none", bound, nil, nil},
		{"ours", bound, of(main), nil},
		{"nothing is known of the place", settings.Defaults(), of(main, foreign, far), nil},
		{"a further account of ours", both, of(main, foreign), nil},
		{"another account", bound, of(foreign), []string{"eu-west-1.444455556666.main.json: trail.arn names account 444455556666"}},
		{"another Region", bound, of(far), []string{"us-east-1.111122223333.main.json: trail.arn names Region us-east-1, and the stack is in eu-west-1"}},
		{"a Region of the sweep", swept, of(main, far), nil},
		{"no Region of the sweep", swept, of("arn:aws:cloudtrail:us-east-2:111122223333:trail/main"), []string{"add the Region to sweep.regions"}},
		{"an organization's", restoring, organization, []string{"trail.settings.isOrganizationTrail is true, and organizationTrail is false"}},
		{"an organization's, granted", granted, organization, nil},
		{"everything at once", bound, of(foreign, far, main, main, "nonsense"), []string{
			"account 444455556666", "Region us-east-1", "which another file declares as well", `"nonsense" is no trail ARN`,
		}},
	} {
		err := tt.s.CheckBaselines(tt.all)
		if (err != nil) != (len(tt.want) > 0) {
			t.Errorf("%s: %v; want an error: %v", tt.name, err, len(tt.want) > 0)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v; want it to say %q", tt.name, err, want)
			}
		}
	}
}
