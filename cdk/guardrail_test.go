package main_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"trailkeeper/cdk/golden"
	"trailkeeper/rules/guardrail"
)

// spared are the calls of CloudFormation that the guardrail leaves to everybody, and why.
var spared = map[string]string{
	"cloudtrail:StartLogging":          "starts a trail",
	"kms:CreateKey":                    "makes a key of one's own",
	"kms:EnableKeyRotation":            "strengthens",
	"kms:UpdateKeyDescription":         "changes no key",
	"kms:Encrypt":                      "data plane",
	"kms:Decrypt":                      "data plane",
	"kms:GenerateDataKey":              "data plane",
	"kms:ReEncryptFrom":                "data plane",
	"kms:ReEncryptTo":                  "data plane",
	"kms:CreateGrant":                  "data plane",
	"kms:PutKeyPolicy":                 "guardrail.keys",
	"kms:ScheduleKeyDeletion":          "guardrail.keys",
	"sns:Unsubscribe":                  "takes no resource",
	"sns:SetSubscriptionAttributes":    "takes no resource",
	"lambda:DeleteFunctionConcurrency": "lifts a limit",
	"iam:CreateServiceLinkedRole":      "of API destinations",
	"secretsmanager:CreateSecret":      "of the connection, which EventBridge manages",
	"secretsmanager:DeleteSecret":      "the same",
	"secretsmanager:PutSecretValue":    "the same",
	"secretsmanager:UpdateSecret":      "the same",
	"events:CreateConnection":          "changes none that is there",
	"events:CreateApiDestination":      "the same",
	"sns:CreateTopic":                  "the same",
	"sqs:CreateQueue":                  "the same",
	"dynamodb:CreateTable":             "the same",
	"s3:CreateBucket":                  "the same",
	"logs:CreateLogGroup":              "the same",
	"states:CreateStateMachine":        "the same",
	"states:UpdateStateMachine":        "of the backtest, which guards nothing",
	"states:DeleteStateMachine":        "the same",
	"lambda:CreateEventSourceMapping":  "has no name; a mapping is asked for by its ID",
	"lambda:UpdateEventSourceMapping":  "the same",
	"lambda:DeleteEventSourceMapping":  "the same",
	"organizations:CreatePolicy":       "of the management account",
	"organizations:UpdatePolicy":       "the same",
	"organizations:DeletePolicy":       "the same",
	"organizations:AttachPolicy":       "the same",
	"organizations:DetachPolicy":       "the same",
	"events:PutPermission":             "takes no resource",
	"events:RemovePermission":          "the same",
}

// TestGuardrailCoversTheStack: whatever CloudFormation does to a resource of a golden template, others may not, but for
// what is spared.
func TestGuardrailCoversTheStack(t *testing.T) {
	levels, seen := accessLevels(t), map[string]bool{}
	var deployments map[string]guardrail.Deployment // package stack: TestGuardrailDeployments
	decode(t, "stack/testdata/guardrail-deployments.golden", &deployments)
	for _, name := range golden.Names() {
		d := deploy(t, name)
		scp := deployments[name].SCP()
		for id, r := range d.resources {
			for _, q := range needs[r.Type](d, id) {
				level := levels[q.action]
				switch _, ok := spared[q.action]; {
				case level == "Read" || level == "List" || level == "Tagging":
				case level == "":
					t.Errorf("the Service Authorization Reference has no %s", q.action)
				case ok:
					seen[q.action] = true
				case !denies(scp, q):
					t.Errorf("%s: anybody may call %s", name, q)
				}
			}
		}
	}
	for action := range spared {
		if !seen[action] {
			t.Errorf("CloudFormation does not call %s, which is spared", action)
		}
	}
}

func denies(p guardrail.Policy, q request) bool {
	return slices.ContainsFunc(p.Statement, func(s guardrail.Statement) bool {
		return like(texts(s.Action), q.action, q.context) && like(texts(s.Resource), q.resource, q.context)
	})
}

// accessLevels are those of the actions of the services that the guardrail is about.
func accessLevels(t *testing.T) map[string]string {
	t.Helper()
	var services map[string]struct{ Actions map[string][]string }
	decode(t, "../rules/guardrail/testdata/actions.json", &services)
	levels := map[string]string{}
	for service, s := range services {
		for name, of := range s.Actions {
			levels[service+":"+name] = strings.TrimSpace(of[0])
		}
	}
	return levels
}

func decode(t *testing.T, path string, into any) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}
