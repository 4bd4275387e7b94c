package stack

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/exception"
)

// strengthen are the writes that also a recorded baseline leads to.
var strengthen = []string{"cloudtrail:UpdateTrail", "cloudtrail:PutEventSelectors", "cloudtrail:PutInsightSelectors"}

// trailStatements are the CloudTrail calls of the mode: reading and restarting any trail of the accounts; changing those with a declared
// baseline, or any where the sweep records baselines; creating those with a declared baseline alone. An override takes away what it excludes.
func trailStatements(scope constructs.Construct, s settings.Settings, baselines []baseline.Baseline) []awsiam.PolicyStatement {
	all := trailARNs(scope, s)
	actions := []string{"cloudtrail:GetTrailStatus"}
	if s.Mode.AtLeast(config.ModeRestart) {
		actions = append(actions, "cloudtrail:StartLogging")
	}
	statements := []awsiam.PolicyStatement{allow("Trails", actions, all...)}
	if readsTrails(s) {
		statements = append(statements,
			allow("ReadTrails", []string{
				"cloudtrail:GetEventSelectors", "cloudtrail:GetInsightSelectors", "cloudtrail:GetEventConfiguration", "cloudtrail:ListTags",
			}, all...),
			allow("DescribeTrails", []string{"cloudtrail:DescribeTrails"}, "*")) // takes no resource
	}
	everywhere := strengthensAll(s)
	if everywhere {
		statements = append(statements, allow("StrengthenTrails", strengthen, all...))
	} else if named := strengthened(s, baselines); len(named) > 0 {
		statements = append(statements, allow("StrengthenTrails", strengthen, named...))
	}
	statements = append(statements, declaredStatements(s, baselines)...)
	return append(statements, keptFrom(s, everywhere)...)
}

// readsTrails reports whether trails are compared with what they should be.
func readsTrails(s settings.Settings) bool {
	return s.Sweep.Enabled || s.Mode.AtLeast(config.ModeRestore)
}

// strengthensAll reports whether any trail of the accounts may be changed: recorded baselines can be of any.
func strengthensAll(s settings.Settings) bool {
	return s.Recorded() && highest(s, exception.AnyTrail).AtLeast(config.ModeRestore)
}

// strengthened are the trails that may be changed where not all may: those with a declared baseline, and those that an override leaves more than
// the rest, if the sweep records baselines.
func strengthened(s settings.Settings, baselines []baseline.Baseline) []string {
	var trails []string
	add := func(trail string) {
		if highest(s, trail).AtLeast(config.ModeRestore) && !slices.Contains(trails, trail) {
			trails = append(trails, trail)
		}
	}
	for _, b := range baselines {
		add(b.Trail.ARN)
	}
	for _, o := range s.Overrides {
		if s.Recorded() && o.Trail != exception.AnyTrail {
			add(o.Trail)
		}
	}
	return trails
}

// declaredStatements are what only a declared baseline leads to: its tags, its log group's role, and the trail itself.
func declaredStatements(s settings.Settings, baselines []baseline.Baseline) []awsiam.PolicyStatement {
	var restored, recreated, roles []string
	for _, b := range baselines {
		mode := highest(s, b.Trail.ARN)
		if !mode.AtLeast(config.ModeRestore) {
			continue
		}
		restored = append(restored, b.Trail.ARN)
		if mode.AtLeast(config.ModeRecreate) {
			recreated = append(recreated, b.Trail.ARN)
		}
		if role := b.Trail.Settings.LogRoleARN; role != "" && !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	var statements []awsiam.PolicyStatement
	if len(restored) > 0 {
		statements = append(statements, allow("TagTrails", []string{"cloudtrail:AddTags"}, restored...))
	}
	if len(recreated) > 0 {
		statements = append(statements, allow("CreateTrails", []string{"cloudtrail:CreateTrail"}, recreated...))
	}
	if len(roles) > 0 {
		pass := allow("PassRoleToCloudTrail", []string{"iam:PassRole"}, roles...)
		pass.AddCondition(jsii.String("StringEquals"), map[string]string{"iam:PassedToService": "cloudtrail.amazonaws.com"})
		statements = append(statements, pass)
	}
	return statements
}

// keptFrom denies, trail by trail, what the grants on all trails would allow and the trail's overrides do not.
func keptFrom(s settings.Settings, everywhere bool) []awsiam.PolicyStatement {
	var left, notRestored []string
	for _, o := range s.Overrides {
		mode := highest(s, o.Trail)
		switch {
		case o.Trail == exception.AnyTrail || slices.Contains(left, o.Trail) || slices.Contains(notRestored, o.Trail):
		case !mode.AtLeast(config.ModeRestart):
			left = append(left, o.Trail)
		case !mode.AtLeast(config.ModeRestore):
			notRestored = append(notRestored, o.Trail)
		}
	}
	var statements []awsiam.PolicyStatement
	if len(left) > 0 && s.Mode.AtLeast(config.ModeRestart) {
		actions := []string{"cloudtrail:StartLogging"}
		if everywhere {
			actions = append(actions, strengthen...)
		}
		statements = append(statements, deny("LeftAlone", actions, left...))
	}
	if len(notRestored) > 0 && everywhere {
		statements = append(statements, deny("NotRestored", strengthen, notRestored...))
	}
	return statements
}

// highest is the most that the overrides leave of the mode for a trail, over all calls; for AnyTrail, what they leave for a trail that none of
// them names. The first that fits counts, so that one without calls ends the search.
func highest(s settings.Settings, trail string) config.Mode {
	most := exception.ModeExclude
	for _, o := range s.Overrides {
		if o.Trail != trail && o.Trail != exception.AnyTrail {
			continue
		}
		if o.Mode.AtLeast(most) {
			most = o.Mode
		}
		if len(o.Events) == 0 {
			return most
		}
	}
	return s.Mode
}
