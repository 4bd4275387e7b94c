// Package sns publishes notifications to an SNS topic: a readable e-mail, a short text message, and versioned JSON for
// programs, all in one publication. It knows no subscriber and makes no subscription.
package sns

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

type publishAPI interface {
	Publish(context.Context, *sns.PublishInput, ...func(*sns.Options)) (*sns.PublishOutput, error)
}

// Notifier publishes to one topic. It implements report.Notifier and is safe for concurrent use.
type Notifier struct {
	client publishAPI
	name   string
	topic  string
	clock  clock.Clock
}

// New returns a notifier for the topic with this ARN. The destination is its name, "sns:NAME"; empty:
// finding.ChannelSNS. The client's own retries are to be off: Notify has its own.
func New(client publishAPI, destination, topicARN string, clk clock.Clock) *Notifier {
	if destination == "" {
		destination = finding.ChannelSNS
	}
	return &Notifier{
		client: client,
		name:   destination,
		topic:  topicARN,
		clock:  clk,
	}
}

// Name is the destination's name.
func (n *Notifier) Name() string { return n.name }

// Notify publishes the notification. Throttling and failures of SNS or of the network are retried briefly. The error is
// one sentence.
func (n *Notifier) Notify(ctx context.Context, note finding.Finding) error {
	message, err := publication(note)
	if err != nil {
		return fmt.Errorf("render the message: %w", err)
	}
	in := &sns.PublishInput{
		TopicArn:          aws.String(n.topic),
		MessageStructure:  aws.String("json"),
		Message:           aws.String(message),
		Subject:           aws.String(subject(note)),
		MessageAttributes: attributes(note),
	}
	err = awscall.Do(ctx, n.clock, func(ctx context.Context) error {
		_, err := n.client.Publish(ctx, in)
		return err
	})
	if err != nil {
		return errors.New(explain(err, n.topic))
	}
	return nil
}

// maxAttribute bounds an attribute's value, in runes; a filter policy compares at most 256 characters.
const maxAttribute = 256

// attributes are what a subscription's filter policy may use. An attribute with no value is left out: SNS refuses an
// empty one.
func attributes(n finding.Finding) map[string]types.MessageAttributeValue {
	attrs := make(map[string]types.MessageAttributeValue, 7)
	add := func(name, value string) {
		if value = sanitize.Bound(value, maxAttribute); value != "" {
			attrs[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
		}
	}
	add("severity", string(n.RoutedSeverity()))
	add("event_name", n.EventName)
	add("outcome", string(n.Outcome))
	add("account", n.Account)
	add("region", n.Region)
	add("trail", n.Subject.Name)
	if n.Incident != nil {
		add("state", string(n.Incident.State))
	}
	return attrs
}
