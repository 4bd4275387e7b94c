package guard

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/secret"
	"trailkeeper/lambda/internal/slack"
	"trailkeeper/lambda/internal/sns"
)

// channels makes the destinations of the settings and of the routes.
type channels struct {
	cfg      config.Guard
	problems config.Problems
	aws      aws.Config
	client   *http.Client
	threads  report.Threads // nil: no table
	secret   *secret.Reader // one for all, so that it is read once
	log      *slog.Logger
	clock    clock.Clock
}

func newChannels(c channels) *channels {
	c.secret = secret.New(secretsmanager.NewFromConfig(c.aws), c.cfg.SlackSecret, c.clock)
	return &c
}

// defaults are the destinations of what no route takes: one for each channel that is configured.
func (c *channels) defaults() []report.Notifier {
	var all []report.Notifier
	if wrong := c.problems.About(config.EnvSlackSecret, config.EnvSlackChannel, config.EnvSlackAPI); len(wrong) > 0 {
		all = append(all, broken{finding.ChannelSlack, wrong})
	} else if c.cfg.SlackSecret != "" {
		all = append(all, c.slack("", c.cfg.SlackChannel, ""))
	}
	if wrong := c.problems.About(config.EnvTopicARN); len(wrong) > 0 {
		all = append(all, broken{finding.ChannelSNS, wrong})
	} else if c.cfg.TopicARN != "" {
		all = append(all, c.topic("", c.cfg.TopicARN))
	}
	return all
}

func (c *channels) slack(destination, channel, webhook string) report.Notifier {
	return slack.New(slack.Options{
		Destination: destination, HTTPClient: c.client, Secret: c.secret, SecretName: c.cfg.SlackSecret, Channel: channel, Webhook: webhook,
		API: c.cfg.SlackAPI, Threads: c.threads, Log: c.log, Clock: c.clock,
	})
}

// topic publishes in the topic's own Region.
func (c *channels) topic(destination, arn string) report.Notifier {
	client := awssns.NewFromConfig(c.aws, func(o *awssns.Options) {
		if parts := strings.Split(arn, ":"); len(parts) == 6 && parts[3] != "" {
			o.Region = parts[3]
		}
	})
	return sns.New(client, destination, arn, c.clock)
}

// secretKey begins a route's Slack destination that is a webhook.
const secretKey = "secret:"

// routed makes the destinations that routes name, by their names in the list.
func (c *channels) routed(list route.List) map[string]report.Notifier {
	made := map[string]report.Notifier{}
	inSlack, topics := list.Destinations()
	for _, to := range inSlack {
		name := finding.ChannelSlack + ":" + to
		if key, isWebhook := strings.CutPrefix(to, secretKey); isWebhook {
			made[to] = c.slack(name, "", key)
		} else {
			made[to] = c.slack(name, to, "")
		}
	}
	taken := map[string]bool{}
	for _, arn := range topics {
		name := finding.ChannelSNS + ":" + arn[strings.LastIndexByte(arn, ':')+1:]
		if taken[name] {
			name = finding.ChannelSNS + ":" + arn // of the same name elsewhere
		}
		taken[name] = true
		made[arn] = c.topic(name, arn)
	}
	return made
}

// router returns where a notification goes: to the destinations of the first route that fits, and otherwise to the default ones. What closes an
// incident goes to all that have heard of it.
func router(list route.List, made map[string]report.Notifier, defaults []report.Notifier) func(finding.Finding) []report.Notifier {
	return func(n finding.Finding) []report.Notifier {
		var to []report.Notifier
		for _, heard := range n.RouteKeys() {
			some := defaults
			if r, ok := list.Match(factsOf(n, heard)); ok {
				some = nil
				for _, name := range slices.Concat(r.Slack, r.Topics) {
					if made[name] != nil {
						some = append(some, made[name])
					}
				}
			}
			for _, one := range some {
				if !slices.ContainsFunc(to, func(other report.Notifier) bool { return other.Name() == one.Name() }) {
					to = append(to, one)
				}
			}
		}
		return to
	}
}

// factsOf are what a route chooses by: where it happened, never who did it.
func factsOf(n finding.Finding, h finding.RouteKey) route.Facts {
	f := route.Facts{Recipient: first(n.Recipient, n.Account), Severity: string(h.Severity), Event: h.Event, Trail: n.TrailARN}
	if t, err := events.ParseTrailARN(n.TrailARN); err == nil {
		f.Owner = t.Account
	}
	return f
}

// webhook reports whether a destination is an incoming webhook, which has no threads.
func (h *Handler) webhook(destination string) bool {
	return destination == finding.ChannelSlack && h.cfg.SlackChannel == "" || strings.HasPrefix(destination, finding.ChannelSlack+":"+secretKey)
}

// broken stands for a channel or a queue whose settings are wrong: it refuses everything and says why.
type broken struct {
	name     string
	problems config.Problems
}

// Name is the channel's name.
func (b broken) Name() string { return b.name }

// Notify refuses.
func (b broken) Notify(context.Context, finding.Finding) error { return b.why() }

// Park refuses.
func (b broken) Park(context.Context, report.Parked) (string, error) { return "", b.why() }

func (b broken) why() error {
	return fmt.Errorf("wrong settings: %s", strings.ReplaceAll(b.problems.Error(), "\n", "; "))
}
