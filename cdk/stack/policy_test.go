package stack_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
	"trailkeeper/cdk/settings"
)

// conditional are the statements with a condition, and the tests that look at it.
var conditional = []any{
	"SecretKey", "StateKey", // TestSecretKey, TestTable
	"LogFileKeys", "LogFileKeys2", "LogFileAliases", // TestLogFilesGrants
	"PassRoles", "PassWardenRole", // TestWardenGrants
	"PassRoleToCloudTrail", // package trailkeeper/cdk: TestBoundary, and the mutations of the local run
}

// grants lists what a role may do, as "action on resource", and what it is kept from, as "never action on resource",
// sorted.
func grants(t *testing.T, tpl template, role string) []string {
	t.Helper()
	all, lesser := tpl.granted(t, role)
	for _, s := range lesser {
		t.Errorf("%s has a statement that is less than a grant: %s", role, s)
	}
	return all
}

// granted is what grants returns, and the statements that are less than a grant because of their conditions.
func (tpl template) granted(t *testing.T, role string) (all, lesser []string) {
	t.Helper()
	id, properties := tpl.only(t, "AWS::IAM::Role", role)
	policies := list(properties["Policies"])
	for _, p := range append(
		slices.Collect(maps.Values(tpl.resources("AWS::IAM::Policy"))),
		slices.Collect(maps.Values(tpl.resources("AWS::IAM::ManagedPolicy")))...,
	) {
		if target(list(p["Roles"])[0]) == id {
			policies = append(policies, p)
		}
	}
	for _, p := range policies {
		for _, v := range list(object(object(p)["PolicyDocument"])["Statement"]) {
			statement := object(v)
			owners, ofAccounts := owners(statement)
			if statement["Condition"] != nil && !ofAccounts && !slices.Contains(conditional, statement["Sid"]) {
				lesser = append(lesser, text(statement))
			}
			never := map[any]string{"Allow": "", "Deny": "never "}[statement["Effect"]]
			for _, action := range list(statement["Action"]) {
				for _, resource := range list(statement["Resource"]) {
					for _, owner := range owners {
						all = append(
							all,
							never+action.(string)+" on "+strings.Replace(resourceName(resource), ":*:trail/", ":"+owner+":trail/", 1),
						)
					}
				}
			}
		}
	}
	slices.Sort(all)
	return all, lesser
}

// owners are the accounts whose trails a statement is about; not ok: it has no such condition, or another one as well,
// and owners is the wildcard.
func owners(statement map[string]any) (accounts []string, ok bool) {
	condition := object(statement["Condition"])
	equals := object(condition["StringEquals"])
	if len(condition) != 1 || len(equals) != 1 || equals["aws:ResourceAccount"] == nil {
		return []string{"*"}, false
	}
	for _, account := range list(equals["aws:ResourceAccount"]) {
		accounts = append(accounts, plain(account).(string))
	}
	return accounts, true
}

// resourceName is the ARN, or the logical ID without its hash where the ARN is that of a resource of the stack.
func resourceName(v any) string {
	if id := target(v); id != "" {
		return id[:len(id)-8]
	}
	return resolved(v)
}

const (
	trailsHere    = "arn:aws:cloudtrail:*:111122223333:trail/*"
	serviceRole   = "arn:aws:iam::111122223333:role/aws-service-role/cloudtrail.amazonaws.com/AWSServiceRoleForCloudTrail"
	declaredTrail = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/management"
	secretByName  = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:trailkeeper-??????"
)

