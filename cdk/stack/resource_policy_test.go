package stack_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
)

// TestTopicPolicies: CloudWatch is admitted in the topic's and the key's policy, for this account only; EventBridge in neither, because it
// publishes through a role; plain HTTP nowhere. Statements are compared as wholes.
func TestTopicPolicies(t *testing.T) {
	for _, name := range golden.Names() {
		tpl := goldenTemplate(t, name)
		if len(tpl.resources("AWS::SNS::Topic")) == 0 {
			continue
		}
		_, key := tpl.only(t, "AWS::KMS::Key", "NotificationsKey")
		for id, topic := range tpl.resources("AWS::SNS::Topic") {
			if plain(topic["KmsMasterKeyId"]) != "NotificationsKey.Arn" || key["EnableKeyRotation"] != true {
				t.Errorf("%s: %s is not encrypted with its own key, or the key is not rotated", name, id)
			}
		}
		want := document(ownerOfIt, allowed("Alarms", useKey, byService("cloudwatch.amazonaws.com"), "*", hereOnly))
		if diff := cmp.Diff(want, plain(key["KeyPolicy"])); diff != "" {
			t.Errorf("%s: policy of the topic's key (-want +got):\n%s", name, diff)
		}
		for id, policy := range tpl.resources("AWS::SNS::TopicPolicy") {
			of := plain(list(policy["Topics"])[0])
			want := document(denyPlainHTTP("AllowPublishThroughSSLOnly", "sns:Publish", "*", of),
				allowed("Alarms", "sns:Publish", byService("cloudwatch.amazonaws.com"), of, hereOnly))
			if diff := cmp.Diff(want, plain(policy["PolicyDocument"])); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", name, id, diff)
			}
		}
		if policies, topics := len(tpl.resources("AWS::SNS::TopicPolicy")), len(tpl.resources("AWS::SNS::Topic")); policies != topics {
			t.Errorf("%s: %d policies of %d topics", name, policies, topics)
		}
	}
}

// TestDataKey: the key of queues, log and environment admits the services that write dead letters, and CloudWatch Logs for log groups of
// this account; the function, the logs, the table and every queue use it.
func TestDataKey(t *testing.T) {
	tpl := goldenTemplate(t, "everything")
	_, key := tpl.only(t, "AWS::KMS::Key", "DataKey")
	want := document(ownerOfIt,
		allowed("DeadLettersOfEventBridge", useKey, byService("events.amazonaws.com"), "*", nil),
		allowed("DeadLettersOfTopic", useKey, byService("sns.amazonaws.com"), "*", nil),
		allowed("GuardLog", []any{"kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"},
			byService("logs.eu-west-1.amazonaws.com"), "*", map[string]any{
				"ArnLike": map[string]any{"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:111122223333:log-group:*"},
			}))
	if diff := cmp.Diff(want, plain(key["KeyPolicy"])); diff != "" {
		t.Errorf("policy of the data key (-want +got):\n%s", diff)
	}
	for kind, property := range map[string]string{
		"AWS::Lambda::Function": "KmsKeyArn", "AWS::Logs::LogGroup": "KmsKeyId", "AWS::SQS::Queue": "KmsMasterKeyId",
		"AWS::DynamoDB::Table": "SSESpecification.KMSMasterKeyId",
	} {
		for id, r := range tpl.resources(kind) {
			if got := at(plain(r), property); got != "DataKey.Arn" {
				t.Errorf("%s of %s is %v; want the data key", property, id, got)
			}
		}
	}
	for id, r := range tpl.resources("AWS::KMS::Key") {
		if !strings.Contains(text(r["Tags"]), `{"Key":"trailkeeper","Value":"trailkeeper-all"}`) || r["EnableKeyRotation"] != true {
			t.Errorf("%s has not the tag that the execution policy asks for, or is not rotated: %s", id, text(r["Tags"]))
		}
	}
}

// TestQueuePolicies: plain HTTP nowhere; each queue admits the service that writes its dead letters, for the rules or topic at hand.
func TestQueuePolicies(t *testing.T) {
	onBehalfOf := func(sources ...any) map[string]any {
		return map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": sources}}
	}
	guarded := []any{"TamperingRule.Arn", "AttemptRule.Arn", "OddActorRule.Arn", "ActivityRule.Arn", "TestRule.Arn"}
	slack := []any{"TamperingRule.Arn", "AttemptRule.Arn", "OddActorRule.Arn", "TestRule.Arn", "AlarmRaised.Arn", "AlarmCleared.Arn"}
	queues := func(topics ...any) map[string]any {
		want := map[string]any{}
		for queue, statements := range map[string][]map[string]any{
			"GuardFailures":    nil,
			"GuardDeadLetters": {allowed("FromRules", "sqs:SendMessage", byService("events.amazonaws.com"), nil, onBehalfOf(guarded...))},
			// Scheduler puts messages in with the sweep's role.
			"SweepDeadLetters": nil,
			"SlackDeadLetters": {allowed("FromRules", "sqs:SendMessage", byService("events.amazonaws.com"), nil, onBehalfOf(slack...))},
			"TopicDeadLetters": {
				allowed("FromTopic", "sqs:SendMessage", byService("sns.amazonaws.com"), nil, onBehalfOf(topics...)),
				allowed("FromRules", "sqs:SendMessage", byService("events.amazonaws.com"), nil, onBehalfOf("NoticesRule.Arn")),
			},
		} {
			for _, s := range statements {
				s["Resource"] = queue + ".Arn"
			}
			want[queue] = document(append([]map[string]any{denyPlainHTTP(nil, "sqs:*", map[string]any{"AWS": "*"}, queue+".Arn")}, statements...)...)
		}
		return want
	}
	whole := queues("NotificationsTopic", "NotificationsAlarmsTopic")
	// As into the sweep's, Scheduler puts messages into this one with the role of the test alert.
	whole["TestDeadLetters"] = document(denyPlainHTTP(nil, "sqs:*", map[string]any{"AWS": "*"}, "TestDeadLetters.Arn"))
	for name, want := range map[string]map[string]any{"default": queues("NotificationsTopic"), "everything": whole} {
		got := map[string]any{}
		for _, p := range goldenTemplate(t, name).resources("AWS::SQS::QueuePolicy") {
			got[plain(list(p["Queues"])[0]).(string)] = plain(p["PolicyDocument"])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: policies of the queues (-want +got):\n%s", name, diff)
		}
	}
}
