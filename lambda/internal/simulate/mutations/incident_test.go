package mutations

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
		"watch":     watchMutations(),
		"default":   append(redriveMutations(), heartbeatMutations()...),
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
			"SNS was told by EventBridge",
		},
		{"without StopLogging", func(t *testing.T, r resources) {
			r.dropValue(t, "DirectRule", "StopLogging", "detail", "eventName")
		}, "logging-stopped", "SNS was told by EventBridge"},
		{"of calls that went well alone", func(t *testing.T, r resources) {
			r.get(t, "DirectRule")["EventPattern"].(object)["detail"].(object)["errorCode"] = []any{object{"exists": false}}
		}, "stop-refused", "SNS was told by EventBridge"},
		{
			"role may not publish",
			func(t *testing.T, r resources) { r.dropAction(t, "DirectRole", "sns:Publish") },
			"guard-cut-off",
			"SNS was told by EventBridge",
		},
		{
			"role may not use the topic's key",
			func(t *testing.T, r resources) { r.dropAction(t, "DirectRole", "kms:Decrypt") },
			"logging-stopped",
			"SNS was told by EventBridge",
		},
		{
			"EventBridge may not assume the role",
			func(t *testing.T, r resources) { trust(t, r, "DirectRole", "lambda.amazonaws.com") },
			"logging-stopped",
			"SNS was told by EventBridge",
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
		}, "logging-stopped", "SNS was told by EventBridge"},
		{"text without the call", text("<event>", "Something"), "logging-stopped", "SNS was told by EventBridge"},
		{"text without the error", text("'<error>'", "unknown"), "stop-refused", "SNS was told by EventBridge"},
		{"text without the event's ID", text("<id>", "unknown"), "logging-stopped", "SNS was told by EventBridge"},
		{
			"nobody listens",
			func(t *testing.T, r resources) { r.remove(t, "NotificationsEmailD1F0B67EBF64074B") },
			"logging-stopped",
			"SNS was told by EventBridge",
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
		{"guard without PutItem", noPut, "incident-thread", "the thread holds the incident"},
		{"guard without PutItem", noPut, "escalation", "the thread holds the incident"},
		{"guard without PutItem", noPut, "flood", "the incident was contested, and its end was told"},
		{"guard without PutItem", noPut, "incident-thread", "the first message says how the incident stands"},
		{"guard without PutItem", noPut, "event-concurrent", "no message arrived twice"},
		{"guard with another table", noTable, "incident-thread", "the thread holds the incident"},
		{"guard with another table", noTable, "event-repeated", "the guard told each channel once"},
		{
			"guard without its secret",
			withoutGrant("", "secretsmanager:GetSecretValue"),
			"second-trail",
			"the second trail is seen in the channel",
		},
		{
			"guard without its secret",
			withoutGrant("", "secretsmanager:GetSecretValue"),
			"escalation",
			"the escalation is seen in the channel",
		},
		{
			"guard without its secret",
			withoutGrant("", "secretsmanager:GetSecretValue"),
			"routed",
			"each trail was told in its own channel",
		},
		{
			"guard without its secret",
			withoutGrant("", "secretsmanager:GetSecretValue"),
			"test-alert",
			"the test alert arrived on both paths",
		},
		{"wrong channel in the environment", func(t *testing.T, r resources) {
			r.env(t, "TRAILKEEPER_SLACK_CHANNEL", "#security")
		}, "incident-thread", "every call was told or counted"},
	}
}

