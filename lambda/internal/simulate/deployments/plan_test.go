package deployments

import (
	"maps"
	"slices"
	"testing"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/simulate/scenarios"
)

// The groups of scenarios, as package scenarios calls them.
const (
	attacks    = "Attacks on a trail"
	restores   = "Restores from a baseline"
	sweeps     = "What the sweep finds"
	approvals  = "Approved changes"
	incidents  = "Incidents and contested trails"
	failures   = "Failures during an attack"
	deliveries = "Delivery and redrive"
	rules      = "Rules over CloudTrail"
	watches    = "Test alert and heartbeat"
	evidence   = "Attacks on a trail's evidence"
	self       = "Attacks on Trailkeeper itself"
)

// everyCall has a record of each call on the deployment, and of those on its guardrail alone where there is one.
const everyCall = "every-call"

// groups are the groups, or single scenarios, that each golden template plays besides the attacks on a trail, which all of
// them play: those whose outcome may be another by what is special about the template. "everything" differs from "default"
// in nearly every setting, and "existing" has no state table, so that these play all.
var groups = map[string][]string{
	"archive":        {rules},
	"bot-token":      {incidents},
	"default":        {},
	"direct":         {failures, deliveries},
	"elsewhere":      {self},
	"everything":     {restores, sweeps, approvals, incidents, failures, deliveries, rules, watches, evidence, self},
	"evidence":       {evidence, self},
	"existing":       {restores, sweeps, approvals, incidents, failures, deliveries, rules, watches, evidence, self},
	"guardrail":      {everyCall},
	"heartbeat":      {watches},
	"many-accounts":  {restores},
	"metric-filters": {rules},
	"notify":         {restores, sweeps, approvals, incidents, failures, self},
	"protect":        {rules, self},
	"recreate":       {restores, sweeps},
	"self":           {self},
	"slack-only":     {failures, watches},
	"sns-only":       {failures, watches},
	"watch":          {rules, watches},
}

// planned reports whether a golden template plays a scenario. What package simulate's own test plays, each scenario on
// the template that it is about, is not played again.
func planned(variant string, s scenarios.Scenario) bool {
	return s.Golden() != variant &&
		(s.Group == attacks || slices.Contains(groups[variant], s.Group) || slices.Contains(groups[variant], s.Name))
}

// TestPlan: every template is planned, every group is one of package scenarios, and every scenario is planned on a
// template that it is not about.
func TestPlan(t *testing.T) {
	names := slices.DeleteFunc(golden.Names(), func(name string) bool { return name == backtest })
	if got := slices.Sorted(maps.Keys(groups)); !slices.Equal(got, names) {
		t.Errorf("planned are the templates %v; there are %v", got, names)
	}
	known := map[string]bool{}
	for _, s := range scenarios.All() {
		known[s.Group], known[s.Name] = true, true
		if !slices.ContainsFunc(names, func(name string) bool { return planned(name, s) }) {
			t.Errorf("%s is planned on no template", s.Name)
		}
	}
	for name, all := range groups {
		for _, group := range append([]string{attacks}, all...) {
			if !known[group] {
				t.Errorf("%s plays %q, which has no scenario", name, group)
			}
		}
	}
}
