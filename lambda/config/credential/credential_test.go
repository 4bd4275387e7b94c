package credential

import "testing"

func TestLike(t *testing.T) {
	for s, want := range map[string]bool{
		"xoxb-1234-abcd":                                         true,
		"the token is XOXP-1-2, keep it":                         true,
		"xoxe.xoxb-1":                                            true,
		"xapp-1-A1-2":                                            true,
		"https://hooks.slack.com/x":                              true,
		"HOOKS.SLACK-GOV.COM/services/x":                         true,
		"T0ABCDEFG/B0ABCDEFG/abcdefghijklmnopqrstuvwx":           true,
		"services/T0ABCDEFG/B0ABCDEFG/abcdefghijklmnopqrstuvwx/": true,

		"":                          false,
		"trailkeeper/slack":         false,
		"xox":                       false,
		"xoxo":                      false,
		"xox1-x":                    false,
		"foxoxen":                   false,
		"slack.com/hooks":           false,
		"T0ABCDEFG/B0ABCDEFG/short": false,
		"team/Trail/Backup/aaaaaaaaaaaaaaaaaaaaaaaa":                                    false,
		"arn:aws:secretsmanager:eu-west-1:111122223333:secret:trailkeeper/slack-AbCdEf": false,
	} {
		if got := Like(s); got != want {
			t.Errorf("Like(%q) = %v, want %v", s, got, want)
		}
	}
}
