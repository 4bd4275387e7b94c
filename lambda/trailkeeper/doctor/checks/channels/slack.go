package channels

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

const (
	longestPost = 10 * time.Second
	maxAnswer   = 16 << 10
	probe       = `{"text":""}`
	message     = `{"text":"Trailkeeper: the operator's command asks whether this webhook works. Nothing has happened."}`
)

// slackHosts are those of Slack's incoming webhooks, and slackAPIs those of its Web API (https://docs.slack.dev/govslack).
var (
	slackHosts = []string{"hooks.slack.com", "hooks.slack-gov.com"}
	slackAPIs  = []string{config.DefaultSlackAPI, "https://slack-gov.com/api/"}
)

// alive are the names with which Slack refuses a message without a text, after it has looked the webhook up: it posts
// nothing (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, "Handling errors"; of older webhooks
// the second). A webhook that was revoked is refused by name instead.
var alive = []string{"no_text", "missing_text_or_fallback_or_attachments", "invalid_payload"}

// Webhook judges whether Slack knows the incoming webhook, by a message without a text, which Slack does not post.
// An archived channel is only seen by posting.
func Webhook(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "webhook"
	s := d.Secret(ctx)
	switch {
	case s.Name == "", d.Guard.Known() && d.Guard.Settings.SlackSecret == "":
		return nil
	case !s.Readable():
		return verdict.Unseen(name, "Whether Slack knows the webhook is not known, as the secret could not be read.", readSecret)
	case s.Value.Webhook.Empty():
		return nil
	}
	address := s.Value.Webhook.Reveal()
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return verdict.Bad(name, `The text under "webhook" is no https URL.`, "Store the URL that Slack shows for the webhook.")
	}
	if !slices.Contains(slackHosts, u.Host) {
		return verdict.Warn(name, "The webhook is not at a host of Slack's, and was not asked.",
			"If that is not meant, somebody has replaced it: store Slack's URL, and find out who wrote the secret (PutSecretValue).")
	}
	body := probe
	if d.Post {
		body = message
	}
	status, answer, why := post(ctx, d.HTTP, address, "", body)
	if why != "" {
		return verdict.Unseen(name, "Slack could not be asked about the webhook: "+why+".", "Check the network, and run it again.")
	}
	return hooked(name, d.Post, status, strings.TrimSpace(string(answer)))
}

// hooked judges Slack's answer to a post to the webhook: of a message, or of none.
func hooked(name string, posted bool, status int, said string) []verdict.Verdict {
	switch {
	case posted && status == http.StatusOK && said == "ok":
		return verdict.Good(name, "The webhook posts: Slack took a message just now.")
	case !posted && status >= http.StatusBadRequest && slices.Contains(alive, said):
		return verdict.Good(name, "Slack knows the webhook (asked without a message).")
	case status == http.StatusTooManyRequests, status >= http.StatusInternalServerError:
		return verdict.Unseen(name, "Slack answered "+strconv.Itoa(status)+" about the webhook.", "Run it again in a minute.")
	}
	return verdict.Bad(name, "Slack refuses the webhook: "+strconv.Itoa(status)+" "+plainName(said)+".",
		"Create a webhook, store its URL in the secret, and deploy with another secretVersion.")
}

// readSecret is what to do where the secret could not be read.
const readSecret = "Put right what the secret's line says, and run it again."

// BotToken judges whether Slack knows the bot token, by auth.test, which posts nothing. The token goes to Slack alone,
// and to an emulator of AWS on this machine, whatever the function's environment says.
func BotToken(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "bot token"
	s, g := d.Secret(ctx), d.Guard.Settings
	switch {
	case s.Name == "", d.Guard.Known() && (g.SlackSecret == "" || g.SlackChannel == ""):
		return nil
	case !s.Readable() && !d.Guard.Known():
		return nil // whether it is used is not known, and the lines of guard and secret say why
	case !s.Readable():
		return verdict.Unseen(name, "Whether Slack knows the bot token is not known, as the secret could not be read.", readSecret)
	case s.Value.BotToken.Empty():
		return nil
	case !d.Guard.Known():
		return verdict.Unseen(name, "Whether the guard uses the bot token is not known, as its settings are not.",
			"Put right what the guard's line says, and run it again.")
	case !asked(d, g.SlackAPI):
		return verdict.Warn(name, "The guard's Web API is not Slack's, and was not asked: the bot token goes nowhere else.",
			"If slack.api is not meant so, deploy with --revert-drift, and find out who changed the guard's environment "+
				"(UpdateFunctionConfiguration); the token is then known to others: replace it.")
	}
	return token(ctx, d, name, g.SlackAPI+"auth.test", s.Value.BotToken.Reveal())
}

// asked reports whether a Web API may be sent the token: it is Slack's, or the emulator's on this machine.
func asked(d *deployed.Deployment, api string) bool {
	if slices.Contains(slackAPIs, api) {
		return true
	}
	u, err := url.Parse(api)
	return err == nil && d.Emulator != "" && u.Host == d.Emulator && u.User == nil
}

// token judges what auth.test says of a bot token.
func token(ctx context.Context, d *deployed.Deployment, name, address, token string) []verdict.Verdict {
	status, answer, why := post(ctx, d.HTTP, address, token, "{}")
	if why != "" {
		return verdict.Unseen(name, "Slack could not be asked about the bot token: "+why+".", "Check the network, and run it again.")
	}
	var result struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}
	switch err := json.Unmarshal(answer, &result); {
	case status != http.StatusOK || err != nil:
		return verdict.Unseen(name, "Slack answered "+strconv.Itoa(status)+" about the bot token.", "Run it again in a minute.")
	case !result.OK:
		return verdict.Bad(name, "Slack refuses the bot token: "+plainName(result.Error)+".",
			"Reinstall the app, and store its bot token in the secret.")
	}
	return verdict.Good(name, "Slack knows the bot token (auth.test).")
}

// post posts JSON once. Why says in a few words why there was no answer; it holds nothing of the address.
func post(ctx context.Context, client *http.Client, address, token, body string) (status int, answer []byte, why string) {
	ctx, cancel := context.WithTimeout(ctx, longestPost)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return 0, nil, "the address is no URL"
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := client.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return 0, nil, "it did not answer in time"
		}
		return 0, nil, "it could not be reached" // the error's own words have the address
	}
	defer func() { _ = resp.Body.Close() }()
	answer, _ = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return resp.StatusCode, answer, ""
}

// plainName is the name of an error of Slack's, or what stands for anything else.
func plainName(s string) string {
	if s == "" || len(s) > 64 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return "(no name of Slack's)"
	}
	return s
}
