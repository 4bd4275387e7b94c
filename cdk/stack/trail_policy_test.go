package stack_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/exception"
)

// TestTrailWrites: what the guard may write to which trails, by mode, state table and overrides; one trail has a
// declared baseline.
func TestTrailWrites(t *testing.T) {
	const other = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/sandbox"
	on := func(trail string, calls ...string) []string {
		for i, call := range calls {
			calls[i] = strings.Replace(call, "!", "never ", 1) + " on " + trail
		}
		return calls
	}
	start := on(trailsHere, "StartLogging")
	strong := on(trailsHere, "PutEventSelectors", "PutInsightSelectors", "UpdateTrail")
	declared := on(declaredTrail, "PutEventSelectors", "PutInsightSelectors", "UpdateTrail")
	for name, tt := range map[string]struct {
		mode      config.Mode
		table     bool
		overrides []exception.Override
		want      []string
	}{
		"notify": {config.ModeNotify, true, nil, nil},
		"notify, excluded": {
			config.ModeNotify, true, []exception.Override{{Trail: other, Mode: exception.ModeExclude}}, nil,
		},
		"restart": {config.ModeRestart, true, nil, start},
		"restart, excluded": {
			config.ModeRestart, true,
			[]exception.Override{{Trail: other, Mode: exception.ModeExclude}},
			slices.Concat(start, on(other, "!StartLogging")),
		},
		"restore":           {config.ModeRestore, true, nil, slices.Concat(start, strong, on(declaredTrail, "AddTags"))},
		"restore, no table": {config.ModeRestore, false, nil, slices.Concat(start, declared, on(declaredTrail, "AddTags"))},
		"recreate": {
			config.ModeRecreate, true, nil, slices.Concat(start, strong, on(declaredTrail, "AddTags", "CreateTrail")),
		},
		"recreate, no table": {
			config.ModeRecreate, false, nil, slices.Concat(start, declared, on(declaredTrail, "AddTags", "CreateTrail")),
		},
		"the declared one only restored": {
			config.ModeRecreate, true,
			[]exception.Override{{Trail: declaredTrail, Mode: config.ModeRestore}},
			slices.Concat(start, strong, on(declaredTrail, "AddTags")),
		},
		"the declared one only restarted": {
			config.ModeRecreate, true,
			[]exception.Override{{Trail: declaredTrail, Mode: config.ModeRestart}},
			slices.Concat(start, strong, on(declaredTrail, "!PutEventSelectors", "!PutInsightSelectors", "!UpdateTrail")),
		},
		"the declared one reported only": {
			config.ModeRestore, true,
			[]exception.Override{{Trail: declaredTrail, Mode: config.ModeNotify}},
			slices.Concat(
				start, strong, on(declaredTrail, "!PutEventSelectors", "!PutInsightSelectors", "!StartLogging", "!UpdateTrail"),
			),
		},
		"the declared one reported only, no table": {
			config.ModeRestore, false,
			[]exception.Override{{Trail: declaredTrail, Mode: config.ModeNotify}},
			slices.Concat(start, on(declaredTrail, "!StartLogging")),
		},
		"some calls": {
			config.ModeRestore, true,
			[]exception.Override{{Trail: declaredTrail, Events: []string{"AddTags"}, Mode: config.ModeNotify}},
			slices.Concat(start, strong, on(declaredTrail, "AddTags")),
		},
		"tags reported only": {
			config.ModeRestore, true,
			[]exception.Override{{Trail: "*", Events: []string{"AddTags", "RemoveTags"}, Mode: config.ModeNotify}},
			slices.Concat(start, strong),
		},
		"most calls reported only": {
			config.ModeRecreate, true,
			[]exception.Override{
				{
					Trail:  "*",
					Events: []string{"AddTags", "RemoveTags", "PutEventSelectors", "StopLogging", "DeleteTrail"},
					Mode:   config.ModeNotify,
				},
			},
			on(trailsHere, "PutInsightSelectors", "UpdateTrail"),
		},
		"a stop only reported, a deletion undone": {
			config.ModeRecreate, true,
			[]exception.Override{{Trail: declaredTrail, Events: []string{"StopLogging"}, Mode: config.ModeNotify}},
			slices.Concat(start, strong, on(declaredTrail, "AddTags", "CreateTrail")),
		},
		"a deletion reported only": {
			config.ModeRecreate, true,
			[]exception.Override{{Trail: declaredTrail, Events: []string{"DeleteTrail"}, Mode: config.ModeNotify}},
			slices.Concat(start, strong, on(declaredTrail, "AddTags")),
		},
		"selectors reported only on one": {
			config.ModeRestore, true,
			[]exception.Override{{Trail: declaredTrail, Events: []string{"PutEventSelectors"}, Mode: config.ModeNotify}},
			slices.Concat(start, strong, on(declaredTrail, "AddTags", "!PutEventSelectors")),
		},
		"some calls more than the rest": {
			config.ModeRestore, true,
			[]exception.Override{
				{Trail: other, Events: []string{"StopLogging"}, Mode: config.ModeRestart}, {Trail: other, Mode: config.ModeNotify},
			},
			slices.Concat(
				start, strong, on(declaredTrail, "AddTags"),
				on(other, "!PutEventSelectors", "!PutInsightSelectors", "!UpdateTrail"),
			),
		},
		"all restarted": {
			config.ModeRecreate, true, []exception.Override{{Trail: "*", Mode: config.ModeRestart}}, start,
		},
		"all restarted, none new": {
			config.ModeRecreate, false, []exception.Override{{Trail: "*", Mode: config.ModeRestart}}, start,
		},
		"all restarted but one": {
			config.ModeRecreate, true,
			[]exception.Override{{Trail: other, Mode: config.ModeRestore}, {Trail: "*", Mode: config.ModeRestart}},
			slices.Concat(start, on(other, "PutEventSelectors", "PutInsightSelectors", "UpdateTrail")),
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := variant(t, "recreate")
			s.Mode, s.Table.Enabled, s.Overrides = tt.mode, tt.table, tt.overrides
			s.Warden.Enabled, s.Protect.Enabled, s.Alarms, s.Dashboard = false, false, false, false // a third of the synth
			if diff := cmp.Diff(
				slices.Sorted(slices.Values(tt.want)),
				trailWrites(grants(t, unvalidated(t, s), "GuardRole")),
			); diff != "" {
				t.Errorf("writes to trails (-want +got):\n%s", diff)
			}
		})
	}
}

// trailWrites are CloudTrail's calls that change something.
func trailWrites(grants []string) []string {
	var all []string
	for _, g := range grants {
		call, isTrail := strings.CutPrefix(strings.Replace(g, "never cloudtrail:", "cloudtrail:never ", 1), "cloudtrail:")
		reads := slices.ContainsFunc(
			[]string{"Get", "List", "Describe", "Lookup"},
			func(verb string) bool { return strings.HasPrefix(call, verb) },
		)
		if isTrail && !reads {
			all = append(all, call)
		}
	}
	slices.Sort(all)
	return all
}
