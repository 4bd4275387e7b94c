package stack_test

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
)

const (
	here        = "eu-west-1:111122223333:"
	wardenRole  = "arn:aws:iam::111122223333:role/trailkeeper/trailkeeper-warden-eu-west-1"
	wardenRuns  = "arn:aws:iam::111122223333:role/trailkeeper/trailkeeper-warden-runs-eu-west-1"
	ownRoles    = "arn:aws:iam::111122223333:role/trailkeeper/trailkeeper-*"
	ownRules    = "arn:aws:events:" + here + "rule/trailkeeper-*"
	ownFunction = "arn:aws:lambda:" + here + "function:trailkeeper-*"
	ownSchedule = "arn:aws:scheduler:" + here + "schedule/default/trailkeeper-*"
)

// each is a grant of each call on each resource.
func each(calls string, resources ...string) (all []string) {
	for _, call := range strings.Fields(calls) {
		for _, on := range resources {
			all = append(all, call+" on "+on)
		}
	}
	return all
}

// guardOnWarden is what the guard may do with the warden's resources.
var guardOnWarden = slices.Concat(
	each("lambda:GetFunctionConcurrency lambda:GetFunctionConfiguration lambda:GetFunctionEventInvokeConfig lambda:GetPolicy "+
		"scheduler:GetSchedule sqs:GetQueueAttributes", wardenParts...),
	each("iam:GetRole iam:GetRolePolicy iam:ListAttachedRolePolicies iam:ListRolePolicies", wardenRole, wardenRuns),
	each("iam:GetRole iam:GetRolePolicy", strings.Replace(wardenRole, "trailkeeper/", "", 1), strings.Replace(wardenRuns, "trailkeeper/", "", 1)),
	each("logs:DescribeLogGroups", "*"),
	each("ssm:GetParameter", "arn:aws:ssm:"+here+"parameter/trailkeeper-deployment"),
	each("cloudformation:DescribeStacks cloudformation:DescribeStackResources", "arn:aws:cloudformation:"+here+"stack/trailkeeper/*"),
)

var wardenParts = []string{
	"arn:aws:lambda:" + here + "function:trailkeeper-warden",
	"arn:aws:scheduler:" + here + "schedule/default/trailkeeper-warden",
	"arn:aws:sqs:" + here + "trailkeeper-warden",
}

// guardRestoresWarden is what it may besides where the warden's mode is restore.
var guardRestoresWarden = slices.Concat(
	each("lambda:DeleteFunctionConcurrency scheduler:CreateSchedule "+
		"scheduler:UpdateSchedule sqs:SetQueueAttributes", wardenParts...),
	each("iam:PassRole", wardenRuns),
)

// onWarden is what is added to the guard's grants in a variant.
func onWarden(variant string) []string {
	switch variant {
	case "existing":
		return nil // it has no warden
	case "recreate":
		return slices.Concat(guardOnWarden, guardRestoresWarden)
	}
	return guardOnWarden
}

// TestWardenGrants is the whole of what the warden may do.
func TestWardenGrants(t *testing.T) {
	reads := slices.Concat(
		each("logs:CreateLogStream logs:PutLogEvents", "WardenLog"),
		each("sqs:SendMessage sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility", "WardenQueue"),
		each("events:DescribeRule events:ListTargetsByRule", ownRules),
		each("events:DescribeConnection events:DescribeApiDestination",
			"arn:aws:events:"+here+"connection/trailkeeper-*", "arn:aws:events:"+here+"api-destination/trailkeeper-*"),
		each("lambda:GetFunctionConfiguration lambda:GetFunctionConcurrency lambda:GetFunctionEventInvokeConfig "+
			"lambda:GetPolicy", ownFunction),
		each("iam:GetRole iam:GetRolePolicy iam:ListRolePolicies iam:ListAttachedRolePolicies", ownRoles),
		each("iam:GetRole iam:GetRolePolicy", "arn:aws:iam::111122223333:role/trailkeeper-*"),
		each("iam:GetPolicy iam:GetPolicyVersion", "arn:aws:iam::111122223333:policy/trailkeeper/trailkeeper-*"),
		each("scheduler:GetSchedule", ownSchedule),
		each("sqs:GetQueueAttributes", "arn:aws:sqs:"+here+"trailkeeper-*"),
		each("dynamodb:DescribeTable dynamodb:DescribeTimeToLive dynamodb:DescribeContinuousBackups "+
			"dynamodb:GetResourcePolicy", "arn:aws:dynamodb:"+here+"table/trailkeeper-*"),
		each("ssm:GetParameter", "arn:aws:ssm:"+here+"parameter/trailkeeper-deployment"),
		each("cloudformation:DescribeStacks cloudformation:DescribeStackResources", "arn:aws:cloudformation:"+here+"stack/trailkeeper/*"),
		each("sns:GetTopicAttributes sns:ListSubscriptionsByTopic", "arn:aws:sns:"+here+"trailkeeper-*"),
		each("cloudtrail:LookupEvents logs:DescribeLogGroups cloudwatch:DescribeAlarms sns:GetSubscriptionAttributes", "*"),
		each("kms:DescribeKey kms:GetKeyPolicy kms:GetKeyRotationStatus", "NotificationsKey"),
		each("kms:Decrypt kms:GenerateDataKey*", "NotificationsKey"),
		each("secretsmanager:GetSecretValue secretsmanager:DescribeSecret", secretByName),
		each("sns:Publish", "NotificationsTopic"),
		each("dynamodb:GetItem dynamodb:PutItem dynamodb:Query", "StateTable"),
	)
	repairs := slices.Concat(
		each("events:EnableRule events:PutRule events:PutTargets", ownRules),
		each("lambda:AddPermission lambda:DeleteFunctionConcurrency lambda:PutFunctionConcurrency",
			ownFunction),
		each("scheduler:CreateSchedule scheduler:UpdateSchedule", ownSchedule),
		each("sqs:SetQueueAttributes", "arn:aws:sqs:"+here+"trailkeeper-*"),
		each("dynamodb:PutResourcePolicy", "arn:aws:dynamodb:"+here+"table/trailkeeper-*"),
		each("iam:PassRole", ownRoles),
	)
	for _, denied := range each("iam:PassRole lambda:* scheduler:* sqs:SetQueueAttributes",
		append(slices.Clone(wardenParts), wardenRole, wardenRuns)...) {
		repairs = append(repairs, "never "+denied)
	}
	for name, want := range map[string][]string{"default": reads, "recreate": slices.Concat(reads, repairs)} {
		slices.Sort(want)
		tpl := goldenTemplate(t, name)
		if diff := cmp.Diff(want, grants(t, tpl, "WardenRole")); diff != "" {
			t.Errorf("%s: the warden's grants (-want +got):\n%s", name, diff)
		}
		runs := []string{"lambda:InvokeFunction on WardenFunction", "sqs:SendMessage on WardenQueue"}
		if diff := cmp.Diff(runs, grants(t, tpl, "WardenRunsRole")); diff != "" {
			t.Errorf("%s: the grants of its schedule (-want +got):\n%s", name, diff)
		}
	}
}

