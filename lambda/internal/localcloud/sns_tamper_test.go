package localcloud

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

func topicClient(c *Cloud, key string) *sns.Client {
	return sns.NewFromConfig(awsConfig(c, region, key))
}

// recipients publishes as the operator and says how many subscriptions got it.
func recipients(t *testing.T, c *Cloud) int {
	t.Helper()
	_, err := topicClient(c, "operator").Publish(t.Context(),
		&sns.PublishInput{TopicArn: aws.String(c.ARNOf("Topic")), Message: aws.String("m")})
	if err != nil {
		t.Fatal(err)
	}
	all := of(c, KindSNS)
	return all[len(all)-1].Recipients
}

// Somebody who does not get the messages of a topic: unsubscribed, filtered out, or never confirmed.
func TestSubscriptionsThatGetNothing(t *testing.T) {
	for name, cut := range map[string]func(*sns.Client, *Cloud, *string) error{
		"unsubscribed": func(client *sns.Client, _ *Cloud, arn *string) error {
			_, err := client.Unsubscribe(t.Context(), &sns.UnsubscribeInput{SubscriptionArn: arn})
			return err
		},
		"filtered": func(client *sns.Client, _ *Cloud, arn *string) error {
			_, err := client.SetSubscriptionAttributes(t.Context(), &sns.SetSubscriptionAttributesInput{
				SubscriptionArn: arn, AttributeName: aws.String("FilterPolicy"), AttributeValue: aws.String(`{"a": ["b"]}`),
			})
			return err
		},
		"pending": func(_ *sns.Client, c *Cloud, _ *string) error { c.Pend(c.ARNOf("Topic")); return nil },
	} {
		c := newCloud(t, nil)
		if n := recipients(t, c); n != 1 {
			t.Fatalf("%d recipients", n)
		}
		if err := cut(topicClient(c, "operator"), c, aws.String(c.ARNOf("Subscription"))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if n := recipients(t, c); n != 0 {
			t.Errorf("%s: %d recipients", name, n)
		}
	}
}

// What SNS lists of a topic's subscriptions, a hundred at a time; the ARN of one that waits is shown to nobody.
func TestListSubscriptionsByTopic(t *testing.T) {
	c := newCloud(t, nil)
	client, topic := topicClient(c, "operator"), aws.String(c.ARNOf("Topic"))
	for i := range 150 {
		out, err := client.Subscribe(t.Context(), &sns.SubscribeInput{
			TopicArn: topic, Protocol: aws.String("email"), Endpoint: aws.String(strings.Repeat("x", i+1) + "@example.com"),
		})
		if err != nil || *out.SubscriptionArn != "pending confirmation" {
			t.Fatalf("%+v, %v", out, err)
		}
	}
	var pages []int
	confirmed := 0
	p := sns.NewListSubscriptionsByTopicPaginator(client, &sns.ListSubscriptionsByTopicInput{TopicArn: topic})
	for p.HasMorePages() {
		out, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, len(out.Subscriptions))
		for _, sub := range out.Subscriptions {
			if *sub.SubscriptionArn == c.ARNOf("Subscription") {
				confirmed++
			} else if *sub.SubscriptionArn != "PendingConfirmation" {
				t.Fatalf("%s is shown as %s", *sub.Endpoint, *sub.SubscriptionArn)
			}
		}
	}
	if len(pages) != 2 || pages[0] != 100 || pages[1] != 51 || confirmed != 1 {
		t.Errorf("pages %v, %d confirmed", pages, confirmed)
	}
}

// Subscribe refuses what SNS refuses, and confirms what needs nobody.
func TestSubscribe(t *testing.T) {
	c := newCloud(t, nil)
	c.AddPrincipal(Principal{AccessKey: "stranger", Account: "999988887777", UserName: "eve"})
	for _, tt := range []struct{ key, protocol, endpoint, code string }{
		{"operator", "pigeon", "roof", "InvalidParameter"},
		{"operator", "https", "http://example.com", "InvalidParameter"},
		{"operator", "email", "nobody", "InvalidParameter"},
		{"operator", "sqs", "a queue", "InvalidParameter"},
		{"operator", "sqs", c.ARNOf("Dead"), ""},
		{"stranger", "email", "eve@example.com", "AuthorizationError"},
	} {
		out, err := topicClient(c, tt.key).Subscribe(t.Context(), &sns.SubscribeInput{
			TopicArn: aws.String(c.ARNOf("Topic")), Protocol: &tt.protocol, Endpoint: &tt.endpoint,
		})
		if code(err) != tt.code {
			t.Errorf("%+v: %v", tt, err)
		}
		if err == nil && !strings.HasPrefix(*out.SubscriptionArn, c.ARNOf("Topic")+":") {
			t.Errorf("%+v: %s", tt, *out.SubscriptionArn)
		}
	}
}

// A topic whose policy was opened lets another account publish and listen; RemovePermission closes it again.
func TestAnOpenedTopicAdmitsOthers(t *testing.T) {
	c := newCloud(t, nil)
	c.AddPrincipal(Principal{AccessKey: "stranger", Account: "999988887777", UserName: "eve"})
	topic, stranger := aws.String(c.ARNOf("Topic")), topicClient(c, "stranger")
	set := func(client *sns.Client, name, value string) error {
		_, err := client.SetTopicAttributes(t.Context(),
			&sns.SetTopicAttributesInput{TopicArn: topic, AttributeName: &name, AttributeValue: &value})
		return err
	}
	publish := func() error {
		_, err := stranger.Publish(t.Context(), &sns.PublishInput{TopicArn: topic, Message: aws.String("m")})
		return err
	}
	if err := publish(); code(err) != "AuthorizationError" {
		t.Errorf("before: %v", err)
	}
	if err := set(stranger, "DisplayName", "x"); code(err) != "AuthorizationError" {
		t.Errorf("a stranger sets an attribute: %v", err)
	}
	operator := topicClient(c, "operator")
	open := `{"Statement": [{"Sid": "open", "Effect": "Allow", "Principal": "*", "Action": "sns:*", "Resource": "*"}]}`
	for name, value := range map[string]string{"KmsMasterKeyId": "", "Policy": open} { // the key lets no stranger in
		if err := set(operator, name, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := publish(); err != nil {
		t.Errorf("opened: %v", err)
	}
	_, err := operator.RemovePermission(t.Context(), &sns.RemovePermissionInput{TopicArn: topic, Label: aws.String("open")})
	if err != nil {
		t.Fatal(err)
	}
	if err := publish(); code(err) != "AuthorizationError" {
		t.Errorf("closed: %v", err)
	}
}
