package stack

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

	"trailkeeper/cdk/settings"
)

// Topic is the SNS topic that the guard and the alarms publish to.
type Topic struct {
	Construct constructs.Construct

	Topic awssns.ITopic
	own   bool // the stack makes it
	// KeyARN is the customer key that encrypts the topic; empty where there is none.
	KeyARN string
}

func newTopic(scope constructs.Construct, s settings.Settings, deadLetters awssqs.Queue) *Topic {
	t := &Topic{Construct: constructs.NewConstruct(scope, jsii.String("Notifications"))}
	if s.SNS.TopicARN != "" {
		t.Topic = awssns.Topic_FromTopicArn(t.Construct, jsii.String("Topic"), jsii.String(s.SNS.TopicARN))
		t.KeyARN = s.SNS.TopicKeyARN
	} else {
		t.create(s)
	}
	for _, endpoint := range slices.Sorted(maps.Keys(s.SNS.Subscriptions)) {
		t.subscribe(s, endpoint, deadLetters)
	}
	if len(s.SNS.Subscriptions) > 0 {
		admitSender(deadLetters, "FromTopic", "sns.amazonaws.com", *t.Topic.TopicArn())
	}
	return t
}

// create makes the topic. CloudWatch needs a grant in the topic's policy and in the key's: without it an alarm fails silently. EventBridge
// is in neither, because it publishes through a role.
func (t *Topic) create(s settings.Settings) {
	props := &awssns.TopicProps{
		TopicName: optional(s.SNS.TopicName), DisplayName: optional(s.SNS.DisplayName), EnforceSSL: jsii.Bool(true),
	}
	if s.SNS.Encrypt {
		key := awskms.NewKey(t.Construct, jsii.String("Key"), &awskms.KeyProps{
			Description: jsii.String("Trailkeeper: notifications"), EnableKeyRotation: jsii.Bool(true),
			// A topic keeps no message, so that nothing needs the key once the topic is gone.
			RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		})
		tagKey(key, s)
		key.AddToResourcePolicy(admit("Alarms", "cloudwatch.amazonaws.com", useKey, "*", sameAccount(t.Construct)), nil)
		props.MasterKey, t.KeyARN = key, *key.KeyArn()
	}
	topic := awssns.NewTopic(t.Construct, jsii.String("Topic"), props)
	topic.AddToResourcePolicy(admit("Alarms", "cloudwatch.amazonaws.com", []string{"sns:Publish"}, *topic.TopicArn(), sameAccount(t.Construct)))
	t.Topic, t.own = topic, true
}

// subscribe adds one endpoint. What cannot be delivered goes to the dead-letter queue.
func (t *Topic) subscribe(s settings.Settings, endpoint string, deadLetters awssqs.Queue) {
	protocol := s.SNS.Subscriptions[endpoint]
	id := subscriptionID(protocol, endpoint)
	if key, ok := strings.CutPrefix(endpoint, settings.SecretEndpoint); ok {
		// Without a version: the endpoint cannot be changed in place, so that every rotation of the secret would replace the subscription.
		endpoint = secretValue(s, key, "")
	}
	awssns.NewCfnSubscription(t.Construct, jsii.String(id), &awssns.CfnSubscriptionProps{
		TopicArn: t.Topic.TopicArn(), Protocol: jsii.String(protocol), Endpoint: jsii.String(endpoint),
		RedrivePolicy: map[string]any{"deadLetterTargetArn": *deadLetters.QueueArn()},
	})
}

// subscriptionID follows the endpoint, so that adding one does not replace the others, which would have to be confirmed again.
func subscriptionID(protocol, endpoint string) string {
	return fmt.Sprintf("%s%.4X", constructID(protocol), sha256.Sum256([]byte(protocol+" "+endpoint)))
}

// publishTo is what a publisher's role needs.
func (t *Topic) publishTo() []awsiam.PolicyStatement {
	statements := []awsiam.PolicyStatement{allow("Publish", []string{"sns:Publish"}, *t.Topic.TopicArn())}
	if t.KeyARN != "" {
		statements = append(statements, allow("TopicKey", useKey, t.KeyARN))
	}
	return statements
}
