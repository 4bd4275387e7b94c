package settings

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config"
	"trailkeeper/rules"
)

func parse(t *testing.T, text string) (Settings, error) {
	t.Helper()
	return Parse(decoded(t, text))
}

func decoded(t *testing.T, text string) any {
	t.Helper()
	var object any
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return object
}

// slackOn and snsOn are the least that is valid.
const (
	slackOn = `"secret": "trailkeeper", "slack": {"enabled": true}`
	snsOn   = `"sns": {"enabled": true}`
)

func TestParseDefaults(t *testing.T) {
	for name, tt := range map[string]struct {
		text   string
		change func(*Settings)
	}{
		"slack": {`{` + slackOn + `}`, func(s *Settings) { s.Secret, s.Slack.Enabled = "trailkeeper", true }},
		"sns":   {`{` + snsOn + `}`, func(s *Settings) { s.SNS.Enabled = true }},
	} {
		want := Defaults()
		tt.change(&want)
		got, err := parse(t, tt.text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestExampleSettings(t *testing.T) {
	raw, err := os.ReadFile("../../cdk.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Context map[string]any `json:"context"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	got, err := Parse(file.Context[ContextKey])
	if err != nil {
		t.Fatal(err)
	}
	if !got.OrganizationTrail || got.Mode != config.ModeRestart || !got.Path1() || !got.SNS.Enabled || !got.Alarms {
		t.Errorf("cdk.json's example is %+v; want Slack with path 1, SNS, alarms, restart and organization trails", got)
	}
}

// TestTagsAtTheBound: one tag too many is one problem, and not one of each resource.
func TestTagsAtTheBound(t *testing.T) {
	for n, want := range map[int]string{50: "<nil>", 51: "trailkeeper.tags has 51 tags; AWS takes at most 50 on a " +
		"resource"} {
		tags := map[string]any{}
		for i := range n {
			tags[fmt.Sprint("tag", i)] = "v"
		}
		_, err := Parse(map[string]any{"sns": map[string]any{"enabled": true}, "tags": tags})
		if got := fmt.Sprint(err); got != want {
			t.Errorf("%d tags: %s; want %s", n, got, want)
		}
	}
}

// TestParseRefuses: each value is refused with the key, the value and what is wanted; near misses pass.
func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{
			`{` + snsOn + `, "stackName": "trailkeeper-of-security"}`,
			`trailkeeper.stackName is "trailkeeper-of-security"; want 1 to 20 letters`,
		},
		{`{` + snsOn + `, "stackName": "trailkeeper-20-chars"}`, ""},
		{`{` + snsOn + `, "stackName": "2nd"}`, `stackName is "2nd"`},
		{`{` + snsOn + `, "mode": "repair"}`, `trailkeeper.mode is "repair"; want notify, restart, restore or recreate`},
		{`{` + snsOn + `, "mode": 1}`, `trailkeeper.mode is a number; want notify, restart, restore or recreate`},
		{`{` + snsOn + `, "mode": null}`, `trailkeeper.mode is null; want`},
		{`{` + snsOn + `, "accounts": ["111122223333", "12"]}`, `trailkeeper.accounts[1] is "12"; want account IDs`},
		{`{` + snsOn + `, "accounts": "111122223333"}`, `trailkeeper.accounts is a text of 12 characters; want an array`},
		{
			`{` + snsOn + `, "accounts": [111122223333]}`,
			`trailkeeper.accounts[0] is a number; want account IDs of 12 digits, each in quotation marks`,
		},
		{`{` + snsOn + `, "accounts": ["111122223333", null, ["1"]]}`, "trailkeeper.accounts[1] is null; want account IDs " +
			"of 12 digits, each in quotation marks\n" +
			`trailkeeper.accounts[2] is an array of 1; want`},
		{
			`{` + snsOn + `, "tags": {"team": "a", "cost": 5}}`,
			`trailkeeper.tags is an object with 2 keys; want an object of tag: value: cost has a number, and not a text`,
		},
		{
			`{` + snsOn + `, "sns.enabled": false}`,
			`trailkeeper.sns.enabled is written with a period; want an object in an object`,
		},
		{`{` + slackOn + `, "slack.wording": {}}`, `trailkeeper.slack.wording is written with a period`},
		{`{` + snsOn + `, "env": {"a.region": "eu-west-1"}}`, `is no setting`},
		{`{` + snsOn + `, "activity": "yes"}`, `trailkeeper.activity is a text of 3 characters; want true or false`},
		{
			`{` + snsOn + `, "organisationTrail": true}`,
			`trailkeeper.organisationTrail is no setting (its value is true); there are accountGroups, accountGroupsFile, ` +
				`accountNames,`,
		},
		{
			`{` + snsOn + `, "slack": {"webHook": true}}`,
			`trailkeeper.slack.webHook is no setting (its value is true); there are api, botToken,`,
		},
		{`{` + snsOn + `, "function": 128}`, `trailkeeper.function is a number; want an object with asyncRetries,`},
		{`{` + snsOn + `, "function": {"memory": 127}}`, `function.memory is 127; want a whole number from 128 to 10240`},
		{`{` + snsOn + `, "function": {"memory": 128}}`, ""},
		{`{` + snsOn + `, "function": {"memory": 128.5}}`, `function.memory is 128.5; want`},
		{`{` + snsOn + `, "function": {"timeout": 29}}`, `function.timeout is 29; want a whole number from 30 to 900`},
		{`{` + snsOn + `, "function": {"asyncRetries": 3}}`, `function.asyncRetries is 3; want a whole number from 0 to 2`},
		{`{` + snsOn + `, "function": {"logRetentionDays": 31}}`, `function.logRetentionDays is 31; want one of [1 3 5`},
		{`{` + snsOn + `, "retry": {"slackMaxEventAge": 59}}`, `retry.slackMaxEventAge is 59; want`},
		{`{` + snsOn + `, "retry": {"guardAttempts": 186}}`, `retry.guardAttempts is 186; want`},
		{`{` + snsOn + `, "encryptionKey": "alias/x"}`, `encryptionKey is "alias/x"; want "create" or the ARN`},
		{`{` + snsOn + `, "tags": {"aws:x": "1"}}`, `tags: "aws:x"; want a name`},
		{`{` + snsOn + `, "tags": {"kosten stelle": "Zürich/1:2 = +@_.-"}}`, ""},
		{`{` + snsOn + `, "tags": {"team": "a&b"}}`, `tags: "team" or its value has a character that AWS takes in no tag`},
		{`{` + snsOn + `, "tags": {"team#1": "a"}}`, `tags: "team#1" or its value has a character`},
		{`{` + snsOn + `, "tags": {"team": "a\u0007"}}`, `tags: "team" or its value has a character`},
		{
			`{` + snsOn + `, "env": {"region": "eu-west-1"}}`,
			`env.account is "" and env.region is "eu-west-1"; want both or neither`,
		},
		{`{` + snsOn + `, "env": {"account": "111122223333", "region": "us-gov-west-1"}}`, ""},
		{`{` + snsOn + `, "env": {"account": "111122223333", "region": "eusc-de-east-1"}}`, ""},
		{`{` + snsOn + `, "env": {"account": "111122223333", "region": "mars"}}`, `env.region is "mars"; want a Region`},
		{`{` + snsOn + `, "permissionsBoundary": "team/Boundary"}`, ""},
		{`{` + snsOn + `, "permissionsBoundary": "arn:aws:iam::111122223333:policy/B"}`, "want the name of a managed " +
			"policy of the account"},
		{`{` + snsOn + `, "canary": {"key": "create"}}`, `canary.key is "create" but canary.enabled is false`},
		{`{` + snsOn + `, "firstTrail": {"key": "create"}}`, `firstTrail.key is "create" but firstTrail.enabled is false`},
		{
			`{` + snsOn + `, "canary": {"enabled": true, "key": "alias/logs"}}`,
			`canary.key is "alias/logs"; want "create" or the ARN of a KMS key`,
		},
		{
			`{` + snsOn + `, "deployRole": "arn:aws:iam::111122223333:user/Deploy"}`,
			`deployRole is "arn:aws:iam::111122223333:user/Deploy"; want the ARN of an IAM role`,
		},
		{`{` + snsOn + `, "sweep": {"minutes": 0}}`, `sweep.minutes is 0; want a whole number from 1 to 60`},
		{`{` + snsOn + `, "sweep": {"minutes": 60}}`, ""},
		{
			`{` + snsOn + `, "sweep": {"regions": ["eu-west-1", "mars"]}}`,
			`sweep.regions[1] is "mars"; want Regions such as eu-west-1`,
		},
		{
			`{` + snsOn + `, "sweep": {"enabled": false, "regions": ["eu-west-1"]}}`,
			`sweep.regions is ["eu-west-1"] but sweep.enabled is false`,
		},
		{`{` + snsOn + `, "sweep": {"enabled": false}, "table": {"enabled": false}, "warden": {"enabled": false}}`, ""},
		{
			`{` + snsOn + `, "sweep": {"regions": ["us-east-1"]}, "env": {"account": "111122223333", "region": "eu-west-1"}}`,
			`sweep.regions is ["us-east-1"], and the stack's own "eu-west-1" is not among them`,
		},
		{`{` + snsOn + `, "table": {"breakGlass": ["arn:aws:iam::111122223333:role/ops/BreakGlass"]}}`, ""},
		{
			`{` + snsOn + `, "table": {"breakGlass": ["arn:aws:iam::111122223333:role/*"]}}`,
			`table.breakGlass[0] is "arn:aws:iam::111122223333:role/*"; want`,
		},
		{
			`{` + snsOn + `, "table": {"breakGlass": ["arn:aws:sts::111122223333:assumed-role/BreakGlass/x"]}}`,
			`table.breakGlass[0] is`,
		},
		{
			`{` + snsOn + `, "warden": {"enabled": false},
				"table": {"enabled": false, "breakGlass": ["arn:aws:iam::111122223333:user/ops"]}}`, "",
		}, // the queues have it as well
		{`{` + snsOn + `, "table": {"breakGlass": [` + principals(102) + `]}}`, ""},
		{`{` + snsOn + `, "table": {"breakGlass": [` + principals(103) + `]}}`, "table.breakGlass has 4117 characters, and " +
			"SQS takes no such policy"},
		{`{` + snsOn + `, "firstTrail": {"logGroup": true}}`, "firstTrail.logGroup is true but firstTrail.enabled is false"},
		{`{` + snsOn + `, "firstTrail": {"insights": true}}`, "firstTrail.insights is true but firstTrail.enabled is false"},
		{`{` + snsOn + `, "canary": {"enabled": true}, "firstTrail": {"enabled": true, "insights": true}}`, ""},
		{`{` + snsOn + `, "watch": {"enabled": true, "lists": {"office-networks": ["198.51.100.0/24"]}, "rules": ` +
			`{"root-activity": {"enabled": false}, "s3-changed": {"severity": "high", "route": "pay-1"}}},` +
			` "routes": [{"name": "pay-1", "topics": ["arn:aws:sns:eu-west-1:111122223333:pay"]}]}`, ""},
		{
			`{` + snsOn + `, "watch": {"enabled": true, "rules": {"s3-changed": {"route": "paymets"}}},` +
				` "routes": [{"name": "payments", "topics": ["arn:aws:sns:eu-west-1:111122223333:pay"]}]}`,
			`watch.rules.s3-changed.route is "paymets", and no route has that name; did you mean "payments"?`,
		},
		{
			`{` + snsOn + `, "watch": {"enabled": true, "rules": {"root-activity": false}}}`,
			"trailkeeper.watch.rules.root-activity is false; want an object with enabled, severity, route",
		},
		{
			`{` + snsOn + `, "watch": {"enabled": true, "rules": {"root-activity": {"enable": false}}}}`,
			"trailkeeper.watch.rules.root-activity.enable is no setting (its value is false); there are enabled, severity, " +
				"route; did you mean \"enabled\"?",
		},
		{
			`{` + snsOn + `, "watch": {"enabled": true, "rules": ` +
				`{"root-activity": {"enabled": "no"}, "a": {"severity": "hihg"}}}}`,
			"trailkeeper.watch.rules.root-activity.enabled is a text of 2 characters; want true or false\n" +
				`trailkeeper.watch.rules.a.severity is "hihg"; want low, medium, high or critical; did you mean "high"?`,
		},
		{
			`{` + snsOn + `, "watch": {"enabled": true, "rules": {"RootActivity": {}}}}`,
			"trailkeeper.watch.rules.RootActivity is no ID of a rule; want lower-case words",
		},
		{
			`{` + snsOn + `, "watch": {"enabled": true, "rules": {"a": {"route": "two words"}}}}`,
			`trailkeeper.watch.rules.a.route is "two words"; want the name of one of routes`,
		},
		{
			`{` + snsOn + `, "watch": {"enabled": true, "lists": {"office-networks": "198.51.100.0/24"}}}`,
			"trailkeeper.watch.lists.office-networks is a text of 15 characters; want an array of texts",
		},
		{
			`{` + snsOn + `, "watch": {"enabled": true, "lists": {"office-networks": ["198.51.100.0/24", ""]}}}`,
			"trailkeeper.watch.lists.office-networks[1] has 0 characters; want 1 to 256",
		},
		{
			`{` + snsOn + `, "watch": {"rules": {"root-activity": {"enabled": false}}}}`,
			"trailkeeper.watch.rules has 1 rule but watch.enabled is false",
		},
		{`{` + snsOn + `, "metricFilters": {"rules": ["cis"]}}`, "metricFilters.logGroup is empty and firstTrail.logGroup is false"},
		{`{` + snsOn + `, "metricFilters": {"rules": ["cis"]}, "firstTrail": {"enabled": true}}`, "firstTrail.logGroup is false"},
		{`{` + snsOn + `, "metricFilters": {"logGroup": "trail"}}`, `metricFilters.logGroup is "trail" but metricFilters.rules names none`},
		{
			`{` + snsOn + `, "metricFilters": {"topicArn": "arn:aws:sns:eu-west-1:111122223333:x"}}`,
			"but metricFilters.rules names none; there is no alarm to make",
		},
		{
			`{"slack": {"enabled": true}, "secret": "x", "metricFilters": {"rules": ["cis"], "logGroup": "trail"}}`,
			"metricFilters.topicArn is empty and sns.enabled is false",
		},
		{
			`{` + snsOn + `, "metricFilters": {"rules": ["CIS"], "logGroup": "trail"}}`,
			`metricFilters.rules[0] is "CIS"; want IDs of rules, "cis" or "conditions"`,
		},
		{`{` + snsOn + `, "metricFilters": {"rules": ["cis"], "logGroup": "a*"}}`, `metricFilters.logGroup is "a*"; want the name`},
		{
			`{` + snsOn + `, "metricFilters": {"rules": ["cis"], "logGroup": "a", "namespace": "AWS/Logs"}}`,
			`metricFilters.namespace is "AWS/Logs"; want`,
		},
		{`{` + snsOn + `, "watch": {"lists": {"vpn": []}}}`, "trailkeeper.watch.lists has 1 list but watch.enabled is false"},
		{
			`{` + snsOn + `, "watch": {"enabled": true, "metrics": {"namespace": "AWS/Lambda"}}}`,
			`trailkeeper.watch.metrics.namespace is "AWS/Lambda"; want 1 to 255`,
		},
		{`{` + snsOn + `, "watch": {"enabled": true, "metrics": {"namespace": "CloudTrailToSlack/AccessDeniedEvents"}}}`, ""},
		{`{` + snsOn + `, "watch": {"enabled": true, "timeout": 29}}`, "watch.timeout is 29; want a whole number from 30"},
		{`{}`, "slack.enabled and sns.enabled are both false"},
		{`{"slack": {"enabled": true}}`, "trailkeeper.secret is empty; Slack needs the secret"},
		{`{"secret": "s", "slack": {"enabled": true, "webhook": false}}`, "slack.webhook and slack.botToken are both false"},
		{`{"secret": "s", "slack": {"enabled": true, "botToken": true}}`, "slack.channel is empty; a bot token needs"},
		{
			`{"secret": "s", "slack": {"enabled": true, "botToken": true, "channel": "#security"}}`,
			`slack.channel is "#security"; want a channel ID`,
		},
		{
			`{"secret": "s", "slack": {"enabled": true, "channel": "C0123456789"}}`,
			`slack.channel is "C0123456789" but slack.botToken is false`,
		},
		{
			`{"secret": "s", "slack": {"enabled": true, "api": "https://slack.com/api"}}`,
			`slack.api is "https://slack.com/…"; want an https URL`,
		},
		{`{"secret": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s", "slack": {"enabled": true}}`, "secret is"},
		{
			`{"secret": "a:b}}", "slack": {"enabled": true}}`, `secret is a text of 5 characters; want the name or the full ARN`,
		},
		{`{` + slackOn + `, "secretVersion": "2"}`, `secretVersion is "2"; want the version ID`},
		{`{"sns": {"enabled": true, "topicArn": "arn:aws:sns:eu-west-1:111122223333:t.fifo"}}`, "sns.topicArn is"},
		{
			`{"sns": {"enabled": true, "topicArn": "arn:aws:sns:eu-west-1:111122223333:t", "topicName": "t"}}`,
			`sns.topicName is "t" but`,
		},
	} {
		_, err := parse(t, tt.text)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", tt.text, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s\n got  %v\n want %s", tt.text, err, tt.want)
		}
	}
}

