package channels

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"trailkeeper/events"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/pages"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// listeners are how many subscriptions topics have, by their protocol, and which of them are confirmed.
type listeners struct {
	confirmed, pending map[string]int
	arns               []string // of the confirmed ones
	more               bool     // there are others
}

// Subscriptions judges whether somebody listens to each topic, and whether the guard publishes to the stack's. Endpoints
// are not shown: a pager's is a credential.
func Subscriptions(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "subscriptions"
	topics, known := d.Topics()
	switch told := d.Guard.Settings.TopicARN; {
	case !known:
		return verdict.Unseen(name, "Whether there is a topic is not known, as the guard's settings are not.",
			"Put right what the guard's line says, and run it again.")
	case len(topics) == 0:
		return nil
	case d.Guard.Known() && told != topics[0]:
		return verdict.Bad(name, "The guard is told another topic than the stack has, or none.",
			"Deploy with --revert-drift, and find out who changed the guard's environment (UpdateFunctionConfiguration).")
	}
	l := listeners{confirmed: map[string]int{}, pending: map[string]int{}}
	for _, arn := range topics {
		if wrong := l.of(ctx, d, arn); wrong != nil {
			return wrong
		}
	}
	return l.judge(d, topics)
}

// of reads the subscriptions of one topic; not nil: it says what is wrong with the topic.
func (l *listeners) of(ctx context.Context, d *deployed.Deployment, topic string) []verdict.Verdict {
	const name = "subscriptions"
	api := sns.NewFromConfig(d.AWS)
	before := len(l.arns) + total(l.pending)
	more, err := pages.Read(func(token *string) (*string, error) {
		page, err := api.ListSubscriptionsByTopic(ctx, &sns.ListSubscriptionsByTopicInput{TopicArn: aws.String(topic), NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, s := range page.Subscriptions {
			l.add(aws.ToString(s.SubscriptionArn), aws.ToString(s.Protocol))
		}
		return page.NextToken, nil
	})
	if _, gone := errors.AsType[*types.NotFoundException](err); gone {
		return verdict.Bad(name, "The topic "+nameOf(topic)+" is gone.", "Deploy with --revert-drift; everybody must then confirm anew. Find out who deleted it.")
	}
	if err != nil {
		return verdict.Refused(name, "list the subscriptions of "+nameOf(topic), "sns:ListSubscriptionsByTopic", err, nil)
	}
	l.more = l.more || more
	if before == len(l.arns)+total(l.pending) {
		return verdict.Bad(name, "Nobody listens to the topic "+nameOf(topic)+".",
			"Put endpoints into sns.subscriptions, deploy and confirm; if there were some, find out who removed them (Unsubscribe).",
			listing(d, topic))
	}
	return nil
}

// add counts a subscription. SNS gives one that is not confirmed no ARN, and lists one that was deleted for some days
// (Amazon SNS API reference, Subscription).
func (l *listeners) add(arn, protocol string) {
	switch {
	case events.IsARN(arn):
		l.confirmed[protocol]++
		l.arns = append(l.arns, arn)
	case arn != "Deleted":
		l.pending[protocol]++
	}
}

// judge judges the subscriptions of all topics.
func (l *listeners) judge(d *deployed.Deployment, topics []string) []verdict.Verdict {
	const name = "subscriptions"
	var list []string
	for _, topic := range topics {
		list = append(list, listing(d, topic))
	}
	switch gone := l.gone(d, topics); {
	case len(l.confirmed) == 0:
		return verdict.Bad(name, "Nobody listens to the topic: not confirmed are "+counted(l.pending)+".",
			"Confirm them; AWS deletes what is not confirmed after some days.", list...)
	case gone > 0 && !l.more:
		return verdict.Bad(name, fmt.Sprintf("Of the stack's subscriptions %d are gone; confirmed are %s.", gone, counted(l.confirmed)),
			"Deploy with other endpoints and back again, confirm, and find out who removed them (Unsubscribe).", list...)
	case len(l.pending) > 0:
		return verdict.Warn(name, "Confirmed are "+counted(l.confirmed)+"; not confirmed are "+counted(l.pending)+".",
			"Confirm them, or take them out of sns.subscriptions.", list...)
	case l.more:
		return verdict.Rest(name, "subscriptions")
	}
	return verdict.Good(name, "All subscriptions of the topic are confirmed: "+counted(l.confirmed)+".")
}

// gone is how many of the stack's subscriptions of the topics are neither confirmed nor can be among those that are not.
// The ARN of a subscription begins with its topic's.
func (l *listeners) gone(d *deployed.Deployment, topics []string) int {
	missing := 0
	for _, r := range d.Of("AWS::SNS::Subscription") {
		ours := slices.ContainsFunc(topics, func(topic string) bool { return strings.HasPrefix(r.Name, topic+":") })
		if ours && !slices.Contains(l.arns, r.Name) {
			missing++
		}
	}
	return max(0, missing-total(l.pending))
}

func nameOf(topic string) string { return topic[strings.LastIndexByte(topic, ':')+1:] }

func listing(d *deployed.Deployment, topic string) string {
	return d.AWSCommand("sns", "list-subscriptions-by-topic", "--topic-arn", topic)
}

func total(by map[string]int) (n int) {
	for _, some := range by {
		n += some
	}
	return n
}

func counted(by map[string]int) string {
	var all []string
	for _, protocol := range slices.Sorted(maps.Keys(by)) {
		all = append(all, fmt.Sprintf("%d %s", by[protocol], protocol))
	}
	return strings.Join(all, ", ")
}
