package stack_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// tampered is a record of a call about the deployment, as EventBridge delivers it.
func tampered(t *testing.T, source, event, field, value, issuer string) []byte {
	t.Helper()
	identity := map[string]any{"type": "Root", "principalId": "111122223333", "accountId": "111122223333"}
	if issuer != "" {
		identity["sessionContext"] = map[string]any{"sessionIssuer": map[string]any{"type": "Role", "arn": issuer}}
	}
	detail := map[string]any{
		"eventSource": source + ".amazonaws.com", "eventName": event, "readOnly": false, "userIdentity": identity,
		"requestParameters": map[string]any{field: value},
	}
	if source == "kms" { // says which key it was by its ARN as well
		detail["resources"] = []any{map[string]any{"ARN": "arn:aws:kms:eu-west-1:111122223333:key/" + value}}
	}
	return delivered(t, source, detail)
}

// delivered is the event of EventBridge that has a record in it.
func delivered(t *testing.T, source string, record map[string]any) []byte {
	t.Helper()
	raw, err := json.Marshal(map[string]any{
		"source": "aws." + source, "account": "111122223333", "region": "eu-west-1",
		"detail-type": "AWS API Call via CloudTrail", "detail": record,
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestProtect plays calls about the deployed resources through its rules: of anybody they go to the topic and to the
// destination that is for them alone, of the role that deploys to the topic and to the other one.
func TestProtect(t *testing.T) {
	tpl := goldenTemplate(t, "protect")
	ref := func(kind, prefix string) string {
		id, _ := tpl.only(t, kind, prefix)
		value, _ := plain(map[string]any{"Ref": id}).(string)
		return value
	}
	const deployer = "arn:aws:iam::111122223333:role/cdk-trailkpr-cfn-exec-role-111122223333-eu-west-1"
	for _, c := range []struct{ source, event, field, value, foreign string }{
		{"events", "DisableRule", "name", "trailkeeper-tampering", "other"},
		{"events", "DeauthorizeConnection", "name", "trailkeeper-slack", "other"},
		{"lambda", "UpdateFunctionCode20150331v2", "functionName", "trailkeeper-GuardFunction-1", "other"},
		{"lambda", "PutFunctionConcurrency20171031", "functionName", "trailkeeper-WatchFunction-1", "other"},
		{
			"sqs", "PurgeQueue", "queueUrl", "https://sqs.eu-west-1.amazonaws.com/111122223333/trailkeeper-GuardFailures-1",
			"https://sqs.eu-west-1.amazonaws.com/111122223333/other",
		},
		{"secretsmanager", "PutSecretValue", "secretId", "trailkeeper", "trailkeeper2"},
		{"dynamodb", "UpdateTimeToLive", "tableName", ref("AWS::DynamoDB::Table", "StateTable"), "other"},
		{"dynamodb", "DeleteTable", "tableName", ref("AWS::DynamoDB::Table", "WatchStateTable"), "other"},
		{"kms", "ScheduleKeyDeletion", "keyId", ref("AWS::KMS::Key", "NotificationsKey"), "other"},
		{"iam", "DetachRolePolicy", "roleName", "trailkeeper-GuardRole87F67C2B-1", "other"},
		{"cloudformation", "DeleteStack", "stackName", "trailkeeper", "trailkeeper-2"},
	} {
		for issuer, want := range map[string]string{"": "SlackProtect", deployer: "SlackRest"} {
			event := tampered(t, c.source, c.event, c.field, c.value, issuer)
			foreign := tampered(t, c.source, c.event, c.field, c.foreign, issuer)
			found := 0
			for _, rule := range tpl.resources("AWS::Events::Rule") {
				name, _ := rule["Name"].(string)
				if !strings.HasPrefix(name, "trailkeeper-protect-") {
					continue
				}
				if matches(t, patternOf(t, rule), foreign) {
					t.Errorf("%s of %s: matched by %s", c.event, c.foreign, name)
				}
				if !matches(t, patternOf(t, rule), event) {
					continue
				}
				found++
				for _, to := range list(rule["Targets"]) {
					arn := withoutHash(target(object(to)["Arn"]))
					if arn != want && arn != "NotificationsTopic" {
						t.Errorf("%s by %q: %s reports it to %s; want %s", c.event, issuer, name, arn, want)
					}
				}
				if n, want := len(list(rule["Targets"])), map[bool]int{true: 1, false: 2}[issuer == deployer]; n != want {
					t.Errorf("%s has %d targets; want the topic and Slack, or Slack alone of a deployment", name, n)
				}
			}
			if found != 1 {
				t.Errorf("%s by %q: matched by %d rules", c.event, issuer, found)
			}
		}
	}
}

// TestProtectWithoutChannel: without somebody to report to there are no rules.
func TestProtectWithoutChannel(t *testing.T) {
	s := variant(t, "protect")
	s.SNS.Enabled, s.SNS.Subscriptions, s.Slack.EventBridge = false, nil, false
	if tpl := unvalidated(t, s); tpl.has("AWS::Events::Rule", "Protect") || tpl.has("AWS::IAM::Role", "Protect") {
		t.Error("there are rules that report to nobody")
	}
}

// TestProtectWithEvidence: calls by which the account or CloudTrail leaves the organization go to the topic and to Slack
// by the rules of the deployment's protection on the default bus, whatever the rules on evidence do with them, on a bus of
// their own and without the topic.
func TestProtectWithEvidence(t *testing.T) {
	s := variant(t, "evidence")
	s.SNS.EventBridge, s.Bus = false, "security"
	tpl := synth(t, s)
	for _, c := range []struct {
		event, field, value string
		told                bool
	}{
		{"DisableAWSServiceAccess", "servicePrincipal", "cloudtrail.amazonaws.com", true},
		{"DisableAWSServiceAccess", "servicePrincipal", "config.amazonaws.com", false},
		{"DeregisterDelegatedAdministrator", "servicePrincipal", "cloudtrail.amazonaws.com", true},
		{"MoveAccount", "accountId", "111122223333", true},
		{"MoveAccount", "accountId", "444455556666", false},
		{"RemoveAccountFromOrganization", "accountId", "111122223333", true},
		{"CloseAccount", "accountId", "111122223333", true},
		{"LeaveOrganization", "unrelated", "", true},
		{"DescribeOrganization", "unrelated", "", false},
	} {
		event := tampered(t, "organizations", c.event, c.field, c.value, "")
		var got []string
		for _, rule := range tpl.resources("AWS::Events::Rule") {
			if rule["EventBusName"] != nil || !matches(t, patternOf(t, rule), event) {
				continue
			}
			for _, to := range list(rule["Targets"]) {
				got = append(got, withoutHash(target(object(to)["Arn"])))
			}
		}
		slices.Sort(got)
		want := []string{"NotificationsTopic", "SlackProtect"}
		if !c.told {
			want = nil
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s of %q: the default bus reports it to %q; want %q", c.event, c.value, got, want)
		}
	}
}
