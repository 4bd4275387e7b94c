package main_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
)

// unbounded are the guard's and the sweep's roles where permissionsBoundary is empty.
const (
	unbounded      = "arn:aws:iam::111122223333:role/trailkeeper-GuardRole87F67C2B-1A2B3C4D5E6F"
	unboundedSweep = "arn:aws:iam::111122223333:role/trailkeeper-SweepRole8A7451E2-1A2B3C4D5E6F"
)

// notCovered is what the policies as they are shipped do not allow: an operator who names a secret or a topic otherwise, or wants no
// boundary, has to adapt them.
var notCovered = map[string][]string{
	"everything": {"secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:111122223333:secret:security/trailkeeper-AbCdEf"},
	"existing":   {"sns:Subscribe on arn:aws:sns:eu-west-1:111122223333:security"},
	"sns-only": {
		"iam:CreateRole on " + unbounded, "iam:PutRolePermissionsBoundary on " + unbounded, "iam:PutRolePolicy on " + unbounded,
		"iam:CreateRole on " + unboundedSweep, "iam:PutRolePermissionsBoundary on " + unboundedSweep, "iam:PutRolePolicy on " + unboundedSweep,
	},
}

// TestExecutionPolicyCoversTheStack asks for every call that CloudFormation makes for every resource of every golden template.
func TestExecutionPolicyCoversTheStack(t *testing.T) {
	p := readPolicy(t, "execution-policy.json")
	for _, name := range golden.Names() {
		got := refused(t, p, deploy(t, name))
		want := slices.Sorted(slices.Values(notCovered[name]))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: what CloudFormation may not do (-want +got):\n%s", name, diff)
		}
	}
}

