package mutations

import (
	"strings"
	"testing"
)

// mutations are edits that somebody could make by mistake, each of one line or one value.
func mutations() []mutation {
	var all []mutation
	for name, scenario := range map[string]string{
		"StopLogging":         "logging-stopped",
		"DeleteTrail":         "trail-deleted",
		"UpdateTrail":         "trail-weakened",
		"PutEventSelectors":   "selectors-blinded",
		"PutInsightSelectors": "insights-off",
	} {
		all = append(all, mutation{"tampering without " + name, func(t *testing.T, r resources) {
			r.dropValue(t, ruleOf(name), name, "detail", "eventName")
		}, scenario, "SNS was told"})
	}
	for _, name := range []string{"StartLogging", "CreateTrail", "AddTags", "RemoveTags"} {
		all = append(all, mutation{"activity without " + name, func(t *testing.T, r resources) {
			r.dropValue(t, "ActivityRule", name, "detail", "eventName")
		}, "quiet-calls", "SNS was told"})
	}
	all = append(all, ruleMutations()...)
	all = append(all, structureMutations()...)
	all = append(all, slackMutations()...)
	all = append(all, guardMutations()...)
	return append(all, failureMutations()...)
}

func ruleMutations() []mutation {
	return []mutation{
		{"attempt without StopLogging", func(t *testing.T, r resources) {
			r.dropValue(t, "AttemptRule", "StopLogging", "detail", "eventName")
		}, "stop-refused", "Slack was told by EventBridge"},
		{"odd-actor without StopLogging", func(t *testing.T, r resources) {
			r.dropValue(t, "OddActorRule", "StopLogging", "detail", "eventName")
		}, "odd-actor", "logging was restored"},
		{"tampering rule disabled", func(t *testing.T, r resources) {
			set(t, r.get(t, "TamperingRule"), "State", "DISABLED")
		}, "logging-stopped", "logging was restored"},
		{"attempt rule disabled", func(t *testing.T, r resources) {
			set(t, r.get(t, "AttemptRule"), "State", "DISABLED")
		}, "stop-refused", "Slack was told by the guard"},
		{"odd-actor rule removed", func(t *testing.T, r resources) {
			set(t, r.get(t, "OddActorRule"), "State", "DISABLED")
		}, "odd-actor", "logging was restored"},
		{"activity rule disabled", func(t *testing.T, r resources) {
			set(t, r.get(t, "ActivityRule"), "State", "DISABLED")
		}, "quiet-calls", "Slack was told by the guard"},
		{"errorCode filter removed", func(t *testing.T, r resources) {
			drop(t, r.get(t, "TamperingRule")["EventPattern"].(object)["detail"].(object), "errorCode")
		}, "stop-refused", "Slack was told by EventBridge"},
		{"odd actors not taken out", func(t *testing.T, r resources) {
			drop(t, r.get(t, "TamperingRule")["EventPattern"].(object)["detail"].(object), "userIdentity")
		}, "odd-actor", "nothing was lost"},
		{"source not pinned", func(t *testing.T, r resources) {
			drop(t, r.get(t, "TamperingRule")["EventPattern"].(object), "source")
		}, "forged-event", "the forged event reached nobody"},
		{"source misspelt", func(t *testing.T, r resources) {
			set(t, r.get(t, "TamperingRule")["EventPattern"].(object), "source", []any{"aws.cloudtrails"})
		}, "logging-stopped", "logging was restored"},
		{"guard is no target", func(t *testing.T, r resources) {
			r.dropTarget(t, "TamperingRule", "Guard")
		}, "logging-stopped", "logging was restored"},
		{"guard is no target of changes", func(t *testing.T, r resources) {
			r.dropTarget(t, "ChangeRule", "Guard")
		}, "trail-weakened", "SNS was told"},
		{"changes of anybody are the guard's own", func(t *testing.T, r resources) {
			change, own := r.get(t, "ChangeRule")["EventPattern"].(object), r.get(t, "OwnRepairRule")["EventPattern"].(object)
			set(t, change["detail"].(object), "userIdentity", own["detail"].(object)["userIdentity"])
		}, "trail-weakened", "SNS was told"},
		{"guard is no target of attempts", func(t *testing.T, r resources) {
			r.dropTarget(t, "AttemptRule", "Guard")
		}, "stop-refused", "SNS was told"},
		{"permission to invoke the guard removed", func(t *testing.T, r resources) {
			r.remove(t, "TamperingPermission")
		}, "logging-stopped", "logging was restored"},
		{"permission for another rule", func(t *testing.T, r resources) {
			p := r.get(t, "TamperingPermission")
			set(t, p, "SourceArn", r.get(t, "AttemptPermission")["SourceArn"])
		}, "logging-stopped", "logging was restored"},
	}
}