// redriveMutations are of what sends waiting messages. The warden's run sends them as the sweep does, but ends no
// incident.
func redriveMutations() []mutation {
	const counted = "every call was told or counted"
	all := []mutation{
		{
			"guard without its table",
			func(t *testing.T, r resources) { r.dropEnv(t, "TRAILKEEPER_TABLE") },
			"flood",
			"no channel was flooded",
		},
		{"guard without PutItem", withoutGrant("StateGrants", "dynamodb:PutItem"), "flood", "no channel was flooded"},
		{
			"guard without Query",
			withoutGrant("StateGrants", "dynamodb:Query"),
			"flood",
			"the incident was contested, and its end was told",
		},
		{
			"guard and warden without Query",
			func(t *testing.T, r resources) {
				withoutGrant("StateGrants", "dynamodb:Query")(t, r)
				r.dropAction(t, "WardenRole", "dynamodb:Query")
			},
			"flood",
			counted,
		},
		{
			"the sweep's schedules removed",
			func(t *testing.T, r resources) { r.remove(t, "SweepSchedule"); r.remove(t, "ContestedSchedule") },
			"flood",
			"the incident was contested, and its end was told",
		},
		{
			"all schedules removed",
			func(t *testing.T, r resources) {
				r.remove(t, "SweepSchedule")
				r.remove(t, "ContestedSchedule")
				r.remove(t, "WardenRunsSchedule")
			},
			"flood",
			counted,
		},
		{
			"schedule of every minute removed",
			func(t *testing.T, r resources) { r.remove(t, "ContestedSchedule") },
			"fight-unseen",
			"the trail was dark for a small part of the time",
		},
		{
			"guard without its table",
			func(t *testing.T, r resources) { r.dropEnv(t, "TRAILKEEPER_TABLE") },
			"event-concurrent",
			"no message arrived twice",
		},
		{
			"dead letters not in the environment",
			func(t *testing.T, r resources) { r.dropEnv(t, "TRAILKEEPER_DEAD_LETTERS") },
			"guard-back",
			"the queues are empty again",
		},
		{
			"dead letters not in the environment",
			func(t *testing.T, r resources) { r.dropEnv(t, "TRAILKEEPER_DEAD_LETTERS") },
			"guard-back",
			"every message arrived",
		},
		{
			"schedule removed",
			func(t *testing.T, r resources) { r.remove(t, "SweepSchedule") },
			"slack-back",
			"every message arrived",
		},
		{
			"schedule removed",
			func(t *testing.T, r resources) { r.remove(t, "SweepSchedule") },
			"slack-back",
			"late messages came oldest first",
		},
		{"guard without DeleteMessage", withoutGrant("", "sqs:DeleteMessage"), "slack-back", "the queues are empty again"},
	}
	for _, scenario := range []string{"slack-back", "guard-back"} {
		for _, check := range []string{"every message arrived", "the queues are empty again"} {
			all = append(
				all,
				mutation{"guard without ReceiveMessage", withoutGrant("", "sqs:ReceiveMessage"), scenario, check},
			)
		}
	}
	return all
}

func heartbeatMutations() []mutation {
	return []mutation{
		{
			"heartbeat alarm removed",
			func(t *testing.T, r resources) { r.remove(t, "AlarmsHeartbeatMissing") },
			"heartbeat-missing",
			"an alarm tells of the missing heartbeat",
		},
		{"heartbeat alarm does nothing", func(t *testing.T, r resources) {
			set(t, r.get(t, "AlarmsHeartbeatMissing"), "AlarmActions", []any{})
		}, "heartbeat-missing", "an alarm tells of the missing heartbeat"},
		{"missing heartbeats do not count", func(t *testing.T, r resources) {
			alarm := r.get(t, "AlarmsHeartbeatMissing")
			set(t, alarm, "TreatMissingData", "notBreaching")
			set(t, alarm["Metrics"].([]any)[2].(object), "Expression", "reported + 0 * alive")
		}, "heartbeat-missing", "an alarm tells of the missing heartbeat"},
		{"heartbeat of another stack", func(t *testing.T, r resources) {
			stat := r.get(t, "AlarmsHeartbeatMissing")["Metrics"].([]any)[0].(object)["MetricStat"].(object)
			reported := stat["Metric"].(object)
			set(t, reported, "Dimensions", []any{object{"Name": "Stack", "Value": "another"}})
		}, "heartbeat-present", "no alarm went off"},
		{
			"test rule disabled",
			func(t *testing.T, r resources) { set(t, r.get(t, "TestRule"), "State", "DISABLED") },
			"test-alert",
			"the test alert arrived on both paths",
		},
		{
			"test rule without the guard",
			func(t *testing.T, r resources) { r.dropTarget(t, "TestRule", "Guard") },
			"test-alert",
			"the test alert arrived on both paths",
		},
		{
			"test rule without Slack",
			func(t *testing.T, r resources) { r.dropTarget(t, "TestRule", "Slack") },
			"test-alert",
			"the test alert arrived on both paths",
		},
		{"test alert does not say so", func(t *testing.T, r resources) {
			template(t, r, "TestRule", func(string) string { return `{"text":"hello"}` })
		}, "test-alert", "the test alert arrived on both paths"},
		{
			"permission for the test rule removed",
			func(t *testing.T, r resources) { r.remove(t, "TestPermission") },
			"test-alert",
			"the test alert arrived on both paths",
		},
		{"guard without SNS", withoutGrant("", "sns:Publish"), "test-alert", "the test alert arrived on both paths"},
		{"alarm on the round trip removed", func(t *testing.T, r resources) {
			r.remove(t, "AlarmsTestAlertMissing")
		}, "test-alert-missing", "an alarm tells of the missing test alert"},
		{"alarm on the round trip removed", func(t *testing.T, r resources) {
			r.remove(t, "AlarmsTestAlertMissing")
		}, "test-alert-untaken", "an alarm tells of the missing test alert"},
		{"alarm on the round trip does nothing", func(t *testing.T, r resources) {
			set(t, r.get(t, "AlarmsTestAlertMissing"), "AlarmActions", []any{})
		}, "test-alert-missing", "an alarm tells of the missing test alert"},
	}
}
