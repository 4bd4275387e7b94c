package checks_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/statetest"
	"trailkeeper/lambda/internal/warden/checks"
	"trailkeeper/lambda/internal/warden/compare"
)

// The texts of the tests, none of which may be shown.
const (
	slackHook   = "https://hooks.slack.com/services/T0/B0/first"
	otherHook   = "https://hooks.slack.com/services/T0/B0/second"
	foreignHook = "https://hooks.slack.com.evil.example/services/T0/B0/first"
	botToken    = "xoxb-1-first"
)

const reference = "{{resolve:secretsmanager:trailkeeper:SecretString:webhook::}}"

// secretDeployed is the secret, of a function and an API destination that use it.
func secretDeployed(t *testing.T) deployment.Deployed {
	t.Helper()
	all := checks.Secrets([]deployment.Deployed{
		{Type: "AWS::Lambda::Function", Region: "eu-west-1", Properties: map[string]any{"Environment": map[string]any{
			"Variables": map[string]any{config.EnvSlackSecret: "trailkeeper", config.EnvSlackAPI: "https://slack.example.com/api/"},
		}}},
		{Type: "AWS::Events::ApiDestination", Region: "eu-west-1", Properties: map[string]any{"InvocationEndpoint": reference}},
	})
	if len(all) != 1 {
		t.Fatalf("%+v", all)
	}
	return all[0]
}

// secretThere is Secrets Manager with one version of the secret.
func secretThere(version, text string) *service {
	return &service{
		record: deployment.Record{Description: "one"},
		answers: map[string]any{
			"DescribeSecret": map[string]any{"Name": "trailkeeper"},
			"GetSecretValue": map[string]any{"VersionId": version, "SecretString": text},
		},
	}
}

func webhookIn(address string) string {
	return fmt.Sprintf(`{"webhook": %q, "bot_token": %q}`, address, botToken)
}

// shown fails where a text of the secret is shown.
func shown(t *testing.T, what, text string) {
	t.Helper()
	for _, value := range []string{slackHook, otherHook, foreignHook, botToken, "T0/B0", "evil.example"} {
		if strings.Contains(text, value) {
			t.Errorf("%s shows a text of the secret", what)
		}
	}
}

func TestSecretsOfTheResources(t *testing.T) {
	of := secretDeployed(t)
	want := map[string]any{
		"Keys": []any{"webhook", "bot_token"}, "Hosts": []any{"hooks.slack.com", "hooks.slack-gov.com", "slack.example.com"},
	}
	if diff := cmp.Diff(want, of.Properties); diff != "" || of.Name != "trailkeeper" || of.Type != checks.SecretType {
		t.Errorf("%+v\n%s", of, diff)
	}
	destination := func(endpoint, region string) deployment.Deployed {
		return deployment.Deployed{Region: region, Properties: map[string]any{"InvocationEndpoint": endpoint}}
	}
	for endpoint, name := range map[string]string{
		reference: "trailkeeper",
		"{{resolve:secretsmanager:arn:aws:secretsmanager:eu-west-1:111122223333:secret:a-AbCdEf:SecretString:team::0a1b}}": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a-AbCdEf",
		"https://hooks.slack.com/x":                          "",
		"{{resolve:ssm:trailkeeper}}":                        "",
		"x" + reference:                                      "",
		reference + reference:                                "",
		"{{resolve:secretsmanager:trailkeeper}}":             "",
		"{{resolve:secretsmanager::SecretString:webhook::}}": "",
	} {
		all := checks.Secrets([]deployment.Deployed{destination(endpoint, "eu-west-1"), destination(endpoint, "eu-west-1")})
		if (len(all) == 1) != (name != "") || len(all) > 0 && all[0].Name != name {
			t.Errorf("%s: %+v", endpoint, all)
		}
	}
	if all := checks.Secrets([]deployment.Deployed{destination(reference, "us-east-1"), destination(reference, "eu-west-1")}); len(all) != 2 ||
		all[0].ID == all[1].ID || strings.Contains(all[0].ID, "trailkeeper") {
		t.Errorf("two Regions: %+v", all)
	}
}

