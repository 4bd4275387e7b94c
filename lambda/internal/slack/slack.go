// Package slack delivers notifications to Slack: by chat.postMessage where there is a bot token and a channel, and by
// an incoming webhook otherwise. With a bot token each incident has a thread, whose first message is kept up to date.
// It takes only Block Kit's types from slack-go and sends by itself, so that no address and no token can get into an
// error or a log.
//
// It keeps no message, it knows no incident but what a notification says of it, and it reads nothing from Slack but the
// answer.
package slack

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"

	"trailkeeper/lambda/internal/circuit"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/secret"
	"trailkeeper/lambda/internal/slack/render"
)

type secretReader interface {
	Get(context.Context) (secret.Value, error)
	// Refresh reads the secret anew, after a key was refused.
	Refresh(context.Context) (secret.Value, error)
}

// Options are what a Notifier needs.
type Options struct {
	Destination string       // the notifier's name, "slack:C0123456789" or "slack:secret:KEY"; empty: report.ChannelSlack
	HTTPClient  *http.Client // its transport is shared; redirects are not followed, whatever it says
	Secret      secretReader
	SecretName  string // for messages
	Channel     string // channel ID for the bot token; empty: only the webhook is used
	// Webhook is the secret's key that has the webhook's URL. With it, messages go nowhere else. Empty: secret.KeyWebhook,
	// where no bot token can be used and the destination is the default one; a further one with a channel needs the token.
	Webhook string
	API     string           // base URL of the Web API, ending in "/"
	Threads report.Threads   // nil: every message stands alone
	Breaker *circuit.Breaker // bounds the questions to Threads; nil: each by itself
	Log     *slog.Logger     // nil: nothing is logged
	Clock   clock.Clock
}

// Format prints no more than where messages go, whatever the verb; a Notifier prints alike.
func (o Options) Format(s fmt.State, _ rune) {
	if o.Webhook != "" {
		fmt.Fprintf(s, "Slack webhook of %s in %s", secret.NamedKey(o.Webhook), secret.Named(o.SecretName))
		return
	}
	fmt.Fprintf(s, "Slack channel %.20q with %s", o.Channel, secret.Named(o.SecretName))
}

// Notifier posts to one Slack channel. It implements report.Notifier and is safe for concurrent use.
type Notifier struct {
	Options
	sender sender
	shown  counts
}

// New returns a notifier. It makes no call.
func New(o Options) *Notifier {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	n := &Notifier{Options: o, sender: sender{clock: o.Clock}, shown: counts{of: map[string]int{}}}
	if o.HTTPClient != nil {
		n.sender.client = *o.HTTPClient
	}
	n.sender.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return n
}

// Name is the destination's name.
func (o Options) Name() string {
	if o.Destination == "" {
		return finding.ChannelSlack
	}
	return o.Destination
}

// Notify posts the notification: into its incident's thread where there are threads, otherwise for itself. A rate limit
// is waited for as far as the time allows, and a failure of Slack or of the network is retried briefly. Where Slack
// refuses the key, the secret is read again once, in case it was rotated; where it refuses the message's form, the
// message is sent once more as plain text and the fault is logged. Nothing that goes wrong with a thread fails a
// delivery. The error is one plain sentence without address or token.
func (n *Notifier) Notify(ctx context.Context, note finding.Finding) error {
	keys, err := n.Secret.Get(ctx)
	if err != nil {
		return err
	}
	d := &delivery{by: n, note: note, keys: keys}
	if t, ok := threadOf(d); ok {
		return t.deliver(ctx)
	}
	_, err = d.post(ctx, render.Message(note))
	return err
}
