package checks_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/warden/checks"
	"trailkeeper/lambda/internal/warden/compare"
)

const topicARN = "arn:aws:sns:eu-west-1:111122223333:trailkeeper"

func subscriptionDeployed(t *testing.T) deployment.Deployed {
	t.Helper()
	return deployment.Deployed{
		ID: "Email", Type: "AWS::SNS::Subscription", Region: "eu-west-1",
		Properties: object(t, `{"TopicArn": "`+topicARN+`", "Protocol": "email", "Endpoint": "security@example.com",
			"FilterPolicy": {"severity": ["high", "critical"]}, "FilterPolicyScope": "MessageAttributes",
			"RedrivePolicy": {"deadLetterTargetArn": "arn:q"}}`),
	}
}

// listed is a subscription as SNS lists it.
func listed(arn, protocol, endpoint string) any {
	return map[string]any{"SubscriptionArn": arn, "Protocol": protocol, "Endpoint": endpoint}
}

func TestTopic(t *testing.T) {
	of := deployment.Deployed{
		ID: "Topic", Type: "AWS::SNS::Topic", ARN: topicARN, Properties: map[string]any{"KmsMasterKeyId": "arn:k", "DisplayName": "Trailkeeper"},
	}
	ours := listed(topicARN+":1", "email", "security@example.com")
	const address = "https://user:password@evil.example.com/token?key=1"
	eve := compare.Digest(address)
	for name, test := range map[string]struct {
		attributes map[string]any
		listed     []any
		want       string
	}{
		"as deployed":     {nil, []any{ours}, ""},
		"subscribed anew": {nil, []any{listed(topicARN+":2", "email", "security@example.com")}, ""},
		"another key":     {map[string]any{"KmsMasterKeyId": "alias/aws/sns"}, []any{ours}, "KmsMasterKeyId: arn:k -> alias/aws/sns"},
		"no key":          {map[string]any{"KmsMasterKeyId": nil}, []any{ours}, "KmsMasterKeyId: arn:k -> none"},
		"delivery": {
			map[string]any{"DeliveryPolicy": `{"http":{"defaultHealthyRetryPolicy":{"numRetries":0}}}`},
			[]any{ours},
			`DeliveryPolicy: none -> {"http":{"defaultHealthyRetryPolicy":{"numRetries":0}}}`,
		},
		"nobody":       {nil, nil, "Subscriptions.Confirmed: at least 1 -> 0 of 0"},
		"unsubscribed": {nil, []any{listed("Deleted", "email", "security@example.com")}, "Subscriptions.Confirmed: at least 1 -> 0 of 0"},
		"unconfirmed":  {nil, []any{listed("PendingConfirmation", "email", "security@example.com")}, "Subscriptions.Confirmed: at least 1 -> 0 of 1"},
		"an eavesdropper": {
			nil,
			[]any{ours, listed(topicARN+":9", "https", address)},
			"Subscriptions." + eve + ": none -> https evil.example.com " + topicARN + ":9",
		},
		"one to be": {
			nil,
			[]any{ours, listed("PendingConfirmation", "https", address)},
			"Subscriptions." + eve + ": none -> https evil.example.com PendingConfirmation",
		},
		"a mailbox": {
			nil,
			[]any{ours, listed(topicARN+":9", "email", "eve@example.com")},
			"Subscriptions." + compare.Digest("eve@example.com") + ": none -> email eve@example.com " + topicARN + ":9",
		},
		"a URL by another name": {
			nil,
			[]any{ours, listed(topicARN+":9", "sms", address)},
			"Subscriptions." + eve + ": none -> sms evil.example.com " + topicARN + ":9",
		},
		"no URL": {
			nil,
			[]any{ours, listed(topicARN+":9", "https", "token")},
			"Subscriptions." + compare.Digest("token") + ": none -> https " + compare.Digest("token") + " " + topicARN + ":9",
		},
	} {
		s := &service{all: []deployment.Deployed{subscriptionDeployed(t)}, answers: map[string]any{
			"GetTopicAttributes": map[string]any{
				"Attributes": changed(map[string]any{"KmsMasterKeyId": "arn:k", "DisplayName": "Trailkeeper"}, test.attributes),
			},
			"ListSubscriptionsByTopic": map[string]any{"Subscriptions": test.listed, "NextToken": ""},
		}}
		found, err := s.check(t, of)
		if diff := cmp.Diff(test.want, fields(found)); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
		if strings.Contains(text(found), "token?") || strings.Contains(text(found), "password") || len(s.repair(t, found)) > 0 {
			t.Errorf("%s: shows a credential, or repairs: %s", name, text(found))
		}
	}
	s := &service{answers: map[string]any{"GetTopicAttributes": refused("NotFoundException")}}
	if found, err := s.check(t, of); err != nil || fields(found) != "resource: the topic "+topicARN+" -> none" {
		t.Errorf("%v %s", err, text(found))
	}
}

