package settings

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/route"
)

const (
	botOn     = `"secret": "s", "slack": {"enabled": true, "botToken": true, "channel": "C0123456789"}`
	routeKey  = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"
	securityT = "arn:aws:sns:eu-west-1:111122223333:security"
)

func TestRoutes(t *testing.T) {
	s, err := parse(
		t,
		`{`+botOn+`, `+snsOn+`, "accountGroups": {"prod": ["111122223333"], "dev": ["444455556666"]}, "routes": [
		{"accounts": ["prod"], "severity": "high", "events": ["StopLogging", "weakened"], "trails": ["`+mainTrail+`"],
		 "slack": ["C0000000001", "secret:prod_webhook"], "topics": ["`+securityT+`"]},
		{"accounts": ["prod"], "slack": ["C0000000002"]}]}`,
	)
	if err != nil {
		t.Fatal(err)
	}
	want := route.List{
		Groups: map[string][]string{"prod": {"111122223333"}}, // dev is in no route
		Routes: []route.Route{
			{
				Accounts: []string{"prod"},
				Severity: "high",
				Events:   []string{"StopLogging", "weakened"},
				Trails:   []string{mainTrail},
				Slack:    []string{"C0000000001", "secret:prod_webhook"},
				Topics:   []string{securityT},
			},
			{Accounts: []string{"prod"}, Slack: []string{"C0000000002"}},
		},
	}
	if diff := cmp.Diff(want, s.RouteList()); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{securityT}, RouteTopics(s)); diff != "" {
		t.Errorf("topics (-want +got):\n%s", diff)
	}
	s.SNS.TopicARN = securityT
	if got := RouteTopics(s); len(got) > 0 {
		t.Errorf("topics %v besides the default one, which is the same", got)
	}
}

// TestRoutesRefused: one run reports everything, each with its place, and nothing twice.
func TestRoutesRefused(t *testing.T) {
	for text, want := range map[string][]string{
		snsOn + `, "routes": {}`: {"routes is an object with 0 keys; want an array of objects"},
		snsOn + `, "routes": [{"slack": "C1", "who": 1}]`: {
			"routes[0].slack is a text of 2 characters; want an array of channel IDs", "routes[0].who is no setting (its " +
				"value is a number); there are accounts,",
		},
		botOn + `, "routes": [{"slack": ["#security"], "severity": "urgent", "accounts": ["prod"]}]`: {
			`routes[0].accounts[0] is "prod"; want`, `routes[0].severity is "urgent"; want low, medium, high or critical`,
			`routes[0].slack[0] is "#security"; want a channel ID`,
		},
		botOn + `, "routes": [{"slack": ["C0000000001"]}, {"severity": "high", "slack": ["C0000000002"]}]`: {
			"routes[1] can never be reached",
		},
		botOn + `, "accountGroups": {"prod": ["12"]}, "routes": [{"accounts": ["prod"], "slack": ["C0000000001"]}]`: {
			`accountGroups["prod"][0] is "12"; want an account ID of 12 digits`,
		},
		botOn + `, "accountGroups": {"prod": "111122223333", "dev": [1]}`: {
			"accountGroups.dev is an array of 1; want an array of account IDs", "accountGroups.prod is a text of 12 characters",
		},
		botOn + `, "accountGroups": {"bad": 1, "prod": ["12"]}, "routes": [
			{"slack": "C1"}, {"accounts": ["bad", "nobody"], "slack": ["#security"]},
			{"severity": "urgent", "slack": ["C0000000001"]}, {"severity": "high", "slack": ["C0000000002"]},
			{"severity": "high", "slack": ["C0000000003"]}, {"accounts": ["bad"], "slack": ["C12"]}]`: {
			"accountGroups.bad is a number", "routes[0].slack is a text of 2 characters", `accountGroups["prod"][0] is "12"`,
			`routes[1].accounts[1] is "nobody"; want`, `routes[1].slack[0] is "#security"`, `routes[2].severity is "urgent"`,
			`routes[5].slack[0] is "C12"; want`, "routes[4] can never be reached, because routes[3] takes all that fits it",
		},
		snsOn + `, "accountGroups": 1, "routes": [{"accounts": ["prod"], "severity": "urgent", "topics": ["` + securityT +
			`"]}]`: {
			"accountGroups is a number", `routes[0].severity is "urgent"`,
		},
		snsOn + `, "routes": [{"slack": ["C0000000001"], "topics": "t"}, {"slack": ["C0000000002"]}]`: {
			"routes[0].topics is a text of 1 character", `routes[1].slack[0] is "C0000000002" but slack.enabled is false`,
		},
		`"sns": {"enabled": true, "routeKeyArns": ["` + routeKey + `"]}, "routes": [{"topics": "t"}]`: {
			"routes[0].topics is a text of 1 character",
		},
		// An empty list that is written out could be meant to fit nothing.
		botOn + `, "routes": [{"accounts": [], "events": [], "trails": [], "slack": ["C0000000001"]}]`: {
			"routes[0].accounts is an array of 0; want an array of account IDs and names of groups, at least one: without " +
				"accounts it fits everything",
			"routes[0].events is an array of 0; want", "routes[0].trails is an array of 0; want",
		},
		snsOn + `, "overrides": [{"trail": "` + mainTrail + `", "mode": "notify", "events": []}]`: {"overrides[0].events " +
			"is an array of 0; want"},
		botOn + `, "accountGroups": []`: {"accountGroups is an " +
			"array of 0; want an object"},
		botOn + `, "routes": [{"topics": ["` + securityT + `"]}]`: {"routes[0].topics has " +
			"1 topic but sns.enabled is false"},
		snsOn + `, "routes": [{"slack": ["C0000000001"]}]`: {
			`routes[0].slack[0] is "C0000000001" but slack.enabled is false`,
		},
		slackOn + `, "routes": [{"slack": ["C0000000001"]}]`: {
			`routes[0].slack[0] is "C0000000001" but slack.botToken is false`,
		},
		slackOn + `, "routes": [{"slack": ["secret:dev_webhook"]}]`: nil,
		botOn + `, "routes": [{"slack": ["https://hooks.slack.com/services/T0/B0/x"]}]`: {
			"routes holds what looks like a Slack token or webhook",
		},
		`"sns": {"enabled": true, "routeKeyArns": ["k"]}`: {
			`sns.routeKeyArns[0] is "k"; want ARNs of KMS keys`, "sns.routeKeyArns has 1 key but no route names a topic",
		},
		snsOn + `, "accountGroupsFile": "/etc/passwd"`: {
			`accountGroupsFile is "/etc/passwd"; want a file below`,
		},
		`"sns": {"enabled": true, "emailFrom": "urgent"}`: {
			`sns.emailFrom is "urgent"; want low, medium, high or critical`,
		},
		`"sns": {"enabled": true, "emailFrom": "high"}`: {
			`sns.emailFrom is "high" but sns.subscriptions has no e-mail address`,
		},
		`"sns": {"enabled": true, "emailFrom": "high", "subscriptions": {"+14155550100": "sms"}}`: nil,
		snsOn + `, "env": {"account": "111122223333", "region": "us-east-1"},
			"routes": [{"topics": ["` + securityT + `"]}]`: {
			"routes[0].topics[0] is in eu-west-1; want us-east-1, the Region of env.region",
		},
	} {
		_, err := parse(t, `{`+text+`}`)
		var got []string
		if err != nil {
			got = strings.Split(err.Error(), "\n")
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d problems; want %d:\n%v", text, len(got), len(want), err)
			continue
		}
		for i, w := range want {
			if !strings.HasPrefix(got[i], "trailkeeper."+w) {
				t.Errorf("%s\n got  %s\n want %s", text, got[i], w)
			}
		}
	}
}

