package simulate

import (
	"context"
	"fmt"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/internal/localcloud"
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

	setup        func(*localcloud.Options)
	denied       map[string]string // what AWS forbids the attacker
	actorPath    string            // the IAM path of the attacker
	organization bool              // the trail is the organization's
	exceptions   exception.List    // what the operator has exempted
	routed       bool              // what happens to the second trail goes to a channel of its own
	undeclared   bool              // the trail has no declared baseline
	sweeps       bool              // the scenario has the schedule fire
	records      bool              // the scenario has the sweep record a baseline
	tests        bool              // the scenario sends a test alert
	regions      []string          // where the sweep looks for trails; empty: the function's Region
	// state is the trail as it is set up and declared; nil: a plain one.
	state  func(arn string) baseline.State
	needs  need // what the deployment must have for the scenario to make sense
	act    func(context.Context, *stage) error
	checks []check
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
	for _, s := range Scenarios() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Scenario{}, fmt.Errorf("no scenario %q; want one of %s", name, strings.Join(names, ", "))
}

// secondChannel is the Slack channel for the second trail, where the scenario has one.
const secondChannel = "C0SECOND001"

func (s Scenario) routes(o localcloud.Options) route.List {
	if !s.routed {
		return route.List{}
	}
	return route.List{Routes: []route.Route{{Trails: []string{secondOf(s.trail(o))}, Slack: []string{secondChannel}}}}
}

// trail is the ARN of the trail that the scenario is about.
func (s Scenario) trail(o localcloud.Options) string {
	t := events.Trail{
		Partition: "aws",
		Region:    o.Region,
		Account:   o.Account,
		Name:      trailName,
	}
	if s.organization {
		t.Name = "organization"
		if o.ManagementAccount != "" {
			t.Account = o.ManagementAccount
		}
	}
	return t.ARN()
}

// Result is what became of a scenario.
type Result struct {
	Name     string
	Title    string
	Start    time.Time
	Timeline []localcloud.Entry
	Checks   []Verdict
	// NotPlayed says why the scenario makes no sense for the deployment; empty: it was played.
	NotPlayed string
	// Assumptions are sentences about what the template uses and does not hold.
	Assumptions []string

	cloud      *localcloud.Cloud
	template   []byte
	deployment localcloud.Deployment
	region     string
	trail      string
	declared   baseline.State
	attack     localcloud.Entry // the first call, or the event that is played
	faults     []*localcloud.Injected
}

// Verdict says whether one check held.
type Verdict struct {
	Check string // such as "logging was restored"
	Why   string // empty: it held
}

// Held reports whether every check held.
func (r Result) Held() bool { return len(r.Broken()) == 0 }

// Broken returns the checks that did not hold.
func (r Result) Broken() []Verdict {
	var broken []Verdict
	for _, v := range r.Checks {
		if v.Why != "" {
			broken = append(broken, v)
		}
	}
	return broken
}

// Play plays one scenario on what the template deploys. The error says that it could not be played: the template is not
// modelled, or the cloud refused to be set up. A broken check is no error.
func Play(ctx context.Context, template []byte, s Scenario) (res Result, err error) {
	o := options(template)
	if s.setup != nil {
		s.setup(&o)
	}
	st, err := newStage(o, s)
	if err != nil {
		return Result{}, err
	}
	defer func() {
		if closeErr := st.cloud.Close(); err == nil {
			err = closeErr
		}
	}()
	if !s.fits(st.cloud.Deployment(), template) {
		return Result{Name: s.Name, Title: s.Title, NotPlayed: "this deployment is not set up for it"}, nil
	}
	if err := s.act(ctx, st); err != nil {
		return Result{}, fmt.Errorf("scenario %s: the attacker: %w", s.Name, err)
	}
	if err := st.cloud.Run(); err != nil {
		return Result{}, fmt.Errorf("scenario %s: %w", s.Name, err)
	}
	res = result(st.cloud, s, o.Region, st.trail)
	res.declared = st.declared
	res.template, res.faults = template, st.faults
	res.judge(s.checks)
	return res, nil
}

// fits reports whether the deployment is set up for the scenario.
func (s Scenario) fits(d localcloud.Deployment, template []byte) bool {
	switch {
	case s.Recreate && !inMode(config.ModeRecreate)(d),
		s.Threads && !needsThreads(d),
		s.sweeps && !needsSweep(d),
		s.records && !records(template, d):
		return false
	case s.tests && len(testBuses(template)) == 0:
		return false
	}
	return s.needs == nil || s.needs(d)
}

func result(cloud *localcloud.Cloud, s Scenario, region, trail string) Result {
	res := Result{
		Name:     s.Name,
		Title:    s.Title,
		region:   region,
		Timeline: cloud.Entries(),
		cloud:    cloud,
		trail:    trail,
		Start:    cloud.Began(),
	}
	res.deployment = cloud.Deployment()
	res.Assumptions = res.deployment.Assumptions
	for _, e := range res.Timeline {
		if e.Kind == localcloud.KindCall && !e.Function && e.EventID != "" {
			res.attack = e
			break
		}
	}
	return res
}

// judge checks the checks that the deployment can keep against what was seen.
func (r *Result) judge(checks []check) {
	for _, p := range checks {
		if p.needs != nil && !p.needs(r.deployment) {
			continue
		}
		r.Checks = append(r.Checks, Verdict{Check: p.name, Why: p.verify(r)})
	}
}
