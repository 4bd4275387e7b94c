package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config"
)

// read gives what the guard reads of the example with one variable changed.
func read(name, value string) (config.Guard, error) {
	return readOf(config.Example(), config.FromEnv, map[string]string{name: value})
}

// TestEveryVariableAtItsBounds: for each variable what is taken, and what is one character, digit or part away from it.
// The rest stays right, and is returned as it was.
func TestEveryVariableAtItsBounds(t *testing.T) {
	long := strings.Repeat
	const (
		role, topic = "arn:aws:iam::111122223333:role/", "arn:aws:sns:eu-west-1:111122223333:"
		secret      = "arn:aws:secretsmanager:eu-west-1:111122223333:"
		queue       = "https://sqs.eu-west-1.amazonaws.com/111122223333/q"
	)
	queues := struct{ good, bad []string }{
		[]string{
			queue,
			"https://sqs.cn-north-1.amazonaws.com.cn/1/q",
			"http://localhost:1/q",
			"http://127.0.0.1/q",
			"http://[::1]:9/q",
		},
		[]string{
			"http://sqs.eu-west-1.amazonaws.com/1/q",
			"http://127.0.0.2/q",
			"sqs.eu-west-1.amazonaws.com/1/q",
			"https:///1/q",
			"https://sqs",
			"https://sqs/",
			"ftp://127.0.0.1/q",
			"https://%zz/q",
			"q",
		},
	}
	for name, tt := range map[string]struct{ good, bad []string }{
		config.EnvMode: {
			[]string{"notify", "restart", "restore", "recreate"}, []string{"", "Notify", "exclude", "restore,"},
		},
		config.EnvStack: {[]string{"a"}, []string{""}},
		config.EnvAccounts: {
			[]string{"111122223333", "111122223333,444455556666"},
			[]string{"", "11112222333", "1111222233334", "11112222333a", "111122223333,", ",111122223333", "111122223333,x"},
		},
		config.EnvPartition: {[]string{"aws", "aws-cn", "aws-us-gov"}, []string{"", "AWS", "aw", "cn-aws", "aws1", "aws cn"}},
		config.EnvRoleARN: {[]string{role + "a", role + "a/b"}, []string{
			"", role, "arn:aws:iam::111122223333:user/a", "arn:aws:iam:eu-west-1:111122223333:role/a",
			"arn:aws:sts::111122223333:role/a", "arn:cn:iam::111122223333:role/a",
			"arn:aws:iam::11112222333:role/a", "ARN:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333", "role/a",
		}},
		config.EnvTopicARN: {[]string{"", topic + "a", topic + long("a", 256), topic + "A_b-0"}, []string{
			topic, topic + long("a", 257), topic + "a.fifo", topic + "a b", topic + "a:b", "arn:aws:sns::111122223333:a",
			"arn:aws:sns:EU:111122223333:a", "arn:aws:sqs:eu-west-1:111122223333:a",
		}},
		config.EnvSlackSecret: {[]string{"a", long("a", 512), "A0/_+=.@-", secret + "secret:a-AbCdEf"}, []string{
			long("a", 513), "a b", "a:b", "é", secret + "a", "arn:aws:sns:eu-west-1:111122223333:secret:a",
			"arn:aws:secretsmanager:eu-west-1:1:secret:a", "xoxb-1", "xoxp-1",
			"https://hooks.slack.com/services/a", "hooks.slack-gov.com/services/a",
		}},
		config.EnvSlackChannel: {
			[]string{"", "C0123456", "G0123456", "D0123456", "C" + long("0", 31)},
			[]string{"C012345", "C" + long("0", 32), "U0123456", "C012345a", "C012345-", "#C0123456"},
		},
		config.EnvSlackAPI: {
			[]string{
				"", "https://slack.com/api/", "https://slack-gov.com/", "http://127.0.0.1:1/", "http://localhost/api/",
				"http://[::1]/",
			},
			[]string{
				"https://slack.com/api", "https://slack.com", "http://slack.com/api/", "https:///api/", "/api/", "ftp://localhost/",
				"slack.com/api/", "https://%zz/",
			},
		},
		config.EnvFailureQueue:   {queues.good, append([]string{""}, queues.bad...)},
		"TRAILKEEPER_LAST_QUEUE": {append([]string{""}, queues.good...), queues.bad},
		"TRAILKEEPER_DEAD_LETTERS": {
			append([]string{"", queue + "," + queue + "2"}, queues.good...),
			append([]string{queue + ",", queue + ",x", "x," + queue}, queues.bad...),
		},
		config.EnvAsyncRetries: {[]string{"0", "1", "2"}, []string{"", "-1", "3", "x", "1.5"}},
		config.EnvTable: {
			[]string{"", "abc", long("a", 255), "A.b_c-0"}, []string{"ab", long("a", 256), "a b", "a/b", "äbc"},
		},
		config.EnvSweepMinutes: {[]string{"", "0", "1", "60"}, []string{"-1", "61", "x", "5m"}},
		config.EnvEnableKeys:   {[]string{"", "true"}, []string{"false", "True", "1"}},
		config.EnvRecorded:     {[]string{"", "true"}, []string{"false", "True", "1"}},
		config.EnvWardenMode:   {[]string{"", "notify", "restore"}, []string{"restart", "recreate", "Notify"}},
		config.EnvRunbook: {[]string{"", "https://a", "https://a/b?c", "https://a/" + long("b", 190)}, []string{
			"http://a", "https://", "https:///b", "https://a/" + long("b", 191), "https://u@a/b", "https://a/b#c",
			"https://hooks.slack.com/services/a", "a", "https://%zz",
		}},
		config.EnvLogLevel: {[]string{"", "DEBUG", "INFO", "WARN", "ERROR"}, []string{"debug", "TRACE", "DEBUG,INFO"}},
	} {
		for _, good := range tt.good {
			if _, err := read(name, good); err != nil {
				t.Errorf("%s=%.60q: %v", name, good, err)
			}
		}
		for _, bad := range tt.bad {
			g, err := read(name, bad)
			problems, _ := err.(config.Problems) //nolint:errorlint // it is not wrapped
			if len(problems) != 1 || problems[0].Variable != name || problems[0].Value != bad || problems[0].Want == "" ||
				strings.Contains(err.Error(), "\n") {
				t.Errorf("%s=%.60q: %v; want one problem with it", name, bad, err)
			}
			env := config.Example().Env()
			delete(env, name)
			for _, kept := range []string{config.EnvStack, config.EnvTable, config.EnvRoleARN} {
				if want, ok := env[kept]; ok && g.Env()[kept] != want {
					t.Errorf("%s=%.60q changes %s", name, bad, kept)
				}
			}
		}
		if _, ok := config.Example().Env()[name]; !ok && name != config.EnvLogLevel {
			t.Errorf("the example has no %s", name)
		}
	}
}

