package guardrail

import (
	"fmt"
	"slices"
	"strings"
)

// MaxSize is how many characters a policy of either kind may have: what AWS Organizations takes of an RCP. Of an SCP it
// took as many until 2026-05-15, and takes 10,240 since (AWS Organizations User Guide, "Quotas and service limits");
// what fits into the former fits everywhere.
const MaxSize = 5120

// MaxSCPs is into how many SCPs the guardrail may be split. Five may be attached to a target, ten since 2026-05-15, and
// one of them is FullAWSAccess.
const MaxSCPs = 4

// SCPs is the service control policy in as many parts as MaxSize asks for: SCP where it fits; else the buckets, keys and
// log groups of Trails are in further policies, some in each.
func (d Deployment) SCPs() []Policy {
	whole := d.SCP()
	if len(whole.Text()) <= MaxSize {
		return []Policy{whole}
	}
	own := d
	own.Trails, own.LogGroups = nil, nil
	parts := []Policy{own.SCP()}
	var some Texts
	for _, one := range d.ofTrails() {
		if len(some) > 0 && len(d.further(append(slices.Clone(some), one)).Text()) > MaxSize {
			parts, some = append(parts, d.further(some)), nil
		}
		some = append(some, one)
	}
	if len(some) > 0 {
		parts = append(parts, d.further(some))
	}
	return parts
}

// ofTrails are the resources that are protected for Trails alone.
func (d Deployment) ofTrails() Texts {
	return unique(slices.Concat(Deployment{Trails: d.Trails}.shared(), d.logGroups()))
}

// further is a policy about some of the resources of trails.
func (d Deployment) further(some Texts) Policy {
	var actions Texts
	for _, action := range tampering() {
		service, _, _ := strings.Cut(action, ":")
		if slices.ContainsFunc(some, func(arn string) bool { return strings.Split(arn, ":")[2] == service }) {
			actions = append(actions, action)
		}
	}
	return Policy{Version: version, Statement: []Statement{deny(actions, some, d.exempt())}}
}

// Problems are what keeps the policies from being attached: one is too large, or would lock out a role that deploys,
// each in a sentence. Without a role that deploys, nobody could change or remove the deployment any more.
func (d Deployment) Problems(rcp bool) []error {
	var errs []error
	if len(d.deployers()) == 0 {
		errs = append(errs, fmt.Errorf("the guardrail exempts no role that deploys, and would lock out the deployment of %s "+
			"itself; name the role", d.Stack))
	}
	parts := d.SCPs()
	if n := len(parts[0].Text()); n > MaxSize {
		errs = append(errs, fmt.Errorf("the guardrail's service control policy has %d characters without the baselines; want "+
			"at most %d: name fewer break-glass roles, keys, topics and queues, or shorter ones (%s)",
			n, MaxSize, d.longest()))
	}
	if len(parts) > MaxSCPs {
		errs = append(errs, fmt.Errorf("the guardrail takes %d service control policies for the buckets, keys and log groups of "+
			"%d baselines, and a target has room for %d beside FullAWSAccess; protect some of them by a policy of their own, "+
			"or let trails share a bucket and a key", len(parts), len(d.Trails), MaxSCPs))
	}
	if !rcp {
		return errs
	}
	if d.Organization == "" {
		errs = append(errs, fmt.Errorf("the guardrail's resource control policy needs the organization's ID, such as o-a1b2c3d4e5"))
	}
	if n := len(d.RCP().Text()); n > MaxSize {
		errs = append(errs, fmt.Errorf("the guardrail's resource control policy has %d characters, and AWS Organizations takes "+
			"%d; it names %d buckets, keys, secrets and queues: leave some of the baselines to a policy of their own",
			n, MaxSize, len(d.shared())))
	}
	return errs
}

// longest says what takes most room besides the baselines.
func (d Deployment) longest() string {
	size := func(what string, all []string) string {
		return fmt.Sprintf("%s: %d", what, len(strings.Join(all, `","`)))
	}
	return strings.Join([]string{
		size("break-glass roles", d.BreakGlass), size("deploy roles", d.DeployRoles), size("keys", d.Keys),
		size("topics", d.Topics), size("queues", d.Queues),
	}, ", ")
}
