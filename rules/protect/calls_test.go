package protect_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"trailkeeper/rules/guardrail"
	"trailkeeper/rules/protect"
)

// TestCatalogue: every call of the catalogue that concerns the deployment itself has a rule, or a reason why none can
// have one; no reason is idle.
func TestCatalogue(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range protect.Seen() {
		service := strings.TrimSuffix(c.Source, ".amazonaws.com")
		if service == "monitoring" {
			service = "cloudwatch"
		}
		seen[service+":"+c.Event] = true
	}
	unseen, idle := protect.AllUnseen(), protect.AllUnseen()
	for _, technique := range guardrail.Techniques() {
		if !strings.Contains(protect.InScope, technique.ID[:1]) {
			continue
		}
		for _, c := range technique.Calls {
			delete(idle, c.Action)
			if _, none := unseen[c.Action]; seen[c.Action] == none {
				t.Errorf("%s %s: has a rule: %t, has a reason why not: %t", technique.ID, c.Action, seen[c.Action], none)
			}
		}
	}
	for action := range idle {
		t.Errorf("%s has a reason and is not in the catalogue", action)
	}
	const wanted = `sqs:PurgeQueue sqs:SetQueueAttributes secretsmanager:PutResourcePolicy dynamodb:PutResourcePolicy
		dynamodb:UpdateTimeToLive secretsmanager:PutSecretValue events:DisableRule lambda:PutFunctionConcurrency
		lambda:UpdateFunctionCode sns:Unsubscribe cloudwatch:DisableAlarmActions cloudwatch:DeleteAlarms
		iam:DetachRolePolicy iam:PutRolePermissionsBoundary kms:DisableKey kms:ScheduleKeyDeletion kms:PutKeyPolicy
		logs:DeleteLogGroup logs:PutRetentionPolicy scheduler:DeleteSchedule cloudformation:DeleteStack
		cloudformation:UpdateTerminationProtection organizations:LeaveOrganization organizations:DisableAWSServiceAccess
		lambda:CreateEventSourceMapping lambda:UpdateEventSourceMapping lambda:DeleteEventSourceMapping
		logs:DeleteRetentionPolicy cloudwatch:DeleteDashboards cloudwatch:PutDashboard`
	for _, action := range strings.Fields(wanted) {
		if !seen[action] {
			t.Errorf("%s has no rule", action)
		}
	}
}

// TestFieldsAreOfAWS: the field of each call is a member of the API's input, or of its output where that is said
// (testdata/models.json: from botocore 1.43.11, the names of the members of each operation's input, with those of
// structures behind a dot, and of some outputs with responseElements before them).
func TestFieldsAreOfAWS(t *testing.T) {
	raw, err := os.ReadFile("testdata/models.json")
	if err != nil {
		t.Fatal(err)
	}
	var models map[string][]string
	if err := json.Unmarshal(raw, &models); err != nil {
		t.Fatal(err)
	}
	for _, c := range protect.Seen() {
		members, known := models[c.Source+" "+c.Event]
		found := c.Field == "" || c.Field == "resources.ARN" && c.Source == "kms.amazonaws.com" // AWS KMS Developer Guide, log entries
		for _, m := range members {
			found = found || lowerFirst(m) == c.Field
		}
		if !known || !found {
			t.Errorf("%s %s: no member is recorded as %q: %v", c.Source, c.Event, c.Field, members)
		}
	}
}

// TestEitherField: a call that may name the log group by its name or by an ARN has a rule for each (CloudWatch Logs API
// reference, AssociateKmsKey, DisassociateKmsKey).
func TestEitherField(t *testing.T) {
	all := rulesOf(t, whole())
	for _, event := range []string{"AssociateKmsKey", "DisassociateKmsKey"} {
		for field, value := range map[string]string{
			"logGroupName": "keeper-GuardLog", "resourceIdentifier": "arn:aws:logs:eu-west-1:111122223333:log-group:keeper-GuardLog",
		} {
			r := record{source: "logs.amazonaws.com", event: event, field: field, value: value}
			if found := matching(t, all, r.JSON(t)); len(found) != 1 || found[0].Kind != protect.Alert {
				t.Errorf("%s with %s: matched by %d rules", event, field, len(found))
			}
		}
	}
}

// TestRetiredByToken: a grant that is retired by its token has no keyId, and the record has its key in resources (AWS KMS
// API reference, RetireGrant).
func TestRetiredByToken(t *testing.T) {
	r := record{source: "kms.amazonaws.com", event: "RetireGrant", field: "resources.ARN", value: "arn:aws:kms:eu-west-1:111122223333:key/" + keyID}
	found := matching(t, rulesOf(t, whole()), r.JSON(t))
	if len(found) != 1 || found[0].Kind != protect.Alert {
		t.Fatalf("matched by %d rules", len(found))
	}
	if shows := found[0].Paths["resource"]; shows != "$.detail.requestParameters.keyId" || !strings.Contains(found[0].Text, "'<resource>'") {
		t.Errorf("it shows %q: %s", shows, found[0].Text) // resources is a list, into which no path leads by a name
	}
}

// lowerFirst is a member as CloudTrail records it, with its first letter, and that behind each dot, in lower case.
func lowerFirst(member string) string {
	parts := strings.Split(member, ".")
	for i, p := range parts {
		parts[i] = strings.ToLower(p[:1]) + p[1:]
	}
	return strings.Join(parts, ".")
}