// ruleOf is the rule that takes a call that succeeded.
func ruleOf(call string) string {
	if call == "StopLogging" || call == "DeleteTrail" {
		return "TamperingRule"
	}
	return "ChangeRule"
}

// template edits the input template of a rule's Slack target.
func template(t *testing.T, r resources, rule string, edit func(string) string) {
	t.Helper()
	transformer := r.target(t, rule, "Slack")["InputTransformer"].(object)
	old, _ := transformer["InputTemplate"].(string)
	edited := edit(old)
	if edited == old {
		t.Fatalf("the template of %s is as it was: %s", rule, old)
	}
	transformer["InputTemplate"] = edited
}

func slackMutations() []mutation {
	return []mutation{
		{"Slack is no target", func(t *testing.T, r resources) {
			r.dropTarget(t, "TamperingRule", "Slack")
		}, "logging-stopped", "Slack was told by EventBridge"},
		{"transformer path broken", func(t *testing.T, r resources) {
			paths := r.target(t, "TamperingRule", "Slack")["InputTransformer"].(object)["InputPathsMap"].(object)
			set(t, paths, "id", "$.detail.eventId")
		}, "logging-stopped", "Slack was told by EventBridge"},
		{"transformer shows the wrong name", func(t *testing.T, r resources) {
			paths := r.target(t, "TamperingRule", "Slack")["InputTransformer"].(object)["InputPathsMap"].(object)
			set(t, paths, "name", "$.detail.requestParameters.trailName")
		}, "logging-stopped", "Slack was told by EventBridge"},
		{"transformer text is no JSON", func(t *testing.T, r resources) {
			template(t, r, "TamperingRule", func(s string) string { return strings.TrimSuffix(s, "}") })
		}, "logging-stopped", "nothing was lost"},
		{"transformer has no text for Slack", func(t *testing.T, r resources) {
			template(t, r, "TamperingRule", func(s string) string { return strings.Replace(s, `"text"`, `"message"`, 1) })
		}, "logging-stopped", "Slack was told by EventBridge"},
		{"attempt says succeeded", func(t *testing.T, r resources) {
			template(t, r, "AttemptRule", func(s string) string { return strings.Replace(s, "was refused", "succeeded", 1) })
		}, "stop-refused", "Slack was told by EventBridge"},
		{"InvokeApiDestination grant removed", func(t *testing.T, r resources) {
			r.dropAction(t, "SlackRole", "events:InvokeApiDestination")
		}, "logging-stopped", "Slack was told by EventBridge"},
		{"EventBridge may not assume the role", func(t *testing.T, r resources) {
			trust(t, r, "SlackRole", "lambda.amazonaws.com")
		}, "logging-stopped", "Slack was told by EventBridge"},
		{"EventBridge may assume the role for another rule alone", func(t *testing.T, r resources) {
			trustFor(t, r, "SlackRole", "ArnLike", "aws:SourceArn", "arn:aws:events:*:*:rule/other-*")
		}, "logging-stopped", "Slack was told by EventBridge"},
		{"target without its role", func(t *testing.T, r resources) {
			drop(t, r.target(t, "TamperingRule", "Slack"), "RoleArn")
		}, "logging-stopped", "Slack was told by EventBridge"},
		{"API destination posts to another key of the secret", func(t *testing.T, r resources) {
			set(
				t,
				r.get(t, "SlackDestination"),
				"InvocationEndpoint",
				"{{resolve:secretsmanager:trailkeeper:SecretString:endpoint::}}",
			)
		}, "logging-stopped", "Slack was told by EventBridge"},
	}
}