// TestGroupsFile: the file's groups count for the routes, and the setting's win.
func TestGroupsFile(t *testing.T) {
	object := map[string]any{
		"sns": map[string]any{"enabled": true}, "accountGroups": map[string]any{"prod": []any{"111122223333"}},
		"routes": []any{map[string]any{"accounts": []any{"prod", "dev"}, "topics": []any{securityT}}},
	}
	asked := ""
	read := func(groups func(file string) (map[string][]string, error)) (Settings, error) {
		return Read(Source{Context: map[string]any{ContextKey: object}, Groups: groups})
	}
	s, err := read(func(file string) (map[string][]string, error) {
		asked = file
		return ReadGroups(
			[]byte(`{"groups": {"prod": ["444455556666"], "dev": ["777788889999"], "unused": ["123456789012"]}}`),
		)
	})
	if err != nil || asked != "cdk/accounts.json" {
		t.Fatalf("file %q: %v", asked, err)
	}
	want := map[string][]string{"prod": {"111122223333"}, "dev": {"777788889999"}}
	if diff := cmp.Diff(want, s.RouteList().Groups); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	_, err = read(func(string) (map[string][]string, error) { return ReadGroups([]byte(`["prod"]`)) })
	if err == nil ||
		!strings.HasPrefix(err.Error(), `trailkeeper.accountGroupsFile is "cdk/accounts.json": want {"groups":`) ||
		strings.Contains(err.Error(), "\n") {
		t.Errorf("a file that is no list: %v; want that alone", err)
	}
	_, err = read(func(string) (map[string][]string, error) { return nil, nil })
	if err == nil || !strings.Contains(err.Error(), `"dev"`) {
		t.Errorf("no file: %v; want the group that nobody knows", err)
	}
	for _, bad := range []string{``, `["a"]`, `{"groups": {"a": "b"}}`, `{"groups": {}, "more": 1}`, `{"groups": {}} {}`} {
		if _, err := ReadGroups([]byte(bad)); !errors.Is(err, errGroups) {
			t.Errorf("%q: %v; want it refused", bad, err)
		}
	}
}

func TestEmailFrom(t *testing.T) {
	for from, want := range map[string][]string{
		"low":      {"low", "medium", "high", "critical"},
		"medium":   {"medium", "high", "critical"},
		"high":     {"high", "critical"},
		"critical": {"critical"},
	} {
		s := SNS{Enabled: true, EmailFrom: from, Subscriptions: map[string]string{"security@example.com": "email"}}
		if diff := cmp.Diff(want, s.EmailSeverities()); diff != "" || s.HoldsBack() != (from != "low") {
			t.Errorf("%s: holds back %v (-want +got):\n%s", from, s.HoldsBack(), diff)
		}
		s.Subscriptions = map[string]string{"https://example.com": "https"}
		if s.HoldsBack() {
			t.Errorf("%s: holds back from programs", from)
		}
	}
}
