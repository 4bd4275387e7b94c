package main_test

import (
	"slices"
	"strings"
	"testing"

	"trailkeeper/cdk/golden"
)

// TestBoundary: the boundary allows every action that a template grants to a role, on the very resources with the
// example settings, and no action that no template grants.
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
				if strings.HasPrefix(
					q.action,
					"kms:",
				) { // the roles use keys through the topic, the queues, the table and the secret alone
					q.context = map[string]string{"kms:ViaService": d.service("sns")}
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
		on("arn:aws:dynamodb:eu-west-1:111122223333:table/trailkeeper-StateTable-1", "dynamodb", "DeleteItem UpdateItem "+
			"Scan"),
		on("arn:aws:lambda:eu-west-1:111122223333:function:other", "lambda", "InvokeFunction"),
		on("arn:aws:sqs:eu-west-1:111122223333:other", "sqs", "ReceiveMessage DeleteMessage PurgeQueue"),
		on("arn:aws:sqs:eu-west-1:111122223333:trailkeeper-GuardFailures-1", "sqs", "PurgeQueue DeleteQueue "+
			"AddPermission RemovePermission"),
		on("arn:aws:sqs:eu-west-1:111122223333:other", "sqs", "SetQueueAttributes GetQueueAttributes"),
		on("arn:aws:lambda:eu-west-1:111122223333:function:other", "lambda", "AddPermission PutFunctionConcurrency GetPolicy"),
		on("arn:aws:lambda:eu-west-1:111122223333:function:trailkeeper-GuardFunction-1", "lambda", "UpdateFunctionCode "+
			"UpdateFunctionConfiguration RemovePermission DeleteFunction"),
		on("arn:aws:events:eu-west-1:111122223333:rule/other", "events", "EnableRule PutRule PutTargets"),
		on("arn:aws:iam::111122223333:role/trailkeeper/trailkeeper-GuardRole-1", "iam", "PutRolePolicy AttachRolePolicy"),
		with(on("arn:aws:iam::111122223333:role/trailkeeper/trailkeeper-GuardRole-1", "iam", "PassRole"),
			"iam:PassedToService", "lambda.amazonaws.com"),
		on(foreignKey, "kms", "PutKeyPolicy ScheduleKeyDeletion"),
		on("arn:aws:events:eu-west-1:111122223333:rule/trailkeeper-tampering", "events", "DisableRule DeleteRule RemoveTargets"),
		on("arn:aws:events:eu-west-1:111122223333:api-destination/payments/0a1b2c3d", "events", "InvokeApiDestination"),
		on(foreignKey, "kms", "Decrypt GenerateDataKey"),
		with(on(foreignKey, "kms", "Decrypt"), "kms:ViaService", "ec2.eu-west-1.amazonaws.com"),
		on("arn:aws:s3:::org-logs/AWSLogs/111122223333/CloudTrail/x.json.gz", "s3", "PutObject DeleteObject DeleteObjectVersion"),
		on("arn:aws:s3:::payroll/AWSLog/x", "s3", "GetObject"),
		on("arn:aws:s3:::payroll/x", "s3", "GetObject GetObjectVersion"),
		on("arn:aws:s3:::org-logs", "s3", "ListBucket"),
		with(on("arn:aws:s3:::org-logs", "s3", "ListBucket"), "s3:prefix", "payroll/"),
		on("arn:aws:s3:::org-logs/runs/x", "s3", "PutObject"),
		on("arn:aws:states:eu-west-1:111122223333:stateMachine:payments", "states", "StartExecution"),
		on("arn:aws:states:eu-west-1:111122223333:stateMachine:trailkeeper-Backtest", "states", "UpdateStateMachine"),
		with(on(foreignKey, "kms", "CreateGrant"), "kms:ViaService", "sns.eu-west-1.amazonaws.com"),
	) {
		if boundary.allows(q) {
			t.Errorf("the boundary allows %s", q)
		}
	}
	for _, q := range slices.Concat(
		on("arn:aws:s3:::org-logs/AWSLogs/111122223333/CloudTrail/x.json.gz", "s3", "GetObject GetObjectVersion"),
		on("arn:aws:s3:::org-logs/security/AWSLogs/o-1/111122223333/CloudTrail/x.json.gz", "s3", "GetObject"),
		with(on(foreignKey, "kms", "Decrypt"), "kms:ViaService", "s3.eu-west-1.amazonaws.com"),
		with(on("arn:aws:s3:::org-logs", "s3", "ListBucket"), "s3:prefix", "o-1/AWSLogs/1"),
		on("arn:aws:s3:::trailkeeper-backtestresults-1/runs/x", "s3", "GetObject PutObject"),
		on("arn:aws:states:eu-west-1:111122223333:execution:trailkeeper-Backtest/Read:1", "states", "StopExecution"),
	) {
		if !boundary.allows(q) {
			t.Errorf("the boundary refuses %s, without which no log file is read", q)
		}
	}
	if secret := (request{
		action: "secretsmanager:GetSecretValue", resource: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf",
	}); boundary.allows(
		secret,
	) {
		t.Errorf("the boundary allows %s", secret)
	}
}

// granted lists what the inline policies of a role, or a policy beside it, allow. A wildcard in a resource is asked for
// as it stands.
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