// TestManySubscriptions: a flood is named by its number, and a list without an end is not read for ever.
func TestManySubscriptions(t *testing.T) {
	var page []any
	for i := range 10_000 {
		page = append(page, listed("<!channel>`$(x)`", "https", fmt.Sprintf("https://%d.example.com", i)))
	}
	s := &service{answers: map[string]any{
		"GetTopicAttributes":       map[string]any{"Attributes": map[string]any{}},
		"ListSubscriptionsByTopic": map[string]any{"Subscriptions": page},
	}}
	of := deployment.Deployed{ID: "Topic", Type: "AWS::SNS::Topic", ARN: topicARN}
	found, err := s.check(t, of)
	if err != nil || len(found) != 6 || found[5].Got != "9995 more subscriptions" || strings.Contains(found[0].Next, "$(") {
		t.Errorf("%v %s", err, text(found))
	}
	s.answers["ListSubscriptionsByTopic"] = map[string]any{"Subscriptions": page[:100], "NextToken": "more"}
	if found, err = s.check(t, of); err != nil || len(s.asked) > 50 || len(found) != 6 {
		t.Errorf("%v, %d calls: %s", err, len(s.asked), text(found))
	}
}

// subscriptionThere is SNS where the subscription is as it was deployed.
func subscriptionThere(t *testing.T) *service {
	t.Helper()
	return &service{answers: map[string]any{
		"ListSubscriptionsByTopic": map[string]any{"Subscriptions": []any{listed(topicARN+":1", "email", "security@example.com")}},
		"GetSubscriptionAttributes": map[string]any{"Attributes": object(t, `{"PendingConfirmation": "false",
			"RawMessageDelivery": "false", "FilterPolicy": "{\"severity\":[\"critical\",\"high\"]}",
			"FilterPolicyScope": "MessageAttributes", "RedrivePolicy": "{\"deadLetterTargetArn\":\"arn:q\"}"}`)},
	}}
}

