package mutations

import (
	"slices"
	"strings"
	"testing"
)

// watchMutations are edits of what the watch has of a template.
func watchMutations() []mutation {
	const slack, topic = "Slack was told by the watch", "SNS was told by the watch"
	role := func(action string) func(*testing.T, resources) {
		return func(t *testing.T, r resources) { r.dropAction(t, "WatchRole", action) }
	}
	return []mutation{
		{"no rule of the watch has its target", func(t *testing.T, r resources) {
			for id, v := range r {
				if strings.HasPrefix(id, "Watch") && v.(object)["Type"] == "AWS::Events::Rule" {
					r.dropTarget(t, id, "Watch")
				}
			}
		}, "root-login", slack},
		{"the rule of sign-ins is disabled", func(t *testing.T, r resources) {
			set(t, r.get(t, signInRule(t, r)), "State", "DISABLED")
		}, "login-without-mfa", topic},
		{"the rule of sign-ins has another call", func(t *testing.T, r resources) {
			set(t, r.get(t, signInRule(t, r))["EventPattern"].(object)["detail"].(object), "eventName", []any{"CheckMfa"})
		}, "login-without-mfa", slack},
		{"EventBridge may not invoke the watch", func(t *testing.T, r resources) {
			r.remove(t, "WatchPermission")
		}, "root-login", slack},
		{"the watch may not publish", role("sns:Publish"), "root-login", topic},
		{"the watch may not use the topic's key", role("kms:GenerateDataKey*"), "root-login", topic},
		{"the watch may not read the secret", role("secretsmanager:GetSecretValue"), "root-login", slack},
		{"the watch may not take what waits", role("sqs:ReceiveMessage"), "watch-slack-down", slack},
		{"nothing has the watch deliver again", func(t *testing.T, r resources) {
			r.remove(t, "RedeliverySchedule")
		}, "watch-slack-down", slack},
	}
}

// signInRule is the one of the watch's rules that asks for sign-ins by name.
func signInRule(t *testing.T, r resources) string {
	t.Helper()
	for id, v := range r {
		p := v.(object)
		if p["Type"] != "AWS::Events::Rule" {
			continue
		}
		detail, _ := p["Properties"].(object)["EventPattern"].(object)["detail"].(object)
		names, _ := detail["eventName"].([]any)
		if slices.Contains(names, any("ConsoleLogin")) {
			return id
		}
	}
	t.Fatal("no rule asks for ConsoleLogin")
	return ""
}
