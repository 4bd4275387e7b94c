// Package scenarios is the list of what is played: each is a setup, an act and the checks that must pass. It holds no
// code of an attack or a check, and plays nothing.
package scenarios

import (
	"errors"
	"fmt"
	"path"
	"slices"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/nearest"
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/need"
	"trailkeeper/lambda/internal/simulate/stage"
	"trailkeeper/lambda/internal/simulate/structure"
)

// Scenario is one attack and what must come of it.
type Scenario struct {
	// Name is what --scenario takes, such as "logging-stopped"; Title says what happens, and Group what it is about.
	Name, Title, Group string
	// Recreate says that the scenario is about a deployment in mode recreate, with a declared baseline of the trail.
	Recreate bool
	// Threads says that the scenario is about a deployment with a Slack bot, whose messages about an incident are in one
	// thread.
	Threads bool
	// Watch says that the scenario is about a deployment with rules over records.
	Watch bool
	// Filters says that the scenario is about a deployment with metric filters on a trail's log group.
	Filters bool
	// Evidence says that the scenario is about a deployment with rules on the evidence of its trails.
	Evidence bool
	// Self says that the scenario is about a deployment that protects itself.
	Self bool

	// Outside says that the scenario is about a deployment with a heartbeat for a service outside of AWS.
	Outside bool

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
	case s.Watch:
		return "watch"
	case s.Filters:
		return "metric-filters"
	case s.Outside:
		return "heartbeat"
	case s.Threads:
		return "bot-token"
	case s.Evidence:
		return "evidence"
	case s.Self:
		return "self"
	default:
		return "default"
	}
}

// All returns what is played, in order.
func All() []Scenario {
	var all []Scenario
	for _, group := range []struct {
		name      string
		scenarios []Scenario
	}{
		{"Attacks on a trail", attacks()},
		{"Restores from a baseline", slices.Concat(restores(), dependencies(), unreadables())},
		{"What the sweep finds", sweeps()},
		{"Approved changes", approvals()},
		{"Incidents and contested trails", slices.Concat(incidents(), fights())},
		{"Failures during an attack", failures()},
		{"Delivery and redrive", slices.Concat(deliveries(), redrives(), queues())},
		{"Rules over CloudTrail", slices.Concat(detections(), filters())},
		{"Test alert and heartbeat", slices.Concat(watches(), outside())},
		{"Attacks on a trail's evidence", onEvidence()},
		{"Attacks on Trailkeeper itself", self()},
	} {
		for _, s := range group.scenarios {
			s.Group = group.name
			all = append(all, s)
		}
	}
	return all
}

// Match returns the scenarios whose names match one of the patterns, in which * stands for anything, in their order;
// without a pattern, all. The error says which pattern matches none, and what may have been meant.
func Match(patterns ...string) ([]Scenario, error) {
	all := All()
	if len(patterns) == 0 {
		return all, nil
	}
	wanted := map[string]bool{}
	var errs []error
	for _, p := range patterns {
		found := false
		for _, s := range all {
			if ok, err := path.Match(p, s.Name); ok && err == nil {
				wanted[s.Name], found = true, true
			}
		}
		if !found {
			errs = append(errs, fmt.Errorf("no scenario is called %.100q%s", p, nearest.Mean(p, Names())))
		}
	}
	return slices.DeleteFunc(all, func(s Scenario) bool { return !wanted[s.Name] }), errors.Join(errs...)
}

// Names are those of all scenarios.
func Names() []string {
	var names []string
	for _, s := range All() {
		names = append(names, s.Name)
	}
	return names
}

// Fits reports whether the deployment is set up for the scenario.
func (s Scenario) Fits(st *stage.Stage) bool {
	template, err := structure.Of(st.Template)
	d := st.Deployed
	switch {
	case err != nil,
		s.Recreate && !need.InMode(config.ModeRecreate)(d),
		s.Threads && !need.Threads(d),
		s.Watch && !need.Watch(d),
		s.Outside && (!need.Heartbeat(d) || need.BothHeartbeats(d)),
		s.Sweeps && !need.Sweep(d),
		s.Records && !d.Table,
		s.Records && !template.RecordsBaselines() && need.Guard(d)[config.EnvRecorded] == "",
		s.Tests && len(template.TestBuses()) == 0:
		return false
	}
	return s.Needs == nil || s.Needs(d)
}
