package checks

import (
	"context"
	"fmt"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// subscriptions checks AWS::SNS::Subscription: that it is there and confirmed, which messages it gets, and where those go
// that it does not take. Nothing is put back.
type subscriptions struct{ Tools }

const subscriptionType = "AWS::SNS::Subscription"

func (c subscriptions) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	got, err := c.find(ctx, of)
	if missing(err) {
		gone := compare.Missing("subscription", of.Ref)
		gone.Next = "Subscribe again as the template has it, for instance with aws sns subscribe, and confirm it."
		return []check.Difference{gone}, nil
	}
	if err != nil {
		return nil, err
	}
	found := compare.Fields(of.Properties, got,
		compare.Field{Name: "FilterPolicy", Same: sameFilter},
		compare.Field{Name: "FilterPolicyScope", Same: sameScope(got)},
		compare.Field{Name: "RawMessageDelivery", Default: "false"},
		compare.Field{Name: "RedrivePolicy", Same: sameDocument},
		compare.Field{Name: "DeliveryPolicy", Same: sameDocument},
	)
	if compare.Scalar(got["PendingConfirmation"], true) {
		found = append(found, check.Difference{
			Field: "PendingConfirmation", Want: "false", Got: "true",
			Next: "Confirm it: it gets nothing before; its endpoint has been sent a link.",
		})
	}
	return found, nil
}

// find gives the attributes of the subscription: of the one that CloudFormation made, or of another to the same endpoint,
// as somebody makes it who subscribes again.
func (c subscriptions) find(ctx context.Context, of deployment.Deployed) (map[string]any, error) {
	got, err := c.attributesOf(ctx, of, of.Ref)
	if !missing(err) {
		return got, err
	}
	topic := awsapi.Text(of.Properties["TopicArn"])
	listed, failed := c.subscribed(ctx, of, topic)
	if failed != nil {
		return nil, failed
	}
	for _, s := range listed.all {
		if arn := awsapi.Text(s["SubscriptionArn"]); arn != pending && isSubscription(of, s) {
			return c.attributesOf(ctx, of, arn)
		}
	}
	if listed.cut {
		return nil, fmt.Errorf("the topic %s has more subscriptions than are read", compare.Show(topic))
	}
	return nil, err
}

func (c subscriptions) attributesOf(ctx context.Context, of deployment.Deployed, arn string) (map[string]any, error) {
	out, err := c.ask(ctx, of, "sns", "GetSubscriptionAttributes", map[string]any{"SubscriptionArn": arn})
	return awsapi.Object(out["Attributes"]), err
}

// isSubscription reports whether a subscription that is listed is the one of the template: by its ARN, or by where it
// goes. The endpoint of a secret is not known here.
func isSubscription(of deployment.Deployed, listed map[string]any) bool {
	if arn := awsapi.Text(listed["SubscriptionArn"]); arn != "" && arn == of.Ref {
		return true
	}
	endpoint := awsapi.Text(of.Properties["Endpoint"])
	return endpoint != "" && endpoint == listed["Endpoint"] && of.Properties["Protocol"] == listed["Protocol"]
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
