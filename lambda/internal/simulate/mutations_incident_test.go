package simulate

import (
	"strings"
	"testing"

	"trailkeeper/cdk/golden"
)

// TestMutationsOfTellingBreakPromises: every hole in what threads, summaries, the redrive, the test alert and the
// heartbeat need is found.
func TestMutationsOfTellingBreakPromises(t *testing.T) {
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
				breaks(t, edited(t, content, m.edit), m.scenario, m.promise)
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
			PromiseDirect,
		},
		{"without StopLogging", func(t *testing.T, r resources) {
			r.dropValue(t, "DirectRule", "StopLogging", "detail", "eventName")
		}, "logging-stopped", PromiseDirect},
		{"of calls that went well alone", func(t *testing.T, r resources) {
			r.get(t, "DirectRule")["EventPattern"].(object)["detail"].(object)["errorCode"] = []any{object{"exists": false}}
		}, "stop-refused", PromiseDirect},
		{
			"role may not publish",
			func(t *testing.T, r resources) { r.dropAction(t, "DirectRole", "sns:Publish") },
			"guard-cut-off",
			PromiseDirect,
		},
		{
			"role may not use the topic's key",
			func(t *testing.T, r resources) { r.dropAction(t, "DirectRole", "kms:Decrypt") },
			"logging-stopped",
			PromiseDirect,
		},
		{
			"EventBridge may not assume the role",
			func(t *testing.T, r resources) { trust(t, r, "DirectRole", "lambda.amazonaws.com") },
			"logging-stopped",
			PromiseDirect,
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
		}, "logging-stopped", PromiseDirect},
		{"text without the call", text("<event>", "Something"), "logging-stopped", PromiseDirect},
		{"text without the error", text("'<error>'", "unknown"), "stop-refused", PromiseDirect},
		{"text without the event's ID", text("<id>", "unknown"), "logging-stopped", PromiseDirect},
		{
			"nobody listens",
			func(t *testing.T, r resources) { r.remove(t, "NotificationsEmailD1F0B67EBF64074B") },
			"logging-stopped",
			PromiseDirect,
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
		{"guard without PutItem", noPut, "incident-thread", PromiseThread},
		{"guard without PutItem", noPut, "escalation", PromiseThread},
		{"guard without PutItem", noPut, "flood", PromiseContested},
		{"guard without PutItem", noPut, "incident-thread", PromiseClosed},
		{"guard without PutItem", noPut, "event-concurrent", PromiseNotTwice},
		{"guard with another table", noTable, "incident-thread", PromiseThread},
		{"guard with another table", noTable, "event-repeated", PromiseOnce},
		{"guard without its secret", withoutGrant("", "secretsmanager:GetSecretValue"), "second-trail", PromiseSecondSeen},
		{"guard without its secret", withoutGrant("", "secretsmanager:GetSecretValue"), "escalation", PromiseBroadcast},
		{"guard without its secret", withoutGrant("", "secretsmanager:GetSecretValue"), "routed", PromiseRouted},
		{"guard without its secret", withoutGrant("", "secretsmanager:GetSecretValue"), "test-alert", PromiseTestAlert},
		{"wrong channel in the environment", func(t *testing.T, r resources) {
			r.env(t, "TRAILKEEPER_SLACK_CHANNEL", "#security")
		}, "incident-thread", PromiseCounted},
	}
}

