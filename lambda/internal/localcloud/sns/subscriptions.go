package sns

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/localcloud/exact"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// subscription is one of a topic. One that is pending gets nothing, and its ARN is shown to nobody.
type subscription struct {
	subscriptionSpec
	arn, by string // by is the ARN of whoever has subscribed
	pending bool
	policy  string // the FilterPolicy as it was given
}

// protocols are those of SNS (Subscribe), and whether the endpoint must confirm, which is no caller's to do here. Queues
// and functions of the caller's account confirm by themselves.
var protocols = map[string]bool{
	"http": true, "https": true, "email": true, "email-json": true, "sqs": false, "lambda": false, "sms": false,
	"application": false, "firehose": false,
}

// subscribe adds a subscription, or returns the same one again.
func (s *Topics) subscribe(cl *kernel.Call, t *topic) (any, *kernel.Error) {
	protocol, endpoint := cl.Text("Protocol"), cl.Text("Endpoint")
	confirms, known := protocols[protocol]
	switch {
	case !known:
		return nil, invalid("Protocol")
	case !fitsProtocol(protocol, endpoint):
		return nil, invalid("Endpoint")
	}
	made := &subscription{
		subscriptionSpec: subscriptionSpec{TopicArn: t.arn, Protocol: protocol, Endpoint: endpoint},
		by:               cl.Who.IAMARN(s.kernel.Partition),
	}
	attributes, _ := cl.Params["Attributes"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		value, _ := attributes[name].(string)
		if failed := made.set(name, value); failed != nil {
			return nil, failed
		}
	}
	for _, old := range t.subscriptions {
		if old.Protocol == protocol && old.Endpoint == endpoint {
			if len(attributes) > 0 && !maps.Equal(old.attributes(), made.as(old).attributes()) {
				return nil, kernel.Refuse("InvalidParameter",
					"Invalid parameter: Attributes Reason: Subscription already exists with different attributes")
			}
			return map[string]any{"SubscriptionArn": old.answered(cl)}, nil
		}
	}
	made.arn = t.arn + ":" + s.kernel.ID("subscription")
	made.pending = confirms || events.IsARN(endpoint) && kernel.ARN(endpoint).Account != cl.Who.Account
	t.subscriptions = append(t.subscriptions, made)
	return map[string]any{"SubscriptionArn": made.answered(cl)}, nil
}

// as is the subscription with what another has besides its settings.
func (s *subscription) as(other *subscription) *subscription {
	same := *s
	same.arn, same.by, same.pending = other.arn, other.by, other.pending
	return &same
}

// fitsProtocol reports whether an endpoint has the form that a protocol wants.
func fitsProtocol(protocol, endpoint string) bool {
	switch protocol {
	case "http", "https":
		return strings.HasPrefix(endpoint, protocol+"://")
	case "email", "email-json":
		return strings.Contains(endpoint, "@") && len(endpoint) <= 256
	case "sms":
		return endpoint != ""
	default:
		return events.IsARN(endpoint)
	}
}

// answered is what Subscribe says of the ARN: that of a subscription that waits only if it is asked for.
func (s *subscription) answered(cl *kernel.Call) string {
	if s.pending && cl.Params["ReturnSubscriptionArn"] != true {
		return "pending confirmation"
	}
	return s.arn
}