func TestSubscriptions(t *testing.T) {
	for _, tt := range []struct{ endpoint, protocol, want string }{
		{"ops@example.com", "email", ""},
		{"ops@example.com", "email-json", ""},
		{"Ops <ops@example.com>", "email", "want an e-mail address"},
		{"ops@example.com", "mail", "the endpoint of 15 characters has the protocol mail; want one of email,"},
		{"+14155550100", "sms", ""},
		{"4155550100", "sms", "want a phone number"},
		{"arn:aws:sqs:eu-west-1:111122223333:q", "sqs", ""},
		{"https://sqs.eu-west-1.amazonaws.com/111122223333/q", "sqs", "want the ARN of a standard queue"},
		{"arn:aws:lambda:eu-west-1:111122223333:function:f", "lambda", ""},
		{"https://example.com", "https", ""},
		{"https://example.com/", "https", ""},
		{"http://example.com", "https", "the endpoint of 18 characters with protocol https; want a URL that starts with " +
			"https://"},
		{"https://example.com/integration/key", "https", `at "example.com" has a path, a query or a password`},
		{"https://example.com?apiKey=key", "https", "write secret:pager_url instead"},
		{"https://user:key@example.com", "https", "has a path, a query or a password"},
		{"secret:opsgenie_url", "https", ""},
		{"secret:opsgenie_url", "http", "and the protocol https"},
		{"secret:a key", "https", "want secret:KEY"},
	} {
		s := Defaults()
		s.Secret, s.SNS.Enabled, s.SNS.Subscriptions = "s", true, map[string]string{tt.endpoint: tt.protocol}
		err := s.Validate()
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s %s: %v", tt.protocol, tt.endpoint, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s %s\n got  %v\n want %s", tt.protocol, tt.endpoint, err, tt.want)
		}
	}
	s := Defaults()
	s.SNS.Enabled, s.SNS.Subscriptions = true, map[string]string{"secret:pager": "https"}
	if err := s.Validate(); err == nil ||
		!strings.Contains(err.Error(), "secret is empty; sns.subscriptions has an endpoint") {
		t.Errorf("a subscription from no secret: %v", err)
	}
}

