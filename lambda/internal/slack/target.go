package slack

import (
	"errors"
	"net/url"
	"strings"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/secret"
)

// The methods of the Web API that are used (https://docs.slack.dev/reference/methods). Both need the scope chat:write
// and no more.
const (
	methodPost   = "chat.postMessage"
	methodUpdate = "chat.update"
)

// target is where messages go. Its address or its token is the credential, so neither is a plain text.
type target struct {
	address secret.Key // the webhook, or the base URL of the Web API
	token   secret.Key // empty for the webhook
	channel string     // empty for the webhook
}

func (t target) bot() bool { return !t.token.Empty() }

// url is the address for a method; a webhook has but one.
func (t target) url(method string) string {
	if !t.bot() {
		return t.address.Reveal()
	}
	return strings.TrimSuffix(t.address.Reveal(), "/") + "/" + method
}

// targetOf is where messages go, with these keys.
func targetOf(o Options, keys secret.Value) (target, error) {
	switch {
	case o.Webhook != "":
		return webhook(o, keys.Other(o.Webhook))
	case !keys.BotToken.Empty() && o.Channel != "":
		if !safe(o.API) {
			return target{}, errors.New("the base URL of Slack's Web API is not an https URL; correct slack.api in the settings")
		}
		return target{address: secret.NewKey(o.API), token: keys.BotToken, channel: o.Channel}, nil
	case o.Channel != "" && o.Name() != finding.ChannelSlack:
		return target{}, errors.New(
			secret.Named(o.SecretName) + " has no key \"bot_token\", which " + message.ChannelName(o.Name()) +
				" needs; add it, or route to an incoming webhook",
		)
	case !keys.Webhook.Empty():
		return webhook(o, keys.Webhook)
	case !keys.BotToken.Empty():
		return target{}, errors.New(
			secret.Named(o.SecretName) + " has a \"bot_token\", but no Slack channel is configured; set the channel's ID " +
				"in the settings, or add the key \"webhook\" to the secret",
		)
	}
	return target{}, errors.New(
		secret.Named(
			o.SecretName,
		) + " has no key that can be used; add \"webhook\", or \"bot_token\" and a channel in the settings",
	)
}

func webhook(o Options, address secret.Key) (target, error) {
	name := o.Webhook
	if name == "" {
		name = secret.KeyWebhook
	}
	switch {
	case address.Empty():
		return target{}, errors.New(
			secret.Named(
				o.SecretName,
			) + " has no text under " + secret.NamedKey(
				name,
			) + "; store the incoming webhook's URL there",
		)
	case !safe(address.Reveal()):
		return target{}, errors.New(
			"the " + strings.TrimPrefix(secret.NamedKey(name), "the ") + " of " + secret.Named(o.SecretName) +
				" is not an https URL; store the incoming webhook's URL",
		)
	}
	return target{address: address}, nil
}

// safe accepts an https URL, and plain http on loopback for the local run.
func safe(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Opaque != "" {
		return false
	}
	host := u.Hostname()
	return u.Scheme == "https" || u.Scheme == "http" && (host == "127.0.0.1" || host == "localhost" || host == "::1")
}
