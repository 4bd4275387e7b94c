package stack_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
)

// TestTopicPolicies: CloudWatch is admitted in the topic's and the key's policy, for this account only; EventBridge in
// neither, because it publishes through a role; plain HTTP nowhere. Statements are compared as wholes.
func TestTopicPolicies(t *testing.T) {
	for _, name := range golden.Names() {
		tpl := goldenTemplate(t, name)
		if len(tpl.resources("AWS::SNS::Topic")) == 0 {
			continue
		}
		_, key := tpl.only(t, "AWS::KMS::Key", "NotificationsKey")
		topics := 0
		for id, topic := range tpl.resources("AWS::SNS::Topic") {
			if strings.HasPrefix(id, "Archive") {
				continue // TestArchiveTopics
			}
			topics++
			if plain(topic["KmsMasterKeyId"]) != "NotificationsKey.Arn" || key["EnableKeyRotation"] != true {
				t.Errorf("%s: %s is not encrypted with its own key, or the key is not rotated", name, id)
			}
		}
		want := document(ownerOfIt, deployed, allowed("Alarms", useKey, byService("cloudwatch.amazonaws.com"), "*", hereOnly))
		if diff := cmp.Diff(want, plain(key["KeyPolicy"])); diff != "" {
			t.Errorf("%s: policy of the topic's key (-want +got):\n%s", name, diff)
		}
		policies := 0
		for id, policy := range tpl.resources("AWS::SNS::TopicPolicy") {
			if strings.HasPrefix(id, "Archive") {
				continue
			}
			policies++
			of := plain(list(policy["Topics"])[0])
			want := document(denyPlainHTTP("AllowPublishThroughSSLOnly", "sns:Publish", "*", of),
				allowed("Alarms", "sns:Publish", byService("cloudwatch.amazonaws.com"), of, hereOnly))
			if diff := cmp.Diff(want, plain(policy["PolicyDocument"])); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", name, id, diff)
			}
		}
		if policies != topics {
			t.Errorf("%s: %d policies of %d topics", name, policies, topics)
		}
	}
}

// TestDataKey: the key of queues, log and environment admits the services that write dead letters, and CloudWatch Logs
// for log groups of this account; the function, the logs, the table and every queue use it.
func TestDataKey(t *testing.T) {
	tpl := goldenTemplate(t, "everything")
	_, key := tpl.only(t, "AWS::KMS::Key", "DataKey")
	want := document(ownerOfIt, deployed,
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
		"AWS::Lambda::Function": "KmsKeyArn",
		"AWS::Logs::LogGroup":   "KmsKeyId",
		"AWS::SQS::Queue":       "KmsMasterKeyId",
		"AWS::DynamoDB::Table":  "SSESpecification.KMSMasterKeyId",
	} {
		for id, r := range tpl.resources(kind) {
			if got := at(plain(r), property); got != "DataKey.Arn" {
				t.Errorf("%s of %s is %v; want the data key", property, id, got)
			}
		}
	}
	for id, r := range tpl.resources("AWS::KMS::Key") {
		if r["EnableKeyRotation"] != true {
			t.Errorf("%s is not rotated", id)
		}
	}
}

