package simulate

import (
	"strings"
	"testing"

	"trailkeeper/cdk/golden"
)

// TestMutationsOfTellingBreakChecks: every hole in what threads, summaries, the redrive, the test alert and the
// heartbeat need is found.
func TestMutationsOfTellingBreakChecks(t *testing.T) {
	t.Parallel()
	for variant, mutations := range map[string][]mutation{
		"bot-token": threadMutations(),
		"default":   append(redriveMutations(), watchMutations()...),
		"direct":    directMutations(),
	} {
		content, ok := golden.Variant(variant)
		if !ok {
			t.Fatalf("no golden template %s", variant)
		}
		for _, m := range mutations {
			t.Run(variant+" "+m.name+" "+m.scenario, func(t *testing.T) {
				t.Parallel()
				breaks(t, edited(t, content, m.edit), m.scenario, m.check)
			})
		}
	}
}

// directMutations are of the way by which EventBridge tells the topic without the guard.
func directMutations() []mutation {
	text := func(old, changed string) func(*testing.T, resources) {
		return func(t *testing.T, r resources) {
			transformer := r.target(t, "DirectRule", "Topic")["InputTransformer"].(object)
			was := transformer["InputTemplate"].(string)
			set(t, transformer, "InputTemplate", strings.Replace(was, old, changed, 1))
		}
	}
	return []mutation{
		{
			"rule disabled",
			func(t *testing.T, r resources) { set(t, r.get(t, "DirectRule"), "State", "DISABLED") },
			"logging-stopped",
			CheckDirect,
		},
		{"without StopLogging", func(t *testing.T, r resources) {
			r.dropValue(t, "DirectRule", "StopLogging", "detail", "eventName")
		}, "logging-stopped", CheckDirect},
		{"of calls that went well alone", func(t *testing.T, r resources) {
			r.get(t, "DirectRule")["EventPattern"].(object)["detail"].(object)["errorCode"] = []any{object{"exists": false}}
		}, "stop-refused", CheckDirect},
		{
			"role may not publish",
			func(t *testing.T, r resources) { r.dropAction(t, "DirectRole", "sns:Publish") },
			"guard-cut-off",
			CheckDirect,
		},
		{
			"role may not use the topic's key",
			func(t *testing.T, r resources) { r.dropAction(t, "DirectRole", "kms:Decrypt") },
			"logging-stopped",
			CheckDirect,
		},
		{
			"EventBridge may not assume the role",
			func(t *testing.T, r resources) { trust(t, r, "DirectRole", "lambda.amazonaws.com") },
			"logging-stopped",
			CheckDirect,
		},
		{"role is for another rule", func(t *testing.T, r resources) {
			trustFor(
				t,
				r,
				"DirectRole",
				"ArnLike",
				"aws:SourceArn",
				"arn:aws:events:eu-west-1:111122223333:rule/trailkeeper-notices",
			)
		}, "logging-stopped", CheckDirect},
		{"text without the call", text("<event>", "Something"), "logging-stopped", CheckDirect},
		{"text without the error", text("'<error>'", "unknown"), "stop-refused", CheckDirect},
		{"text without the event's ID", text("<id>", "unknown"), "logging-stopped", CheckDirect},
		{
			"nobody listens",
			func(t *testing.T, r resources) { r.remove(t, "NotificationsEmailD1F0B67EBF64074B") },
			"logging-stopped",
			CheckDirect,
		},
	}
}

// withoutGrant takes an action out of the guard's policies.
func withoutGrant(policy, action string) func(*testing.T, resources) {
	return func(t *testing.T, r resources) {
		if policy == "" {
			r.dropAction(t, "GuardRole", action)
			return
		}
		if !dropFrom(r.get(t, policy)["PolicyDocument"].(object), action) {
			t.Fatalf("%s does not allow %s", policy, action)
		}
	}
}

func threadMutations() []mutation {
	noPut := withoutGrant("StateGrants", "dynamodb:PutItem")
	noTable := func(t *testing.T, r resources) { r.env(t, "TRAILKEEPER_TABLE", "another") }
	return []mutation{
		{"guard without PutItem", noPut, "incident-thread", CheckThread},
		{"guard without PutItem", noPut, "escalation", CheckThread},
		{"guard without PutItem", noPut, "flood", CheckContested},
		{"guard without PutItem", noPut, "incident-thread", CheckClosed},
		{"guard without PutItem", noPut, "event-concurrent", CheckNotTwice},
		{"guard with another table", noTable, "incident-thread", CheckThread},
		{"guard with another table", noTable, "event-repeated", CheckOnce},
		{"guard without its secret", withoutGrant("", "secretsmanager:GetSecretValue"), "second-trail", CheckSecondSeen},
		{"guard without its secret", withoutGrant("", "secretsmanager:GetSecretValue"), "escalation", CheckBroadcast},
		{"guard without its secret", withoutGrant("", "secretsmanager:GetSecretValue"), "routed", CheckRouted},
		{"guard without its secret", withoutGrant("", "secretsmanager:GetSecretValue"), "test-alert", CheckTestAlert},
		{"wrong channel in the environment", func(t *testing.T, r resources) {
			r.env(t, "TRAILKEEPER_SLACK_CHANNEL", "#security")
		}, "incident-thread", CheckCounted},
	}
}

