package main_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
)

// added is what cdk/README.md says to add to the policy for settings that name what does not start with trailkeeper.
var added = map[string][]statement{
	"existing": {
		grant("sns:Subscribe", "arn:aws:sns:eu-west-1:111122223333:security"), // sns.topicArn with sns.subscriptions
	},
	"archive": slices.Concat([]statement{ // archive.buckets
		grant("sns:Subscribe", "arn:aws:sns:eu-central-1:777788889999:cloudtrail"),
		grant("events:PutPermission", "*"),
		grant("events:RemovePermission", "*"),
		grant("events:DescribeEventBus", "*"),
	}, subscriptionFilters("CloudTrail/management"), subscriptionFilters("aws-cloudtrail-logs-111122223333-data")),
	"everything": {
		grant(
			"secretsmanager:GetSecretValue",
			"arn:aws:secretsmanager:eu-west-1:111122223333:secret:security/trailkeeper-??????",
		), // secret
		metricFilters("/aws/cloudtrail/management")[0],
		metricFilters("/aws/cloudtrail/management")[1],
		metricFilters("/aws/cloudtrail/management")[2],
	},
	"metric-filters": metricFilters("aws-cloudtrail-logs-111122223333-management"),
	"sns-only": { // permissionsBoundary
		grant(
			"iam:CreateRole",
			"arn:*:iam::*:role/trailkeeper/*",
		),
		grant("iam:PutRolePolicy", "arn:*:iam::*:role/trailkeeper/*"),
	},
}

// metricFilters are those for metricFilters.logGroup.
func metricFilters(group string) []statement {
	var all []statement
	for _, action := range []string{"PutMetricFilter", "DescribeMetricFilters", "DeleteMetricFilter"} {
		all = append(all, grant("logs:"+action, "arn:aws:logs:eu-west-1:111122223333:log-group:"+group+":*"))
	}
	return all
}

// additions is what cdk/README.md says to add to the policy for a golden template.
func additions(t *testing.T, variant string) []statement {
	t.Helper()
	if variant == "guardrail" {
		return readPolicy(t, "guardrail-policy.json").Statement
	}
	return added[variant]
}

// subscriptionFilters are those for archive.logGroups.
func subscriptionFilters(group string) []statement {
	var all []statement
	for _, action := range []string{"PutSubscriptionFilter", "DescribeSubscriptionFilters", "DeleteSubscriptionFilter"} {
		all = append(all, grant("logs:"+action, "arn:aws:logs:eu-west-1:111122223333:log-group:"+group+":*"))
	}
	return all
}

func grant(action, resource string) statement {
	return statement{Effect: "Allow", Action: texts{action}, Resource: texts{resource}}
}

// notBound is what the policy refuses for good: a role without boundary has none to be changed to.
var notBound = map[string][]string{
	"sns-only": {
		"iam:PutRolePermissionsBoundary on " +
			"arn:aws:iam::111122223333:role/trailkeeper/trailkeeper-GuardRole87F67C2B-1A2B3C4D5E6F",
		"iam:PutRolePermissionsBoundary on " +
			"arn:aws:iam::111122223333:role/trailkeeper/trailkeeper-ProtectRole98D735E2-1A2B3C4D5E6F",
		"iam:PutRolePermissionsBoundary on " +
			"arn:aws:iam::111122223333:role/trailkeeper/trailkeeper-SweepRole8A7451E2-1A2B3C4D5E6F",
		"iam:PutRolePermissionsBoundary on " +
			"arn:aws:iam::111122223333:role/trailkeeper/trailkeeper-warden-eu-west-1",
		"iam:PutRolePermissionsBoundary on " +
			"arn:aws:iam::111122223333:role/trailkeeper/trailkeeper-warden-runs-eu-west-1",
	},
}

// TestExecutionPolicyCoversTheStack asks for every call that CloudFormation makes to create, read, update and delete
// every resource of every golden template, which together have every setting (package stack: TestEverySettingIsSeen),
// with what cdk/README.md says to add.
func TestExecutionPolicyCoversTheStack(t *testing.T) {
	p := readPolicy(t, "execution-policy.json")
	for _, name := range golden.Names() {
		d := deploy(t, name)
		whole := policy{slices.Concat(p.Statement, additions(t, name))}
		if diff := cmp.Diff(notBound[name], refused(t, whole, d)); diff != "" {
			t.Errorf("%s: what CloudFormation may not do (-want +got):\n%s", name, diff)
		}
		without := refused(t, p, d)
		for _, s := range additions(t, name) {
			if !slices.ContainsFunc(without, func(q string) bool { return strings.HasPrefix(q, s.Action[0]+" ") }) {
				t.Errorf("%s: the policy as it is allows %s, and cdk/README.md says to add it", name, s.Action[0])
			}
		}
	}
}

// TestAdditionsAreDocumented: cdk/README.md names each addition with the setting that asks for it.
func TestAdditionsAreDocumented(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for setting, action := range map[string]string{
		"secret": "secretsmanager:GetSecretValue", "sns.topicArn": "sns:Subscribe",
		"permissionsBoundary": "RolesWithinTheBoundary", "metricFilters.logGroup": "logs:PutMetricFilter",
		"archive.buckets":    "events:PutPermission",
		"archive.logGroups":  "logs:PutSubscriptionFilter",
		"guardrail.attachTo": "cdk/guardrail-policy.json",
	} {
		row := regexp.MustCompile("(?m)^\\| `" + regexp.QuoteMeta(setting) + "`.*\\|.*" + regexp.QuoteMeta(action))
		if !row.Match(readme) {
			t.Errorf("cdk/README.md does not say that %s asks for %s", setting, action)
		}
	}
}