// TestNeitherChangesItself: whatever the settings are, guard and warden may change neither their own role, code and
// permissions nor what runs them, and no role and no function's code at all.
func TestNeitherChangesItself(t *testing.T) {
	for _, name := range golden.Names() {
		stack := variant(t, name).StackName
		tpl := goldenTemplate(t, name)
		for role, own := range map[string][]string{
			"GuardRole": {
				"lambda:" + here + "function:" + stack + "-GuardFunction1A2B3C4D-1A2B3C4D5E6F",
				"iam::111122223333:role/trailkeeper/" + stack + "-GuardRole1A2B3C4D-1A2B3C4D5E6F",
				"scheduler:" + here + "schedule/default/" + stack + "-sweep",
			},
			"WardenRole": {
				"lambda:" + here + "function:" + stack + "-warden",
				"iam::111122223333:role/trailkeeper/" + stack + "-warden-eu-west-1",
				"iam::111122223333:role/trailkeeper/" + stack + "-warden-runs-eu-west-1",
				"scheduler:" + here + "schedule/default/" + stack + "-warden",
				"sqs:" + here + stack + "-warden",
			},
		} {
			if !tpl.has("AWS::IAM::Role", role) {
				continue
			}
			granted, _ := tpl.granted(t, role)
			for _, g := range granted {
				if call, _, _ := strings.Cut(g, " on "); writesAny(call) {
					t.Errorf("%s: %s may %s", name, role, g)
				}
			}
			for _, part := range own {
				service, _, _ := strings.Cut(part, ":")
				for _, action := range changes[service] {
					if on := "arn:aws:" + part; may(granted, service+":"+action, on) {
						t.Errorf("%s: %s may %s on %s", name, role, action, on)
					}
				}
			}
		}
	}
}

// changes are the calls that change what is one's own, by service.
var changes = map[string][]string{
	"lambda": {
		"AddPermission", "RemovePermission", "PutFunctionConcurrency", "DeleteFunctionConcurrency", "UpdateFunctionCode",
		"UpdateFunctionConfiguration", "PutFunctionEventInvokeConfig", "DeleteFunction",
	},
	"iam": {
		"PassRole", "PutRolePolicy", "AttachRolePolicy", "UpdateAssumeRolePolicy", "DeleteRolePermissionsBoundary",
	},
	"scheduler": {"UpdateSchedule", "CreateSchedule", "DeleteSchedule"},
	"sqs":       {"SetQueueAttributes", "PurgeQueue", "DeleteQueue"},
}

// writesAny reports whether a call changes a role, or a function's program or configuration.
func writesAny(call string) bool {
	call = strings.TrimPrefix(call, "never ")
	return slices.Contains([]string{"lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"}, call) ||
		strings.HasPrefix(call, "iam:") && !slices.ContainsFunc(
			[]string{"iam:Get", "iam:List", "iam:PassRole"}, func(read string) bool { return strings.HasPrefix(call, read) },
		)
}

// may reports whether a call on an ARN is granted, and not denied. A star takes slashes too.
func may(granted []string, action, arn string) bool {
	allowed := false
	for _, g := range granted {
		call, on, _ := strings.Cut(g, " on ")
		call, denied := strings.CutPrefix(call, "never ")
		if !like(call, action) || !like(on, arn) {
			continue
		}
		if denied {
			return false
		}
		allowed = true
	}
	return allowed
}

func like(pattern, s string) bool {
	flat := strings.NewReplacer("/", "|")
	ok, err := path.Match(flat.Replace(pattern), flat.Replace(s))
	return err == nil && ok
}
