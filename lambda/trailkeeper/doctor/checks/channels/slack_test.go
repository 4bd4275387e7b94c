package channels_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/trailkeeper/clitest"
	"trailkeeper/lambda/trailkeeper/doctor/checks/channels"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// TestBotTokenGoesToSlackAlone: whatever the function's environment says, the token is sent to Slack's Web API, or to the
// emulator that AWS is as well, and to nobody else.
func TestBotTokenGoesToSlackAlone(t *testing.T) {
	for _, test := range []struct {
		api, emulator string
		asked         bool
	}{
		{"https://slack.com/api/", "", true},
		{"https://slack-gov.com/api/", "", true},
		{"https://evil.example/api/", "", false},
		{"https://slack.com.evil.example/api/", "", false},
		{"https://slack.com@evil.example/api/", "", false},
		{"https://slack.com:8443/api/", "", false},
		{"https://slack.com/api/../evil/", "", false},
		{"http://slack.com/api/", "", false},
		{"http://127.0.0.1:8080/api/", "", false},
		{"http://127.0.0.1:8080/api/", "127.0.0.1:8080", true},
		{"http://127.0.0.1:8081/api/", "127.0.0.1:8080", false},
		{"https://evil.example/api/", "127.0.0.1:8080", false},
	} {
		t.Run(test.api+" "+test.emulator, func(t *testing.T) {
			var to []string
			d := deployment(t, secretOf(whole), func(d *deployed.Deployment) {
				d.Guard.Settings.SlackAPI, d.Emulator = test.api, test.emulator
				d.HTTP = slack(func(r *http.Request) (int, string, error) {
					to = append(to, r.URL.String()+" "+r.Header.Get("Authorization"))
					return http.StatusOK, `{"ok":true}`, nil
				})
			})
			got := channels.BotToken(t.Context(), d)
			if !test.asked {
				want(t, got, verdict.Warning, "is not Slack's, and was not asked")
				if len(to) != 0 {
					t.Errorf("it was sent to %v", to)
				}
				return
			}
			want(t, got, verdict.OK, "Slack knows the bot token")
			if len(to) != 1 || to[0] != test.api+"auth.test Bearer "+botToken {
				t.Errorf("asked: %v", to)
			}
		})
	}
}

// asking is what Slack is asked, and what the check makes of it.
type asking struct {
	answer func(*http.Request) (int, string, error) // nil: Slack must not be asked
	secret answers                                  // nil: it has everything
	change func(*deployed.Deployment)
	status verdict.Status
	says   string
}

func (a asking) judge(t *testing.T, check func(context.Context, *deployed.Deployment) []verdict.Verdict) {
	t.Helper()
	if a.secret == nil {
		a.secret = secretOf(whole)
	}
	d := deployment(t, a.secret, a.change)
	if a.answer != nil {
		d.HTTP = slack(a.answer)
	}
	want(t, check(t.Context(), d), a.status, a.says)
}

// TestBotToken: what Slack says of the token, and when it is not asked.
func TestBotToken(t *testing.T) {
	for name, test := range map[string]asking{
		"revoked":                   {says(http.StatusOK, `{"ok":false,"error":"token_revoked"}`), nil, nil, verdict.Error, "refuses the bot token: token_revoked."},
		"no name":                   {says(http.StatusOK, `{"ok":false,"error":"\u001b[31m `+botToken+`"}`), nil, nil, verdict.Error, "(no name of Slack's)"},
		"empty":                     {says(http.StatusOK, `{}`), nil, nil, verdict.Error, "refuses the bot token"},
		"no JSON":                   {says(http.StatusOK, `<html>`), nil, nil, verdict.Unknown, "Slack answered 200"},
		"busy":                      {says(http.StatusTooManyRequests, `{"ok":true}`), nil, nil, verdict.Unknown, "Slack answered 429"},
		"redirected":                {says(http.StatusFound, `{"ok":true}`), nil, nil, verdict.Unknown, "Slack answered 302"},
		"unreachable":               {fails(botToken), nil, nil, verdict.Unknown, "it could not be reached"},
		"no token":                  {nil, secretOf(`{"webhook":"` + hook + `"}`), nil, "", ""},
		"no channel":                {nil, nil, func(d *deployed.Deployment) { d.Guard.Settings.SlackChannel = "" }, "", ""},
		"no Slack":                  {nil, nil, func(d *deployed.Deployment) { d.Guard.Settings.SlackSecret = "" }, "", ""},
		"a guard that is not known": {nil, nil, unknownGuard, verdict.Unknown, "Whether the guard uses the bot token is not known"},
		"neither":                   {nil, answers{"GetSecretValue": clitest.Refuse("AccessDeniedException", "no")}, unknownGuard, "", ""},
		"a secret that is not": {
			nil, answers{"GetSecretValue": clitest.Refuse("AccessDeniedException", "no")}, nil, verdict.Unknown, "as the secret could not be read",
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.judge(t, channels.BotToken)
		})
	}
}

