package guardrail

import (
	"strings"
	"testing"

	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/rules/guardrail"
)

// attackers have every permission of IAM's.
var attackers = []string{
	"arn:aws:iam::444455556666:role/Admin", "arn:aws:iam::111122223333:user/eve", "arn:aws:iam::444455556666:root",
	"arn:aws:iam::444455556666:role/OrganizationAccountAccessRole",
	"arn:aws:iam::444455556666:role/cdk-trailkpr-deploy-role-444455556666-eu-west-1", // not of the stack's account
	"arn:aws:iam::111122223333:role/cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1",
	"arn:aws:iam::111122223333:role/trailkeeper/trailkeeper-SlackRole776781A7-1a2b",
}

// trusted may do everything, and automation all but take an account out of the organization.
var trusted, automation = []string{
	"arn:aws:iam::111122223333:role/BreakGlass",
	"arn:aws:iam::111122223333:role/cdk-trailkpr-cfn-exec-role-111122223333-eu-west-1",
	"arn:aws:iam::111122223333:role/cdk-trailkpr-deploy-role-111122223333-us-east-1",
}, []string{
	"arn:aws:iam::444455556666:role/AWSControlTowerExecution",
	"arn:aws:iam::444455556666:role/aws-controltower-AdministratorExecutionRole",
	"arn:aws:iam::444455556666:role/stacksets-exec-0123456789abcdef0123456789abcdef",
	"arn:aws:iam::444455556666:role/AWSCloudFormationStackSetExecutionRole",
}

func denies(scp []policy.Document, who, action, resource string) bool {
	return policy.OfCaller(scp, policy.Access{Who: who, Action: action, Resource: resource}) == policy.Denied
}

// TestTechniques: whoever is not exempt is denied every action of the catalogue on what is protected, but those that
// the catalogue leaves; the exempt roles are denied none.
func TestTechniques(t *testing.T) {
	scp := documents(t, deployment().SCPs()...)
	for _, technique := range guardrail.Techniques() {
		for _, call := range technique.Calls {
			on := own[call.On]
			if len(on) == 0 {
				t.Errorf("%s: no resource is known of the kind %q", technique.ID, call.On)
			}
			for _, resource := range on {
				for _, who := range attackers {
					if got, want := denies(scp, who, call.Action, resource), call.Left == ""; got != want {
						t.Errorf("%s: %s on %s by %s is denied: %t; want %t", technique.ID, call.Action, resource, who, got, want)
					}
				}
				for _, who := range append(automation, trusted...) {
					leaving := resource == "*" && !strings.HasPrefix(who, "arn:aws:iam::111122223333:")
					if got := denies(scp, who, call.Action, resource); got && !leaving {
						t.Errorf("%s: %s on %s by %s is denied", technique.ID, call.Action, resource, who)
					}
				}
			}
		}
	}
}

// TestForeign: what is like the protected and is not stays free.
func TestForeign(t *testing.T) {
	scp, seen := documents(t, deployment().SCPs()...), map[guardrail.Kind]bool{}
	for _, technique := range guardrail.Techniques() {
		for _, call := range technique.Calls {
			for _, resource := range foreign[call.On] {
				if seen[call.On] = true; denies(scp, attackers[0], call.Action, resource) {
					t.Errorf("%s: %s on %s is denied, and not ours", technique.ID, call.Action, resource)
				}
			}
		}
	}
	if len(seen) != len(foreign) {
		t.Errorf("of %d kinds %d were asked for", len(foreign), len(seen))
	}
}

// TestExemptionIsNoBypass: nobody makes, changes or passes a role of an exempt name.
func TestExemptionIsNoBypass(t *testing.T) {
	scp := documents(t, deployment().SCPs()...)
	roles := append(automation, trusted...)
	guard := "arn:aws:iam::111122223333:role/trailkeeper/trailkeeper-GuardRole87F67C2B-1a2b"
	for _, role := range append(roles, guard) {
		for _, action := range strings.Fields("CreateRole UpdateAssumeRolePolicy PutRolePolicy AttachRolePolicy DetachRolePolicy " +
			"DeleteRolePolicy DeleteRole PutRolePermissionsBoundary DeleteRolePermissionsBoundary UpdateRole") {
			for _, who := range append(attackers, guard) {
				if !denies(scp, who, "iam:"+action, role) {
					t.Errorf("%s may call %s on %s", who, action, role)
				}
			}
		}
	}
	for _, role := range []string{trusted[1], trusted[2], automation[1], guard} { // which a service may take
		if !denies(scp, attackers[0], "iam:PassRole", role) {
			t.Errorf("%s can be passed", role)
		}
	}
}

