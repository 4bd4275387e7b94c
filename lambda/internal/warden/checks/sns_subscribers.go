package checks

import (
	"context"
	"sync"

	"trailkeeper/events"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
)

// subscribers reads who has subscribed to each topic, once in a run.
type subscribers struct {
	values *secretValues

	mu   sync.Mutex
	read map[string]listing // by the topic's ARN
	errs map[string]error   // of those that could not be listed: whoever fills a topic takes the time of one resource alone
}

// listing are the subscriptions of a topic; cut says that there are more than are read.
type listing struct {
	all []map[string]any
	cut bool
}

// subscriber is where a subscription sends messages: the name by which it is known here, as only SNS knows its ARN.
type subscriber struct{ protocol, endpoint string }

const (
	// maxSubscriptionPages bounds what is read of a topic's subscriptions, a hundred on each page ("ListSubscriptionsByTopic").
	maxSubscriptionPages = 20
	// pending is what SNS shows in place of the ARN of a subscription that nobody has confirmed.
	pending = "PendingConfirmation"
	// unsubscribed is what it shows there for some days after somebody has unsubscribed.
	unsubscribed = "Deleted"
)

// of lists the subscriptions of a topic.
func (c *subscribers) of(ctx context.Context, of deployment.Deployed, topic string) (listing, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l, ok := c.read[topic]; ok {
		return l, nil
	}
	if err := c.errs[topic]; err != nil {
		return listing{}, err
	}
	if c.read == nil {
		c.read, c.errs = map[string]listing{}, map[string]error{}
	}
	l, err := c.list(ctx, of, topic)
	if err != nil {
		c.errs[topic] = err
		return listing{}, err
	}
	c.read[topic] = l
	return l, nil
}

func (c *subscribers) list(ctx context.Context, of deployment.Deployed, topic string) (listing, error) {
	var l listing
	input := map[string]any{"TopicArn": topic}
	for range maxSubscriptionPages {
		out, err := c.values.ask(ctx, in(of, topic), "sns", "ListSubscriptionsByTopic", input)
		if err != nil {
			return l, err
		}
		for _, s := range awsapi.List(out["Subscriptions"]) {
			if s := awsapi.Object(s); s["SubscriptionArn"] != unsubscribed {
				l.all = append(l.all, s)
			}
		}
		if input["NextToken"] = awsapi.Text(out["NextToken"]); input["NextToken"] == "" {
			return l, nil
		}
	}
	l.cut = true
	return l, nil
}

// in is the resource in the Region of its topic, which may be another.
func in(of deployment.Deployed, topic string) deployment.Deployed {
	if a, err := events.ParseARN(topic); err == nil && a.Region != "" {
		of.Region = a.Region
	}
	return of
}

// subscriber is whom a subscription of the template is for. An endpoint may be a key of a secret.
func (c *subscribers) subscriber(ctx context.Context, of deployment.Deployed) (subscriber, error) {
	who := subscriber{awsapi.Text(of.Properties["Protocol"]), awsapi.Text(of.Properties["Endpoint"])}
	ref, ok := parseReference(who.endpoint)
	if !ok {
		return who, nil
	}
	value, err := c.values.key(ctx, of, ref)
	who.endpoint = value.Reveal()
	return who, err
}
