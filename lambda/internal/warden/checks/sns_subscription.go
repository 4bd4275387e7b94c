package checks

import (
	"context"
	"fmt"

	"trailkeeper/events"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// subscriptions checks AWS::SNS::Subscription: that it is there and confirmed, which messages it gets, and where those go
// that it does not take. Nothing is put back.
type subscriptions struct{ *subscribers }

const subscriptionType = "AWS::SNS::Subscription"

func (c subscriptions) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	if foreignTopic(of) {
		return nil, nil
	}
	topic := awsapi.Text(of.Properties["TopicArn"])
	arn, err := c.find(ctx, of, topic)
	if err != nil {
		return nil, err
	}
	switch arn {
	case "":
		gone := compare.Missing("subscription", awsapi.Text(of.Properties["Protocol"])+" of "+topic)
		gone.Next = "Subscribe again as the template has it, for instance with aws sns subscribe, and confirm it."
		return []check.Difference{gone}, nil
	case pending:
		return []check.Difference{{
			Field: "PendingConfirmation", Want: "false", Got: "true",
			Next: "Confirm it: it gets nothing before; its endpoint has been sent a link.",
		}}, nil
	}
	out, err := c.values.ask(ctx, in(of, topic), "sns", "GetSubscriptionAttributes", map[string]any{"SubscriptionArn": arn})
	if err != nil {
		return nil, err
	}
	got := awsapi.Object(out["Attributes"])
	return compare.Fields(of.Properties, got,
		compare.Field{Name: "FilterPolicy", Same: sameFilter},
		compare.Field{Name: "FilterPolicyScope", Same: sameScope(got)},
		compare.Field{Name: "RawMessageDelivery", Default: "false"},
		compare.Field{Name: "RedrivePolicy", Same: sameDocument},
		compare.Field{Name: "DeliveryPolicy", Same: sameDocument},
	), nil
}

// foreignTopic reports whether a subscription takes messages of a topic of another account, which shows its subscriptions to
// nobody here.
func foreignTopic(of deployment.Deployed) bool {
	topic, err := events.ParseARN(awsapi.Text(of.Properties["TopicArn"]))
	endpoint, none := events.ParseARN(awsapi.Text(of.Properties["Endpoint"]))
	return err == nil && none == nil && topic.Account != endpoint.Account
}

// find gives the ARN of the subscription, or pending; empty: it is not there.
func (c subscriptions) find(ctx context.Context, of deployment.Deployed, topic string) (string, error) {
	who, err := c.subscriber(ctx, of)
	if err != nil {
		return "", err
	}
	listed, err := c.of(ctx, of, topic)
	if missing(err) { // a difference of the topic's as well
		return "", nil
	}
	if err != nil {
		return "", err
	}
	found := ""
	for _, s := range listed.all {
		if arn := awsapi.Text(s["SubscriptionArn"]); who == (subscriber{awsapi.Text(s["Protocol"]), awsapi.Text(s["Endpoint"])}) {
			if found = arn; arn != pending {
				return arn, nil
			}
		}
	}
	if found == "" && listed.cut {
		return "", fmt.Errorf("the topic %s has more subscriptions than are read", compare.Show(topic))
	}
	return found, nil
}

// sameFilter compares filter policies, in which the order of a name's values does not count.
func sameFilter(want, got any) bool {
	none := func(v any) bool { return v == nil || compare.Text(v) == "" || compare.Text(v) == "{}" }
	if none(want) || none(got) {
		return none(want) && none(got)
	}
	return compare.Pattern(want, got)
}

// sameScope compares what a filter policy is about, which counts only where there is one.
func sameScope(got map[string]any) compare.Kind {
	const usual = "MessageAttributes"
	return func(want, scope any) bool {
		if want == nil {
			want = usual
		}
		if scope == nil {
			scope = usual
		}
		return got["FilterPolicy"] == nil || want == scope
	}
}
