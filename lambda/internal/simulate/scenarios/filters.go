package scenarios

import (
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/need"
)

// filters are what metric filters on a trail's log group make of records.
func filters() []Scenario {
	return []Scenario{{
		Name:    "metric-filter",
		Title:   "root signs in, and the alarm of a metric filter reports it when the record is in the log group",
		Filters: true,
		Needs:   need.All(need.Topic, need.Counted(act.RootSignIn)),
		Act:     act.RootSignsInLogged(1),
		Checks: check.All(
			check.Counted(), check.Untouched(), check.SilentTowardsCloudTrail(), check.Safe(),
		),
	}}
}