func TestEveryFieldIsRead(t *testing.T) {
	whole := config.Example()
	whole.LogLevel, whole.Accounts = "WARN", []string{"444455556666", "111122223333"}
	whole.DeadLetters = append(whole.DeadLetters, whole.DeadLetters[0]+"2")
	checkFieldsAreRead(t, whole, config.FromEnv,
		[]string{"Mode", "Stack", "Accounts", "Partition", "RoleARN", "FailureQueue"}, []string{"SweepRegions", "AccountNames"})
}

// TestEitherChannelIsEnough: SNS or Slack alone, and not neither.
func TestEitherChannelIsEnough(t *testing.T) {
	for _, tt := range []struct{ topic, secret, ok bool }{
		{true, true, true}, {true, false, true}, {false, true, true}, {false, false, false},
	} {
		env := config.Example().Env()
		if !tt.topic {
			delete(env, config.EnvTopicARN)
		}
		if !tt.secret {
			delete(env, config.EnvSlackSecret)
		}
		if _, err := config.FromEnv(func(k string) string { return env[k] }); (err == nil) != tt.ok {
			t.Errorf("topic %v, secret %v: %v", tt.topic, tt.secret, err)
		}
	}
}

// TestEnvLeavesOutWhatIsEmpty: an environment has no variable without a value, and no switch that is off.
func TestEnvLeavesOutWhatIsEmpty(t *testing.T) {
	want := map[string]string{config.EnvAsyncRetries: "0"}
	if diff := cmp.Diff(want, config.Guard{}.Env()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := (config.Guard{SweepMinutes: 1, Recorded: true, AsyncRetries: 2}).Env(); got[config.EnvSweepMinutes] != "1" ||
		got[config.EnvRecorded] != "true" ||
		got[config.EnvAsyncRetries] != "2" {
		t.Errorf("%v", got)
	}
}

// TestProblems: each with its value, as far as that may be shown, and picked by any of several variables.
func TestProblems(t *testing.T) {
	all := config.Problems{
		{"A", "a", "x"},
		{"B", strings.Repeat("b", 201), "y"},
		{"A", "xoxb-1", "z"},
		{"C", "https://hooks.slack.com/x", "w"},
	}
	const hidden = `"(hidden: it looks like a credential)"`
	want := "A is \"a\"; want x\nB is \"" + strings.Repeat(
		"b",
		200,
	) + "\"; want y\nA is " + hidden + "; want z\nC is " + hidden + "; want w"
	if got := all.Error(); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if diff := cmp.Diff(config.Problems{all[0], all[2], all[3]}, all.About("C", "A")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := all.About("a"); got != nil {
		t.Errorf("about another variable: %v", got)
	}
}

// TestCredentialsAreNotShown: whatever variable, account or Region one was put in the place of, however it is written,
// and what stands around it.
func TestCredentialsAreNotShown(t *testing.T) {
	for _, secret := range []string{
		"xoxb-1-s3cr3t", " XOXP-1-s3cr3t", "secret:xoxb-1-s3cr3t", "xapp-1-s3cr3t",
		"https://hooks.slack.com/services/T0/B0/s3cr3t", "HOOKS.SLACK-GOV.COM/s3cr3t",
		"T0ABCDEFG/B0ABCDEFG/s3cr3ts3cr3ts3cr3t", "https://example.com/services/T0ABCDEFG/B0ABCDEFG/s3cr3ts3cr3ts3cr3t",
	} {
		for name := range config.Example().Env() {
			if _, err := read(name, secret); err != nil && strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("%s shows it: %v", name, err)
			}
		}
		if _, err := read(config.EnvSlackSecret, secret); err == nil {
			t.Errorf("%q is taken for the name of the secret", secret)
		}
		if config.ValidRunbook(secret) {
			t.Errorf("%q is taken for a runbook", secret)
		}
		for _, list := range []config.Lists{{Accounts: []string{"111122223333", secret}}, {SweepRegions: []string{secret}}} {
			content, err := config.FormatLists(list)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := config.ParseLists(
				content,
			); err != nil && strings.Contains(err.Error(), "s3cr3t") ||
				err == nil && list.Accounts != nil {
				t.Errorf("%q in a list: %v", secret, err)
			}
		}
	}
}

// TestUnknown: every variable of ours that no document has is named, and nobody else's.
func TestUnknown(t *testing.T) {
	environ := []string{"PATH=/bin", "AWS_REGION=eu-west-1", "TRAILKEEPER", "trailkeeper_mode=x"}
	for name, value := range config.Example().Env() {
		environ = append(environ, name+"="+value)
	}
	if err := config.Unknown(environ); err != nil {
		t.Error(err)
	}
	err := config.Unknown(append(environ, "TRAILKEEPER_MODES=restart", "TRAILKEEPER_X=1", "TRAILKEEPER_xoxb-1-s3cr3t=1"))
	want := `TRAILKEEPER_MODES is no variable of the guard; remove it; did you mean TRAILKEEPER_MODE?` + "\n" +
		"TRAILKEEPER_X is no variable of the guard; remove it\n" +
		"(hidden: it looks like a credential) is no variable of the guard; remove it"
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant\n%s", err, want)
	}
}
