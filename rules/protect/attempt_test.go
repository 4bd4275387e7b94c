package protect_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"trailkeeper/rules/protect"
)

// refusal is how AWS says that a permission is missing (IAM User Guide, "Troubleshoot access denied error messages").
const refusal = "User: %s is not authorized to perform: x on resource: %s because no identity-based policy allows the x action"

// here is what the ARNs of the deployment's services have in common, behind "arn:aws:SERVICE".
const here = ":eu-west-1:111122223333:"

// refusals are, of each service, resources as its messages about a missing permission name them, and whether they are of
// the deployment.
var refusals = map[string]map[string]bool{
	"cloudformation": {
		"arn:aws:cloudformation" + here + "stack/keeper/*": true, "arn:aws:cloudformation" + here + "stack/other-keeper/*": false,
	},
	"dynamodb": {"arn:aws:dynamodb" + here + "table/keeper-StateTable-1": true, "arn:aws:dynamodb" + here + "table/other-keeper": false},
	"events": {
		"arn:aws:events" + here + "rule/keeper-tampering": true, "arn:aws:events" + here + "rule/security/keeper-tampering": true,
		"arn:aws:events" + here + "event-bus/security": true, "arn:aws:events" + here + "rule/other-keeper": false,
	},
	"iam": {
		"role keeper-GuardRole": true, "arn:aws:iam::111122223333:role/trailkeeper/keeper-GuardRole": true,
		"policy arn:aws:iam::111122223333:policy/bounds": true, "policy arn:aws:iam::111122223333:policy/trailkeeper/keeper-A": true,
		"role other-keeper": false, "policy arn:aws:iam::111122223333:policy/unbound": false, "user keeper": false,
	},
	"kms": {
		"arn:aws:kms" + here + "key/" + keyID: true, "arn:aws:kms" + here + "key/mrk-1234": true,
		"arn:aws:kms" + here + "key/0000" + keyID[4:]: false,
	},
	"lambda": {
		"arn:aws:lambda" + here + "function:keeper-guard": true, "arn:aws:lambda" + here + "function:sentry": true,
		"arn:aws:lambda" + here + "function:other-keeper": false,
	},
	"logs": {
		"arn:aws:logs" + here + "log-group:keeper-GuardLog:log-stream:": true,
		"arn:aws:logs" + here + "log-group:/aws/lambda/keeper-guard:*":  true,
		"arn:aws:logs" + here + "log-group:/aws/lambda/sentry:*":        true,
		"arn:aws:logs" + here + "log-group:other-keeper:*":              false,
	},
	"monitoring":    {"arn:aws:cloudwatch" + here + "alarm:keeper/guard-errors": true, "arn:aws:cloudwatch" + here + "alarm:other-keeper": false},
	"organizations": {"*": false},
	"scheduler": {
		"arn:aws:scheduler" + here + "schedule/default/keeper-sweep": true, "arn:aws:scheduler" + here + "schedule/default/other-keeper": false,
	},
	"secretsmanager": {
		"slack/keeper": true, "arn:aws:secretsmanager" + here + "secret:slack/keeper-AbCdEf": true, "slack/other": false,
		"arn:aws:secretsmanager" + here + "secret:slack/other-AbCdEf": false,
	},
	"sns": {
		"arn:aws:sns" + here + "keeper-Topic": true, "arn:aws:sns" + here + "security": false, "arn:aws:sns" + here + "other-keeper": false,
	},
	"sqs": {
		"arn:aws:sqs" + here + "keeper-Failures": true, "arn:aws:sqs:eu-west-1:444455556666:lost": false,
		"arn:aws:sqs" + here + "other-keeper": false,
	},
	"ssm": {
		"arn:aws:ssm" + here + "parameter/keeper-deployment": true, "arn:aws:ssm" + here + "parameter/other-keeper": false,
	},
}

// onBus is the deployment with a bus of its own.
func onBus() protect.Deployment {
	d := whole()
	d.Bus = "security"
	return d
}

// TestAttempt: a call that was refused for lack of a permission is matched by one rule, by the resource in the error
// message, whatever the caller is called, and whoever it is.
func TestAttempt(t *testing.T) {
	all := rulesOf(t, onBus())
	callers := []string{
		"arn:aws:iam::111122223333:user/mallory", "arn:aws:iam::111122223333:user/keeper-admin",
		"arn:aws:sts::111122223333:assumed-role/keeper-GuardRole/keeper-guard", "arn:aws:sts::111122223333:assumed-role/x/slack/keeper",
	}
	codes := []string{"AccessDenied", "AccessDeniedException", "AuthorizationErrorException", "NotAuthorized", "UnauthorizedOperation"}
	for _, c := range protect.Seen() {
		rows := refusals[strings.TrimSuffix(c.Source, ".amazonaws.com")]
		if len(rows) == 0 {
			t.Errorf("%s: no refusal of it is known", c.Source)
		}
		for resource, want := range rows {
			for i, caller := range callers {
				r := record{
					source: c.Source, event: c.Event, refused: fmt.Sprintf(refusal, caller, resource), issuer: deployer,
					code: codes[(len(resource)+i)%len(codes)],
				}
				found := matching(t, all, r.JSON(t))
				if got := len(found) == 1 && found[0].Kind == protect.Attempt; got != want || len(found) > 1 {
					t.Errorf("%s refused to %s on %s: matched by %d rules", c.Event, caller, resource, len(found))
				}
			}
		}
	}
}

// TestManyKeys: however many keys there are, refused calls take few rules.
func TestManyKeys(t *testing.T) {
	d := whole()
	for i := range 300 {
		d.Keys = append(d.Keys, fmt.Sprintf("%08d-1111-2222-3333-444455556666", i))
		d.Topics = append(d.Topics, fmt.Sprintf("arn:aws:sns:eu-west-1:111122223333:team-%d", i))
	}
	n := 0
	for _, r := range rulesOf(t, d) {
		if r.Kind == protect.Attempt {
			n++
		}
	}
	if n != 7 {
		t.Errorf("%d rules for refused and failed calls; want 7", n)
	}
}

// TestFailed: a call that failed otherwise is matched by an ARN or path anywhere in the message, and by a rule that is
// about no refused call.
func TestFailed(t *testing.T) {
	all := rulesOf(t, whole())
	for _, c := range []struct {
		code, message, want string
	}{
		{"ResourceNotFoundException", "Function not found: arn:aws:lambda" + here + "function:keeper-guard", "protect-failed"},
		{"ParameterNotFound", "/keeper/deployment is not there", "protect-failed"},
		{"ResourceNotFoundException", "Function not found: arn:aws:lambda" + here + "function:other", ""},
		{"ThrottlingException", "Rate exceeded", ""},
		{"AccessDenied", "User: arn:aws:iam::111122223333:user/keeper is not authorized", ""},
	} {
		r := record{source: "lambda.amazonaws.com", event: "DeleteFunction20150331", refused: c.message, code: c.code}
		var got []string
		for _, found := range matching(t, all, r.JSON(t)) {
			got = append(got, found.Name)
		}
		if want := strings.Fields(c.want); !slices.Equal(got, want) {
			t.Errorf("%s %q: matched by %q; want %q", c.code, c.message, got, want)
		}
	}
}