func TestSubscription(t *testing.T) {
	for name, test := range map[string]struct {
		with map[string]any
		want string
	}{
		"as deployed": {nil, ""},
		"swallowed": {
			map[string]any{"FilterPolicy": `{"severity":["never"]}`},
			`FilterPolicy: {"severity":["high","critical"]} -> {"severity":["never"]}`,
		},
		"everything":  {map[string]any{"FilterPolicy": nil}, `FilterPolicy: {"severity":["high","critical"]} -> none`},
		"by the body": {map[string]any{"FilterPolicyScope": "MessageBody"}, "FilterPolicyScope: MessageAttributes -> MessageBody"},
		"raw":         {map[string]any{"RawMessageDelivery": "true"}, "RawMessageDelivery: false -> true"},
		"lost":        {map[string]any{"RedrivePolicy": nil}, `RedrivePolicy: {"deadLetterTargetArn":"arn:q"} -> none`},
	} {
		s := subscriptionThere(t)
		s.of("GetSubscriptionAttributes")["Attributes"] = changed(s.of("GetSubscriptionAttributes", "Attributes"), test.with)
		found, err := s.check(t, subscriptionDeployed(t))
		if diff := cmp.Diff(test.want, fields(found)); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}

// TestUnsubscribed: a subscription is found by whom it is for, and one that is gone, or waits, is missed.
func TestUnsubscribed(t *testing.T) {
	const gone = "resource: the subscription email of " + topicARN + " -> none"
	for name, test := range map[string]struct {
		page []any
		want string
	}{
		"gone":         {nil, gone},
		"pending":      {[]any{listed("PendingConfirmation", "email", "security@example.com")}, "PendingConfirmation: false -> true"},
		"another":      {[]any{listed(topicARN+":2", "email", "eve@example.com")}, gone},
		"unsubscribed": {[]any{listed("Deleted", "email", "security@example.com")}, gone},
		"https":        {[]any{listed(topicARN+":2", "https", "security@example.com")}, gone},
		"twice": {
			[]any{listed("PendingConfirmation", "email", "security@example.com"), listed(topicARN+":2", "email", "security@example.com")}, "",
		},
	} {
		s := subscriptionThere(t)
		s.answers["ListSubscriptionsByTopic"] = map[string]any{"Subscriptions": test.page}
		if found, err := s.check(t, subscriptionDeployed(t)); err != nil || fields(found) != test.want {
			t.Errorf("%s: %v %s", name, err, text(found))
		}
	}
	s := subscriptionThere(t)
	s.answers["ListSubscriptionsByTopic"] = refused("NotFoundException")
	if found, err := s.check(t, subscriptionDeployed(t)); err != nil || fields(found) != gone {
		t.Errorf("without the topic: %v %s", err, text(found))
	}
}

// TestTopicThatCannotBeListed: the time that it takes is one resource's.
func TestTopicThatCannotBeListed(t *testing.T) {
	s := subscriptionThere(t)
	s.answers["ListSubscriptionsByTopic"] = refused("AuthorizationErrorException")
	types := checks.Types(s.tools())
	for range 3 {
		if _, err := types["AWS::SNS::Subscription"](t.Context(), subscriptionDeployed(t)); err == nil {
			t.Error("no error")
		}
	}
	if len(s.asked) != 1 {
		t.Errorf("asked %v", s.asked)
	}
}

// TestSubscriptionOfASecret: the endpoint is what the secret has under the key, and is shown nowhere.
func TestSubscriptionOfASecret(t *testing.T) {
	of := subscriptionDeployed(t)
	of.Properties["Endpoint"] = reference
	for endpoint, want := range map[string]string{
		slackHook: "", otherHook: "resource: the subscription email of " + topicARN + " -> none",
	} {
		s := subscriptionThere(t)
		s.answers["GetSecretValue"] = map[string]any{"VersionId": "v1", "SecretString": webhookIn(slackHook)}
		s.answers["ListSubscriptionsByTopic"] = map[string]any{"Subscriptions": []any{listed(topicARN+":1", "email", endpoint)}}
		found, err := s.check(t, of)
		if err != nil || fields(found) != want {
			t.Errorf("%v %s", err, text(found))
		}
		shown(t, "a difference", text(found))
	}
}

// TestTopicOfAnotherAccount: its subscriptions nobody here can read.
func TestTopicOfAnotherAccount(t *testing.T) {
	of := subscriptionDeployed(t)
	of.Properties["Protocol"], of.Properties["Endpoint"] = "sqs", "arn:aws:sqs:eu-west-1:444455556666:q"
	s := &service{}
	if found, err := s.check(t, of); err != nil || len(found) > 0 || len(s.asked) > 0 {
		t.Errorf("%v %s, asked %v", err, text(found), s.asked)
	}
}

func TestTopicPolicy(t *testing.T) {
	of := deployment.Deployed{ID: "TopicPolicy", Type: "AWS::SNS::TopicPolicy", Properties: map[string]any{
		"Topics": []any{topicARN}, "PolicyDocument": object(t, strings.ReplaceAll(queuePolicy, "sqs:*", "sns:Publish")),
	}}
	for name, test := range map[string]struct {
		answer any
		want   bool
	}{
		"as deployed": {strings.ReplaceAll(queuePolicy, `"sqs:*"`, `["SNS:Publish"]`), false},
		"another":     {strings.ReplaceAll(queuePolicy, `"sqs:*"`, `["SNS:*"]`), true},
		"none":        {nil, true},
	} {
		s := &service{answers: map[string]any{"GetTopicAttributes": map[string]any{"Attributes": map[string]any{"Policy": test.answer}}}}
		found, err := s.check(t, of)
		if err != nil || (len(found) == 1) != test.want || len(s.repair(t, found)) > 0 {
			t.Errorf("%s: %v %s", name, err, text(found))
		}
	}
}