// refused lists what the policy does not allow of what the template needs, sorted.
func refused(t *testing.T, p policy, d deployed) []string {
	t.Helper()
	found := map[string]bool{}
	for id, r := range d.resources {
		of, ok := needs[r.Type]
		if !ok {
			t.Fatalf("nothing says what CloudFormation needs for %s, a %s", id, r.Type)
		}
		for _, q := range append(of(d, id), d.reads(id)...) {
			if !p.allows(q) {
				found[q.String()] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
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
	own.Action = append(slices.DeleteFunc(slices.Clone(own.Action), func(a string) bool { return a == "events:*" }), "events:Describe*")
	mutants["no dashboard"] = policy{slices.Clone(whole.Statement)}
	own = &mutants["no dashboard"].Statement[0]
	own.Resource = slices.DeleteFunc(slices.Clone(own.Resource), func(r string) bool { return strings.Contains(r, ":dashboard/") })
	for name, mutant := range mutants {
		survives := true
		for _, variant := range golden.Names() {
			survives = survives && cmp.Equal(refused(t, mutant, deploy(t, variant)), slices.Sorted(slices.Values(notCovered[variant])))
		}
		if survives {
			t.Errorf("%s: the stack does not need what is missing, or the table of needs has a hole", name)
		}
	}
}

// TestExecutionPolicyIsNoAdministrator asks for what would make whoever deploys an administrator, or the owner of what is not ours.
func TestExecutionPolicyIsNoAdministrator(t *testing.T) {
	p := readPolicy(t, "execution-policy.json")
	const (
		role   = "arn:aws:iam::111122223333:role/trailkeeper-mine"
		ours   = "arn:aws:iam::111122223333:policy/TrailkeeperBoundary"
		admin  = "arn:aws:iam::aws:policy/AdministratorAccess"
		key    = "arn:aws:kms:eu-west-1:111122223333:key/1"
		bucket = "arn:aws:s3:::cdk-hnb659fds-assets-111122223333-eu-west-1/x.zip"
		other  = "arn:aws:s3:::cdk-trailkpr-assets-111122223333-eu-west-1/x.zip"
	)
	for _, tt := range []struct {
		requests []request
		want     bool
	}{
		{with(on(role, "iam", "CreateRole PutRolePolicy PutRolePermissionsBoundary"), "iam:PermissionsBoundary", ours), true},
		{with(on(role, "iam", "CreateRole PutRolePolicy PutRolePermissionsBoundary UpdateAssumeRolePolicy"), "iam:PermissionsBoundary", admin), false},
		{on(role, "iam", "CreateRole PutRolePolicy DeleteRolePermissionsBoundary AttachRolePolicy"), false},
		{with(on(role, "iam", "DeleteRolePermissionsBoundary AttachRolePolicy"), "iam:PermissionsBoundary", ours), false},
		{on(ours, "iam", "CreatePolicyVersion SetDefaultPolicyVersion DeletePolicy"), false},
		{with(on(strings.Replace(role, "trailkeeper", "other", 1), "iam", "CreateRole PutRolePolicy"), "iam:PermissionsBoundary", ours), false},
		{with(on(role, "iam", "PassRole"), "iam:PassedToService", "ec2.amazonaws.com"), false},
		{on(key, "kms", "PutKeyPolicy ScheduleKeyDeletion UpdateKeyDescription TagResource Decrypt CreateGrant DisableKey"), false},
		{with(on(key, "kms", "PutKeyPolicy ScheduleKeyDeletion"), "aws:ResourceTag/trailkeeper", "other"), false},
		{with(on(key, "kms", "Decrypt Encrypt CreateGrant"), "kms:ViaService", "s3.eu-west-1.amazonaws.com"), false},
		{on("*", "kms", "CreateKey"), false},
		{on("arn:aws:secretsmanager:eu-west-1:111122223333:secret:database-AbCdEf", "secretsmanager", "GetSecretValue"), false},
		{on("arn:aws:secretsmanager:eu-west-1:111122223333:secret:trailkeeper-AbCdEf", "secretsmanager", "PutSecretValue DeleteSecret"), false},
		{on("arn:aws:lambda:eu-west-1:111122223333:function:other", "lambda", "UpdateFunctionCode"), false},
		{with(on(bucket, "s3", "GetObject"), "aws:ResourceAccount", account), false},
		{with(on(other, "s3", "GetObject"), "aws:ResourceAccount", account), true},
		{with(on(other, "s3", "GetObject"), "aws:ResourceAccount", "999999999999"), false},
		{with(on(other, "s3", "PutObject"), "aws:ResourceAccount", account), false},
		{on("arn:aws:dynamodb:eu-west-1:111122223333:table/trailkeeper-StateTable-1", "dynamodb", "PutItem UpdateItem DeleteItem BatchWriteItem GetItem "+
			"Scan DeleteTable DeleteResourcePolicy"), false},
		{on("arn:aws:dynamodb:eu-west-1:111122223333:table/other", "dynamodb", "UpdateTable PutResourcePolicy"), false},
		{on("arn:aws:cloudtrail:eu-west-1:111122223333:trail/trailkeeper-CanaryTrail-1", "cloudtrail", "StopLogging DeleteTrail"), false},
		{on("arn:aws:cloudtrail:eu-west-1:111122223333:trail/management", "cloudtrail", "UpdateTrail PutEventSelectors StopLogging"), false},
		{on("arn:aws:s3:::trailkeeper-canarybucket-1", "s3", "DeleteBucket DeleteBucketPolicy"), false},
		{on("arn:aws:s3:::trailkeeper-canarybucket-1/AWSLogs/x", "s3", "GetObject PutObject DeleteObject"), false},
		{on("arn:aws:s3:::other", "s3", "PutBucketPolicy"), false},
		{on("arn:aws:cloudwatch::111122223333:dashboard/other", "cloudwatch", "PutDashboard DeleteDashboards"), false},
	} {
		for _, r := range tt.requests {
			if got := p.allows(r); got != tt.want {
				t.Errorf("%s (%v): allowed %v; want %v", r, r.context, got, tt.want)
			}
		}
	}
}

// TestBoundary: the boundary allows every action that a template grants to a role, on the very resources with the example settings, and
// no action that no template grants.
func TestBoundary(t *testing.T) {
	boundary := readPolicy(t, "boundary-policy.json")
	granted := map[string]bool{}
	for _, name := range golden.Names() {
		d := deploy(t, name)
		for id, r := range d.resources {
			for _, q := range d.granted(r) {
				granted[q.action] = true
				if !slices.ContainsFunc(boundary.Statement, func(s statement) bool { return slices.Contains(s.Action, q.action) }) {
					t.Errorf("%s: %s is granted %s, which the boundary does not have", name, id, q.action)
				}
				if name == golden.Default && !boundary.allows(q) {
					t.Errorf("%s is granted %s, which the boundary takes away", id, q)
				}
			}
		}
	}
	for _, s := range boundary.Statement {
		for _, action := range s.Action {
			if !granted[action] {
				t.Errorf("the boundary has %s, which no role is granted", action)
			}
		}
	}
	if role := (request{action: "iam:GetRole", resource: "arn:aws:iam::111122223333:role/other"}); boundary.allows(role) {
		t.Errorf("the boundary allows %s", role)
	}
	for _, q := range slices.Concat(
		on("arn:aws:dynamodb:eu-west-1:111122223333:table/other", "dynamodb", "GetItem PutItem"),
		on("arn:aws:dynamodb:eu-west-1:111122223333:table/trailkeeper-StateTable-1", "dynamodb", "DeleteItem Scan"),
		on("arn:aws:lambda:eu-west-1:111122223333:function:other", "lambda", "InvokeFunction"),
		on("arn:aws:sqs:eu-west-1:111122223333:other", "sqs", "ReceiveMessage DeleteMessage PurgeQueue"),
		on("arn:aws:sqs:eu-west-1:111122223333:trailkeeper-GuardFailures-1", "sqs", "PurgeQueue DeleteQueue SetQueueAttributes"),
		on("arn:aws:events:eu-west-1:111122223333:rule/trailkeeper-tampering", "events", "DisableRule DeleteRule PutRule"),
	) {
		if boundary.allows(q) {
			t.Errorf("the boundary allows %s", q)
		}
	}
	if secret := (request{action: "secretsmanager:GetSecretValue", resource: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"}); boundary.allows(secret) {
		t.Errorf("the boundary allows %s", secret)
	}
}

// granted lists what the inline policies of a role, or a policy beside it, allow. A wildcard in a resource is asked for as it stands.
func (d deployed) granted(r resource) []request {
	policies := list(r.Properties["Policies"])
	if r.Type == "AWS::IAM::Policy" {
		policies = []any{r.Properties}
	}
	var all []request
	for _, p := range policies {
		for _, s := range list(object(object(p)["PolicyDocument"])["Statement"]) {
			if object(s)["Effect"] != "Allow" {
				continue
			}
			for _, action := range list(object(s)["Action"]) {
				for _, on := range list(object(s)["Resource"]) {
					all = append(all, request{action: action.(string), resource: d.text(on)})
				}
			}
		}
	}
	return all
}