// TestSecretRemembered: the first check after a deployment remembers the secret, and later ones compare with that.
func TestSecretRemembered(t *testing.T) {
	documents := &statetest.Memory{}
	for i, step := range []struct{ deployment, version, text, want string }{
		{"one", "v1", webhookIn(slackHook), ""},
		{"one", "v1", webhookIn(slackHook), ""},
		{"one", "v2", webhookIn(slackHook), "VersionId: v1 -> v2"},
		{"one", "v2", webhookIn(otherHook), "VersionId: v1 -> v2\nSecretString.webhook: sha256:"},
		{"one", "v2", `{"bot_token": "` + botToken + `"}`, "VersionId: v1 -> v2\nSecretString.webhook: sha256:"},
		{"one", "v1", webhookIn(slackHook), ""},
		{"two", "v3", webhookIn(otherHook), ""},
		{"two", "v3", webhookIn(otherHook), ""},
		{"two", "v1", webhookIn(otherHook), "VersionId: v3 -> v1"},
	} {
		s := secretThere(step.version, step.text)
		s.documents, s.record.Description = documents, step.deployment
		found, err := s.check(t, secretDeployed(t))
		if got := fields(found); err != nil || !strings.HasPrefix(got, step.want) || (got == "") != (step.want == "") {
			t.Errorf("step %d: %v %s", i, err, got)
		}
		shown(t, "a difference", text(found))
	}
	all, err := documents.List(t.Context(), "secret")
	if err != nil || len(all) != 1 {
		t.Fatalf("%v %v", all, err)
	}
	shown(t, "the state table", string(all[0].Body)+all[0].Key.ID)
}

// TestSecretDeclared: a version that the settings declare counts, whatever a table says.
func TestSecretDeclared(t *testing.T) {
	for version, want := range map[string]string{"v1": "", "v2": "VersionId: v1 -> v2"} {
		s := secretThere(version, webhookIn(slackHook))
		s.record.SecretVersion, s.documents = "v1", &statetest.Memory{Fail: func(context.Context, string, state.Key) error {
			return errors.New("nobody asks the table")
		}}
		if found, err := s.check(t, secretDeployed(t)); err != nil || fields(found) != want {
			t.Errorf("%s: %v %s", version, err, text(found))
		}
	}
}

// TestForeignWebhook: a webhook that is not at Slack is told at once.
func TestForeignWebhook(t *testing.T) {
	for address, foreign := range map[string]bool{
		slackHook: false, "https://HOOKS.slack.com/services/T0/B0/x": false, "https://hooks.slack-gov.com/services/x": false,
		"https://slack.example.com/hooks/1": false, "": false,
		"http://127.0.0.1:4566/services/x": true, "https://localhost/x": true, "http://hooks.slack.com/services/T0/B0/x": true,
		foreignHook: true, "https://slack.com@evil.example/services/x": true, "https://hooks.slack.com:444/services/x": true,
		"https://evil.example/hooks.slack.com": true, "https://evil.example/#https://hooks.slack.com/": true, "%zz": true, "xoxb-1-first": true,
	} {
		s := secretThere("v1", webhookIn(address))
		found, err := s.check(t, secretDeployed(t))
		if err != nil || (len(found) == 1) != foreign || foreign && found[0].Field != "Webhook.Host" {
			t.Errorf("%q: %v %s", address, err, fields(found))
		}
		shown(t, "a difference", text(found))
	}
}

// TestWebhookOfALocalRun: where AWS itself is played, Slack may be as well.
func TestWebhookOfALocalRun(t *testing.T) {
	for address, foreign := range map[string]bool{
		"http://127.0.0.1:4566/services/x": false, "http://localhost:1/x": false, "http://[::1]/x": false,
		"http://127.0.0.1.evil.example/x": true,
	} {
		s := secretThere("v1", webhookIn(address))
		s.local = true
		if found, err := s.check(t, secretDeployed(t)); err != nil || (len(found) == 1) != foreign {
			t.Errorf("%q: %v %s", address, err, fields(found))
		}
	}
}

func TestIsLocal(t *testing.T) {
	for endpoint, local := range map[string]bool{
		"": false, "http://127.0.0.1:4566": true, "https://vpce-1.secretsmanager.eu-west-1.vpce.amazonaws.com": false,
		"http://localhost.evil.example": false, "%zz": false,
	} {
		if got := checks.IsLocal(func(name string) string { return map[string]string{"AWS_ENDPOINT_URL": endpoint}[name] }); got != local {
			t.Errorf("%q: %v", endpoint, got)
		}
	}
}

func TestSecretGone(t *testing.T) {
	s := secretThere("v1", "")
	s.answers["DescribeSecret"] = refused("ResourceNotFoundException")
	if found, err := s.check(t, secretDeployed(t)); err != nil || fields(found) != `resource: secret "trailkeeper" -> none` {
		t.Errorf("%v %s", err, text(found))
	}
	s.answers["DescribeSecret"] = map[string]any{"DeletedDate": 1772442900.5}
	found, err := s.check(t, secretDeployed(t))
	if err != nil || text(found) != "DeletedDate: none -> 2026-03-02T09:15:00Z [aws secretsmanager restore-secret --secret-id trailkeeper]" {
		t.Errorf("%v %s", err, text(found))
	}
	if len(s.asked) > 2 {
		t.Errorf("asked %v", s.asked)
	}
}