// TestQueuePolicies: plain HTTP nowhere; each queue admits the service that writes its dead letters, for the rules or
// topic at hand, and denies everybody but the roles that write or read it, and those that break the glass, to touch its
// messages.
func TestQueuePolicies(t *testing.T) {
	onBehalfOf := func(sources ...any) map[string]any {
		return map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": sources}}
	}
	guarded := []any{
		"TamperingRule.Arn",
		"ChangeRule.Arn",
		"OwnRepairRule.Arn",
		"AttemptRule.Arn",
		"OddActorRule.Arn",
		"OddMarkupRule.Arn",
		"OddAttemptRule.Arn",
		"OddMarkupAttemptRule.Arn",
		"ActivityRule.Arn",
		"TestRule.Arn",
	}
	slack := []any{
		"TamperingRule.Arn",
		"ChangeRule.Arn",
		"OwnRepairRule.Arn",
		"AttemptRule.Arn",
		"OddActorRule.Arn",
		"OddMarkupRule.Arn",
		"OddAttemptRule.Arn",
		"OddMarkupAttemptRule.Arn",
		"TestRule.Arn",
		"AlarmRaised.Arn",
		"AlarmCleared.Arn",
	}
	fromRules := func(sources ...any) map[string]any {
		return allowed("FromRules", "sqs:SendMessage", byService("events.amazonaws.com"), nil, onBehalfOf(sources...))
	}
	fromProtect := func(breakGlass any) map[string]any {
		stack := map[bool]string{true: "trailkeeper-all", false: "trailkeeper"}[breakGlass != nil]
		s := fromRules("arn:aws:events:eu-west-1:111122223333:rule/" + stack + "-protect-*")
		s["Sid"] = "FromProtectRules"
		return s
	}
	queues := func(breakGlass any, topics ...any) map[string]any {
		slack := slack
		if breakGlass != nil { // the variant has a watch as well
			slack = slices.Concat(slack, []any{"AlarmRaisedWatch.Arn", "AlarmClearedWatch.Arn"})
		}
		slack = slices.Concat(slack, []any{"AlarmRaisedWarden.Arn", "AlarmClearedWarden.Arn"})
		want := map[string]any{}
		for queue, statements := range map[string][]map[string]any{
			"GuardFailures":    {onlyOurs(breakGlass)},
			"LastQueue":        {onlyOurs(breakGlass)},
			"GuardDeadLetters": {onlyOurs(breakGlass), fromRules(guarded...)},
			// Scheduler puts messages in with the schedule's role.
			"SweepDeadLetters": {onlyOurs(breakGlass, "SweepRole.Arn")},
			"TestDeadLetters":  {onlyOurs(breakGlass, "TestAlertRole.Arn")},
			"WardenQueue":      {onlyThese(breakGlass, "WardenRole.Arn", "WardenRunsRole.Arn")},
			"SlackDeadLetters": {onlyOurs(breakGlass), fromRules(slack...), fromProtect(breakGlass)},
			"TopicDeadLetters": {
				allowed(
					"FromTopic", "sqs:SendMessage", byService("sns.amazonaws.com"), nil, onBehalfOf(topics...),
				), onlyOurs(breakGlass),
				fromRules("NoticesRule.Arn"), fromProtect(breakGlass),
			},
		} {
			for _, s := range statements {
				s["Resource"] = queue + ".Arn"
			}
			want[queue] = document(
				append([]map[string]any{denyPlainHTTP(nil, "sqs:*", map[string]any{"AWS": "*"}, queue+".Arn")}, statements...)...)
		}
		return want
	}
	breakGlass := "arn:aws:iam::111122223333:role/ops/BreakGlass"
	whole := queues(breakGlass, "NotificationsTopic", "NotificationsAlarmsTopic")
	maps.Copy(whole, watchQueues(breakGlass))
	byDefault := queues(nil, "NotificationsTopic")
	delete(byDefault, "TestDeadLetters")
	for name, want := range map[string]map[string]any{"default": byDefault, "everything": whole} {
		got := map[string]any{}
		for _, p := range goldenTemplate(t, name).resources("AWS::SQS::QueuePolicy") {
			got[plain(list(p["Queues"])[0]).(string)] = plain(p["PolicyDocument"])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: policies of the queues (-want +got):\n%s", name, diff)
		}
	}
}

// onlyOurs is the statement that keeps everybody else from the messages of a queue.
func onlyOurs(breakGlass any, senders ...any) map[string]any {
	return onlyThese(breakGlass, append([]any{"GuardRole.Arn"}, senders...)...)
}

func onlyThese(breakGlass any, admitted ...any) map[string]any {
	if breakGlass != nil {
		admitted = append(admitted, breakGlass)
	}
	s := allowed("OnlyOurs", []any{
		"sqs:CancelMessageMoveTask",
		"sqs:ChangeMessageVisibility",
		"sqs:DeleteMessage",
		"sqs:PurgeQueue",
		"sqs:ReceiveMessage",
		"sqs:SendMessage",
		"sqs:StartMessageMoveTask",
	}, "*", nil, map[string]any{
		"ArnNotEquals": map[string]any{
			"aws:PrincipalArn": admitted,
		},
		"Bool": map[string]any{"aws:PrincipalIsAWSService": "false"},
	})
	s["Effect"] = "Deny"
	return s
}

// TestQueuePolicyLimits: SQS refuses a policy beyond its quotas ("Amazon SQS policy quotas"), with names as long as
// CloudFormation makes them.
func TestQueuePolicyLimits(t *testing.T) {
	const limit, longestARN = 8192, 140 // of roles, rules and queues, whose names have at most 64 or 80 characters
	for _, name := range golden.Names() {
		for id, p := range goldenTemplate(t, name).resources("AWS::SQS::QueuePolicy") {
			raw := text(plain(p["PolicyDocument"]))
			size := len(raw) + strings.Count(raw, `.Arn"`)*longestARN
			statements := list(object(p["PolicyDocument"])["Statement"])
			for _, s := range statements {
				if n := len(list(object(s)["Action"])); n > 7 {
					t.Errorf("%s: a statement of %s has %d actions", name, id, n)
				}
			}
			if size > limit || len(statements) > 20 {
				t.Errorf("%s: %s has %d bytes and %d statements", name, id, size, len(statements))
			}
		}
	}
}
