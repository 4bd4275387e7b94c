package config_test

import (
	"strings"
	"testing"

	"trailkeeper/lambda/config"
)

const secretPart = "HUNTER2HUNTER2HUNTER2"

// misplaced are credentials as people put them where a name belongs.
func misplaced() []string {
	return []string{
		"xoxb-1-" + secretPart,
		" xoxb-1-" + secretPart,
		"XOXB-1-" + secretPart,
		"Bearer xoxp-1-" + secretPart,
		"xapp-1-" + secretPart,
		"111122223333,xoxb-1-" + secretPart,
		"xoxe.xoxp-1-" + secretPart,
		"https://hooks.slack.com/services/T0/B0/" + secretPart,
		"https://HOOKS.SLACK.COM/services/T0/B0/" + secretPart,
		"hooks.slack-gov.com/services/T0/B0/" + secretPart,
		"https://relay.example/services/T0ABCDEFG/B0ABCDEFG/" + secretPart,
		"T0ABCDEFG/B0ABCDEFG/" + secretPart,
		"https://user:xoxb-1-" + secretPart + "@relay.example/",
		"#general?token=xoxb-1-" + secretPart,
	}
}

// TestNoProblemShowsACredential, whichever variable it was put into: the error goes to the log, to the other channel
// and into the failure queue.
func TestNoProblemShowsACredential(t *testing.T) {
	for variable := range config.Example().Env() {
		for _, value := range misplaced() {
			env := config.Example().Env()
			env[variable] = value
			if _, err := config.FromEnv(
				func(k string) string { return env[k] },
			); err != nil &&
				strings.Contains(err.Error(), secretPart) {
				t.Errorf("%s = %s: %v", variable, value, err)
			}
		}
	}
	for _, value := range append(
		misplaced(), "https://hooks.example/services/"+secretPart, "http://hooks.example/"+secretPart,
	) {
		env := config.Example().Env()
		env[config.EnvSlackSecret] = value
		_, err := config.FromEnv(func(k string) string { return env[k] })
		if want := config.EnvSlackSecret +
			` is "(hidden: it looks like a credential)"; want the name or ARN of a Secrets Manager secret`; err == nil ||
			err.Error() != want {
			t.Errorf("%s = %s: %v; want %s", config.EnvSlackSecret, value, err, want)
		}
	}
}
