package checks

import (
	"context"
	"fmt"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// topics checks AWS::SNS::Topic: that it is there, its key, and who has subscribed. Nothing is put back: a topic that was
// deleted has lost its subscriptions, and who subscribes people decide.
type topics struct{ Tools }

const (
	// maxSubscriptionPages bounds what is read of a topic's subscriptions, a hundred on each page ("ListSubscriptionsByTopic").
	maxSubscriptionPages = 100
	// maxForeignSubscriptions bounds those that are named one by one which the template has not.
	maxForeignSubscriptions = 5
)

func (c topics) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	out, err := c.ask(ctx, of, "sns", "GetTopicAttributes", map[string]any{"TopicArn": of.ARN})
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
	listed, err := c.subscribed(ctx, of, of.ARN)
	if err != nil {
		return found, err
	}
	return append(found, c.compareSubscribed(of, listed)...), nil
}

// listing are the subscriptions of a topic; cut says that there are more than are read.
type listing struct {
	all []map[string]any
	cut bool
}

// subscribed lists the subscriptions of a topic.
func (t Tools) subscribed(ctx context.Context, of deployment.Deployed, topic string) (listing, error) {
	var l listing
	input := map[string]any{"TopicArn": topic}
	for range maxSubscriptionPages {
		out, err := t.ask(ctx, of, "sns", "ListSubscriptionsByTopic", input)
		if err != nil {
			return l, err
		}
		for _, s := range awsapi.List(out["Subscriptions"]) {
			l.all = append(l.all, awsapi.Object(s))
		}
		if input["NextToken"] = awsapi.Text(out["NextToken"]); input["NextToken"] == "" {
			return l, nil
		}
	}
	l.cut = true
	return l, nil
}

// pending is what SNS shows in place of the ARN of a subscription that nobody has confirmed.
const pending = "PendingConfirmation"

// compareSubscribed tells whether somebody gets the messages of the topic, and who does that the template does not name.
func (c topics) compareSubscribed(of deployment.Deployed, l listing) []check.Difference {
	var out []check.Difference
	confirmed := 0
	var foreign []map[string]any
	for _, s := range l.all {
		if s["SubscriptionArn"] != pending {
			confirmed++
		}
		if !c.ours(of, s) {
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
			return append(out, foreignSubscription("Subscriptions", more, "ARN"))
		}
		got := sanitize.Bound(awsapi.Text(s["Protocol"])+" "+compare.Digest(s["Endpoint"])+" "+awsapi.Text(s["SubscriptionArn"]), 200)
		out = append(out, foreignSubscription("Subscriptions."+compare.Digest(s["Endpoint"]), got, awsapi.Text(s["SubscriptionArn"])))
	}
	if l.cut {
		more := fmt.Sprintf("more than %d subscriptions", len(l.all))
		out = append(out, foreignSubscription("Subscriptions", more, "ARN"))
	}
	return out
}

// foreignSubscription is the difference of a subscription that the template has not. Its endpoint may hold a credential, as that of a
// pager does, and is not shown.
func foreignSubscription(field, got, arn string) check.Difference {
	next := "aws sns unsubscribe --subscription-arn " + compare.Word(arn)
	if arn == pending {
		next = "Look who it is, with aws sns list-subscriptions-by-topic: it gets nothing until it is confirmed."
	}
	return check.Difference{Field: field, Want: "none", Got: got, Next: next}
}

// ours reports whether a subscription is one of the template's.
func (c topics) ours(of deployment.Deployed, s map[string]any) bool {
	for _, other := range c.All {
		if other.Type == subscriptionType && other.Properties["TopicArn"] == of.ARN && isSubscription(other, s) {
			return true
		}
	}
	return false
}