// base is what the guard may do in every mode with Slack and an encrypted topic, with the sweep and the state table.
var base = []string{
	"cloudtrail:DescribeTrails on *",
	"cloudtrail:GetEventConfiguration on " + trailsHere,
	"cloudtrail:GetEventSelectors on " + trailsHere,
	"cloudtrail:GetInsightSelectors on " + trailsHere,
	"cloudtrail:GetTrailStatus on " + trailsHere,
	"cloudtrail:ListTags on " + trailsHere,
	"cloudtrail:LookupEvents on *",
	"dynamodb:GetItem on StateTable",
	"dynamodb:PutItem on StateTable",
	"dynamodb:Query on StateTable",
	"kms:Decrypt on NotificationsKey",
	"kms:GenerateDataKey* on NotificationsKey",
	"logs:CreateLogStream on GuardLog",
	"logs:PutLogEvents on GuardLog",
	"secretsmanager:GetSecretValue on " + secretByName,
	"sns:Publish on NotificationsTopic",
	"sqs:SendMessage on GuardFailures",
	"sqs:SendMessage on LastQueue",
	"sqs:ChangeMessageVisibility on GuardDeadLetters",
	"sqs:ChangeMessageVisibility on GuardFailures",
	"sqs:ChangeMessageVisibility on LastQueue",
	"sqs:ChangeMessageVisibility on SlackDeadLetters",
	"sqs:ChangeMessageVisibility on SweepDeadLetters",
	"sqs:DeleteMessage on GuardDeadLetters",
	"sqs:DeleteMessage on GuardFailures",
	"sqs:DeleteMessage on LastQueue",
	"sqs:DeleteMessage on SlackDeadLetters",
	"sqs:DeleteMessage on SweepDeadLetters",
	"sqs:ReceiveMessage on GuardDeadLetters",
	"sqs:ReceiveMessage on GuardFailures",
	"sqs:ReceiveMessage on LastQueue",
	"sqs:ReceiveMessage on SlackDeadLetters",
	"sqs:ReceiveMessage on SweepDeadLetters",
}