// TestAnotherName: with another stackName the policies serve as cdk/README.md says to change them.
func TestAnotherName(t *testing.T) {
	raw, err := os.ReadFile("execution-policy.json")
	if err != nil {
		t.Fatal(err)
	}
	raw = bytes.ReplaceAll(raw, []byte("trailkeeper*"), []byte("security*"))
	raw = bytes.ReplaceAll(raw, []byte(":secret:security*"), []byte(":secret:trailkeeper*")) // a setting of its own
	var p policy
	if err := json.Unmarshal(raw, &p); err != nil {
		t.Fatal(err)
	}
	d := deploy(t, golden.Default)
	for id, r := range d.resources {
		for _, property := range append(slices.Clone(names), "DashboardName", "RoleName") {
			name, ok := r.Properties[property]
			if _, refers := object(name)["Ref"]; ok && !refers {
				d.resources[id].Properties[property] = strings.Replace(d.text(name), d.stack, "security", 1)
			}
		}
	}
	d.stack = "security"
	if got := refused(t, p, d); got != nil {
		t.Errorf("CloudFormation may not do %v", got)
	}
	if got := refused(t, readPolicy(t, "execution-policy.json"), d); len(got) == 0 {
		t.Error("the policy as it is serves another name: cdk/README.md says to change it")
	}
}

// TestPartitions: the policy as it is serves every partition.
func TestPartitions(t *testing.T) {
	p := readPolicy(t, "execution-policy.json")
	for _, where := range []place{commercial, china, govCloud} {
		for _, name := range []string{"default", "bot-token", "recreate", "slack-only"} { // they are bound to no Region
			if got := refused(t, p, deployIn(t, where, name)); got != nil {
				t.Errorf("%s in %s: CloudFormation may not do %v", name, where.region, got)
			}
		}
		secret := with(on("*", "kms", "Decrypt"), "kms:ViaService", where.service("secretsmanager"))[0]
		if !p.allows(secret) {
			t.Errorf("%s: %s (%v) is refused", where.region, secret, secret.context)
		}
	}
}

// refused lists what neither the policy nor the stack's own keys allow of what the template needs, sorted.
func refused(t *testing.T, p policy, d deployed) []string {
	t.Helper()
	carried := conditionKeys(t)
	found := map[string]bool{}
	for id, r := range d.resources {
		of, ok := needs[r.Type]
		if !ok {
			t.Fatalf("nothing says what CloudFormation needs for %s, a %s", id, r.Type)
		}
		for _, q := range append(of(d, id), d.reads(id)...) {
			carried.check(t, q)
			if !p.allows(q) && !d.keyPolicy(q.resource).admits(d.deployer(), q) {
				found[q.String()] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// TestGuardrailPolicyHasNothingSpare takes every action and resource away: CloudFormation then may not make, change or
// remove the guardrail.
func TestGuardrailPolicyHasNothingSpare(t *testing.T) {
	d, own := deploy(t, "guardrail"), readPolicy(t, "execution-policy.json").Statement
	for i, s := range additions(t, "guardrail") {
		for j := range s.Action {
			less := additions(t, "guardrail")
			less[i].Action = slices.Delete(slices.Clone(s.Action), j, j+1)
			if len(refused(t, policy{slices.Concat(own, less)}, d)) == 0 {
				t.Errorf("%s: nothing needs %s", s.Sid, s.Action[j])
			}
		}
		for j := range s.Resource {
			less := additions(t, "guardrail")
			less[i].Resource = slices.Delete(slices.Clone(s.Resource), j, j+1)
			if len(refused(t, policy{slices.Concat(own, less)}, d)) == 0 {
				t.Errorf("%s: nothing needs %s", s.Sid, s.Resource[j])
			}
		}
	}
}

// TestExecutionPolicyHasNothingSpare takes every statement away, and parts of some: the test above must notice each.
func TestExecutionPolicyHasNothingSpare(t *testing.T) {
	whole := readPolicy(t, "execution-policy.json")
	mutants := map[string]policy{}
	for i, s := range whole.Statement {
		mutants["without "+s.Sid] = policy{slices.Delete(slices.Clone(whole.Statement), i, i+1)}
	}
	mutants["events:Describe* for events:*"] = policy{slices.Clone(whole.Statement)}
	own := &mutants["events:Describe* for events:*"].Statement[0]
	own.Action = append(
		slices.DeleteFunc(slices.Clone(own.Action), func(a string) bool { return a == "events:*" }),
		"events:Describe*",
	)
	mutants["no dashboard"] = policy{slices.Clone(whole.Statement)}
	own = &mutants["no dashboard"].Statement[0]
	own.Resource = slices.DeleteFunc(
		slices.Clone(own.Resource),
		func(r string) bool { return strings.Contains(r, ":dashboard/") },
	)
	var stacks []deployed
	for _, variant := range golden.Names() {
		stacks = append(stacks, deploy(t, variant))
	}
	for name, mutant := range mutants {
		if !slices.ContainsFunc(stacks, func(d deployed) bool {
			with := policy{slices.Concat(mutant.Statement, additions(t, d.variant))}
			return !cmp.Equal(refused(t, with, d), notBound[d.variant])
		}) {
			t.Errorf("%s: the stack does not need what is missing, or the table of needs has a hole", name)
		}
	}
}
