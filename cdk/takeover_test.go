package main_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is not ours, in the account where the policy is.
const (
	foreignKey  = "arn:aws:kms:eu-west-1:111122223333:key/1a2b3c4d"
	foreignRole = "arn:aws:iam::111122223333:role/trailkeeper-admin" // named like ours, at the path of everybody
	oneOfOurs   = "arn:aws:iam::111122223333:role/trailkeeper/trailkeeper-mine"
	boundary    = "arn:aws:iam::111122223333:policy/TrailkeeperBoundary"
	anyPolicy   = "arn:aws:iam::aws:policy/AdministratorAccess"
	ourPolicy   = "arn:aws:iam::111122223333:policy/trailkeeper/trailkeeper-GuardMore1"
	ourFunction = "arn:aws:lambda:eu-west-1:111122223333:function:trailkeeper-x"
	ourBucket   = "arn:aws:s3:::trailkeeper-canarybucketd5f66ab8-1a2b3c4d5e6f"
)

// takeovers are the ways to more than the stack that somebody with the deploying role would try: the calls in order,
// and those of them that must be refused. What is not refused is by design, and the README says so.
var takeovers = []struct {
	name    string
	calls   []request
	refused []string // actions; "all" of them
}{
	{
		"a foreign key, marked as ours and then taken",
		slices.Concat(
			with(on(foreignKey, "kms", "TagResource"), "aws:RequestTag/trailkeeper", "trailkeeper"),
			with(
				on(foreignKey, "kms", "PutKeyPolicy ScheduleKeyDeletion DisableKey Decrypt CreateGrant UntagResource"),
				"aws:ResourceTag/trailkeeper",
				"trailkeeper",
			),
		),
		[]string{"all"},
	},
	{
		"a foreign key, without a mark",
		on(foreignKey, "kms", "PutKeyPolicy ScheduleKeyDeletion DisableKey DisableKeyRotation UpdateKeyDescription "+
			"ImportKeyMaterial ReplicateKey UpdatePrimaryRegion Decrypt ReEncryptFrom GenerateDataKey CreateGrant RevokeGrant"),
		[]string{"all"},
	},
	{
		"a foreign key, through an alias",
		slices.Concat(
			on(
				foreignKey,
				"kms",
				"CreateAlias UpdateAlias DeleteAlias",
			),
			on("arn:aws:kms:eu-west-1:111122223333:alias/trailkeeper", "kms", "CreateAlias UpdateAlias"),
			with(on(foreignKey, "kms", "PutKeyPolicy"), "kms:ResourceAliases", "alias/trailkeeper"),
		),
		[]string{"all"},
	},
	{
		"a foreign key, used through a service that is none of ours",
		with(on(foreignKey, "kms", "Decrypt CreateGrant"), "kms:ViaService",
			"s3.eu-west-1.amazonaws.com"),
		[]string{"all"},
	},
	{
		"a foreign key, used through a name that only looks like a service",
		with(on(foreignKey, "kms", "Decrypt"), "kms:ViaService", "lambda.amazonaws.com"),
		[]string{"all"},
	},
	{
		"a foreign role's trust, passed to a function",
		slices.Concat(
			on(
				foreignRole,
				"iam",
				"UpdateAssumeRolePolicy",
			),
			with(on(foreignRole, "iam", "PassRole"), "iam:PassedToService", "lambda.amazonaws.com"),
			on(ourFunction, "lambda", "CreateFunction InvokeFunction"),
		),
		[]string{"iam:UpdateAssumeRolePolicy", "iam:PassRole"},
	},
	{
		"a foreign role, filled with policies",
		slices.Concat(
			with(on(foreignRole, "iam", "PutRolePolicy PutRolePermissionsBoundary"), "iam:PermissionsBoundary", boundary),
			with(
				on(foreignRole, "iam", "AttachRolePolicy"),
				"iam:PolicyARN",
				anyPolicy,
			),
			on(foreignRole, "iam", "DeleteRole TagRole"),
		),
		[]string{"all"},
	},
	{"a role at a path that only begins like ours", with(slices.Concat(
		on(
			"arn:aws:iam::111122223333:role/trailkeeper-x/mine",
			"iam",
			"CreateRole PutRolePolicy",
		),
		on("arn:aws:iam::111122223333:role/x/trailkeeper/mine", "iam", "CreateRole"),
	), "iam:PermissionsBoundary", boundary), []string{"all"}},
	{
		"a role of ours without a boundary",
		on(oneOfOurs, "iam", "CreateRole PutRolePolicy PutRolePermissionsBoundary"),
		[]string{"all"},
	},
	{
		"a role of ours within another boundary",
		with(on(oneOfOurs, "iam", "CreateRole PutRolePolicy PutRolePermissionsBoundary"), "iam:PermissionsBoundary",
			anyPolicy),
		[]string{"all"},
	},
	{
		"a role of ours out of its boundary",
		with(
			on(oneOfOurs, "iam", "DeleteRolePermissionsBoundary AttachRolePolicy DetachRolePolicy"),
			"iam:PermissionsBoundary",
			boundary,
		),
		[]string{"all"},
	},
	{
		"a role of ours with the policy of an administrator",
		with(with(on(oneOfOurs, "iam", "AttachRolePolicy"), "iam:PermissionsBoundary", boundary),
			"iam:PolicyARN", anyPolicy),
		[]string{"all"},
	},
	{
		"a policy of ours for a role without our boundary",
		slices.Concat(
			with(on(oneOfOurs, "iam", "AttachRolePolicy"), "iam:PolicyARN", ourPolicy),
			with(
				with(on(oneOfOurs, "iam", "AttachRolePolicy"), "iam:PermissionsBoundary", anyPolicy),
				"iam:PolicyARN",
				ourPolicy,
			),
			with(
				with(on(foreignRole, "iam", "AttachRolePolicy"), "iam:PermissionsBoundary", boundary),
				"iam:PolicyARN",
				ourPolicy,
			),
		),
		[]string{"all"},
	},
	{
		"a policy of ours for a user",
		on(ourPolicy, "iam", "AttachUserPolicy AttachGroupPolicy SetDefaultPolicyVersion"),
		[]string{"all"},
	},
	{
		"a policy at a path that only begins like ours",
		on("arn:aws:iam::111122223333:policy/trailkeeper-x/mine", "iam", "CreatePolicy CreatePolicyVersion"),
		[]string{"all"},
	},
	{
		"a policy of ours for a role of ours within the boundary",
		append(
			on(ourPolicy, "iam", "CreatePolicy CreatePolicyVersion DeletePolicy"),
			with(
				with(on(oneOfOurs, "iam", "AttachRolePolicy DetachRolePolicy"), "iam:PermissionsBoundary", boundary),
				"iam:PolicyARN",
				ourPolicy,
			)...),
		nil,
	},
	{
		"a role of ours within the boundary",
		slices.Concat(
			with(on(oneOfOurs, "iam", "CreateRole PutRolePolicy"), "iam:PermissionsBoundary", boundary),
			with(
				on(oneOfOurs, "iam", "PassRole"),
				"iam:PassedToService",
				"lambda.amazonaws.com",
			),
			on(ourFunction, "lambda", "CreateFunction InvokeFunction"),
		),
		nil,
	},
	{
		"a role of ours for a machine of theirs",
		with(on(oneOfOurs, "iam", "PassRole"), "iam:PassedToService", "ec2.amazonaws.com"),
		[]string{"all"},
	},
	{"another boundary", slices.Concat(
		on(boundary, "iam", "CreatePolicyVersion SetDefaultPolicyVersion DeletePolicyVersion DeletePolicy TagPolicy"),
		on("arn:aws:iam::111122223333:policy/TrailkeeperDeploy", "iam", "CreatePolicyVersion SetDefaultPolicyVersion"),
	), []string{"all"}},
	{"more for the deploying role itself", with(slices.Concat(
		on(commercial.deployer(), "iam", "PutRolePolicy AttachRolePolicy DeleteRolePolicy PutRolePermissionsBoundary"),
	), "iam:PermissionsBoundary", boundary), []string{"all"}},
	{
		"a user",
		on("arn:aws:iam::111122223333:user/trailkeeper", "iam", "CreateUser CreateAccessKey AttachUserPolicy PutUserPolicy"),
		[]string{"all"},
	},
	{
		"another service-linked role",
		with(on("arn:aws:iam::111122223333:role/aws-service-role/lex.amazonaws.com/x", "iam", "CreateServiceLinkedRole"),
			"iam:AWSServiceName", "lex.amazonaws.com"),
		[]string{"all"},
	},
	{
		"foreign secrets",
		slices.Concat(
			on(
				"arn:aws:secretsmanager:eu-west-1:111122223333:secret:database-AbCdEf",
				"secretsmanager",
				"GetSecretValue PutSecretValue PutResourcePolicy",
			),
			on(
				"arn:aws:secretsmanager:eu-west-1:111122223333:secret:events!connection/payments/0a1b2c3d-AbCdEf",
				"secretsmanager",
				"GetSecretValue UpdateSecret DeleteSecret",
			),
			on("arn:aws:secretsmanager:eu-west-1:111122223333:secret:x/trailkeeper-AbCdEf", "secretsmanager", "GetSecretValue"),
		),
		[]string{"all"},
	},
	{
		"the secret of the settings, written",
		on("arn:aws:secretsmanager:eu-west-1:111122223333:secret:trailkeeper-AbCdEf", "secretsmanager",
			"PutSecretValue UpdateSecret DeleteSecret PutResourcePolicy ReplicateSecretToRegions"),
		[]string{"all"},
	},
	{
		"a foreign API destination, sent to the attacker's URL",
		slices.Concat(
			on(
				"arn:aws:events:eu-west-1:111122223333:connection/payments/0a1b2c3d",
				"events",
				"UpdateConnection DeauthorizeConnection DeleteConnection DescribeConnection",
			),
			on(
				"arn:aws:events:eu-west-1:111122223333:api-destination/payments/0a1b2c3d",
				"events",
				"UpdateApiDestination DeleteApiDestination DescribeApiDestination",
			),
		),
		[]string{"all"},
	},
	{"foreign rules and buses", slices.Concat(
		on("arn:aws:events:eu-west-1:111122223333:rule/payments", "events", "PutRule PutTargets DisableRule DeleteRule"),
		on("arn:aws:events:eu-west-1:111122223333:rule/security/payments", "events", "PutTargets"),
		on("arn:aws:events:eu-west-1:111122223333:event-bus/default", "events", "PutPermission PutEvents DeleteEventBus"),
	), []string{"all"}},
	{
		"foreign topics",
		on(
			"arn:aws:sns:eu-west-1:111122223333:payments",
			"sns",
			"Subscribe Publish SetTopicAttributes AddPermission DeleteTopic",
		),
		[]string{"all"},
	},
	// SNS has no resource type for a subscription, and so the right to unsubscribe is for each or for none.
	{"a foreign subscription, by its ARN", on("*", "sns", "Unsubscribe SetSubscriptionAttributes"), nil},
	{
		"foreign queues",
		on("arn:aws:sqs:eu-west-1:111122223333:payments", "sqs", "SetQueueAttributes ReceiveMessage PurgeQueue DeleteQueue"),
		[]string{"all"},
	},
	{
		"another's bucket that is named like ours",
		slices.Concat(
			on("arn:aws:s3:::trailkeeper-logs", "s3", "PutBucketPolicy PutLifecycleConfiguration PutEncryptionConfiguration"),
			on(
				"arn:aws:s3:::trailkeeper",
				"s3",
				"PutBucketPolicy",
			),
			on("arn:aws:s3:::other", "s3", "PutBucketPolicy PutBucketVersioning"),
		),
		[]string{"all"},
	},
	{
		"the files of our trails",
		slices.Concat(
			on(
				ourBucket,
				"s3",
				"DeleteBucket DeleteBucketPolicy PutReplicationConfiguration PutBucketAcl",
			),
			on(ourBucket+"/AWSLogs/x", "s3", "GetObject PutObject DeleteObject"),
		),
		[]string{"all"},
	},
	{
		"code from elsewhere",
		slices.Concat(
			with(
				on("arn:aws:s3:::cdk-hnb659fds-assets-111122223333-eu-west-1/x.zip", "s3", "GetObject"),
				"aws:ResourceAccount",
				account,
			),
			with(
				on("arn:aws:s3:::cdk-trailkpr-assets-111122223333-eu-west-1/x.zip", "s3", "GetObject"),
				"aws:ResourceAccount",
				"999999999999",
			),
			with(
				on("arn:aws:s3:::cdk-trailkpr-assets-111122223333-eu-west-1/x.zip", "s3", "PutObject"),
				"aws:ResourceAccount",
				account,
			),
		),
		[]string{"all"},
	},
	{
		"foreign functions",
		slices.Concat(
			on(
				"arn:aws:lambda:eu-west-1:111122223333:function:payments",
				"lambda",
				"UpdateFunctionCode UpdateFunctionConfiguration AddPermission GetFunction InvokeFunction",
			),
			on("arn:aws:lambda:eu-west-1:111122223333:layer:shared", "lambda", "PublishLayerVersion"),
			on("arn:aws:lambda:eu-west-1:111122223333:layer:shared:1", "lambda", "AddLayerVersionPermission GetLayerVersion"),
			with(slices.Concat(
				on("*", "lambda", "CreateEventSourceMapping"),
				on(
					"arn:aws:lambda:eu-west-1:111122223333:event-source-mapping:1",
					"lambda",
					"UpdateEventSourceMapping DeleteEventSourceMapping",
				),
			), "lambda:FunctionArn", "arn:aws:lambda:eu-west-1:111122223333:function:payments"),
		),
		[]string{"all"},
	},
	{"other code in our own function", on(ourFunction, "lambda", "UpdateFunctionCode UpdateFunctionConfiguration"), nil},
	{
		"foreign logs",
		on(
			"arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/payments:*",
			"logs",
			"DeleteLogGroup PutSubscriptionFilter PutRetentionPolicy",
		),
		[]string{"all"},
	},
	{
		"foreign tables",
		on("arn:aws:dynamodb:eu-west-1:111122223333:table/other", "dynamodb", "UpdateTable PutResourcePolicy"),
		[]string{"all"},
	},
	{
		"the state",
		on(
			"arn:aws:dynamodb:eu-west-1:111122223333:table/trailkeeper-StateTable-1",
			"dynamodb",
			"PutItem UpdateItem DeleteItem BatchWriteItem GetItem Query "+
				"Scan DeleteTable DeleteResourcePolicy RestoreTableFromBackup ExportTableToPointInTime",
		),
		[]string{"all"},
	},
	{
		"the trails",
		slices.Concat(
			on(
				"arn:aws:cloudtrail:eu-west-1:111122223333:trail/trailkeeper-CanaryTrail-1",
				"cloudtrail",
				"StopLogging DeleteTrail",
			),
			on(
				"arn:aws:cloudtrail:eu-west-1:111122223333:trail/management",
				"cloudtrail",
				"UpdateTrail PutEventSelectors StopLogging DeleteTrail",
			),
		),
		[]string{"all"},
	},
	{
		"foreign dashboards, alarms and schedules",
		slices.Concat(
			on("arn:aws:cloudwatch::111122223333:dashboard/other", "cloudwatch", "PutDashboard DeleteDashboards"),
			on(
				"arn:aws:cloudwatch:eu-west-1:111122223333:alarm:other",
				"cloudwatch",
				"PutMetricAlarm DeleteAlarms DisableAlarmActions",
			),
			on("arn:aws:scheduler:eu-west-1:111122223333:schedule/default/other", "scheduler", "UpdateSchedule DeleteSchedule"),
		),
		[]string{"all"},
	},
	{
		"parameters, stacks and other roles",
		slices.Concat(
			on(
				"arn:aws:ssm:eu-west-1:111122223333:parameter/cdk-bootstrap/trailkpr/version",
				"ssm",
				"GetParameter PutParameter",
			),
			on(
				"arn:aws:cloudformation:eu-west-1:111122223333:stack/other/1",
				"cloudformation",
				"UpdateStack DeleteStack",
			),
			on(oneOfOurs, "sts", "AssumeRole"),
		),
		[]string{"all"},
	},
}