// ofSubscription answers a call that names a subscription. IAM knows no resource for them (Service Authorization
// Reference, "Actions defined by Amazon SNS").
func (s *Topics) ofSubscription(cl *kernel.Call) (any, *kernel.Error) {
	a := policy.Access{Action: "sns:" + cl.Op, Resource: "*"}
	if failed := s.kernel.Allow(cl, a, nil); failed != nil {
		return nil, unauthorized(failed)
	}
	if failed := s.kernel.Refusal(cl); failed != nil {
		return nil, failed
	}
	arn := cl.Text("SubscriptionArn")
	at, subscribed := kernel.ARN(arn), strings.LastIndex(arn, ":")
	if at.Service != "sns" || strings.Count(at.Resource, ":") != 1 {
		return nil, kernel.Refuse("InvalidParameter", "Invalid parameter: SubscriptionArn")
	}
	t := s.known(arn[:subscribed])
	if t == nil || at.Region != cl.Region || t.find(arn) == nil {
		return nil, &kernel.Error{Status: http.StatusNotFound, Code: "NotFound", Message: "Subscription does not exist"}
	}
	sub := t.find(arn)
	if at.Account != cl.Who.Account && sub.by != cl.Who.IAMARN(s.kernel.Partition) {
		return nil, unauthorized(kernel.Refuse("", "%s",
			s.kernel.NotAuthorized(cl, a, "no resource-based policy allows the "+a.Action+" action")))
	}
	switch cl.Op {
	case "GetSubscriptionAttributes":
		return map[string]any{"Attributes": sub.attributes()}, nil
	case "SetSubscriptionAttributes":
		return nil, sub.set(cl.Text("AttributeName"), cl.Text("AttributeValue"))
	default: // Unsubscribe
		t.subscriptions = slices.DeleteFunc(t.subscriptions, func(other *subscription) bool { return other == sub })
		return nil, nil
	}
}

func (t *topic) find(arn string) *subscription {
	for _, sub := range t.subscriptions {
		if sub.arn == arn {
			return sub
		}
	}
	return nil
}

// attributes are those of GetSubscriptionAttributes.
func (s *subscription) attributes() map[string]string {
	all := map[string]string{
		"SubscriptionArn":              s.arn,
		"TopicArn":                     s.TopicArn,
		"Owner":                        kernel.ARN(s.TopicArn).Account,
		"Protocol":                     s.Protocol,
		"Endpoint":                     s.Endpoint,
		"SubscriptionPrincipal":        s.by,
		"PendingConfirmation":          fmt.Sprint(s.pending),
		"ConfirmationWasAuthenticated": fmt.Sprint(!s.pending),
		"RawMessageDelivery":           fmt.Sprint(s.RawMessageDelivery != nil && *s.RawMessageDelivery),
	}
	if len(s.FilterPolicy) > 0 {
		all["FilterPolicy"], all["FilterPolicyScope"] = s.policy, "MessageAttributes"
	}
	if s.RedrivePolicy != nil {
		all["RedrivePolicy"] = fmt.Sprintf(`{"deadLetterTargetArn":%q}`, s.RedrivePolicy.DeadLetterTargetArn)
	}
	return all
}

// set changes an attribute (SetSubscriptionAttributes); an empty policy is none.
func (s *subscription) set(name, value string) *kernel.Error {
	changed := *s
	var err error
	switch name {
	case "FilterPolicy":
		changed.FilterPolicy, changed.policy = nil, value
		if value != "" {
			err = exact.Decode([]byte(value), &changed.FilterPolicy)
		}
	case "FilterPolicyScope":
		changed.FilterPolicyScope = value
	case "RedrivePolicy":
		changed.RedrivePolicy = nil
		if value != "" {
			err = exact.Decode([]byte(value), &changed.RedrivePolicy)
		}
	case "RawMessageDelivery":
		raw := value == "true"
		changed.RawMessageDelivery = &raw
		if value != "true" && value != "false" {
			err = fmt.Errorf("%.100q is neither true nor false", value)
		}
	default:
		return kernel.Refuse("InvalidParameter", "Invalid parameter: AttributeName: %.100s is not simulated; "+
			"the local run knows FilterPolicy, FilterPolicyScope, RawMessageDelivery, RedrivePolicy", name)
	}
	if err == nil {
		err = changed.Check()
	}
	if err != nil {
		return kernel.Refuse("InvalidParameter", "Invalid parameter: %s: %s", name, err)
	}
	*s = changed
	return nil
}

// deployed is a subscription of a template, which its endpoint has confirmed long ago.
func deployed(arn string, spec subscriptionSpec) *subscription {
	text, err := json.Marshal(spec.FilterPolicy)
	if err != nil {
		text = nil // texts always encode
	}
	return &subscription{subscriptionSpec: spec, arn: arn, policy: string(text)}
}

// Pend has the subscriptions of a topic wait for their confirmation, as those of people do until they follow the link.
// It reports false where there is no such topic.
func (s *Topics) Pend(arn string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.known(arn)
	if t == nil {
		return false
	}
	for _, sub := range t.subscriptions {
		sub.pending = true
	}
	return true
}