// TestAllProblems: one run reports everything that is wrong.
func TestAllProblems(t *testing.T) {
	_, err := parse(
		t,
		`{"mode": "x", "bogus": 1, "slack": {"enabled": true, "webhook": false}, "function": {"memory": 1}}`,
	)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"bogus is no setting", `mode is "x"`, "function.memory is 1", "secret is empty", "slack.webhook and",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error lacks %q:\n%v", want, err)
		}
	}
	if got := len(strings.Split(err.Error(), "\n")); got != 5 {
		t.Errorf("%d lines; want one for each of 5 problems:\n%v", got, err)
	}
}

// TestNoFollowOnErrors: a value that could not be read is one problem, and not another about its default.
func TestNoFollowOnErrors(t *testing.T) {
	for text, want := range map[string]string{
		`{"slack": {"enabled": "true"}}`: "slack.enabled is a text of 4 " +
			"characters",
		`{"sns": {"enabled": 1}}`: "sns.enabled is a number",
		`{"slack": true}`:         "slack is true; want an object",
		`{"secret": {"name": "x"}, "slack": {"enabled": true}}`: "secret is an object with 1 key; " +
			"want the name",
		`{"secret": "s", "slack": {"enabled": true, "webhook": "no"}}`:                "slack.webhook is a text",
		`{"secret": "s", "slack": {"enabled": true, "botToken": true, "channel": 5}}`: "slack.channel is a number",
		`{` + snsOn + `, "env": {"account": 111122223333, "region": "eu-west-1"}}`:    "env.account is a number",
	} {
		_, err := parse(t, text)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s\n got  %v\n want %s and nothing else", text, err, want)
		}
	}
}

