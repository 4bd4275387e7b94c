package checks

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

	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

const (
	longestPost = 10 * time.Second
	maxAnswer   = 16 << 10
	probe       = `{"text":""}`
	message     = `{"text":"Trailkeeper: the operator's command asks whether this webhook works. Nothing has happened."}`
)

// slackHosts are those of Slack's incoming webhooks (https://docs.slack.dev/govslack).
var slackHosts = []string{"hooks.slack.com", "hooks.slack-gov.com"}

// alive are the names with which Slack refuses a message without a text, after it has looked the webhook up: it posts
// nothing (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, "Handling errors"; of older webhooks
// the second). A webhook that was revoked is refused by name instead.
var alive = []string{"no_text", "missing_text_or_fallback_or_attachments", "invalid_payload"}

// webhook judges whether Slack knows the incoming webhook, by a message without a text, which Slack does not post.
// An archived channel is only seen by posting.
func webhook(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "webhook"
	s := d.Secret(ctx)
	if d.Guard.Settings.SlackSecret == "" || !s.Readable() || s.Value.Webhook.Empty() {
		return nil
	}
	address := s.Value.Webhook.Reveal()
	if u, err := url.Parse(address); err != nil || u.Scheme != "https" || u.Host == "" {
		return one(verdict.Bad(name, `The text under "webhook" is no https URL.`, "Store the URL that Slack shows for the webhook."))
	}
	if u, _ := url.Parse(address); !slices.Contains(slackHosts, u.Hostname()) {
		return one(verdict.Warn(name, "The webhook is not at a host of Slack's, and was not asked.",
			"If that is not meant, somebody has replaced it: store Slack's URL, and find out who wrote the secret (PutSecretValue)."))
	}
	body := probe
	if d.Post {
		body = message
	}
	status, answer, why := post(ctx, d.HTTP, address, "", body)
	said := strings.TrimSpace(string(answer))
	switch {
	case why != "":
		return one(verdict.Unseen(name, "Slack could not be asked about the webhook: "+why+".", "Check the network, and run it again."))
	case d.Post && status == http.StatusOK && said == "ok":
		return one(verdict.Good(name, "The webhook posts: Slack took a message just now."))
	case !d.Post && status >= http.StatusBadRequest && slices.Contains(alive, said):
		return one(verdict.Good(name, "Slack knows the webhook (asked without a message)."))
	case status == http.StatusTooManyRequests, status >= http.StatusInternalServerError:
		return one(verdict.Unseen(name, "Slack answered "+strconv.Itoa(status)+" about the webhook.", "Run it again in a minute."))
	}
	return one(verdict.Bad(name, "Slack refuses the webhook: "+strconv.Itoa(status)+" "+plainName(said)+".",
		"Create a webhook, store its URL in the secret, and deploy with another secretVersion."))
}

// botToken judges whether Slack knows the bot token, by auth.test, which posts nothing.
func botToken(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "bot token"
	s, g := d.Secret(ctx), d.Guard.Settings
	if g.SlackSecret == "" || g.SlackChannel == "" || !s.Readable() || s.Value.BotToken.Empty() {
		return nil
	}
	status, answer, why := post(ctx, d.HTTP, strings.TrimSuffix(g.SlackAPI, "/")+"/auth.test", s.Value.BotToken.Reveal(), "{}")
	var result struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}
	switch err := json.Unmarshal(answer, &result); {
	case why != "":
		return one(verdict.Unseen(name, "Slack could not be asked about the bot token: "+why+".", "Check the network, and run it again."))
	case status != http.StatusOK || err != nil:
		return one(verdict.Unseen(name, "Slack answered "+strconv.Itoa(status)+" about the bot token.", "Run it again in a minute."))
	case !result.OK:
		return one(verdict.Bad(name, "Slack refuses the bot token: "+plainName(result.Error)+".",
			"Reinstall the app, and store its bot token in the secret."))
	}
	return one(verdict.Good(name, "Slack knows the bot token (auth.test)."))
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
	return sanitize.Clean(s)
}
