package stack_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
)

// TestTrust: one service may assume each role, for this account and as far as AWS documents it for what the role is
// for, and nobody else; each role is at Trailkeeper's own path and has the boundary that the settings name.
func TestTrust(t *testing.T) {
	for _, name := range golden.Names() {
		s, tpl := variant(t, name), goldenTemplate(t, name)
		rule := func(rule string) map[string]any {
			arns := []any{"arn:aws:events:eu-west-1:111122223333:rule/" + s.StackName + "-" + rule}
			if name == "everything" {
				arns = append(arns, "arn:aws:events:eu-west-1:111122223333:rule/security/"+s.StackName+"-"+rule)
			}
			return sourced(arns...)
		}
		schedule := sourced("arn:aws:scheduler:eu-west-1:111122223333:schedule-group/default")
		trust := map[string]struct {
			service   string
			condition any
		}{
			"GuardRole":      {"lambda.amazonaws.com", hereOnly},
			"WatchRole":      {"lambda.amazonaws.com", hereOnly},
			"RedeliveryRole": {"scheduler.amazonaws.com", schedule},
			"SweepRole":      {"scheduler.amazonaws.com", schedule},
			"TestAlertRole":  {"scheduler.amazonaws.com", schedule},
			"SlackRole":      {"events.amazonaws.com", rule("*")},
			"NoticesRole":    {"events.amazonaws.com", rule("notices")},
			"ProtectRole":    {"events.amazonaws.com", sourced("arn:aws:events:eu-west-1:111122223333:rule/" + s.StackName + "-protect-*")},
			"EvidenceRole":   {"events.amazonaws.com", rule("evidence-*")},
			"DirectRole":     {"events.amazonaws.com", rule("direct")},
			"BacktestRole":   {"lambda.amazonaws.com", hereOnly},
			"BacktestMachineRole": {"states.amazonaws.com", sourced(
				"arn:aws:states:eu-west-1:111122223333:stateMachine:"+s.StackName+"-Backtest",
				"arn:aws:states:eu-west-1:111122223333:stateMachine:"+s.StackName+"-Backtest/*",
			)},
			"WardenRole":     {"lambda.amazonaws.com", hereOnly},
			"WardenRunsRole": {"scheduler.amazonaws.com", schedule},
			"FirstTrailRole": {"cloudtrail.amazonaws.com", nil}, // CloudTrail names no source
		}
		for id, role := range tpl.resources("AWS::IAM::Role") {
			of, ok := trust[withoutHash(id)]
			if !ok {
				t.Fatalf("%s: nothing says who may assume %s", name, id)
			}
			want := document(allowed("", "sts:AssumeRole", byService(of.service), nil, of.condition))
			if diff := cmp.Diff(want, plain(role["AssumeRolePolicyDocument"])); diff != "" {
				t.Errorf("%s: who may assume %s (-want +got):\n%s", name, id, diff)
			}
			named := strings.HasPrefix(id, "Warden") // TestWardenGrants
			if role["Path"] != "/trailkeeper/" || (role["RoleName"] != nil) != named {
				t.Errorf(
					"%s: %s is %v at %v; want a name of CloudFormation's at /trailkeeper/",
					name,
					id,
					role["RoleName"],
					role["Path"],
				)
			}
			var boundary any
			if s.PermissionsBoundary != "" {
				boundary = "arn:aws:iam::111122223333:policy/" + s.PermissionsBoundary
			}
			if got := plain(role["PermissionsBoundary"]); got != boundary {
				t.Errorf("%s: the boundary of %s is %v; want %v", name, id, got, boundary)
			}
		}
	}
}

// sourced is the condition that a service acts for these resources of this account.
func sourced(arns ...any) map[string]any {
	return map[string]any{
		"ArnLike":      map[string]any{"aws:SourceArn": arns},
		"StringEquals": map[string]any{"aws:SourceAccount": "111122223333"},
	}
}

// TestDeployRole: each key names the role that deploys: that of the settings, or of the bootstrap with the app's
// qualifier.
func TestDeployRole(t *testing.T) {
	s := variant(t, "sns-only")
	s.DeployRole = "arn:aws:iam::111122223333:role/team/Deploy"
	for id, key := range unvalidated(t, s).resources("AWS::KMS::Key") {
		if got := at(
			plain(key),
			"KeyPolicy.Statement.1.Principal",
		); !cmp.Equal(
			got,
			any(map[string]any{"AWS": s.DeployRole}),
		) {
			t.Errorf("%s lets %v manage it; want %s", id, got, s.DeployRole)
		}
	}
}