// TestGuardGrants is the whole of what the function may do: one line more or less is a decision.
func TestGuardGrants(t *testing.T) {
	restart := append(slices.Clone(base), "cloudtrail:StartLogging on "+trailsHere)
	without := func(all []string, parts ...string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(g string) bool {
			return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(g, part) })
		})
	}
	for name, want := range map[string][]string{
		"notify": base,
		"default": append(slices.Clone(restart),
			"iam:GetRole on "+serviceRole, "organizations:DescribeOrganization on *",
			"organizations:ListAWSServiceAccessForOrganization on *", "organizations:ListAccounts on *"),
		"recreate": append(slices.Clone(restart),
			"cloudtrail:PutEventSelectors on "+trailsHere, "cloudtrail:PutInsightSelectors on "+trailsHere,
			"cloudtrail:UpdateTrail on "+trailsHere,
			"cloudtrail:AddTags on "+declaredTrail, "cloudtrail:CreateTrail on "+declaredTrail,
			"iam:PassRole on arn:aws:iam::111122223333:role/management-logs"),
		"bot-token":  restart,
		"sns-only":   without(restart, "secretsmanager", "SlackDeadLetters"),
		"slack-only": without(restart, "sns:", "kms:"),
		"direct":     without(restart, "SlackDeadLetters"),
		"existing": {
			"cloudtrail:GetTrailStatus on " + trailsHere, "cloudtrail:GetTrailStatus on " +
				"arn:aws:cloudtrail:*:444455556666:trail/*",
			"cloudtrail:StartLogging on " + trailsHere, "cloudtrail:StartLogging on arn:aws:cloudtrail:*:444455556666:trail/*",
			"kms:Decrypt on arn:aws:kms:eu-west-1:111122223333:key/11111111-1111-1111-1111-111111111111",
			"kms:Decrypt on arn:aws:kms:eu-west-1:111122223333:key/22222222-2222-2222-2222-222222222222",
			"kms:Decrypt on arn:aws:kms:eu-west-1:111122223333:key/33333333-3333-3333-3333-333333333333",
			"kms:GenerateDataKey* on arn:aws:kms:eu-west-1:111122223333:key/22222222-2222-2222-2222-222222222222",
			"kms:GenerateDataKey* on arn:aws:kms:eu-west-1:111122223333:key/33333333-3333-3333-3333-333333333333",
			"logs:CreateLogStream on GuardLog", "logs:PutLogEvents on GuardLog",
			"secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:111122223333:secret:security/trailkeeper-AbCdEf",
			"sns:Publish on arn:aws:sns:eu-west-1:111122223333:security",
			"sns:Publish on arn:aws:sns:eu-west-1:111122223333:security-dead-letters",
			"sqs:ChangeMessageVisibility on GuardDeadLetters",
			"sqs:ChangeMessageVisibility on arn:aws:sqs:eu-west-1:111122223333:security-failures",
			"sqs:DeleteMessage on GuardDeadLetters", "sqs:DeleteMessage on arn:aws:sqs:eu-west-1:111122223333:security-failures",
			"sqs:ReceiveMessage on GuardDeadLetters", "sqs:ReceiveMessage on " +
				"arn:aws:sqs:eu-west-1:111122223333:security-failures",
			"sqs:SendMessage on arn:aws:sqs:eu-west-1:111122223333:security-failures",
			"sqs:ChangeMessageVisibility on LastQueue", "sqs:DeleteMessage on LastQueue", "sqs:ReceiveMessage on LastQueue",
			"sqs:SendMessage on LastQueue",
		},
	} {
		t.Run(name, func(t *testing.T) {
			want = slices.Concat(want, onWarden(name))
			slices.Sort(want)
			if diff := cmp.Diff(want, grants(t, goldenTemplate(t, name), "GuardRole")); diff != "" {
				t.Errorf("the guard's grants (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOtherRoles proves that no role has more than its one purpose, and that no policy stands beside the roles but the
// functions' for their tables.
func TestOtherRoles(t *testing.T) {
	for _, name := range golden.Names() {
		tpl := goldenTemplate(t, name)
		for id, p := range tpl.resources("AWS::IAM::Policy") {
			of := map[string]string{"StateGrants": "GuardRole", "WatchStateGrants": "WatchRole"}[withoutHash(id)]
			if !cmp.Equal(plain(p["Roles"]), any([]any{of})) {
				t.Errorf("%s has a policy beside the roles' own: %s", name, text(p))
			}
		}
		for id, role := range tpl.resources("AWS::IAM::Role") {
			if role["ManagedPolicyArns"] != nil {
				t.Errorf("%s: %s has managed policies", name, id)
			}
			switch {
			case strings.HasPrefix(id, "GuardRole"), strings.HasPrefix(id, "WatchRole"): // TestGuardGrants, TestWatchGrants
			case strings.HasPrefix(id, "RedeliveryRole"):
				want := []string{"lambda:InvokeFunction on WatchFunction", "sqs:SendMessage on WatchDeadLetters"}
				if name == "everything" {
					want = append([]string{"kms:Decrypt on DataKey", "kms:GenerateDataKey* on DataKey"}, want...)
				}
				if got := grants(t, tpl, "RedeliveryRole"); !slices.Equal(got, want) {
					t.Errorf("%s: the redelivery's role may %q; want %q", name, got, want)
				}
			case strings.HasPrefix(id, "SlackRole"):
				if got, want := grants(
					t,
					tpl,
					"SlackRole",
				), slackGrants(variant(t, name).Protects()); !slices.Equal(
					got,
					want,
				) {
					t.Errorf("%s: Slack's role may %q; want %q", name, got, want)
				}
			case strings.HasPrefix(id, "ProtectRole"):
				if got, want := grants(t, tpl, "ProtectRole"), protectGrants(variant(t, name)); !slices.Equal(got, want) {
					t.Errorf("%s: the role of the rules on calls against the deployment may %q; want %q", name, got, want)
				}
			case strings.HasPrefix(id, "NoticesRole"):
				want := []string{
					"kms:Decrypt on NotificationsKey",
					"kms:GenerateDataKey* on NotificationsKey",
					"sns:Publish on NotificationsTopic",
				}
				if name == "everything" {
					want = slices.Insert(want, 2, "sns:Publish on NotificationsAlarmsTopic")
				}
				if got := grants(t, tpl, "NoticesRole"); !slices.Equal(got, want) {
					t.Errorf("%s: the notices' role may %q; want %q", name, got, want)
				}
			case strings.HasPrefix(id, "DirectRole"), strings.HasPrefix(id, "EvidenceRole"):
				want := []string{
					"kms:Decrypt on NotificationsKey",
					"kms:GenerateDataKey* on NotificationsKey",
					"sns:Publish on NotificationsTopic",
				}
				if got := grants(t, tpl, withoutHash(id)); !slices.Equal(got, want) {
					t.Errorf("%s: the %s may %q; want %q", name, id, got, want)
				}
			case strings.HasPrefix(id, "SweepRole"):
				want := []string{"lambda:InvokeFunction on GuardFunction", "sqs:SendMessage on SweepDeadLetters"}
				if name == "everything" {
					want = append([]string{"kms:Decrypt on DataKey", "kms:GenerateDataKey* on DataKey"}, want...)
				}
				if got := grants(t, tpl, "SweepRole"); !slices.Equal(got, want) {
					t.Errorf("%s: the sweep's role may %q; want %q", name, got, want)
				}
			case strings.HasPrefix(id, "TestAlertRole"):
				want := []string{
					"events:PutEvents on arn:aws:events:eu-west-1:111122223333:event-bus/security",
					"kms:Decrypt on DataKey", "kms:GenerateDataKey* on DataKey", "sqs:SendMessage on TestDeadLetters",
				}
				if got := grants(t, tpl, "TestAlertRole"); !slices.Equal(got, want) {
					t.Errorf("%s: the test alert's role may %q; want %q", name, got, want)
				}
			case strings.HasPrefix(id, "BacktestMachineRole"), strings.HasPrefix(id, "BacktestRole"):
				// TestBacktestRoles
			case strings.HasPrefix(id, "WardenRole"), strings.HasPrefix(id, "WardenRunsRole"): // TestWardenGrants
			case strings.HasPrefix(id, "FirstTrailRole"):
				want := []string{"logs:CreateLogStream on FirstTrailLog", "logs:PutLogEvents on FirstTrailLog"}
				if got := grants(t, tpl, "FirstTrailRole"); !slices.Equal(got, want) {
					t.Errorf("%s: CloudTrail's role may %q; want %q", name, got, want)
				}
			default:
				t.Errorf("%s: unexpected role %s", name, id)
			}
		}
	}
}

func document(statements ...map[string]any) any {
	list := []any{}
	for _, s := range statements {
		list = append(list, s)
	}
	return map[string]any{"Version": "2012-10-17", "Statement": list}
}

func allowed(sid string, action, principal, resource, condition any) map[string]any {
	s := map[string]any{"Effect": "Allow", "Action": action}
	for name, value := range map[string]any{"Principal": principal, "Resource": resource, "Condition": condition} {
		if value != nil {
			s[name] = value
		}
	}
	if sid != "" {
		s["Sid"] = sid
	}
	return s
}

var (
	byService = func(name string) map[string]any { return map[string]any{"Service": name} }
	useKey    = []any{"kms:Decrypt", "kms:GenerateDataKey*"}
	ownerOfIt = allowed("", "kms:*", map[string]any{"AWS": "arn:aws:iam::111122223333:root"}, "*", nil)
	// deployed is who manages a key, from its first second on.
	deployed = allowed("Deployment", []any{
		"kms:DescribeKey",
		"kms:EnableKeyRotation",
		"kms:GetKeyPolicy",
		"kms:GetKeyRotationStatus",
		"kms:ListResourceTags",
		"kms:PutKeyPolicy",
		"kms:ScheduleKeyDeletion",
		"kms:UntagResource",
		"kms:UpdateKeyDescription",
	}, map[string]any{"AWS": "arn:aws:iam::111122223333:role/cdk-trailkpr-cfn-exec-role-111122223333-eu-west-1"}, "*", nil)
	hereOnly = map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": "111122223333"}}
)

func denyPlainHTTP(sid, action, principal, resource any) map[string]any {
	s := allowed("", action, principal, resource, map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}})
	s["Effect"] = "Deny"
	if sid != nil {
		s["Sid"] = sid
	}
	return s
}

// TestSecretKey: the guard may decrypt with the secret's key what Secrets Manager asks for on its behalf, for the one
// secret.
func TestSecretKey(t *testing.T) {
	for name, secret := range map[string]string{
		"everything": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:security/trailkeeper-??????",
		"existing":   "arn:aws:secretsmanager:eu-west-1:111122223333:secret:security/trailkeeper-AbCdEf",
	} {
		want := allowed(
			"SecretKey",
			"kms:Decrypt",
			nil,
			"arn:aws:kms:eu-west-1:111122223333:key/11111111-1111-1111-1111-111111111111",
			map[string]any{
				"StringEquals": map[string]any{"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"},
				"StringLike":   map[string]any{"kms:EncryptionContext:SecretARN": secret},
			},
		)
		_, role := goldenTemplate(t, name).only(t, "AWS::IAM::Role", "GuardRole")
		statements := list(object(object(list(role["Policies"])[0])["PolicyDocument"])["Statement"])
		if !slices.ContainsFunc(statements, func(s any) bool { return cmp.Equal(plain(s), any(want)) }) {
			t.Errorf("%s: no statement of the guard is %s; there are %s", name, text(want), text(statements))
		}
	}
}

func TestQueues(t *testing.T) {
	for _, name := range golden.Names() {
		tpl := goldenTemplate(t, name)
		for id, queue := range tpl.resources("AWS::SQS::Queue") {
			const longest = 14 * 24 * 3600
			if queue["MessageRetentionPeriod"] != float64(longest) {
				t.Errorf("%s: %s keeps messages for %v s; want %d", name, id, queue["MessageRetentionPeriod"], longest)
			}
			from := map[string]any{"redrivePermission": "denyAll"}
			if withoutHash(id) == "LogFileDeadLetters" {
				from = map[string]any{"redrivePermission": "byQueue", "sourceQueueArns": []any{
					"arn:aws:sqs:eu-west-1:111122223333:" + variant(t, name).StackName + "-log-files",
				}}
			}
			if diff := cmp.Diff(any(from), plain(queue["RedriveAllowPolicy"])); diff != "" {
				t.Errorf("%s: SQS itself may move messages of other queues into %s (-want +got):\n%s", name, id, diff)
			}
			if queue["SqsManagedSseEnabled"] != true && queue["KmsMasterKeyId"] == nil {
				t.Errorf("%s: %s is not encrypted", name, id)
			}
		}
	}
}

// protectGrants are those of the role that publishes calls against the deployment, to both topics.
func protectGrants(s settings.Settings) []string {
	topic, key := "NotificationsTopic", "NotificationsKey"
	if s.SNS.TopicARN != "" {
		topic, key = s.SNS.TopicARN, s.SNS.TopicKeyARN
	}
	all := each("sns:Publish", topic)
	if s.SNS.EmailFrom != "low" {
		all = append(all, "sns:Publish on NotificationsAlarmsTopic")
	}
	if s.SNS.Encrypt || s.SNS.TopicARN != "" {
		all = append(all, each("kms:Decrypt kms:GenerateDataKey*", key)...)
	}
	slices.Sort(all)
	return all
}

// slackGrants are those of the role that posts to Slack: one for each destination.
func slackGrants(protects bool) []string {
	all := []string{"events:InvokeApiDestination on SlackDestination", "events:InvokeApiDestination on SlackRest"}
	if protects {
		all = slices.Insert(all, 1, "events:InvokeApiDestination on SlackProtect")
	}
	return all
}