func redriveMutations() []mutation {
	all := []mutation{
		{
			"guard without its table",
			func(t *testing.T, r resources) { r.dropEnv(t, "TRAILKEEPER_TABLE") },
			"flood",
			CheckFew,
		},
		{"guard without PutItem", withoutGrant("StateGrants", "dynamodb:PutItem"), "flood", CheckFew},
		{"guard without Query", withoutGrant("StateGrants", "dynamodb:Query"), "flood", CheckCounted},
		{
			"schedules removed",
			func(t *testing.T, r resources) { r.remove(t, "SweepSchedule"); r.remove(t, "ContestedSchedule") },
			"flood",
			CheckCounted,
		},
		{
			"schedule of every minute removed",
			func(t *testing.T, r resources) { r.remove(t, "ContestedSchedule") },
			"fight-unseen",
			CheckDark,
		},
		{
			"guard without its table",
			func(t *testing.T, r resources) { r.dropEnv(t, "TRAILKEEPER_TABLE") },
			"event-concurrent",
			CheckNotTwice,
		},
		{
			"dead letters not in the environment",
			func(t *testing.T, r resources) { r.dropEnv(t, "TRAILKEEPER_DEAD_LETTERS") },
			"guard-back",
			CheckEmptied,
		},
		{
			"dead letters not in the environment",
			func(t *testing.T, r resources) { r.dropEnv(t, "TRAILKEEPER_DEAD_LETTERS") },
			"guard-back",
			CheckArrived,
		},
		{"schedule removed", func(t *testing.T, r resources) { r.remove(t, "SweepSchedule") }, "slack-back", CheckArrived},
		{
			"schedule removed",
			func(t *testing.T, r resources) { r.remove(t, "SweepSchedule") },
			"slack-back",
			CheckOldestFirst,
		},
		{"guard without DeleteMessage", withoutGrant("", "sqs:DeleteMessage"), "slack-back", CheckEmptied},
	}
	for _, scenario := range []string{"slack-back", "guard-back"} {
		for _, check := range []string{CheckArrived, CheckEmptied} {
			all = append(
				all,
				mutation{"guard without ReceiveMessage", withoutGrant("", "sqs:ReceiveMessage"), scenario, check},
			)
		}
	}
	return all
}

func watchMutations() []mutation {
	return []mutation{
		{
			"heartbeat alarm removed",
			func(t *testing.T, r resources) { r.remove(t, "AlarmsHeartbeatMissing") },
			"heartbeat-missing",
			CheckHeartbeat,
		},
		{"heartbeat alarm does nothing", func(t *testing.T, r resources) {
			set(t, r.get(t, "AlarmsHeartbeatMissing"), "AlarmActions", []any{})
		}, "heartbeat-missing", CheckHeartbeat},
		{"missing heartbeats do not count", func(t *testing.T, r resources) {
			alarm := r.get(t, "AlarmsHeartbeatMissing")
			set(t, alarm, "TreatMissingData", "notBreaching")
			set(t, alarm["Metrics"].([]any)[2].(object), "Expression", "reported + 0 * alive")
		}, "heartbeat-missing", CheckHeartbeat},
		{"heartbeat of another stack", func(t *testing.T, r resources) {
			reported := r.get(t, "AlarmsHeartbeatMissing")["Metrics"].([]any)[0].(object)["MetricStat"].(object)["Metric"].(object)
			set(t, reported, "Dimensions", []any{object{"Name": "Stack", "Value": "another"}})
		}, "heartbeat-present", CheckCalm},
		{
			"test rule disabled",
			func(t *testing.T, r resources) { set(t, r.get(t, "TestRule"), "State", "DISABLED") },
			"test-alert",
			CheckTestAlert,
		},
		{
			"test rule without the guard",
			func(t *testing.T, r resources) { r.dropTarget(t, "TestRule", "Guard") },
			"test-alert",
			CheckTestAlert,
		},
		{
			"test rule without Slack",
			func(t *testing.T, r resources) { r.dropTarget(t, "TestRule", "Slack") },
			"test-alert",
			CheckTestAlert,
		},
		{"test alert does not say so", func(t *testing.T, r resources) {
			template(t, r, "TestRule", func(string) string { return `{"text":"hello"}` })
		}, "test-alert", CheckTestAlert},
		{
			"permission for the test rule removed",
			func(t *testing.T, r resources) { r.remove(t, "TestPermission") },
			"test-alert",
			CheckTestAlert,
		},
		{"guard without SNS", withoutGrant("", "sns:Publish"), "test-alert", CheckTestAlert},
		{"alarm on the round trip removed", func(t *testing.T, r resources) {
			r.remove(t, "AlarmsTestAlertMissing")
		}, "test-alert-missing", CheckTestMissing},
		{"alarm on the round trip removed", func(t *testing.T, r resources) {
			r.remove(t, "AlarmsTestAlertMissing")
		}, "test-alert-untaken", CheckTestMissing},
		{"alarm on the round trip does nothing", func(t *testing.T, r resources) {
			set(t, r.get(t, "AlarmsTestAlertMissing"), "AlarmActions", []any{})
		}, "test-alert-missing", CheckTestMissing},
	}
}
