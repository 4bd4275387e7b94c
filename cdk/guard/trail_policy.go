package guard

import (
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/exception"
)

// repair is a write to CloudTrail, and what it is for.
type repair struct {
	action   string
	undoes   []string    // calls
	least    config.Mode // of any of these calls
	creates  bool        // creating a deleted trail again takes it as well
	declared bool        // only a declared baseline leads to it
	recorded bool        // a recorded baseline leads to it as well
}

func repairs() []repair {
	return []repair{
		{
			action:  "cloudtrail:StartLogging",
			undoes:  []string{"StopLogging"},
			least:   config.ModeRestart,
			creates: true,
		},
		{
			action:   "cloudtrail:UpdateTrail",
			undoes:   []string{"UpdateTrail"},
			least:    config.ModeRestore,
			recorded: true,
		},
		{
			action:   "cloudtrail:PutEventSelectors",
			undoes:   []string{"PutEventSelectors"},
			least:    config.ModeRestore,
			creates:  true,
			recorded: true,
		},
		{
			action:   "cloudtrail:PutInsightSelectors",
			undoes:   []string{"PutInsightSelectors"},
			least:    config.ModeRestore,
			creates:  true,
			recorded: true,
		},
		{
			action:   "cloudtrail:AddTags",
			undoes:   []string{"AddTags", "RemoveTags"},
			least:    config.ModeRestore,
			creates:  true,
			declared: true,
		},
		{
			action:   "cloudtrail:CreateTrail",
			undoes:   []string{"DeleteTrail"},
			least:    config.ModeRecreate,
			declared: true,
		},
	}
}

// trailStatements are the CloudTrail calls of the mode: reading and restarting any trail of the accounts; changing
// those with a declared baseline, or any where the sweep records baselines; creating those with a declared baseline
// alone. Each follows the overrides, trail by trail and call by call.
func trailStatements(
	scope constructs.Construct,
	s settings.Settings,
	baselines []baseline.Baseline,
) (few []awsiam.PolicyStatement, many []policy.Long) {
	calls := []string{"cloudtrail:GetTrailStatus"}
	var resourceless []string
	if ReadsTrails(s) {
		calls = append(
			calls,
			"cloudtrail:GetEventSelectors",
			"cloudtrail:GetInsightSelectors",
			"cloudtrail:GetEventConfiguration",
			"cloudtrail:ListTags",
		)
		resourceless = append(resourceless, "cloudtrail:DescribeTrails")
	}
	if readsHistory(s) {
		resourceless = append(resourceless, "cloudtrail:LookupEvents")
	}
	if len(resourceless) > 0 {
		few = append(few, policy.Allow("DescribeTrails", resourceless, "*"))
	}
	w := newWrites(s, baselines)
	everywhere, onSome, never := w.split(baselines)
	many = append(many, ofAccounts(scope, s, append(calls, everywhere...)))
	for i, g := range onSome {
		many = append(many, policy.LongAllow(policy.Numbered("SomeTrails", i), g.actions, g.trails))
	}
	if roles := w.logRoles(baselines); len(roles) > 0 {
		pass := func(sid string, some []string) awsiam.PolicyStatement {
			toCloudTrail := map[string]string{"iam:PassedToService": "cloudtrail.amazonaws.com"}
			pass := policy.Allow(sid, []string{"iam:PassRole"}, some...)
			pass.AddCondition(jsii.String("StringEquals"), toCloudTrail)
			return pass
		}
		many = append(many, policy.Long{SID: "PassRoleToCloudTrail", List: roles, With: pass})
	}
	for i, g := range never {
		many = append(many, policy.LongDeny(policy.Numbered("LeftAlone", i), g.actions, g.trails))
	}
	return few, many
}

