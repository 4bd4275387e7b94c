package stack_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
)

// grants lists what a role may do, as "action on resource", sorted.
func grants(t *testing.T, tpl template, role string) []string {
	t.Helper()
	_, properties := tpl.only(t, "AWS::IAM::Role", role)
	var all []string
	for _, p := range list(properties["Policies"]) {
		for _, v := range list(object(object(p)["PolicyDocument"])["Statement"]) {
			statement := object(v)
			for _, action := range list(statement["Action"]) {
				for _, resource := range list(statement["Resource"]) {
					all = append(all, action.(string)+" on "+resourceName(resource))
				}
			}
		}
	}
	slices.Sort(all)
	return all
}

// resourceName is the ARN, or the logical ID without its hash where the ARN is that of a resource of the stack.
func resourceName(v any) string {
	if id := target(v); id != "" {
		return id[:len(id)-8]
	}
	return resolved(v)
}

const (
	trailsHere   = "arn:aws:cloudtrail:*:111122223333:trail/*"
	serviceRole  = "arn:aws:iam::111122223333:role/aws-service-role/cloudtrail.amazonaws.com/AWSServiceRoleForCloudTrail"
	secretByName = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:trailkeeper-??????"
)

// base is what the guard may do in every mode with Slack and an encrypted topic.
var base = []string{
	"cloudtrail:GetTrailStatus on " + trailsHere,
	"kms:Decrypt on NotificationsKey", "kms:GenerateDataKey* on NotificationsKey",
	"logs:CreateLogStream on GuardLog", "logs:PutLogEvents on GuardLog",
	"secretsmanager:GetSecretValue on " + secretByName,
	"sns:Publish on NotificationsTopic", "sqs:SendMessage on GuardFailures",
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
		"bot-token":  restart,
		"sns-only":   without(restart, "secretsmanager"),
		"slack-only": without(restart, "sns:", "kms:"),
		"existing": {
			"cloudtrail:GetTrailStatus on " + trailsHere, "cloudtrail:GetTrailStatus on arn:aws:cloudtrail:*:444455556666:trail/*",
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
			"sqs:SendMessage on arn:aws:sqs:eu-west-1:111122223333:security-failures",
		},
	} {
		t.Run(name, func(t *testing.T) {
			slices.Sort(want)
			if diff := cmp.Diff(want, grants(t, goldenTemplate(t, name), "GuardRole")); diff != "" {
				t.Errorf("the guard's grants (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOtherRoles proves that no role has more than its one purpose, and that no policy stands beside the roles.
func TestOtherRoles(t *testing.T) {
	for _, name := range golden.Names() {
		tpl := goldenTemplate(t, name)
		if found := tpl.resources("AWS::IAM::Policy"); len(found) > 0 {
			t.Errorf("%s has policies beside the roles' own: %s", name, text(found))
		}
		for id, role := range tpl.resources("AWS::IAM::Role") {
			if role["ManagedPolicyArns"] != nil {
				t.Errorf("%s: %s has managed policies", name, id)
			}
			switch {
			case strings.HasPrefix(id, "GuardRole"):
			case strings.HasPrefix(id, "SlackRole"):
				if got, want := grants(t, tpl, "SlackRole"), []string{"events:InvokeApiDestination on SlackDestination"}; !slices.Equal(got, want) {
					t.Errorf("%s: Slack's role may %q; want %q", name, got, want)
				}
			case strings.HasPrefix(id, "NoticesRole"):
				want := []string{"kms:Decrypt on NotificationsKey", "kms:GenerateDataKey* on NotificationsKey", "sns:Publish on NotificationsTopic"}
				if got := grants(t, tpl, "NoticesRole"); !slices.Equal(got, want) {
					t.Errorf("%s: the notices' role may %q; want %q", name, got, want)
				}
			default:
				t.Errorf("%s: unexpected role %s", name, id)
			}
		}
	}
}

// TestTopicPolicies: CloudWatch is admitted in the topic's and the key's policy, for this account only; EventBridge in neither, because it
// publishes through a role; plain HTTP nowhere.
func TestTopicPolicies(t *testing.T) {
	for _, name := range golden.Names() {
		tpl := goldenTemplate(t, name)
		if len(tpl.resources("AWS::SNS::Topic")) == 0 {
			continue
		}
		keyID, key := tpl.only(t, "AWS::KMS::Key", "NotificationsKey")
		_, topic := tpl.only(t, "AWS::SNS::Topic", "Notifications")
		if target(topic["KmsMasterKeyId"]) != keyID || key["EnableKeyRotation"] != true {
			t.Errorf("%s: the topic is not encrypted with its own key, or the key is not rotated", name)
		}
		_, policy := tpl.only(t, "AWS::SNS::TopicPolicy", "Notifications")
		for what, document := range map[string]any{"topic": policy["PolicyDocument"], "key": key["KeyPolicy"]} {
			if strings.Contains(text(document), "events.amazonaws.com") {
				t.Errorf("%s: the %s's policy admits EventBridge", name, what)
			}
			if !admitsCloudWatch(document) {
				t.Errorf("%s: the %s's policy does not admit CloudWatch for this account: %s", name, what, text(document))
			}
		}
		if !deniesPlainHTTP(policy["PolicyDocument"]) {
			t.Errorf("%s: the topic takes plain HTTP", name)
		}
	}
}

func admitsCloudWatch(document any) bool {
	return slices.ContainsFunc(list(object(document)["Statement"]), func(v any) bool {
		statement := object(v)
		account := object(object(statement["Condition"])["StringEquals"])["aws:SourceAccount"]
		return statement["Effect"] == "Allow" && object(statement["Principal"])["Service"] == "cloudwatch.amazonaws.com" &&
			resolved(account) == "111122223333"
	})
}

func deniesPlainHTTP(document any) bool {
	return slices.ContainsFunc(list(object(document)["Statement"]), func(v any) bool {
		statement := object(v)
		return statement["Effect"] == "Deny" && object(object(statement["Condition"])["Bool"])["aws:SecureTransport"] == "false"
	})
}

func TestQueues(t *testing.T) {
	for _, name := range golden.Names() {
		tpl := goldenTemplate(t, name)
		policies := tpl.resources("AWS::SQS::QueuePolicy")
		for id, queue := range tpl.resources("AWS::SQS::Queue") {
			const longest = 14 * 24 * 3600
			if queue["MessageRetentionPeriod"] != float64(longest) {
				t.Errorf("%s: %s keeps messages for %v s; want %d", name, id, queue["MessageRetentionPeriod"], longest)
			}
			if queue["SqsManagedSseEnabled"] != true && queue["KmsMasterKeyId"] == nil {
				t.Errorf("%s: %s is not encrypted", name, id)
			}
			safe := false
			for _, p := range policies {
				safe = safe || target(list(p["Queues"])[0]) == id && deniesPlainHTTP(p["PolicyDocument"])
			}
			if !safe {
				t.Errorf("%s: %s takes plain HTTP", name, id)
			}
		}
	}
}