func redriveMutations() []mutation {
	all := []mutation{
		{
			"guard without its table",
			func(t *testing.T, r resources) { r.dropEnv(t, "TRAILKEEPER_TABLE") },
			"flood",
			PromiseFew,
		},
		{"guard without PutItem", withoutGrant("StateGrants", "dynamodb:PutItem"), "flood", PromiseFew},
		{"guard without Query", withoutGrant("StateGrants", "dynamodb:Query"), "flood", PromiseCounted},
		{
			"schedules removed",
			func(t *testing.T, r resources) { r.remove(t, "SweepSchedule"); r.remove(t, "ContestedSchedule") },
			"flood",
			PromiseCounted,
		},
		{
			"schedule of every minute removed",
			func(t *testing.T, r resources) { r.remove(t, "ContestedSchedule") },
			"fight-unseen",
			PromiseDark,
		},
		{
			"guard without its table",
			func(t *testing.T, r resources) { r.dropEnv(t, "TRAILKEEPER_TABLE") },
			"event-concurrent",
			PromiseNotTwice,
		},
		{
			"dead letters not in the environment",
			func(t *testing.T, r resources) { r.dropEnv(t, "TRAILKEEPER_DEAD_LETTERS") },
			"guard-back",
			PromiseEmptied,
		},
		{
			"dead letters not in the environment",
			func(t *testing.T, r resources) { r.dropEnv(t, "TRAILKEEPER_DEAD_LETTERS") },
			"guard-back",
			PromiseArrived,
		},
		{"schedule removed", func(t *testing.T, r resources) { r.remove(t, "SweepSchedule") }, "slack-back", PromiseArrived},
		{
			"schedule removed",
			func(t *testing.T, r resources) { r.remove(t, "SweepSchedule") },
			"slack-back",
			PromiseOldestFirst,
		},
		{"guard without DeleteMessage", withoutGrant("", "sqs:DeleteMessage"), "slack-back", PromiseEmptied},
	}
	for _, scenario := range []string{"slack-back", "guard-back"} {
		for _, promise := range []string{PromiseArrived, PromiseEmptied} {
			all = append(
				all,
				mutation{"guard without ReceiveMessage", withoutGrant("", "sqs:ReceiveMessage"), scenario, promise},
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
			PromiseHeartbeat,
		},
		{"heartbeat alarm does nothing", func(t *testing.T, r resources) {
			set(t, r.get(t, "AlarmsHeartbeatMissing"), "AlarmActions", []any{})
		}, "heartbeat-missing", PromiseHeartbeat},
		{"missing heartbeats do not count", func(t *testing.T, r resources) {
			alarm := r.get(t, "AlarmsHeartbeatMissing")
			set(t, alarm, "TreatMissingData", "notBreaching")
			set(t, alarm["Metrics"].([]any)[2].(object), "Expression", "reported + 0 * alive")
		}, "heartbeat-missing", PromiseHeartbeat},
		{"heartbeat of another stack", func(t *testing.T, r resources) {
			reported := r.get(t, "AlarmsHeartbeatMissing")["Metrics"].([]any)[0].(object)["MetricStat"].(object)["Metric"].(object)
			set(t, reported, "Dimensions", []any{object{"Name": "Stack", "Value": "another"}})
		}, "heartbeat-present", PromiseCalm},
		{
			"test rule disabled",
			func(t *testing.T, r resources) { set(t, r.get(t, "TestRule"), "State", "DISABLED") },
			"test-alert",
			PromiseTestAlert,
		},
		{
			"test rule without the guard",
			func(t *testing.T, r resources) { r.dropTarget(t, "TestRule", "Guard") },
			"test-alert",
			PromiseTestAlert,
		},
		{
			"test rule without Slack",
			func(t *testing.T, r resources) { r.dropTarget(t, "TestRule", "Slack") },
			"test-alert",
			PromiseTestAlert,
		},
		{"test alert does not say so", func(t *testing.T, r resources) {
			template(t, r, "TestRule", func(string) string { return `{"text":"hello"}` })
		}, "test-alert", PromiseTestAlert},
		{
			"permission for the test rule removed",
			func(t *testing.T, r resources) { r.remove(t, "TestPermission") },
			"test-alert",
			PromiseTestAlert,
		},
		{"guard without SNS", withoutGrant("", "sns:Publish"), "test-alert", PromiseTestAlert},
		{"alarm on the round trip removed", func(t *testing.T, r resources) {
			r.remove(t, "AlarmsTestAlertMissing")
		}, "test-alert-missing", PromiseTestMissing},
		{"alarm on the round trip removed", func(t *testing.T, r resources) {
			r.remove(t, "AlarmsTestAlertMissing")
		}, "test-alert-untaken", PromiseTestMissing},
		{"alarm on the round trip does nothing", func(t *testing.T, r resources) {
			set(t, r.get(t, "AlarmsTestAlertMissing"), "AlarmActions", []any{})
		}, "test-alert-missing", PromiseTestMissing},
	}
}