// ofAccounts allows the calls on every trail of the configured accounts, in every Region: a trail is restarted in its
// home Region. One account stands in the trails' ARN. Several are one condition, and so is the organization where the
// settings name it (IAM User Guide, "AWS global condition context keys": aws:ResourceAccount, aws:ResourceOrgID): each
// in an ARN of its own would be four times as long.
func ofAccounts(scope constructs.Construct, s settings.Settings, calls []string) policy.Long {
	partition := convert.PlaceOf(scope).Partition
	trails := func(account string) string {
		return config.Place{Partition: partition, Region: "*", Account: account}.ARN("cloudtrail", "trail/*")
	}
	owners, key := accountsOf(scope, s), "aws:ResourceAccount"
	switch {
	case s.OrganizationID != "":
		owners, key = []string{s.OrganizationID}, "aws:ResourceOrgID"
	case len(owners) == 1:
		return policy.LongAllow("Trails", calls, []string{trails(owners[0])})
	}
	return policy.Long{SID: "Trails", List: owners, With: func(sid string, some []string) awsiam.PolicyStatement {
		grant := policy.Allow(sid, calls, trails("*"))
		grant.AddCondition(jsii.String("StringEquals"), map[string]any{key: some})
		return grant
	}}
}

// ReadsTrails reports whether trails are compared with what they should be.
func ReadsTrails(s settings.Settings) bool {
	return s.Sweep.Enabled || s.Mode.AtLeast(config.ModeRestore)
}

// readsHistory reports whether the event history is asked: by the sweep who made a change, and after an approved call
// whether it was made.
func readsHistory(s settings.Settings) bool {
	return s.Sweep.Enabled || len(s.Exceptions().Approvals) > 0
}

// writes are the repairs that the settings leave.
type writes struct {
	settings settings.Settings
	declared map[string]bool // trails with a declared baseline, by ARN
}

func newWrites(s settings.Settings, baselines []baseline.Baseline) writes {
	w := writes{settings: s, declared: map[string]bool{}}
	for _, b := range baselines {
		w.declared[b.Trail.ARN] = true
	}
	return w
}

// needed reports whether the settings leave a repair for a trail; for AnyTrail, for one that no baseline declares and
// no override names.
func (w writes) needed(r repair, trail string) bool {
	atLeast := func(call string, least config.Mode) bool {
		return w.settings.Exceptions().Mode(trail, call, w.settings.Mode).AtLeast(least)
	}
	declared := w.declared[trail]
	if r.declared && !declared || r.recorded && !declared && !w.settings.Recorded() {
		return false
	}
	return slices.ContainsFunc(r.undoes, func(call string) bool { return atLeast(call, r.least) }) ||
		r.creates && declared && atLeast("DeleteTrail", config.ModeRecreate)
}

// group is the actions that are for the same trails.
type group struct{ actions, trails []string }

// split sorts the repairs into those for every trail, those for some, and those that the first would allow and an
// override does not.
func (w writes) split(baselines []baseline.Baseline) (everywhere []string, onSome, never []group) {
	named := w.named(baselines)
	for _, r := range repairs() {
		every := w.needed(r, exception.AnyTrail)
		if every {
			everywhere = append(everywhere, r.action)
		}
		var some, none []string
		for _, trail := range named {
			switch needed := w.needed(r, trail); {
			case needed && !every:
				some = append(some, trail)
			case !needed && every:
				none = append(none, trail)
			}
		}
		onSome, never = join(onSome, r.action, some), join(never, r.action, none)
	}
	return everywhere, onSome, never
}

// join adds an action to the group of the same trails.
func join(groups []group, action string, trails []string) []group {
	if len(trails) == 0 {
		return groups
	}
	for i := range groups {
		if slices.Equal(groups[i].trails, trails) {
			groups[i].actions = append(groups[i].actions, action)
			return groups
		}
	}
	return append(groups, group{[]string{action}, trails})
}

// named are the trails that a baseline declares or an override names, in order.
func (w writes) named(baselines []baseline.Baseline) []string {
	var trails []string
	for _, b := range baselines {
		trails = append(trails, b.Trail.ARN)
	}
	for _, o := range w.settings.Overrides {
		if o.Trail != exception.AnyTrail && !slices.Contains(trails, o.Trail) {
			trails = append(trails, o.Trail)
		}
	}
	return trails
}

// logRoles are the roles that CloudTrail takes with a log group where a trail is updated or created.
func (w writes) logRoles(baselines []baseline.Baseline) []string {
	var roles []string
	for _, b := range baselines {
		passes := slices.ContainsFunc(repairs(), func(r repair) bool {
			takes := strings.HasSuffix(r.action, ":UpdateTrail") || strings.HasSuffix(r.action, ":CreateTrail")
			return takes && w.needed(r, b.Trail.ARN)
		})
		if role := b.Trail.Settings.LogRoleARN; passes && role != "" && !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	return roles
}
