package checks

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// destinations judges whether EventBridge's API destinations are active, and post to where the secret says. Only digests
// are compared, and nothing of an endpoint is shown.
func destinations(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
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
	var elsewhere, off []string
	for _, r := range all {
		out, err := api.DescribeApiDestination(ctx, &eventbridge.DescribeApiDestinationInput{Name: aws.String(r.Name)})
		if _, gone := errors.AsType[*types.ResourceNotFoundException](err); gone {
			return one(verdict.Bad(name, "The API destination "+r.Name+" is gone: EventBridge does not reach Slack.",
				"Deploy again, and find out who deleted it."))
		}
		if err != nil {
			return one(verdict.Refused(name, "describe the API destination "+r.Name, "events:DescribeApiDestination", err, nil))
		}
		if out.ApiDestinationState != types.ApiDestinationStateActive {
			off = append(off, r.Name)
		}
		if s.Readable() && !expected(d, s, aws.ToString(out.InvocationEndpoint)) {
			elsewhere = append(elsewhere, r.Name)
		}
	}
	switch {
	case len(off) > 0:
		return one(verdict.Bad(name, "API destinations are not active: "+names(off)+".", "Deploy again; their connection may be deauthorized."))
	case len(elsewhere) > 0:
		return one(verdict.Bad(name, "API destinations post elsewhere than the secret says: "+names(elsewhere)+".",
			"If the secret was rotated, deploy with its new secretVersion; if not, somebody has changed one of the two."))
	case !s.Readable():
		return one(verdict.Unseen(name, "The API destinations are active; whether they post to where the secret says is not known.",
			"Allow secretsmanager:GetSecretValue to these credentials, and run it again."))
	}
	return one(verdict.Good(name, fmt.Sprintf("%d API destinations are active and post to where the secret says.", len(all))))
}

// connections judges the connections; nil: nothing is wrong with them.
func connections(ctx context.Context, d *deployed.Deployment, api *eventbridge.Client, name string) []verdict.Verdict {
	for _, r := range d.Of("AWS::Events::Connection") {
		out, err := api.DescribeConnection(ctx, &eventbridge.DescribeConnectionInput{Name: aws.String(r.Name)})
		if _, gone := errors.AsType[*types.ResourceNotFoundException](err); gone {
			return one(verdict.Bad(name, "The connection "+r.Name+" is gone: EventBridge does not reach Slack.",
				"Deploy again, and find out who deleted it."))
		}
		if err != nil {
			return one(verdict.Refused(name, "describe the connection "+r.Name, "events:DescribeConnection", err, nil))
		}
		if out.ConnectionState != types.ConnectionStateAuthorized {
			return one(verdict.Bad(name, "The connection "+r.Name+" is "+string(out.ConnectionState)+": EventBridge does not reach Slack.",
				"Deploy again with another description of it, and find out who deauthorized it."))
		}
	}
	return nil
}

// expected reports whether an endpoint is one that the secret or the settings have.
func expected(d *deployed.Deployment, s deployed.Secret, endpoint string) bool {
	is := sha256.Sum256([]byte(endpoint))
	same := func(other string) bool {
		sum := sha256.Sum256([]byte(other))
		return other != "" && subtle.ConstantTimeCompare(is[:], sum[:]) == 1
	}
	chat := strings.TrimSuffix(d.Guard.Settings.SlackAPI, "/") + "/chat.postMessage"
	return same(s.Value.Webhook.Reveal()) || !s.Value.BotToken.Empty() && same(chat)
}
