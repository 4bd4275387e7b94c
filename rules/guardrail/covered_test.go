package guardrail_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"trailkeeper/rules/guardrail"
)

// data are the actions that write data, or use what is protected: the deployment, CloudTrail's role for the log group
// and those who read the logs need them.
var data = []string{
	"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "events:PutEvents",
	"events:InvokeApiDestination", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "lambda:InvokeFunction",
	"logs:CreateLogStream", "logs:PutLogEvents", "s3:GetObject", "secretsmanager:GetSecretValue", "sns:Publish",
	"sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "cloudtrail:StartLogging", "events:EnableRule",
	"kms:EnableKey", "kms:CancelKeyDeletion", "lambda:DeleteFunctionConcurrency", "iam:CreateServiceLinkedRole",
	"cloudwatch:EnableAlarmActions", "sns:ConfirmSubscription",
}

// TestCovered: what each wildcard of the SCP stands for, of the resources beside it, is what is known to be covered; it
// neither reads, nor writes what the deployment itself writes.
func TestCovered(t *testing.T) {
	known := readReference(t)
	var b strings.Builder
	for i, s := range small().SCP().Statement {
		for _, pattern := range s.Action {
			covered := known.covered(pattern, s.Resource)
			if len(covered) == 0 {
				t.Errorf("%s of statement %d is no action of what stands beside it", pattern, i)
			}
			var names []string
			for _, action := range covered {
				level := known.level(action)
				if level == "Read" || level == "List" || slices.Contains(data, action) {
					t.Errorf("%s denies %s (%s), which is no tampering", pattern, action, level)
				}
				_, name, _ := strings.Cut(action, ":")
				names = append(names, name)
			}
			if strings.Contains(pattern, "*") {
				fmt.Fprintf(&b, "%s: %s\n", pattern, strings.Join(names, " "))
			}
		}
	}
	golden(t, "covered.golden", b.String())
}

// TestTechniquesAreOfAWS: the actions of the catalogue exist, and are asked of the kind of resource that it says.
func TestTechniquesAreOfAWS(t *testing.T) {
	known := readReference(t)
	seen := map[string]bool{}
	for _, technique := range guardrail.Techniques() {
		if seen[technique.ID] || technique.What == "" || len(technique.Calls) == 0 {
			t.Errorf("%s is there twice, or says nothing", technique.ID)
		}
		seen[technique.ID] = true
		for _, call := range technique.Calls {
			if call.Action != "" && known.level(call.Action) == "" {
				t.Errorf("%s: AWS has no action %s", technique.ID, call.Action)
			}
		}
	}
	for _, id := range strings.Fields("A1 A23 B1 B7 C1 C9 D1 D4 E1 E6 F1 F7 G1 G7 H1 H8 I1 J1 J4 K1") {
		if !seen[id] {
			t.Errorf("the catalogue lacks %s", id)
		}
	}
}

// covered are the actions that a pattern matches and that are asked of something that resources match.
func (r reference) covered(pattern string, resources []string) (found []string) {
	service, _, _ := strings.Cut(pattern, ":")
	for _, name := range slices.Sorted(maps.Keys(r[service].Actions)) {
		action := service + ":" + name
		if guardrail.Like(action, pattern) && r.askedOf(service, name, resources) {
			found = append(found, action)
		}
	}
	return found
}

func (r reference) askedOf(service, name string, resources []string) bool {
	if slices.Contains(resources, "*") {
		return true
	}
	for _, kind := range r[service].Actions[name][1:] {
		for _, resource := range resources {
			if meet(r[service].Resources[kind], resource) {
				return true
			}
		}
	}
	return false
}

func (r reference) level(action string) string {
	service, name, _ := strings.Cut(action, ":")
	if of := r[service].Actions[name]; len(of) > 0 {
		return of[0]
	}
	return ""
}

// meet reports whether some text matches both patterns.
func meet(a, b string) bool {
	switch {
	case a == "" || b == "":
		return strings.Trim(a+b, "*") == ""
	case a[0] == '*':
		return meet(a[1:], b) || meet(a, b[1:])
	case b[0] == '*':
		return meet(b, a)
	case a[0] != b[0] && a[0] != '?' && b[0] != '?':
		return false
	}
	return meet(a[1:], b[1:])
}