// TestSecretNotSeen: what cannot be read or remembered is an error that shows nothing.
func TestSecretNotSeen(t *testing.T) {
	for name, change := range map[string]func(s *service){
		"no grant to describe": func(s *service) { s.answers["DescribeSecret"] = refused("AccessDeniedException") },
		"no grant to read":     func(s *service) { s.answers["GetSecretValue"] = refused("AccessDeniedException") },
		"no table": func(s *service) {
			s.documents = &statetest.Memory{Fail: func(context.Context, string, state.Key) error { return errors.New("gone") }}
		},
	} {
		s := secretThere("v1", webhookIn(slackHook))
		change(s)
		found, err := s.check(t, secretDeployed(t))
		if err == nil || len(found) > 0 {
			t.Errorf("%s: %v %s", name, err, text(found))
			continue
		}
		shown(t, name, err.Error())
	}
}

// TestSecretSpoiled: a secret that has no keys any more is no secret that cannot be read: nobody gets a message by it.
func TestSecretSpoiled(t *testing.T) {
	for name, answer := range map[string]any{
		"no object":  map[string]any{"VersionId": "v1", "SecretString": slackHook},
		"a list":     map[string]any{"VersionId": "v1", "SecretString": `["` + slackHook + `"]`},
		"binary":     map[string]any{"VersionId": "v1", "SecretBinary": "eA=="},
		"null":       map[string]any{"VersionId": "v1", "SecretString": "null"},
		"no version": refused("ResourceNotFoundException"),
	} {
		s := secretThere("v1", webhookIn(slackHook))
		s.answers["GetSecretValue"] = answer
		found, err := s.check(t, secretDeployed(t))
		if err != nil || fields(found) != "SecretString: a JSON object -> none" {
			t.Errorf("%s: %v %s", name, err, text(found))
		}
		shown(t, name, text(found))
		s.answers["DescribeApiDestination"] = map[string]any{
			"ConnectionArn": "arn:c", "HttpMethod": "POST", "InvocationRateLimitPerSecond": float64(1), "ApiDestinationState": "ACTIVE",
		}
		if found, err := s.check(t, destinationDeployed(reference)); err != nil || len(found) > 0 {
			t.Errorf("%s: the API destination: %v %s", name, err, text(found))
		}
	}
}

func destinationDeployed(endpoint string) deployment.Deployed {
	return deployment.Deployed{
		ID: "Slack", Type: "AWS::Events::ApiDestination", Name: "trailkeeper-slack",
		Properties: map[string]any{
			"ConnectionArn": "arn:c", "HttpMethod": "POST", "InvocationRateLimitPerSecond": float64(1), "InvocationEndpoint": endpoint,
		},
	}
}