func TestOwnBus(t *testing.T) {
	for bus, want := range map[string]string{
		"":         "",
		"default":  "",
		"security": "security",
		"Default":  "Default",
	} {
		if got := (Settings{Bus: bus}).OwnBus(); got != want {
			t.Errorf("bus %q is %q; want %q", bus, got, want)
		}
	}
}

func TestWording(t *testing.T) {
	with := func(wording string) string {
		return `{"secret": "s", "slack": {"enabled": true, "wording": ` + wording + `}}`
	}
	s, err := parse(t, with(`{"tampering": {"text": "<event> by <actor>"}}`))
	if err != nil {
		t.Fatal(err)
	}
	rule, _ := rules.FindEventRule(rules.RuleTampering)
	want := rules.Wording{Text: "<event> by <actor>", Paths: rule.Wording.Paths}
	if diff := cmp.Diff(want, s.Wording(rule)); diff != "" {
		t.Errorf("wording (-want +got):\n%s", diff)
	}
	attempt, _ := rules.FindEventRule(rules.RuleAttempt)
	if diff := cmp.Diff(*attempt.Wording, s.Wording(attempt)); diff != "" {
		t.Errorf("wording that nobody replaced (-want +got):\n%s", diff)
	}
	for text, want := range map[string]string{
		`{"tampering": {"text": "<who>"}}`: "placeholder <who>",
		`{"tampering": {"text": "<ua>", "paths": {"ua": "$.detail.userAgent"}}}`: "$.detail.userAgent is not one " +
			"that a template may use",
		`{"attempt": {"text": "<n>", "paths": {"n": "$.detail.requestParameters.name"}}}`: "checked by AWS only in a " +
			"successful call",
		`{"tampering": {"text": ""}}`:  "the text is empty",
		`{"tampering": {"text": 1}}`:   "text is not a text",
		`{"tampering": {"txt": "x"}}`:  `unknown key txt`,
		`{"tampering": "x"}`:           "not an object",
		`{"odd-actor": {"text": "x"}}`: "slack.wording.odd-actor is no setting",
	} {
		if _, err := parse(t, with(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got  %v\n want %s", text, err, want)
		}
	}
	if before := Defaults(); before.Slack.Wording != nil {
		t.Error("the defaults hold a wording")
	}
}

// TestTable: every field of Settings has a row, each row reads what it shows, and the texts are fit for a Markdown
// table.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range table() {
		if seen[row.key] {
			t.Errorf("%s is twice in the table", row.key)
		}
		seen[row.key] = true
		if row.doc == "" || row.want == "" || strings.ContainsAny(row.doc, "|\n") || !strings.HasSuffix(row.doc, ".") {
			t.Errorf("%s: text %q, want %q", row.key, row.doc, row.want)
		}
		defaults := Defaults()
		raw, err := json.Marshal(row.value(&defaults))
		if err != nil {
			t.Fatal(err)
		}
		var value any
		if err := json.Unmarshal(raw, &value); err != nil || value == nil {
			continue // no default
		}
		again := Settings{}
		if err := row.read(&again, value); err != nil {
			t.Errorf("%s does not read its own default %s: %v", row.key, raw, err)
		}
		if got, _ := json.Marshal(row.value(&again)); string(got) != string(raw) {
			t.Errorf("%s reads %s as %s", row.key, raw, got)
		}
	}
	if got, want := len(seen), fields(Settings{})-1; got != want {
		t.Errorf("%d rows; Settings have %d fields besides LikelyRegion", got, want)
	}
}

