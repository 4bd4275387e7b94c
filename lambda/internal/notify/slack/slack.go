// Package slack delivers notifications to Slack: by chat.postMessage where there is a bot token and a channel, and by the incoming
// webhook otherwise. It takes only Block Kit's types from slack-go and sends by itself, so that no address and no token can get into an
// error or a log.
//
// It keeps no message, threads nothing, and reads nothing from Slack but the answer.
package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/notify"
	"trailkeeper/lambda/internal/secret"
)

type secretReader interface {
	Get(context.Context) (secret.Value, error)
	// Refresh reads the secret anew, after a key was refused.
	Refresh(context.Context) (secret.Value, error)
}

// Options are what a Notifier needs.
type Options struct {
	HTTPClient *http.Client // its transport is shared; redirects are not followed, whatever it says
	Secret     secretReader
	SecretName string // for messages
	Channel    string // channel ID for the bot token; empty: only the webhook is used
	API        string // base URL of the Web API, ending in "/"
	Clock      clock.Clock
}

// Format prints no more than where messages go, whatever the verb; a Notifier prints alike.
func (o Options) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "Slack channel %.20q with %s", o.Channel, secret.Named(o.SecretName))
}

// Notifier posts to one Slack channel. It implements notify.Notifier and is safe for concurrent use.
type Notifier struct {
	Options
	client http.Client
}

// New returns a notifier. It makes no call.
func New(o Options) *Notifier {
	n := &Notifier{Options: o}
	if o.HTTPClient != nil {
		n.client = *o.HTTPClient
	}
	n.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return n
}

// Name is notify.ChannelSlack.
func (n *Notifier) Name() string { return notify.ChannelSlack }

// Notify posts the notification. A rate limit is waited for as far as the time allows, and a failure of Slack or of the network is
// retried briefly. Where Slack refuses the key, the secret is read again once, in case it was rotated. The error is one plain sentence
// without address or token.
func (n *Notifier) Notify(ctx context.Context, note notify.Notification) error {
	keys, err := n.Secret.Get(ctx)
	if err != nil {
		return err
	}
	err = n.post(ctx, keys, note)
	if f, ok := errors.AsType[*failure](err); !ok || !f.staleKey() {
		return err
	}
	fresh, readErr := n.Secret.Refresh(ctx)
	if readErr != nil || fresh.Equal(keys) {
		return err
	}
	return n.post(ctx, fresh, note)
}

func (n *Notifier) post(ctx context.Context, keys secret.Value, note notify.Notification) error {
	to, err := n.target(keys)
	if err != nil {
		return err
	}
	body, err := render(note, to.channel)
	if err != nil {
		return fmt.Errorf("render the message: %w", err)
	}
	return n.send(ctx, to, body)
}

// target is where a message goes. Its URL or its token is the credential, so neither is a plain text.
type target struct {
	url     secret.Key
	token   secret.Key // empty for the webhook
	channel string     // empty for the webhook
}

func (t target) bot() bool { return !t.token.Empty() }

func (n *Notifier) target(keys secret.Value) (target, error) {
	switch {
	case !keys.BotToken.Empty() && n.Channel != "":
		if !safe(n.API) {
			return target{}, errors.New("the base URL of Slack's Web API is not an https URL; correct slackApi in the settings")
		}
		return target{url: secret.NewKey(strings.TrimSuffix(n.API, "/") + "/chat.postMessage"), token: keys.BotToken, channel: n.Channel}, nil
	case !keys.Webhook.Empty():
		if !safe(keys.Webhook.Reveal()) {
			return target{}, errors.New("the key \"webhook\" of " + secret.Named(n.SecretName) + " is not an https URL; store the incoming webhook's URL")
		}
		return target{url: keys.Webhook}, nil
	case !keys.BotToken.Empty():
		return target{}, errors.New(secret.Named(n.SecretName) + " has a \"bot_token\", but no Slack channel is configured; set the channel's ID " +
			"in the settings, or add the key \"webhook\" to the secret")
	}
	return target{}, errors.New(secret.Named(n.SecretName) + " has no key that can be used; add \"webhook\", or \"bot_token\" and a channel in the settings")
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
