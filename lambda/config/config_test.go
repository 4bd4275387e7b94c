package config_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config"
)

func TestRoundTrip(t *testing.T) {
	least := config.Guard{
		Reporting: config.Reporting{
			Stack:        "t",
			Accounts:     []string{"111122223333", "444455556666"},
			Partition:    "aws-us-gov",
			TopicARN:     "arn:aws-us-gov:sns:us-gov-west-1:111122223333:t",
			SlackAPI:     config.DefaultSlackAPI,
			FailureQueue: "https://sqs.us-gov-west-1.amazonaws.com/111122223333/q",
			LogLevel:     "DEBUG",
		},
		Mode:    config.ModeNotify,
		RoleARN: "arn:aws-us-gov:iam::111122223333:role/a/b",
	}
	slackOnly := config.Example()
	slackOnly.TopicARN, slackOnly.SlackChannel, slackOnly.SlackAPI = "", "", "https://slack-gov.com/api/"
	for _, want := range []config.Guard{config.Example(), least, slackOnly} {
		env := want.Env()
		got, err := config.FromEnv(func(k string) string { return env[k] })
		if err != nil {
			t.Errorf("%+v: %v", want, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

func TestFromEnvNamesEverythingThatIsWrong(t *testing.T) {
	tests := []struct{ name, value, want string }{
		{config.EnvMode, "fix", `TRAILKEEPER_MODE is "fix"; want notify, restart, restore or recreate`},
		{config.EnvMode, "", `TRAILKEEPER_MODE is ""`},
		{config.EnvStack, "", "TRAILKEEPER_STACK"},
		{config.EnvAccounts, "", "TRAILKEEPER_ACCOUNTS"},
		{config.EnvAccounts, "111122223333, 444455556666", "TRAILKEEPER_ACCOUNTS"}, // a space is no digit
		{config.EnvAccounts, "1111", "12 digits"},
		{config.EnvPartition, "AWS", "TRAILKEEPER_PARTITION"},
		{config.EnvRoleARN, "arn:aws:iam::111122223333:user/x", "TRAILKEEPER_ROLE_ARN"},
		{config.EnvTopicARN, "trailkeeper", "TRAILKEEPER_TOPIC_ARN"},
		{config.EnvSlackChannel, "#security", "a channel ID such as C0123456789"},
		{config.EnvSlackAPI, "https://slack.com/api", "ends in /"},
		{config.EnvSlackAPI, "http://slack.com/api/", "https URL"},
		{
			config.EnvSlackSecret,
			"https://hooks.slack.com/services/T0/B0/verysecret",
			"the name or ARN of a Secrets Manager secret",
		},
		{config.EnvSlackSecret, "xoxb-verysecret", "it looks like a credential"},
		{config.EnvSlackSecret, "arn:aws:sns:eu-west-1:111122223333:verysecret", "TRAILKEEPER_SLACK_SECRET"},
		{config.EnvSlackChannel, "xoxb-verysecret", "it looks like a credential"},
		{config.EnvFailureQueue, "", "TRAILKEEPER_FAILURE_QUEUE"},
		{config.EnvFailureQueue, "http://sqs.eu-west-1.amazonaws.com/1/q", "TRAILKEEPER_FAILURE_QUEUE"},
		{config.EnvAsyncRetries, "3", `TRAILKEEPER_ASYNC_RETRIES is "3"; want 0, 1 or 2`},
		{config.EnvAsyncRetries, "", "TRAILKEEPER_ASYNC_RETRIES"},
	}
	for _, tt := range tests {
		env := config.Example().Env()
		env[tt.name] = tt.value
		_, err := config.FromEnv(func(k string) string { return env[k] })
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Count(err.Error(), "\n") != 0 {
			t.Errorf("%s=%q: %v; want one problem that says %q", tt.name, tt.value, err, tt.want)
		}
		if strings.Contains(tt.value, "hooks") && strings.Contains(err.Error(), "verysecret") ||
			strings.Contains(err.Error(), "xox") {
			t.Errorf("%s: a credential is shown", tt.name)
		}
	}
	none := maps.Clone(config.Example().Env())
	delete(none, config.EnvTopicARN)
	delete(none, config.EnvSlackSecret)
	if _, err := config.FromEnv(
		func(k string) string { return none[k] },
	); err == nil ||
		!strings.Contains(err.Error(), "at least one way to notify") {
		t.Errorf("no channel at all: %v", err)
	}
	g, err := config.FromEnv(func(k string) string {
		return map[string]string{config.EnvMode: "restart", config.EnvSlackChannel: "#x"}[k]
	})
	problems, ok := errors.AsType[config.Problems](err)
	if !ok || len(problems.About(config.EnvSlackChannel)) != 1 || len(problems.About(config.EnvMode)) != 0 ||
		g.Mode != config.ModeRestart {
		t.Errorf("%+v, %v; want what is right, and the problems by variable", g, err)
	}
	_, err = config.FromEnv(func(string) string { return "" })
	if got := strings.Count(err.Error(), "\n") + 1; got != 8 {
		t.Errorf("an empty environment gives %d problems, want all 8 at once:\n%v", got, err)
	}
}

func TestModesAreOrdered(t *testing.T) {
	for i, m := range config.Modes() {
		for j, other := range config.Modes() {
			if m.AtLeast(other) != (i >= j) {
				t.Errorf("%s at least %s: %v", m, other, i < j)
			}
		}
		if !strings.Contains(config.ModeNames, string(m)) {
			t.Errorf("%q does not name %s", config.ModeNames, m)
		}
	}
}

func TestLoopbackMayBePlain(t *testing.T) {
	env := config.Example().Env()
	env[config.EnvSlackAPI], env[config.EnvFailureQueue] = "http://127.0.0.1:8080/api/", "http://[::1]:1/1/q"
	if _, err := config.FromEnv(func(k string) string { return env[k] }); err != nil {
		t.Error(err)
	}
}

func TestValidChannel(t *testing.T) {
	for s, want := range map[string]bool{
		"C0123456789":                 true,
		"G012ABCD":                    true,
		"G012ABC":                     false,
		"GENERAL":                     false,
		"DEV":                         false,
		"":                            false,
		"#security":                   false,
		"security":                    false,
		"c0123456789":                 false,
		"C01 23":                      false,
		"C" + strings.Repeat("0", 40): false,
	} {
		if config.ValidChannel(s) != want {
			t.Errorf("ValidChannel(%q) = %v", s, !want)
		}
	}
}
