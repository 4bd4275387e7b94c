// Package scenarios is the list of what is played: each is a setup, an act and the checks that must pass. It holds no
// code of an attack or a check, and plays nothing.
package scenarios

import (
	"fmt"
	"strings"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/stage"
	"trailkeeper/lambda/internal/simulate/structure"
)

// Scenario is one attack and what must come of it.
type Scenario struct {
	// Name is what --scenario takes, such as "logging-stopped"; Title says what happens.
	Name, Title string
	// Recreate says that the scenario is about a deployment in mode recreate, with a declared baseline of the trail.
	Recreate bool
	// Threads says that the scenario is about a deployment with a Slack bot, whose messages about an incident are in one
	// thread.
	Threads bool

	Setup   stage.Setup
	Sweeps  bool      // the scenario has the schedule fire
	Records bool      // the scenario has the sweep record a baseline
	Tests   bool      // the scenario sends a test alert
	Needs   need.Need // what the deployment must have for the scenario to make sense
	Act     act.Act
	Checks  []check.Check
}

// Golden names the golden template that the scenario is about.
func (s Scenario) Golden() string {
	switch {
	case s.Recreate:
		return "recreate"
	case s.Threads:
		return "bot-token"
	default:
		return "default"
	}
}

// Find returns the scenario of that name. The error lists the names there are.
func Find(name string) (Scenario, error) {
	var names []string
	for _, s := range All() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Scenario{}, fmt.Errorf("no scenario %q; want one of %s", name, strings.Join(names, ", "))
}

// Fits reports whether the deployment is set up for the scenario.
func (s Scenario) Fits(st *stage.Stage) bool {
	template, err := structure.Of(st.Template)
	d := st.Cloud.Deployment()
	switch {
	case err != nil,
		s.Recreate && !need.InMode(config.ModeRecreate)(d),
		s.Threads && !need.Threads(d),
		s.Sweeps && !need.Sweep(d),
		s.Records && !d.Table,
		s.Records && !template.RecordsBaselines() && d.Environment[config.EnvRecorded] == "",
		s.Tests && len(template.TestBuses()) == 0:
		return false
	}
	return s.Needs == nil || s.Needs(d)
}