func TestTakeovers(t *testing.T) {
	p, carried := readPolicy(t, "execution-policy.json"), conditionKeys(t)
	for _, tt := range takeovers {
		var got, all []string
		for _, call := range tt.calls {
			carried.check(t, call)
			all = append(all, call.action)
			if !p.allows(call) {
				got = append(got, call.action)
			}
		}
		want := tt.refused
		if slices.Equal(want, []string{"all"}) {
			want = all
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: refused (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestForeignKeyPolicies: nothing of the template lets the deploying role into another key than the stack's own, nor
// anybody else into those.
func TestForeignKeyPolicies(t *testing.T) {
	d := deploy(t, "everything")
	for id, r := range d.resources {
		if r.Type != "AWS::KMS::Key" {
			continue
		}
		call := on(d.arn(id), "kms", "PutKeyPolicy")[0]
		for who, want := range map[string]bool{
			d.deployer():       true,
			foreignRole:        false,
			"*":                false,
			d.deployer() + "x": false,
			"arn:aws:iam::999999999999:role/cdk-trailkpr-cfn-exec-role-111122223333-eu-west-1": false,
		} {
			if got := d.keyPolicy(call.resource).admits(who, call); got != want {
				t.Errorf("%s admits %s: %t", id, who, got)
			}
		}
		for _, call := range on(d.arn(id), "kms", "Decrypt Encrypt GenerateDataKey CreateGrant DisableKey TagResource "+
			"ReplicateKey") {
			if d.keyPolicy(call.resource).admits(d.deployer(), call) {
				t.Errorf("%s admits the deploying role to %s", id, call.action)
			}
		}
	}
}