func TestAPIDestination(t *testing.T) {
	there := map[string]any{
		"ConnectionArn": "arn:c", "HttpMethod": "POST", "InvocationRateLimitPerSecond": float64(1), "ApiDestinationState": "ACTIVE",
		"InvocationEndpoint": slackHook,
	}
	digests := compare.Digest(slackHook) + " -> "
	of := "InvocationEndpoint: the secret's, "
	for name, test := range map[string]struct {
		endpoint string
		with     map[string]any
		secret   string
		want     string
	}{
		"as deployed":        {reference, nil, slackHook, ""},
		"as the template":    {slackHook, nil, otherHook, ""},
		"repointed":          {reference, map[string]any{"InvocationEndpoint": foreignHook}, slackHook, of + digests + compare.Digest(foreignHook)},
		"a literal":          {slackHook, map[string]any{"InvocationEndpoint": foreignHook}, slackHook, "InvocationEndpoint: " + digests + compare.Digest(foreignHook)},
		"the secret changed": {reference, nil, otherHook, of + compare.Digest(otherHook) + " -> " + compare.Digest(slackHook)},
		"inactive":           {reference, map[string]any{"ApiDestinationState": "INACTIVE"}, slackHook, "ApiDestinationState: ACTIVE -> INACTIVE"},
		"another connection": {reference, map[string]any{"ConnectionArn": "arn:evil"}, slackHook, "ConnectionArn: arn:c -> arn:evil"},
		"another method":     {reference, map[string]any{"HttpMethod": "GET"}, slackHook, "HttpMethod: POST -> GET"},
		"a flood":            {reference, map[string]any{"InvocationRateLimitPerSecond": float64(300)}, slackHook, "InvocationRateLimitPerSecond: 1 -> 300"},
	} {
		s := secretThere("v1", webhookIn(test.secret))
		s.answers["DescribeApiDestination"] = changed(there, test.with)
		found, err := s.check(t, destinationDeployed(test.endpoint))
		if diff := cmp.Diff(test.want, fields(found)); diff != "" || err != nil || len(s.repair(t, found)) > 0 {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
		shown(t, name, text(found))
	}
}

// TestAPIDestinationNotSeen: what the endpoint should be must be known.
func TestAPIDestinationNotSeen(t *testing.T) {
	for name, test := range map[string]struct {
		endpoint string
		answer   any
		err      bool
		want     string
	}{
		"gone":              {reference, refused("ResourceNotFoundException"), false, "resource: the API destination trailkeeper-slack -> none"},
		"no grant":          {reference, refused("AccessDeniedException"), true, ""},
		"another reference": {"{{resolve:ssm-secure:x}}", nil, true, ""},
	} {
		s := secretThere("v1", webhookIn(slackHook))
		s.answers["DescribeApiDestination"] = test.answer
		if test.answer == nil {
			s.answers["DescribeApiDestination"] = map[string]any{
				"ConnectionArn": "arn:c", "HttpMethod": "POST", "InvocationRateLimitPerSecond": float64(1), "ApiDestinationState": "ACTIVE",
			}
		}
		if found, err := s.check(t, destinationDeployed(test.endpoint)); (err != nil) != test.err || fields(found) != test.want {
			t.Errorf("%s: %v %s", name, err, text(found))
		}
	}
}

func TestConnection(t *testing.T) {
	of := deployment.Deployed{ID: "Connection", Type: "AWS::Events::Connection", Name: "trailkeeper-slack", Properties: object(t,
		`{"AuthorizationType": "API_KEY", "AuthParameters": {"ApiKeyAuthParameters": {"ApiKeyName": "Authorization", "ApiKeyValue": "Bearer x"}}}`)}
	there := object(t, `{"AuthorizationType": "API_KEY", "ConnectionState": "AUTHORIZED",
		"AuthParameters": {"ApiKeyAuthParameters": {"ApiKeyName": "Authorization"}}}`)
	private := object(t, `{"ResourceParameters": {"ResourceConfigurationArn": "arn:evil", "ResourceAssociationArn": "arn:a"}}`)
	with := func(name, value string) map[string]any {
		parameters := changed(there["AuthParameters"].(map[string]any), map[string]any{name: object(t, value)})
		return map[string]any{"AuthParameters": parameters}
	}
	for name, test := range map[string]struct {
		with map[string]any
		want string
	}{
		"as deployed":  {nil, ""},
		"deauthorized": {map[string]any{"ConnectionState": "DEAUTHORIZED"}, "ConnectionState: AUTHORIZED -> DEAUTHORIZED"},
		"another kind": {map[string]any{"AuthorizationType": "BASIC"}, "AuthorizationType: API_KEY -> BASIC"},
		"another header": {
			map[string]any{"AuthParameters": map[string]any{"ApiKeyAuthParameters": map[string]any{"ApiKeyName": "X"}}},
			"AuthParameters.ApiKeyAuthParameters.ApiKeyName: Authorization -> X",
		},
		"another text in each message": {
			with("InvocationHttpParameters", `{"BodyParameters": [{"Key": "text", "Value": "all is well", "IsValueSecret": false}]}`),
			"AuthParameters.InvocationHttpParameters: " + compare.Digest(nil) + " -> " +
				compare.Digest(object(t, `{"BodyParameters": [{"Key": "text", "Value": "all is well", "IsValueSecret": false}]}`)),
		},
		"nothing added": {with("InvocationHttpParameters", `{"BodyParameters": [], "HeaderParameters": []}`), ""},
		"a private address": {
			map[string]any{"InvocationConnectivityParameters": private},
			`InvocationConnectivityParameters: none -> {"ResourceParameters":{"ResourceAssociationArn":"arn:a","ResourceConfigurationArn":"arn:evil"}}`,
		},
		"a private address to sign in": {
			with("ConnectivityParameters", `{"ResourceParameters": {"ResourceConfigurationArn": "arn:evil"}}`),
			`AuthParameters.ConnectivityParameters: none -> {"ResourceParameters":{"ResourceConfigurationArn":"arn:evil"}}`,
		},
		"another key": {map[string]any{"KmsKeyIdentifier": "arn:evil"}, "KmsKeyIdentifier: none -> arn:evil"},
	} {
		s := &service{answers: map[string]any{"DescribeConnection": changed(there, test.with)}}
		if found, err := s.check(t, of); err != nil || text(found) != test.want {
			t.Errorf("%s: %v %s", name, err, text(found))
		}
	}
	s := &service{answers: map[string]any{"DescribeConnection": refused("ResourceNotFoundException")}}
	if found, err := s.check(t, of); err != nil || fields(found) != "resource: the connection trailkeeper-slack -> none" {
		t.Errorf("%v %s", err, text(found))
	}
}
