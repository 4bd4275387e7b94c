package delivery

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/queue"
	"trailkeeper/cdk/settings"
)

// Topic is the SNS topic that the guard and the alarms publish to.
type Topic struct {
	Construct constructs.Construct

	Topic awssns.ITopic
	Own   bool // the stack makes it
	// Alarms is where the alarms notify those who are not notified of every severity: a filter on a message's attributes
	// holds back whatever has none (SNS Developer Guide, "Key matching": "exists": false does not match an empty set of
	// attributes), and CloudWatch gives its messages none. Nil where nothing is held back.
	Alarms awssns.Topic
	// KeyARN is the customer key that encrypts the topic; empty where there is none.
	KeyARN string
	Key    awskms.Key // of the topics that the stack makes; nil where there is none
}

// NewTopic makes it, or takes the one that the settings name.
func NewTopic(scope constructs.Construct, s settings.Settings, deadLetters awssqs.Queue) *Topic {
	t := &Topic{Construct: constructs.NewConstruct(scope, jsii.String("Notifications"))}
	if s.SNS.TopicARN != "" {
		t.Topic = awssns.Topic_FromTopicArn(t.Construct, jsii.String("Topic"), jsii.String(s.SNS.TopicARN))
		t.KeyARN = s.SNS.TopicKeyARN
	} else {
		t.create(s)
	}
	if s.SNS.HoldsBack() {
		t.Alarms = t.newOwn("AlarmsTopic", &awssns.TopicProps{DisplayName: convert.Optional(s.SNS.DisplayName)}, s)
	}
	for _, endpoint := range slices.Sorted(maps.Keys(s.SNS.Subscriptions)) {
		t.subscribe(s, endpoint, deadLetters)
	}
	if len(s.SNS.Subscriptions) > 0 {
		topics := []string{*t.Topic.TopicArn()}
		if t.Alarms != nil {
			topics = append(topics, *t.Alarms.TopicArn())
		}
		queue.AdmitSender(deadLetters, "FromTopic", "sns.amazonaws.com", topics...)
	}
	return t
}

func (t *Topic) create(s settings.Settings) {
	t.Topic = t.newOwn(
		"Topic",
		&awssns.TopicProps{TopicName: convert.Optional(s.SNS.TopicName), DisplayName: convert.Optional(s.SNS.DisplayName)},
		s,
	)
	t.Own = true
	if t.Key != nil {
		t.KeyARN = *t.Key.KeyArn()
	}
}

// newOwn makes a topic. CloudWatch needs a grant in the topic's policy and in the key's: without it an alarm fails
// silently. EventBridge is in neither, because it publishes through a role.
func (t *Topic) newOwn(id string, props *awssns.TopicProps, s settings.Settings) awssns.Topic {
	props.EnforceSSL = jsii.Bool(true)
	if s.SNS.Encrypt {
		if t.Key == nil {
			t.Key = t.newKey(s)
		}
		props.MasterKey = t.Key
	}
	topic := awssns.NewTopic(t.Construct, jsii.String(id), props)
	topic.AddToResourcePolicy(
		policy.Admit(
			"Alarms", "cloudwatch.amazonaws.com", []string{"sns:Publish"}, *topic.TopicArn(), policy.SameAccount(t.Construct),
		),
	)
	return topic
}

func (t *Topic) newKey(s settings.Settings) awskms.Key {
	// A topic keeps no message, so that nothing needs the key once the topic is gone.
	key := policy.NewKey(t.Construct, "Key", s, "notifications", awscdk.RemovalPolicy_DESTROY)
	key.AddToResourcePolicy(
		policy.Admit("Alarms", "cloudwatch.amazonaws.com", policy.UseKey, "*", policy.SameAccount(t.Construct)), nil,
	)
	return key
}

// subscribe adds one endpoint. What cannot be delivered goes to the dead-letter queue.
func (t *Topic) subscribe(s settings.Settings, endpoint string, deadLetters awssqs.Queue) {
	protocol := s.SNS.Subscriptions[endpoint]
	id := subscriptionID(protocol, endpoint)
	if key, ok := strings.CutPrefix(endpoint, settings.SecretEndpoint); ok {
		// Without a version: the endpoint cannot be changed in place, so that every rotation of the secret would replace the
		// subscription.
		endpoint = secretValue(s, key, "")
	}
	props := awssns.CfnSubscriptionProps{
		TopicArn:      t.Topic.TopicArn(),
		Protocol:      jsii.String(protocol),
		Endpoint:      jsii.String(endpoint),
		RedrivePolicy: map[string]any{"deadLetterTargetArn": *deadLetters.QueueArn()},
	}
	if t.Alarms != nil && settings.ForPeople(protocol) {
		alarms := props
		alarms.TopicArn = t.Alarms.TopicArn()
		awssns.NewCfnSubscription(t.Construct, jsii.String("Alarms"+id), &alarms)
		props.FilterPolicyScope = jsii.String("MessageAttributes")
		props.FilterPolicy = map[string]any{"severity": s.SNS.EmailSeverities()}
	}
	awssns.NewCfnSubscription(t.Construct, jsii.String(id), &props)
}

// subscriptionID follows the endpoint, so that adding one does not replace the others, which would have to be confirmed
// again.
func subscriptionID(protocol, endpoint string) string {
	return fmt.Sprintf("%s%.4X", convert.ConstructID(protocol), sha256.Sum256([]byte(protocol+" "+endpoint)))
}

// AlarmActions are the topics that an alarm notifies.
func (t *Topic) AlarmActions() *[]any {
	actions := []any{t.Topic.TopicArn()}
	if t.Alarms != nil {
		actions = append(actions, t.Alarms.TopicArn())
	}
	return &actions
}

// PublishAll is what a role needs that publishes, without attributes, to both topics.
func (t *Topic) PublishAll() []awsiam.PolicyStatement {
	statements := t.PublishTo()
	if t.Alarms != nil {
		statements = append(statements, policy.Allow("PublishAlarms", []string{"sns:Publish"}, *t.Alarms.TopicArn()))
		if t.Key != nil && *t.Key.KeyArn() != t.KeyARN {
			statements = append(statements, policy.Allow("AlarmsKey", policy.UseKey, *t.Key.KeyArn()))
		}
	}
	return statements
}

// PublishTo is what a publisher's role needs.
func (t *Topic) PublishTo() []awsiam.PolicyStatement {
	statements := []awsiam.PolicyStatement{policy.Allow("Publish", []string{"sns:Publish"}, *t.Topic.TopicArn())}
	if t.KeyARN != "" {
		statements = append(statements, policy.Allow("TopicKey", policy.UseKey, t.KeyARN))
	}
	return statements
}