// principals are so many ARNs of users, each 37 characters long, with 3 between them.
func principals(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(`"arn:aws:iam::111122223333:user/ops%03d"`, i)
	}
	return strings.Join(all, ",")
}

// TestRunbookPage: the setting, or else the page in the repository.
func TestRunbookPage(t *testing.T) {
	const repository, page = "https://github.com/example/trailkeeper/blob/main", "https://wiki.example.com/trailkeeper"
	for s, want := range map[struct{ runbook, repository string }]string{
		{}:                 "",
		{page, ""}:         page,
		{page, repository}: page,
		{"", repository}:   repository + "/lambda/README.md",
	} {
		if got := (Settings{Runbook: s.runbook, Repository: s.repository}).RunbookPage(); got != want {
			t.Errorf("%+v: %q; want %q", s, got, want)
		}
	}
	for value, ok := range map[string]bool{
		repository:                              true,
		repository + "/":                        false,
		repository + "?a=b":                     false,
		"http://github.com/a/b":                 false,
		"https://u:p@github.com/a":              false,
		"https://a/" + strings.Repeat("b", 170): true,
		"https://a/" + strings.Repeat("b", 171): false,
	} {
		all := Defaults()
		all.Repository = value
		if err := all.Validate(); (err == nil || !strings.Contains(err.Error(), "repository")) != ok {
			t.Errorf("%q: %v", value, err)
		}
	}
	names := Defaults()
	names.AccountNames = map[string]string{"111122223333": "production", "444455556666": ""}
	if err := names.Validate(); err == nil || !strings.Contains(
		err.Error(), `accountNames: "444455556666" is named ""; want`,
	) {
		t.Error(err)
	}
}
