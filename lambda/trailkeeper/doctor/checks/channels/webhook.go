package channels

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// probe is a message without a text, and message is what is posted where that is asked for.
const (
	probe   = `{"text":""}`
	message = `{"text":"Trailkeeper: the operator's command asks whether this webhook works. Nothing has happened."}`
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
