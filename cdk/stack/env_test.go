package stack_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config"
)

// TestEnvironment proves that the function can read what the template tells it, with the values that CloudFormation
// would put in.
func TestEnvironment(t *testing.T) {
	base := config.Guard{
		Reporting: config.Reporting{
			Stack:        "trailkeeper",
			Accounts:     []string{"111122223333"},
			Partition:    "aws",
			TopicARN:     "arn:aws:sns:eu-west-1:111122223333:NotificationsTopic",
			SlackSecret:  "trailkeeper",
			SlackAPI:     config.DefaultSlackAPI,
			FailureQueue: "https://sqs.eu-west-1.amazonaws.com/111122223333/GuardFailures",
			LastQueue:    "https://sqs.eu-west-1.amazonaws.com/111122223333/LastQueue",
			Table:        "StateTable",
			DeadLetters:  []string{deadLetters("Guard"), deadLetters("Slack"), deadLetters("Sweep")},
		},
		Mode:         config.ModeRestart,
		RoleARN:      "arn:aws:iam::111122223333:role/GuardRole",
		AsyncRetries: 2,
		SweepMinutes: 5,
		Recorded:     true,
		WardenMode:   config.ModeNotify,
	}
	with := func(change func(*config.Guard)) config.Guard {
		g := base
		change(&g)
		return g
	}
	for name, want := range map[string]config.Guard{
		"default": base,
		"notify":  with(func(g *config.Guard) { g.Mode = config.ModeNotify }),
		"sns-only": with(func(g *config.Guard) {
			g.SlackSecret, g.DeadLetters = "", []string{deadLetters("Guard"), deadLetters("Sweep")}
		}),
		"direct": with(func(g *config.Guard) { g.DeadLetters = []string{deadLetters("Guard"), deadLetters("Sweep")} }),
		"heartbeat": with(func(g *config.Guard) {
			g.SlackSecret, g.DeadLetters = "", []string{deadLetters("Guard"), deadLetters("Sweep")}
			g.Heartbeat = config.Heartbeat{Secret: "trailkeeper", Key: "heartbeat", Method: "GET"}
		}),
		"slack-only": with(func(g *config.Guard) { g.TopicARN = "" }),
		"bot-token":  with(func(g *config.Guard) { g.SlackChannel = "C0123456789" }),
		"everything": with(func(g *config.Guard) {
			g.Runbook = "https://wiki.example.com/trailkeeper"
			g.Stack, g.AsyncRetries, g.SweepMinutes, g.WardenMode = "trailkeeper-all", 1, 1, config.ModeRestore
			g.SlackSecret, g.SlackChannel, g.SlackAPI = "security/trailkeeper", "C0123456789", "https://slack-gov.com/api/"
			g.Heartbeat = config.Heartbeat{Secret: "security/trailkeeper", Key: "heartbeat_guard", Method: "POST"}
		}),
		"existing": with(func(g *config.Guard) {
			g.SlackChannel = "C0123456789"
			g.Table, g.SweepMinutes, g.Recorded, g.WardenMode = "", 0, false, ""
			g.DeadLetters = []string{deadLetters("Guard")}
			g.SlackSecret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:security/trailkeeper-AbCdEf"
			g.TopicARN = "arn:aws:sns:eu-west-1:111122223333:security"
			g.FailureQueue = "https://sqs.eu-west-1.amazonaws.com/111122223333/security-failures"
		}),
	} {
		t.Run(name, func(t *testing.T) {
			env, _ := environmentOf(t, goldenTemplate(t, name), "GuardFunction")
			got, err := config.FromEnv(func(name string) string { return env[name] })
			if err != nil {
				t.Fatalf("the function refuses its environment: %v", err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("environment (-want +got):\n%s", diff)
			}
			known := want.Env()
			for name := range env {
				if _, ok := known[name]; !ok {
					t.Errorf("the environment has %s, which config.Guard does not set", name)
				}
			}
		})
	}
}

// environmentOf is what a function is configured with, by the beginning of its logical ID: by name, and as the program gets
// it.
func environmentOf(t *testing.T, tpl template, function string) (env map[string]string, environ []string) {
	t.Helper()
	_, properties := tpl.only(t, "AWS::Lambda::Function", function)
	env = map[string]string{}
	for name, value := range object(object(properties["Environment"])["Variables"]) {
		env[name] = resolved(value)
		environ = append(environ, name+"="+env[name])
	}
	return env, environ
}

// deadLetters is the URL of one of the stack's queues.
func deadLetters(of string) string {
	return "https://sqs.eu-west-1.amazonaws.com/111122223333/" + of + "DeadLetters"
}

// resolved plays CloudFormation for account 111122223333 in eu-west-1; a logical ID stands for the physical name.
func resolved(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	pseudo := map[string]string{
		"AWS::AccountId": "111122223333",
		"AWS::Partition": "aws",
		"AWS::Region":    "eu-west-1",
		"AWS::URLSuffix": "amazonaws.com",
	}
	if parts := list(object(v)["Fn::Join"]); len(parts) == 2 {
		var b strings.Builder
		for _, part := range list(parts[1]) {
			b.WriteString(resolved(part))
		}
		return b.String()
	}
	id := target(v)
	if value, ok := pseudo[id]; ok {
		return value
	}
	name := id[:max(0, len(id)-8)] // without the hash
	switch name {
	case "StateTable", "WatchStateTable", "WardenStateTable":
		return name
	case "GuardRole", "WardenRole":
		return "arn:aws:iam::111122223333:role/" + name
	case "NotificationsTopic":
		return "arn:aws:sns:eu-west-1:111122223333:" + name
	case "GuardFailures", "GuardDeadLetters", "SlackDeadLetters", "SweepDeadLetters", "LastQueue",
		"WatchFailures", "WatchDeadLetters", "WatchLastQueue", "LogFileDeadLetters", "WardenQueue":
		return "https://sqs.eu-west-1.amazonaws.com/111122223333/" + name
	default:
		return fmt.Sprintf("unresolved %s", text(v))
	}
}