// TestWebhook: what Slack says of the webhook; it is asked at its own hosts alone.
func TestWebhook(t *testing.T) {
	at := func(url string) answers { return secretOf(`{"webhook":"` + url + `"}`) }
	post := func(d *deployed.Deployment) { d.Post = true }
	for name, test := range map[string]asking{
		"alive":                            {says(http.StatusBadRequest, "no_text"), nil, nil, verdict.OK, "Slack knows the webhook"},
		"of a government":                  {says(http.StatusBadRequest, "no_text"), at("https://hooks.slack-gov.com/services/made-up"), nil, verdict.OK, "Slack knows"},
		"gone":                             {says(http.StatusNotFound, "no_service"), nil, nil, verdict.Error, "404 no_service."},
		"taken without a text":             {says(http.StatusOK, "no_text"), nil, nil, verdict.Error, "200 no_text."},
		"another answer":                   {says(http.StatusForbidden, "made-up "+hook), nil, nil, verdict.Error, "403 (no name of Slack's)."},
		"broken":                           {says(http.StatusBadGateway, "no_text_"), nil, nil, verdict.Unknown, "Slack answered 502"},
		"unreachable":                      {fails(hook), nil, nil, verdict.Unknown, "it could not be reached"},
		"posted":                           {says(http.StatusOK, "ok"), nil, post, verdict.OK, "took a message just now"},
		"posted and refused":               {says(http.StatusBadRequest, "no_text"), nil, post, verdict.Error, "400 no_text."},
		"archived":                         {says(http.StatusGone, "channel_is_archived"), nil, post, verdict.Error, "410 channel_is_archived."},
		"a guard that is not known":        {says(http.StatusBadRequest, "no_text"), nil, unknownGuard, verdict.OK, "Slack knows"},
		"another host":                     {nil, at("https://hooks.slack.com.evil.example/made-up"), nil, verdict.Warning, "was not asked"},
		"another port":                     {nil, at("https://hooks.slack.com:8443/made-up"), nil, verdict.Warning, "was not asked"},
		"a user":                           {nil, at("https://hooks.slack.com@evil.example/made-up"), nil, verdict.Warning, "was not asked"},
		"http":                             {nil, at("http://hooks.slack.com/made-up"), nil, verdict.Error, "is no https URL"},
		"none":                             {nil, secretOf(`{"bot_token":"` + botToken + `"}`), nil, "", ""},
		"a secret for the heartbeat alone": {nil, nil, func(d *deployed.Deployment) { d.Guard.Settings.SlackSecret = "" }, "", ""},
		"a secret that is not known": {
			nil, answers{"GetSecretValue": clitest.Refuse("AccessDeniedException", "no")}, nil, verdict.Unknown, "as the secret could not be read",
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.judge(t, channels.Webhook)
		})
	}
}

func says(status int, body string) func(*http.Request) (int, string, error) {
	return func(*http.Request) (int, string, error) { return status, body, nil }
}

func fails(words string) func(*http.Request) (int, string, error) {
	return func(*http.Request) (int, string, error) { return 0, "", errors.New("dial " + words) }
}

// TestSecret: what is wrong with the secret, and with what the functions are told of it.
func TestSecret(t *testing.T) {
	refuse := clitest.Refuse
	for name, test := range map[string]struct {
		secret answers
		change func(*deployed.Deployment)
		status verdict.Status
		says   string
	}{
		"whole":    {secretOf(whole), nil, verdict.OK, "is readable and has its keys"},
		"no token": {secretOf(`{"webhook":"` + hook + `"}`), nil, verdict.Error, "has no text under bot_token."},
		"no heartbeat": {secretOf(`{"bot_token":"x"}`), func(d *deployed.Deployment) {
			d.Guard.Settings.Heartbeat = config.Heartbeat{Secret: "trailkeeper", Key: "beat"}
		}, verdict.Error, "has no text under beat."},
		"another one":   {secretOf(whole), func(d *deployed.Deployment) { d.Guard.Settings.SlackSecret = "evil" }, verdict.Error, "is told another secret"},
		"another beat":  {secretOf(whole), func(d *deployed.Deployment) { d.Guard.Settings.Heartbeat.Secret = "evil" }, verdict.Error, "is told another secret"},
		"unknown guard": {secretOf(whole), unknownGuard, verdict.Unknown, "which keys the guard needs of it is not known"},
		"no output": {answers{}, func(d *deployed.Deployment) {
			unknownGuard(d)
			d.Outputs = nil
		}, verdict.Unknown, "Whether there is a secret is not known"},
		"deleted":   {answers{"GetSecretValue": refuse("InvalidRequestException", "x")}, nil, verdict.Error, "is scheduled for deletion"},
		"gone":      {answers{"GetSecretValue": refuse("ResourceNotFoundException", "x")}, nil, verdict.Error, "is not there"},
		"refused":   {answers{"GetSecretValue": refuse("AccessDeniedException", "x")}, nil, verdict.Unknown, "secretsmanager:GetSecretValue"},
		"no JSON":   {secretOf(hook), nil, verdict.Error, "is not a JSON object"},
		"bytes":     {answers{"GetSecretValue": clitest.Say(object{"SecretBinary": "AAAA"})}, nil, verdict.Error, "is not a JSON object"},
		"no object": {secretOf(`["` + hook + `"]`), nil, verdict.Error, "is not a JSON object"},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, channels.Secret(t.Context(), deployment(t, test.secret, test.change)), test.status, test.says)
		})
	}
}
