package checks_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/state/statetest"
	"trailkeeper/lambda/internal/warden/checks"
)

// stateful are the services of the state and of what is reported.
var stateful = []string{"SQS", "SNS", "DynamoDB", "KMS", "CloudWatch", "Events", "SecretsManager"}

// withSecrets has the secrets of the deployment checked as well, and remembered.
func (w *world) withSecrets() *world {
	w.tools.Documents = &statetest.Memory{}
	w.tools.Record.Description = "one"
	w.deployed = append(w.deployed, checks.Secrets(w.deployed)...)
	return w
}

// TestGoldensStateAsDeployed: of a deployment that nobody has touched nothing is found, whatever its settings.
func TestGoldensStateAsDeployed(t *testing.T) {
	for _, variant := range []string{
		"default", "watch", "everything", "archive", "recreate", "many-accounts", "bot-token", "slack-only", "sns-only", "protect",
		"direct", "notify", "metric-filters", "heartbeat", "evidence",
	} {
		t.Run(variant, func(t *testing.T) {
			if got := lines(deployed(t, variant).withSecrets().found(t, stateful...)); got != "" {
				t.Error(got)
			}
		})
	}
}

// stateAttack is a call of somebody who wants the deployment silent, and what is found after it: the differences, of which
// those with a repair are repaired.
type stateAttack struct {
	service, operation string
	input              func(w *world) map[string]any
	want               string // the beginnings of the lines, "ID: Field"
	repaired           bool
}

func (w *world) url(id string) string {
	for _, of := range w.deployed {
		if strings.TrimRight(of.ID, "0123456789ABCDEF") == id {
			return of.Ref
		}
	}
	return ""
}

const openPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`

var stateAttacks = map[string]stateAttack{
	"queue policy opened": {"sqs", "SetQueueAttributes", func(w *world) map[string]any {
		return map[string]any{"QueueUrl": w.url("GuardFailures"), "Attributes": map[string]any{"Policy": openPolicy}}
	}, "GuardFailuresPolicy: PolicyDocument", true},
	"queue policy taken away": {"sqs", "SetQueueAttributes", func(w *world) map[string]any {
		return map[string]any{"QueueUrl": w.url("GuardFailures"), "Attributes": map[string]any{"Policy": ""}}
	}, "GuardFailuresPolicy: PolicyDocument", true},
	"queue keeps nothing": {"sqs", "SetQueueAttributes", func(w *world) map[string]any {
		return map[string]any{"QueueUrl": w.url("GuardFailures"), "Attributes": map[string]any{"MessageRetentionPeriod": "60"}}
	}, "GuardFailures: MessageRetentionPeriod", false},
	"queue deleted": {"sqs", "DeleteQueue", func(w *world) map[string]any {
		return map[string]any{"QueueUrl": w.url("GuardFailures")}
	}, "GuardFailures: resource", false},
	"topic deleted": {"sns", "DeleteTopic", func(w *world) map[string]any {
		return map[string]any{"TopicArn": w.url("NotificationsTopic")}
	}, "NotificationsEmail: resource\nNotificationsTopic: resource", false},
	"topic policy opened": {"sns", "SetTopicAttributes", func(w *world) map[string]any {
		return map[string]any{"TopicArn": w.url("NotificationsTopic"), "AttributeName": "Policy", "AttributeValue": openPolicy}
	}, "NotificationsTopicPolicy: PolicyDocument", false},
	"topic without its key": {"sns", "SetTopicAttributes", func(w *world) map[string]any {
		return map[string]any{"TopicArn": w.url("NotificationsTopic"), "AttributeName": "KmsMasterKeyId", "AttributeValue": ""}
	}, "NotificationsTopic: KmsMasterKeyId", false},
	"unsubscribed": {"sns", "Unsubscribe", func(w *world) map[string]any {
		return map[string]any{"SubscriptionArn": w.subscription("NotificationsTopic")}
	}, "NotificationsEmail: resource\nNotificationsTopic: Subscriptions.Confirmed", false},
	"filtered": {"sns", "SetSubscriptionAttributes", func(w *world) map[string]any {
		return map[string]any{
			"SubscriptionArn": w.subscription("NotificationsTopic"), "AttributeName": "FilterPolicy", "AttributeValue": `{"severity":["never"]}`,
		}
	}, "NotificationsEmail: FilterPolicy", false},
	"eavesdropper": {"sns", "Subscribe", func(w *world) map[string]any {
		return map[string]any{"TopicArn": w.url("NotificationsTopic"), "Protocol": "sqs", "Endpoint": "arn:aws:sqs:eu-west-1:111122223333:evil"}
	}, "NotificationsTopic: Subscriptions.sha256:", false},
	"table policy lifted": {"dynamodb", "DeleteResourcePolicy", func(w *world) map[string]any {
		return map[string]any{"ResourceArn": "arn:aws:dynamodb:eu-west-1:111122223333:table/" + w.named("StateTable")}
	}, "StateTable: ResourcePolicy", true},
	"table unprotected": {"dynamodb", "UpdateTable", func(w *world) map[string]any {
		return map[string]any{"TableName": w.named("StateTable"), "DeletionProtectionEnabled": false}
	}, "StateTable: DeletionProtectionEnabled", false},
	"items expire never": {"dynamodb", "UpdateTimeToLive", func(w *world) map[string]any {
		return map[string]any{"TableName": w.named("StateTable"), "TimeToLiveSpecification": map[string]any{
			"Enabled": false, "AttributeName": "expires",
		}}
	}, "StateTable: TimeToLiveSpecification.AttributeName", false},
	"no recovery": {"dynamodb", "UpdateContinuousBackups", func(w *world) map[string]any {
		return map[string]any{"TableName": w.named("StateTable"), "PointInTimeRecoverySpecification": map[string]any{
			"PointInTimeRecoveryEnabled": false,
		}}
	}, "StateTable: PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled", false},
	"key disabled": {"kms", "DisableKey", func(w *world) map[string]any {
		return map[string]any{"KeyId": w.named("NotificationsKey")}
	}, "NotificationsKey: KeyState", false},
	"key to be deleted": {"kms", "ScheduleKeyDeletion", func(w *world) map[string]any {
		return map[string]any{"KeyId": w.named("NotificationsKey"), "PendingWindowInDays": 7}
	}, "NotificationsKey: KeyState", false},
	"key policy": {"kms", "PutKeyPolicy", func(w *world) map[string]any {
		return map[string]any{
			"KeyId": w.named("NotificationsKey"), "Policy": strings.Replace(openPolicy, `"Action":"*"`, `"Action":"kms:*"`, 1),
			"BypassPolicyLockoutSafetyCheck": true,
		}
	}, "NotificationsKey: KeyPolicy", false},
	"key not rotated": {"kms", "DisableKeyRotation", func(w *world) map[string]any {
		return map[string]any{"KeyId": w.named("NotificationsKey")}
	}, "NotificationsKey: EnableKeyRotation", false},
	"alarm silenced": {"monitoring", "DisableAlarmActions", func(*world) map[string]any {
		return map[string]any{"AlarmNames": []any{"trailkeeper/guard-errors"}}
	}, "AlarmsGuardErrors: ActionsEnabled", false},
	"alarm deleted": {"monitoring", "DeleteAlarms", func(*world) map[string]any {
		return map[string]any{"AlarmNames": []any{"trailkeeper/guard-errors"}}
	}, "AlarmsGuardErrors: resource", false},
	"alarm state": {"monitoring", "SetAlarmState", func(*world) map[string]any {
		return map[string]any{"AlarmName": "trailkeeper/guard-errors", "StateValue": "INSUFFICIENT_DATA", "StateReason": "x"}
	}, "", false},
	"secret replaced": {"secretsmanager", "PutSecretValue", func(*world) map[string]any {
		return map[string]any{
			"SecretId": "trailkeeper", "SecretString": webhookIn(foreignHook),
			"ClientRequestToken": "11111111-1111-1111-1111-111111111111",
		}
	}, "Secret: SecretString.bot_token\nSecret: SecretString.webhook\nSecret: VersionId\nSecret: Webhook.Host\n" +
		"SlackDestination: InvocationEndpoint\nSlackProtect: InvocationEndpoint\nSlackRest: InvocationEndpoint", false},
	"secret to be deleted": {"secretsmanager", "DeleteSecret", func(*world) map[string]any {
		return map[string]any{"SecretId": "trailkeeper"}
	}, "Secret: DeletedDate", false},
	"secret gone": {"secretsmanager", "DeleteSecret", func(*world) map[string]any {
		return map[string]any{"SecretId": "trailkeeper", "ForceDeleteWithoutRecovery": true}
	}, "Secret: resource", false},
	"connection deauthorized": {"events", "DeauthorizeConnection", func(*world) map[string]any {
		return map[string]any{"Name": "trailkeeper-slack"}
	}, "SlackConnection: AuthParameters.ApiKeyAuthParameters.ApiKeyName\nSlackConnection: ConnectionState\n" +
		"SlackDestination: ApiDestinationState\nSlackProtect: ApiDestinationState\nSlackRest: ApiDestinationState", false},
	"destination repointed": {"events", "UpdateApiDestination", func(*world) map[string]any {
		return map[string]any{"Name": "trailkeeper-slack", "InvocationEndpoint": foreignHook}
	}, "SlackDestination: InvocationEndpoint", false},
	"destination deleted": {"events", "DeleteApiDestination", func(*world) map[string]any {
		return map[string]any{"Name": "trailkeeper-slack"}
	}, "SlackDestination: resource", false},
}

// startLike compares the beginnings of lines.
func startLike(t *testing.T, got, want string) {
	t.Helper()
	shown(t, "a difference", got)
	lines, wanted := strings.Split(got, "\n"), strings.Split(want, "\n")
	same := len(lines) == len(wanted) && (got == "") == (want == "")
	for i := range lines {
		same = same && strings.HasPrefix(lines[i], wanted[i])
	}
	if !same {
		t.Errorf("found\n%s\nwant\n%s", got, want)
	}
}

// subscription is the ARN of the first subscription of a topic.
func (w *world) subscription(topic string) string {
	out, err := w.client.Call(context.Background(), awsapi.Call{
		Service: "sns", Region: "eu-west-1", Operation: "ListSubscriptionsByTopic", Input: map[string]any{"TopicArn": w.url(topic)},
	})
	if all := awsapi.List(out["Subscriptions"]); err == nil && len(all) > 0 {
		return awsapi.Text(awsapi.Object(all[0])["SubscriptionArn"])
	}
	return ""
}

// TestAttacksOnTheState: each is found by the check of what it is about, and what is repaired is as it was deployed.
func TestAttacksOnTheState(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(stateAttacks)) {
		a := stateAttacks[name]
		t.Run(name, func(t *testing.T) {
			w := deployed(t, "default").withSecrets()
			if got := lines(w.found(t, stateful...)); got != "" {
				t.Fatal(got)
			}
			w.call(t, a.service, a.operation, a.input(w))
			found := w.found(t, stateful...)
			startLike(t, lines(found), a.want)
			for _, differences := range found {
				for _, d := range differences {
					if (d.Repair != nil) != a.repaired {
						t.Errorf("%s: repaired %v", d.Field, d.Repair != nil)
					}
					if d.Repair == nil {
						continue
					}
					if err := d.Repair(t.Context()); err != nil {
						t.Error(err)
					}
				}
			}
			if left := lines(w.found(t, stateful...)); a.repaired && left != "" {
				t.Errorf("after the repair: %s", left)
			}
		})
	}
}
