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
	const main, foreign, far = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main",
		"arn:aws:cloudtrail:eu-west-1:444455556666:trail/main",
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
		{"another account", bound, of(foreign), []string{"eu-west-1.444455556666.main.json: trail.arn names account " +
			"444455556666"}},
		{"another Region", bound, of(far), []string{"us-east-1.111122223333.main.json: trail.arn names Region us-east-1, " +
			"and the stack is in eu-west-1"}},
		{"a Region of the sweep", swept, of(main, far), nil},
		{
			"no Region of the sweep", swept, of("arn:aws:cloudtrail:us-east-2:111122223333:trail/main"),
			[]string{"add the Region to sweep.regions"},
		},
		{"an organization's", restoring, organization, []string{"trail.settings.isOrganizationTrail is true, and " +
			"organizationTrail is false"}},
		{"an organization's, granted", granted, organization, nil},
		{"everything at once", bound, of(foreign, far, main, main, "nonsense"), []string{
			"account 444455556666", "Region us-east-1", "which another file declares as well", `"nonsense" is no trail ARN`,
		}},
	} {
		err := settings.CheckBaselines(tt.s, tt.all)
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

// TestBaselineNotes: every warning says what will not work and what to do; nothing is said where all is as a first
// deployment has it.
func TestBaselineNotes(t *testing.T) {
	of := func(logging ...bool) (all []baseline.Baseline) {
		for i, on := range logging {
			arn := "arn:aws:cloudtrail:eu-west-1:111122223333:trail/trail" + string(rune('a'+i))
			all = append(all, baseline.Baseline{Trail: baseline.State{ARN: arn, Logging: on}})
		}
		return all
	}
	in := func(mode config.Mode, change func(*settings.Settings)) settings.Settings {
		s := settings.Defaults()
		s.Mode = mode
		if change != nil {
			change(&s)
		}
		return s
	}
	elsewhere := func(s *settings.Settings) { s.Baselines = "trails" }
	for name, tt := range map[string]struct {
		s      settings.Settings
		all    []baseline.Baseline
		folder bool
		want   []string // each with what it says
	}{
		"a first deployment": {in(config.ModeRestart, nil), nil, false, nil},
		"an empty folder":    {in(config.ModeRestart, nil), nil, true, nil},
		"notify":             {in(config.ModeNotify, nil), nil, false, nil},
		"another folder, not there": {in(config.ModeRestart, elsewhere), nil, false, []string{"baselines is trails, and " +
			"the folder trails does not exist|capture --dir trails"}},
		"another folder": {in(config.ModeRestart, elsewhere), nil, true, nil},
		"restore, nothing": {in(config.ModeRestore, nil), nil, true, []string{"mode is restore, and the folder " +
			"cdk/baselines holds no baseline|only strengthens it|baseline capture"}},
		"restore, no folder": {in(config.ModeRestore, nil), nil, false, []string{"mode is restore, and the " +
			"folder cdk/baselines does not exist|a deleted trail stays deleted"}},
		"recreate, another, not there": {in(config.ModeRecreate, elsewhere), nil, false, []string{"mode is recreate, and " +
			"the folder trails does not exist"}},
		"restore, nothing recorded": {
			in(config.ModeRestore, func(s *settings.Settings) { s.Table.Recorded = false }), nil, true,
			[]string{"nothing else is put back"},
		},
		"restore, one": {in(config.ModeRestore, nil), of(true), true, nil},
		"off": {
			in(config.ModeRestart, nil), of(true, false, false), true,
			[]string{`trailb.json says "logging": false`, `trailc.json says "logging": false|does not restart`},
		},
		"off, in notify": {in(config.ModeNotify, nil), of(false), true, []string{`traila.json says "logging": false`}},
	} {
		got := settings.BaselineNotes(tt.s, tt.all, tt.folder)
		if len(got) != len(tt.want) {
			t.Errorf("%s: %q, want %d notes", name, got, len(tt.want))
			continue
		}
		for i, want := range tt.want {
			for part := range strings.SplitSeq(want, "|") {
				if !strings.Contains(got[i], part) {
					t.Errorf("%s: %q; want it to say %q", name, got[i], part)
				}
			}
		}
	}
}