func guardMutations() []mutation {
	return []mutation{
		{"mode notify", func(t *testing.T, r resources) {
			r.env(t, "TRAILKEEPER_MODE", "notify")
		}, "logging-stopped", "logging was restored"},
		{"unknown mode", func(t *testing.T, r resources) {
			r.env(t, "TRAILKEEPER_MODE", "off")
		}, "logging-stopped", "logging was restored"},
		{"wrong topic in the environment", func(t *testing.T, r resources) {
			r.env(t, "TRAILKEEPER_TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:another")
		}, "logging-stopped", "SNS was told"},
		{"wrong queue in the environment", func(t *testing.T, r resources) {
			r.env(t, "TRAILKEEPER_FAILURE_QUEUE", object{"Ref": r.id(t, "GuardDeadLetters")})
		}, "slack-down", "the guard handled it in one run"},
		{"wrong secret in the environment", func(t *testing.T, r resources) {
			r.env(t, "TRAILKEEPER_SLACK_SECRET", object{"Fn::Sub": "trailkeeper-${AWS::Region}"})
		}, "logging-stopped", "Slack was told by the guard"},
		{"wrong account in the environment", func(t *testing.T, r resources) {
			r.env(t, "TRAILKEEPER_ACCOUNTS", "999999999999")
		}, "logging-stopped", "logging was restored"},
		{"StartLogging grant removed", func(t *testing.T, r resources) {
			r.dropAction(t, "GuardRole", "cloudtrail:StartLogging")
		}, "logging-stopped", "logging was restored"},
		{"GetTrailStatus grant removed", func(t *testing.T, r resources) {
			r.dropAction(t, "GuardRole", "cloudtrail:GetTrailStatus")
		}, "logging-stopped", "the outcome was true"},
		{"Publish grant removed", func(t *testing.T, r resources) {
			r.dropAction(t, "GuardRole", "sns:Publish")
		}, "logging-stopped", "SNS was told"},
		{"key grant removed", func(t *testing.T, r resources) {
			r.dropAction(t, "GuardRole", "kms:Decrypt")
		}, "logging-stopped", "SNS was told"},
		{"GetSecretValue grant removed", func(t *testing.T, r resources) {
			r.dropAction(t, "GuardRole", "secretsmanager:GetSecretValue")
		}, "logging-stopped", "Slack was told by the guard"},
		{"SendMessage grant removed", func(t *testing.T, r resources) {
			r.dropAction(t, "GuardRole", "sqs:SendMessage")
		}, "slack-down", "what was refused was parked"},
		{"organizations grant removed", func(t *testing.T, r resources) {
			r.dropAction(t, "GuardRole", "organizations:DescribeOrganization")
		}, "organization-trail-restored", "logging was restored"},
		{"secret in the environment", func(t *testing.T, r resources) {
			r.env(t, "TRAILKEEPER_STACK", "{{resolve:secretsmanager:trailkeeper:SecretString:bot_token::}}")
		}, "logging-stopped", "no secret was shown"},
		{"subscription removed", func(t *testing.T, r resources) {
			for id, v := range r {
				if v.(object)["Type"] == "AWS::SNS::Subscription" {
					delete(r, id)
				}
			}
		}, "logging-stopped", "SNS was told"},
		{"Lambda may not assume the role", func(t *testing.T, r resources) {
			trust(t, r, "GuardRole", "events.amazonaws.com")
		}, "logging-stopped", "logging was restored"},
		{"Lambda may assume the role for another account alone", func(t *testing.T, r resources) {
			trustFor(t, r, "GuardRole", "StringEquals", "aws:SourceAccount", "999988887777")
		}, "logging-stopped", "logging was restored"},
		{"Lambda must name the function when it assumes the role", func(t *testing.T, r resources) {
			trustFor(t, r, "GuardRole", "ArnLike", "aws:SourceArn", "arn:aws:lambda:*:*:function:*")
		}, "logging-stopped", "logging was restored"},
		{"concurrency 0", func(t *testing.T, r resources) {
			r.get(t, "GuardFunction")["ReservedConcurrentExecutions"] = 0
		}, "logging-stopped", "logging was restored"},
	}
}

