package stack_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
)

// TestNoSecret looks for what a secret would look like in every golden template, and at the two places where one is
// used.
func TestNoSecret(t *testing.T) {
	looksSecret := regexp.MustCompile(`xox[a-z]-|xapp-|hooks\.slack\.com|services/T|integration/[0-9a-f]{8}|Bearer [^{]`)
	for _, name := range golden.Names() {
		raw := fresh(t, name)
		if found := looksSecret.FindAllString(string(raw), -1); found != nil {
			t.Errorf("template %s holds what looks like a secret: %q", name, found)
		}
	}
}

func TestSlackConnection(t *testing.T) {
	const version = "0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"
	for name, want := range map[string]struct{ header, value, endpoint string }{
		"default": {"X-Trailkeeper", "eventbridge", "{{resolve:secretsmanager:trailkeeper:SecretString:webhook::}}"},
		"bot-token": {
			"Authorization", "Bearer {{resolve:secretsmanager:trailkeeper:SecretString:bot_token::}}",
			"https://slack.com/api/chat.postMessage",
		},
		"everything": {
			"Authorization", "Bearer {{resolve:secretsmanager:security/trailkeeper:SecretString:bot_token::" + version + "}}",
			"{{resolve:secretsmanager:security/trailkeeper:SecretString:webhook::" + version + "}}",
		},
	} {
		t.Run(name, func(t *testing.T) {
			tpl := goldenTemplate(t, name)
			connectionID, connection := tpl.only(t, "AWS::Events::Connection", "Slack")
			key := object(object(connection["AuthParameters"])["ApiKeyAuthParameters"])
			if key["ApiKeyName"] != want.header || key["ApiKeyValue"] != want.value {
				t.Errorf("header %v: %v; want %s: %s", key["ApiKeyName"], key["ApiKeyValue"], want.header, want.value)
			}
			for _, id := range []string{"SlackDestination", "SlackRest"} {
				_, destination := tpl.only(t, "AWS::Events::ApiDestination", id)
				if destination["InvocationEndpoint"] != want.endpoint || destination["HttpMethod"] != "POST" ||
					destination["InvocationRateLimitPerSecond"] != float64(1) || target(destination["ConnectionArn"]) != connectionID {
					t.Errorf("%s is %s; want POST %s, once a second", id, text(destination), want.endpoint)
				}
			}
		})
	}
	for _, name := range []string{"sns-only", "existing"} {
		if tpl := goldenTemplate(
			t,
			name,
		); len(
			tpl.resources("AWS::Events::ApiDestination"),
		)+len(
			tpl.resources("AWS::Events::Connection"),
		) > 0 {
			t.Errorf("%s has an API destination", name)
		}
	}
}

// TestSecretVersion proves that a changed version changes everything that CloudFormation has to read again, and nothing
// that it would have to replace.
func TestSecretVersion(t *testing.T) {
	for _, name := range []string{"default", "bot-token", "everything"} {
		t.Run(name, func(t *testing.T) {
			s := variant(t, name)
			s.SNS.Subscriptions, s.SNS.EmailFrom = map[string]string{"secret:pager": "https"}, "low"
			s.SecretVersion = strings.Repeat("1", 32)
			before := synth(t, s)
			s.SecretVersion = strings.Repeat("2", 32)
			after := unvalidated(t, s)
			for _, kind := range []string{"AWS::Events::Connection", "AWS::Events::ApiDestination", "AWS::SNS::Subscription"} {
				same := cmp.Equal(before.resources(kind), after.resources(kind))
				// A subscription's endpoint cannot change in place: the pager would be unsubscribed with every rotation of Slack's
				// secret.
				wantSame := kind == "AWS::SNS::Subscription" || kind == "AWS::Events::ApiDestination" && s.UsesChatAPI()
				if same != wantSame {
					t.Errorf("%s is unchanged: %v; want %v", kind, same, wantSame)
				}
			}
			if strings.Contains(text(after), strings.Repeat("1", 32)) {
				t.Error("the old version is still somewhere in the template")
			}
		})
	}
}
