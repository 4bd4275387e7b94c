package channels

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// Destinations judges whether EventBridge's API destinations are active, and post to where the secret says. Only digests
// are compared, and nothing of an endpoint is shown.
func Destinations(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "destinations"
	all := d.Of("AWS::Events::ApiDestination")
	if len(all) == 0 {
		return nil
	}
	api := eventbridge.NewFromConfig(d.AWS)
	if v := connections(ctx, d, api, name); v != nil {
		return v
	}
	s := d.Secret(ctx)
	var elsewhere, off, foreign []string
	for _, r := range all {
		out, err := api.DescribeApiDestination(ctx, &eventbridge.DescribeApiDestinationInput{Name: aws.String(r.Name)})
		if _, gone := errors.AsType[*types.ResourceNotFoundException](err); gone {
			return verdict.Bad(name, "The API destination "+r.Name+" is gone: EventBridge does not reach Slack.",
				"Deploy with --revert-drift, and find out who deleted it.")
		}
		if err != nil {
			return verdict.Refused(name, "describe the API destination "+r.Name, "events:DescribeApiDestination", err, nil)
		}
		if out.ApiDestinationState != types.ApiDestinationStateActive {
			off = append(off, r.Name)
		}
		switch endpoint := aws.ToString(out.InvocationEndpoint); {
		case !s.Readable() || expected(s, endpoint):
		case d.Guard.Known() && same(endpoint, chat(d.Guard.Settings.SlackAPI)):
			foreign = append(foreign, r.Name)
		default:
			elsewhere = append(elsewhere, r.Name)
		}
	}
	switch {
	case len(off) > 0:
		return verdict.Bad(name, "API destinations are not active: "+verdict.Names(off)+".", "Look at their connection, which may be deauthorized.")
	case len(elsewhere) > 0:
		return verdict.Bad(name, "API destinations post elsewhere than the secret says: "+verdict.Names(elsewhere)+".",
			"If the secret was rotated, deploy with its new secretVersion; if not, somebody has changed one of the two.")
	case len(foreign) > 0:
		return verdict.Warn(name, "API destinations post to the guard's Web API, which is not Slack's: "+verdict.Names(foreign)+".",
			"If slack.api is not meant so, deploy with --revert-drift, and find out who changed both.")
	case !s.Readable():
		return verdict.Unseen(name, "The API destinations are active; whether they post to where the secret says is not known.", readSecret)
	}
	return verdict.Good(name, fmt.Sprintf("%d API destinations are active and post to where the secret says.", len(all)))
}

// connections judges the connections; nil: nothing is wrong with them.
func connections(ctx context.Context, d *deployed.Deployment, api *eventbridge.Client, name string) []verdict.Verdict {
	for _, r := range d.Of("AWS::Events::Connection") {
		out, err := api.DescribeConnection(ctx, &eventbridge.DescribeConnectionInput{Name: aws.String(r.Name)})
		if _, gone := errors.AsType[*types.ResourceNotFoundException](err); gone {
			return verdict.Bad(name, "The connection "+r.Name+" is gone: EventBridge does not reach Slack.",
				"Deploy with --revert-drift, and find out who deleted it.")
		}
		if err != nil {
			return verdict.Refused(name, "describe the connection "+r.Name, "events:DescribeConnection", err, nil)
		}
		if out.ConnectionState != types.ConnectionStateAuthorized {
			return verdict.Bad(name, "The connection "+r.Name+" is "+string(out.ConnectionState)+": EventBridge does not reach Slack.",
				"Deploy again with another description of it, and find out who deauthorized it.")
		}
	}
	return nil
}

// expected reports whether an endpoint is the secret's webhook, or Slack's Web API where the secret has a bot token.
func expected(s deployed.Secret, endpoint string) bool {
	if same(endpoint, s.Value.Webhook.Reveal()) {
		return true
	}
	return !s.Value.BotToken.Empty() && slices.ContainsFunc(slackAPIs, func(api string) bool { return same(endpoint, chat(api)) })
}

// chat is the method of a Web API that posts a message.
func chat(api string) string { return api + "chat.postMessage" }

// same compares texts by their digests. An empty one is like none.
func same(one, other string) bool {
	a, b := sha256.Sum256([]byte(one)), sha256.Sum256([]byte(other))
	return other != "" && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}