func failureMutations() []mutation {
	return []mutation{
		{"Slack's dead-letter queue dropped", func(t *testing.T, r resources) {
			drop(t, r.target(t, "TamperingRule", "Slack"), "DeadLetterConfig")
		}, "slack-down", "nothing was lost"},
		{"the guard's dead-letter queue dropped", func(t *testing.T, r resources) {
			drop(t, r.target(t, "TamperingRule", "Guard"), "DeadLetterConfig")
		}, "guard-cut-off", "nothing was lost"},
		{"dead-letter queue of another target", func(t *testing.T, r resources) {
			set(
				t,
				r.target(t, "TamperingRule", "Guard")["DeadLetterConfig"].(object),
				"Arn",
				object{"Fn::GetAtt": []any{r.id(t, "TopicDeadLetters"), "Arn"}},
			)
		}, "guard-cut-off", "nothing was lost"},
		{"dead-letter queue without its policy", func(t *testing.T, r resources) {
			r.remove(t, "GuardDeadLettersPolicy")
		}, "guard-cut-off", "nothing was lost"},
		{"on-failure destination removed", func(t *testing.T, r resources) {
			drop(t, r.get(t, "GuardFunctionEventInvokeConfig"), "DestinationConfig")
		}, "cloudtrail-stuck", "nothing was lost"},
		{"no retry of Slack", func(t *testing.T, r resources) {
			policy := r.target(t, "TamperingRule", "Slack")["RetryPolicy"].(object)
			set(t, policy, "MaximumRetryAttempts", 0)
		}, "slack-hiccup", "Slack was told by EventBridge"},
		{"no retry of the guard", func(t *testing.T, r resources) {
			set(t, r.get(t, "GuardFunctionEventInvokeConfig"), "MaximumRetryAttempts", 0)
		}, "cloudtrail-busy", "logging was restored"},
		{"alarm on dead letters does nothing", func(t *testing.T, r resources) {
			set(t, r.get(t, "AlarmsGuardDeadLetters"), "AlarmActions", []any{})
		}, "guard-cut-off", "an alarm told SNS"},
		{"alarm on Slack's dead letters does nothing", func(t *testing.T, r resources) {
			set(t, r.get(t, "AlarmsSlackDeadLetters"), "AlarmActions", []any{})
		}, "slack-down", "an alarm told SNS"},
		{"alarm on errors does nothing", func(t *testing.T, r resources) {
			set(t, r.get(t, "AlarmsGuardErrors"), "AlarmActions", []any{})
		}, "cloudtrail-stuck", "an alarm told SNS"},
		{"alarm on the failure queue removed", func(t *testing.T, r resources) {
			r.remove(t, "AlarmsGuardFailures")
		}, "sns-down", "what was refused was parked"},
		{"alarm on another queue", func(t *testing.T, r resources) {
			set(t, r.get(t, "AlarmsGuardFailures"), "Dimensions", r.get(t, "AlarmsSlackDeadLetters")["Dimensions"])
		}, "sns-down", "what was refused was parked"},
		{"alarm rule disabled", func(t *testing.T, r resources) {
			set(t, r.get(t, "AlarmRaised"), "State", "DISABLED")
		}, "sns-down", "an alarm told Slack"},
		{"topic policy without CloudWatch", func(t *testing.T, r resources) {
			dropService(t, r.get(t, "NotificationsTopicPolicy")["PolicyDocument"].(object), "cloudwatch.amazonaws.com")
		}, "guard-cut-off", "an alarm told SNS"},
		{"key policy without CloudWatch", func(t *testing.T, r resources) {
			dropService(t, r.get(t, "NotificationsKey")["KeyPolicy"].(object), "cloudwatch.amazonaws.com")
		}, "guard-cut-off", "an alarm told SNS"},
	}
}

// dropService takes the statements for a service out of a policy.
func dropService(t *testing.T, document object, service string) {
	t.Helper()
	var kept []any
	for _, v := range document["Statement"].([]any) {
		if p, ok := v.(object)["Principal"].(object); ok && p["Service"] == service {
			continue
		}
		kept = append(kept, v)
	}
	if len(kept) == len(document["Statement"].([]any)) {
		t.Fatalf("no statement names %s", service)
	}
	document["Statement"] = kept
}

// trust has a role trust another service.
func trust(t *testing.T, r resources, role, service string) {
	t.Helper()
	for _, v := range r.get(t, role)["AssumeRolePolicyDocument"].(object)["Statement"].([]any) {
		set(t, v.(object)["Principal"].(object), "Service", service)
	}
}

// trustFor replaces a condition of who may assume the role.
func trustFor(t *testing.T, r resources, role, operator, key, value string) {
	t.Helper()
	for _, v := range r.get(t, role)["AssumeRolePolicyDocument"].(object)["Statement"].([]any) {
		v.(object)["Condition"].(object)[operator] = object{key: value}
	}
}