// TestGuardWorks: what the deployment's own roles are granted passes, on what they are granted it; and an attacker who
// holds the guard's role may neither stop a trail nor change the guard.
func TestGuardWorks(t *testing.T) {
	scp := documents(t, deployment().SCPs()...)
	for _, c := range []struct{ variant, role, name string }{
		{"recreate", "GuardRole", "trailkeeper/trailkeeper-GuardRole87F67C2B-1a2b"},
		{"everything", "GuardRole", "trailkeeper/trailkeeper-GuardRole87F67C2B-1a2b"},
		{"everything", "WatchRole", "trailkeeper/trailkeeper-WatchRoleDDF31036-1a2b"},
		{"everything", "SweepRole", "trailkeeper/trailkeeper-SweepRole8A7451E2-1a2b"},
		{"everything", "FirstTrailRole", "trailkeeper/trailkeeper-FirstTrailRole4E9FB525-1a2b"},
		{"everything", "SlackRole", "trailkeeper/trailkeeper-SlackRole776781A7-1a2b"},
	} {
		who, actions := arn("iam", "role/"+c.name), granted(t, c.variant, c.role)
		if len(actions) == 0 {
			t.Errorf("%s of %s is granted nothing", c.role, c.variant)
		}
		for action := range actions {
			for _, resource := range resourcesOf(action) {
				if denies(scp, who, action, resource) {
					t.Errorf("%s is denied %s on %s, which it is granted", who, action, resource)
				}
			}
		}
	}
	guard := arn("iam", "role/trailkeeper/trailkeeper-GuardRole87F67C2B-1a2b")
	for action, kind := range map[string]guardrail.Kind{
		"cloudtrail:StopLogging":        guardrail.TrailAny,
		"cloudtrail:DeleteTrail":        guardrail.TrailAny,
		"lambda:UpdateFunctionCode":     guardrail.Function,
		"lambda:PutFunctionConcurrency": guardrail.Function,
		"events:DisableRule":            guardrail.Rule,
		"dynamodb:DeleteTable":          guardrail.Table,
		"kms:DisableKey":                guardrail.Key,
	} {
		if !denies(scp, guard, action, own[kind][0]) {
			t.Errorf("the guard's role may call %s", action)
		}
	}
	for action, kind := range map[string]guardrail.Kind{ // the warden repairs, and the guard it
		"events:PutRule": guardrail.Rule, "events:PutTargets": guardrail.Rule, "events:EnableRule": guardrail.Rule,
		"lambda:AddPermission": guardrail.Function, "lambda:DeleteFunctionConcurrency": guardrail.Function,
		"scheduler:UpdateSchedule": guardrail.Schedule, "scheduler:CreateSchedule": guardrail.Schedule,
		"sqs:SetQueueAttributes": guardrail.Queue, "dynamodb:PutResourcePolicy": guardrail.Table,
		"kms:EnableKey": guardrail.Key, "kms:CancelKeyDeletion": guardrail.Key, "iam:PassRole": guardrail.Role,
	} {
		for _, who := range []string{guard, arn("iam", "role/trailkeeper/trailkeeper-WardenRole12345678-1a2b")} {
			if denies(scp, who, action, own[kind][0]) {
				t.Errorf("%s may not repair with %s", who, action)
			}
		}
	}
}

// resourcesOf are the protected resources of an action's service.
func resourcesOf(action string) []string {
	service, _, _ := strings.Cut(action, ":")
	all := []string{"*"}
	for _, arns := range own {
		for _, resource := range arns {
			if strings.Split(resource+"::", ":")[2] == service && !strings.Contains(resource, "role/trailkeeper") {
				all = append(all, resource)
			}
		}
	}
	return all
}

// TestOutsiders: the RCP keeps principals and services of others out, and nobody else.
func TestOutsiders(t *testing.T) {
	rcp := documents(t, deployment().RCP())
	const ours, theirs = "arn:aws:iam::444455556666:role/Reader", "arn:aws:iam::999988887777:role/Reader"
	protected := map[string]guardrail.Kind{
		"s3:GetObject": guardrail.LogObject, "s3:PutBucketPolicy": guardrail.Bucket, "kms:Decrypt": guardrail.Key,
		"secretsmanager:GetSecretValue": guardrail.Secret, "sqs:ReceiveMessage": guardrail.Queue,
	}
	for action, kind := range protected {
		for _, resource := range own[kind] {
			for _, c := range []struct {
				who     string
				context map[string]string
				denied  bool
			}{
				{ours, map[string]string{"aws:PrincipalOrgID": org}, false},
				{theirs, map[string]string{"aws:PrincipalOrgID": "o-zzzzzzzzzz"}, true},
				{theirs, nil, true}, // of no organization, or anonymous
				{"cloudtrail.amazonaws.com", map[string]string{"aws:SourceAccount": member, "aws:SourceOrgID": org}, false},
				{"cloudtrail.amazonaws.com", map[string]string{"aws:SourceAccount": "999988887777"}, true},
				{"cloudtrail.amazonaws.com", map[string]string{"aws:SourceAccount": "999988887777", "aws:SourceOrgID": "o-zzzzzzzzzz"}, true},
				{"events.amazonaws.com", nil, false}, // it names no account
			} {
				a := policy.Access{Who: c.who, Action: action, Resource: resource, Context: c.context}
				if got := policy.OfResource(rcp, a, home) == policy.Denied; got != c.denied {
					t.Errorf("%s on %s by %s (%v) is denied: %t; want %t", action, resource, c.who, c.context, got, c.denied)
				}
			}
		}
		for _, resource := range foreign[kind] {
			a := policy.Access{Who: theirs, Action: action, Resource: resource}
			if policy.OfResource(rcp, a, home) == policy.Denied {
				t.Errorf("%s on %s is denied, and not ours", action, resource)
			}
		}
	}
}
