// Package channels makes the destinations of the settings and of the routes: Slack by bot or webhook, and SNS topics.
//
// It sends nothing and decides nothing: which finding goes where is the routes' to say, and a destination whose
// settings are wrong says so itself.
package channels

import (
	"cmp"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/internal/circuit"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/secret"
	"trailkeeper/lambda/internal/slack"
	"trailkeeper/lambda/internal/sns"
)

// Options are what the destinations are made of.
type Options struct {
	Config   config.Reporting
	Problems config.Problems // settings that are wrong
	AWS      aws.Config
	// SecretRegion is that of the secret where it is not AWS's; empty: it is.
	SecretRegion string
	Client       *http.Client
	Threads      report.Threads   // nil: no table
	Breaker      *circuit.Breaker // of the table
	Log          *slog.Logger
	Clock        clock.Clock
}

// New makes the destinations. It makes no call.
func New(o Options, routes route.List) report.Destinations {
	secrets := secretsmanager.NewFromConfig(o.AWS, func(s *secretsmanager.Options) { s.Region = cmp.Or(o.SecretRegion, s.Region) })
	m := maker{Options: o, secret: secret.New(secrets, o.Config.SlackSecret, o.Clock)}
	defaults, made := m.defaults(), m.routed(routes)
	d := report.Destinations{Defaults: defaults, Route: report.Router(routes, made, defaults)}
	for _, name := range slices.Sorted(maps.Keys(made)) {
		d.Further = append(d.Further, made[name])
	}
	return d
}

// maker makes destinations.
type maker struct {
	Options
	secret *secret.Reader // one for all, so that it is read once
}

// defaults are the destinations of what no route takes: one for each channel that is configured.
func (m maker) defaults() []report.Notifier {
	var all []report.Notifier
	if wrong := m.Problems.About(config.EnvSlackSecret, config.EnvSlackChannel, config.EnvSlackAPI); len(wrong) > 0 {
		all = append(all, Broken{finding.ChannelSlack, wrong})
	} else if m.Config.SlackSecret != "" {
		all = append(all, m.slack("", m.Config.SlackChannel, ""))
	}
	if wrong := m.Problems.About(config.EnvTopicARN); len(wrong) > 0 {
		all = append(all, Broken{finding.ChannelSNS, wrong})
	} else if m.Config.TopicARN != "" {
		all = append(all, m.topic("", m.Config.TopicARN))
	}
	return all
}

func (m maker) slack(destination, channel, webhook string) report.Notifier {
	return slack.New(slack.Options{
		Destination: destination,
		HTTPClient:  m.Client,
		Secret:      m.secret,
		SecretName:  m.Config.SlackSecret,
		Channel:     channel,
		Webhook:     webhook,
		API:         m.Config.SlackAPI,
		Threads:     m.Threads,
		Breaker:     m.Breaker,
		Log:         m.Log,
		Clock:       m.Clock,
	})
}

// topic publishes in the topic's own Region.
func (m maker) topic(destination, arn string) report.Notifier {
	client := awssns.NewFromConfig(m.AWS, func(o *awssns.Options) {
		if a, err := events.ParseARN(arn); err == nil && a.Region != "" {
			o.Region = a.Region
		}
	})
	return sns.New(client, destination, arn, m.Clock)
}

// secretKey begins a route's Slack destination that is a webhook.
const secretKey = "secret:"

// routed makes the destinations that routes name, by their names in the list.
func (m maker) routed(list route.List) map[string]report.Notifier {
	made := map[string]report.Notifier{}
	inSlack, topics := list.Destinations()
	for _, to := range inSlack {
		name := finding.ChannelSlack + ":" + to
		if key, isWebhook := strings.CutPrefix(to, secretKey); isWebhook {
			made[to] = m.slack(name, "", key)
		} else {
			made[to] = m.slack(name, to, "")
		}
	}
	taken := map[string]bool{}
	for _, arn := range topics {
		name := finding.ChannelSNS + ":" + arn[strings.LastIndexByte(arn, ':')+1:]
		if taken[name] {
			name = finding.ChannelSNS + ":" + arn // of the same name elsewhere
		}
		taken[name] = true
		made[arn] = m.topic(name, arn)
	}
	return made
}

// IsWebhook reports whether a destination is an incoming webhook, which has no threads. The settings' own is one
// without a channel.
func IsWebhook(cfg config.Reporting, destination string) bool {
	return destination == finding.ChannelSlack && cfg.SlackChannel == "" ||
		strings.HasPrefix(destination, finding.ChannelSlack+":"+secretKey)
}
