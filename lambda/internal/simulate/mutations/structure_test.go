package mutations

import (
	"slices"
	"strings"
	"testing"
)

// structureMutations are edits of what keeps an event that cannot be delivered, on rules that no scenario makes fail.
func structureMutations() []mutation {
	var all []mutation
	for _, at := range []struct{ rule, target string }{
		{"TamperingRule", "Guard"},
		{"AttemptRule", "Guard"},
		{"AttemptRule", "Slack"},
		{"OddActorRule", "Guard"},
		{"OddActorRule", "Slack"},
		{"OddMarkupRule", "Guard"},
		{"OddMarkupRule", "Slack"},
		{"OddAttemptRule", "Guard"},
		{"OddAttemptRule", "Slack"},
		{"OddMarkupAttemptRule", "Guard"},
		{"OddMarkupAttemptRule", "Slack"},
		{"ActivityRule", "Guard"},
		{"AlarmRaised", "Slack"},
		{"AlarmCleared", "Slack"},
		{"NoticesRule", "Topic"},
	} {
		all = append(all,
			mutation{at.rule + " " + at.target + " without dead letters", func(t *testing.T, r resources) {
				drop(t, r.target(t, at.rule, at.target), "DeadLetterConfig")
			}, "logging-stopped", "nothing can get lost"},
			mutation{at.rule + " " + at.target + " without retries", func(t *testing.T, r resources) {
				set(t, r.target(t, at.rule, at.target)["RetryPolicy"].(object), "MaximumRetryAttempts", 0)
			}, "logging-stopped", "nothing can get lost"},
		)
	}
	for _, call := range []string{
		"StopLogging",
		"DeleteTrail",
		"UpdateTrail",
		"PutEventSelectors",
		"PutInsightSelectors",
	} {
		all = append(all,
			mutation{"attempts without " + call, func(t *testing.T, r resources) {
				r.dropValue(t, "AttemptRule", call, "detail", "eventName")
			}, "attempts", "SNS was told"},
			mutation{"odd attempts without " + call, func(t *testing.T, r resources) {
				r.dropValue(t, "OddAttemptRule", call, "detail", "eventName")
			}, "odd-attempts", "SNS was told"},
			mutation{"attempts with odd markup without " + call, func(t *testing.T, r resources) {
				r.dropValue(t, "OddMarkupAttemptRule", call, "detail", "eventName")
			}, "odd-attempts", "SNS was told"},
		)
	}
	for i, char := range []string{"quote", "backslash", "less-than", "backtick"} {
		all = append(all, mutation{"odd actors without " + char, func(t *testing.T, r resources) {
			rule, i := []string{"OddAttemptRule", "OddMarkupAttemptRule"}[i/2], i%2
			who := r.get(t, rule)["EventPattern"].(object)["detail"].(object)["userIdentity"].(object)
			set(t, who, "arn", slices.Delete(slices.Clone(who["arn"].([]any)), i, i+1))
		}, "odd-attempts", "SNS was told"})
	}
	return append(all,
		mutation{"attempts' dead letters in another target's queue", func(t *testing.T, r resources) {
			set(t, r.target(t, "AttemptRule", "Guard")["DeadLetterConfig"].(object), "Arn",
				object{"Fn::GetAtt": []any{r.id(t, "SlackDeadLetters"), "Arn"}})
		}, "logging-stopped", "nothing can get lost"},
		mutation{"queue policy without the attempt rule", func(t *testing.T, r resources) {
			for _, v := range r.get(t, "SlackDeadLettersPolicy")["PolicyDocument"].(object)["Statement"].([]any) {
				if s := v.(object); s["Sid"] == "FromRules" {
					set(
						t,
						s,
						"Condition",
						object{"ArnEquals": object{"aws:SourceArn": object{"Fn::GetAtt": []any{r.id(t, "TamperingRule"), "Arn"}}}},
					)
				}
			}
		}, "logging-stopped", "nothing can get lost"},
		mutation{"alarm on the dead letters removed", func(t *testing.T, r resources) {
			r.remove(t, "AlarmsTopicDeadLetters")
		}, "logging-stopped", "nothing can get lost"},
		mutation{"alarm without its action", func(t *testing.T, r resources) {
			drop(t, r.get(t, "AlarmsSlackDeadLetters"), "AlarmActions")
		}, "logging-stopped", "nothing can get lost"},
		mutation{"alarm without its OK action", func(t *testing.T, r resources) {
			drop(t, r.get(t, "AlarmsGuardFailures"), "OKActions")
		}, "logging-stopped", "nothing can get lost"},
		mutation{"alarm on every invocation", func(t *testing.T, r resources) {
			set(t, r.get(t, "AlarmsGuardErrors"), "MetricName", "Invocations")
		}, "logging-stopped", "no alarm went off"},
		mutation{"text says hello", func(t *testing.T, r resources) {
			template(t, r, "TamperingRule", func(string) string { return `{"text":"hello"}` })
		}, "logging-stopped", "Slack was told by EventBridge"},
		mutation{"success says refused", func(t *testing.T, r resources) {
			template(t, r, "TamperingRule", func(s string) string { return strings.Replace(s, "succeeded", "was refused", 1) })
		}, "logging-stopped", "Slack was told by EventBridge"},
		mutation{"account and Region swapped", func(t *testing.T, r resources) {
			template(
				t,
				r,
				"AttemptRule",
				func(s string) string { return strings.Replace(s, "<account>, <region>", "<region>, <account>", 1) },
			)
		}, "stop-refused", "Slack was told by EventBridge"},
		mutation{"text without the ID", func(t *testing.T, r resources) {
			template(t, r, "TamperingRule", func(s string) string { return strings.Replace(s, "<id>", "one", 1) })
		}, "logging-stopped", "Slack was told by EventBridge"},
		mutation{"actor from the principal", func(t *testing.T, r resources) {
			paths := r.target(t, "TamperingRule", "Slack")["InputTransformer"].(object)["InputPathsMap"].(object)
			set(t, paths, "actor", "$.detail.userIdentity.principalId")
		}, "logging-stopped", "Slack was told by EventBridge"},
		mutation{"more retries than the guard knows of", func(t *testing.T, r resources) {
			set(t, r.get(t, "GuardFunctionEventInvokeConfig"), "MaximumRetryAttempts", 1)
		}, "cloudtrail-stuck", "the outcome was true"},
	)
}
