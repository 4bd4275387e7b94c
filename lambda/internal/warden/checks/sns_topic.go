package checks

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// topics checks AWS::SNS::Topic: that it is there, its key, and who has subscribed. Nothing is put back: a topic that was
// deleted has lost its subscriptions, and who subscribes people decide.
type topics struct{ *subscribers }

// maxForeignSubscriptions bounds those that are named one by one which the template has not.
const maxForeignSubscriptions = 5

func (c topics) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	out, err := c.values.ask(ctx, of, "sns", "GetTopicAttributes", map[string]any{"TopicArn": of.ARN})
	if missing(err) {
		return []check.Difference{compare.Missing("topic", of.ARN)}, nil
	}
	if err != nil {
		return nil, err
	}
	found := compare.Fields(of.Properties, awsapi.Object(out["Attributes"]),
		compare.Field{Name: "KmsMasterKeyId"},
		compare.Field{Name: "DisplayName"},
		compare.Field{Name: "DeliveryPolicy", Same: sameDocument},
	)
	listed, err := c.of(ctx, of, of.ARN)
	if err != nil {
		return found, err
	}
	more, err := c.compareSubscribed(ctx, of, listed)
	return append(found, more...), err
}

// compareSubscribed tells whether somebody gets the messages of the topic, and who does that the template does not name.
func (c topics) compareSubscribed(ctx context.Context, of deployment.Deployed, l listing) ([]check.Difference, error) {
	ours, err := c.ours(ctx, of)
	if err != nil {
		return nil, err
	}
	var out []check.Difference
	confirmed := 0
	var foreign []map[string]any
	for _, s := range l.all {
		if s["SubscriptionArn"] != pending {
			confirmed++
		}
		if !ours[subscriber{awsapi.Text(s["Protocol"]), awsapi.Text(s["Endpoint"])}] {
			foreign = append(foreign, s)
		}
	}
	if confirmed == 0 && !l.cut {
		out = append(out, check.Difference{
			Field: "Subscriptions.Confirmed", Want: "at least 1", Got: fmt.Sprintf("0 of %d", len(l.all)),
			Next: "Confirm a subscription of " + compare.Word(of.ARN) + ", or add one: nobody gets what is published to it.",
		})
	}
	for i, s := range foreign {
		if i == maxForeignSubscriptions {
			more := fmt.Sprintf("%d more subscriptions", len(foreign)-maxForeignSubscriptions)
			return append(out, foreignSubscription("Subscriptions", more, "ARN")), nil
		}
		protocol := awsapi.Text(s["Protocol"])
		got := sanitize.Bound(protocol+" "+shownEndpoint(protocol, awsapi.Text(s["Endpoint"]))+" "+awsapi.Text(s["SubscriptionArn"]), 300)
		out = append(out, foreignSubscription("Subscriptions."+compare.Digest(s["Endpoint"]), got, awsapi.Text(s["SubscriptionArn"])))
	}
	if l.cut {
		more := fmt.Sprintf("more than %d subscriptions", len(l.all))
		out = append(out, foreignSubscription("Subscriptions", more, "ARN"))
	}
	return out, nil
}

// shownEndpoint is where a subscription sends messages. The path of a URL may hold a credential, as that of a pager does, and
// is not shown.
func shownEndpoint(protocol, endpoint string) string {
	if protocol != "http" && protocol != "https" && !strings.Contains(endpoint, "://") {
		return compare.Show(endpoint)
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return compare.Digest(endpoint)
	}
	return compare.Show(u.Host)
}

// foreignSubscription is the difference of a subscription that the template has not.
func foreignSubscription(field, got, arn string) check.Difference {
	next := "aws sns unsubscribe --subscription-arn " + compare.Word(arn)
	if arn == pending {
		next = "Look who it is, with aws sns list-subscriptions-by-topic: it gets nothing until it is confirmed."
	}
	return check.Difference{Field: field, Want: "none", Got: got, Next: next}
}

// ours are those whom the template has subscribed to the topic.
func (c topics) ours(ctx context.Context, of deployment.Deployed) (map[subscriber]bool, error) {
	ours := map[subscriber]bool{}
	for _, other := range c.values.All {
		if other.Type != subscriptionType || other.Properties["TopicArn"] != of.ARN {
			continue
		}
		who, err := c.subscriber(ctx, other)
		if err != nil {
			return nil, err
		}
		ours[who] = true
	}
	return ours, nil
}
