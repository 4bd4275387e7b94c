package scenarios

import (
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/need"
)

// self are attacks on the deployment itself.
func self() []Scenario {
	all := []Scenario{
		{
			Name:   "every-call",
			Title:  "every call against the deployment, told by EventBridge alone",
			Needs:  need.Protect,
			Act:    act.EveryCall,
			Checks: check.All(check.ToldByRules(100), check.Sound()),
		},
	}
	for i := range all {
		all[i].Self = true
	}
	return all
}
