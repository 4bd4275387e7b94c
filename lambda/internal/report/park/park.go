// Package park puts what could not be delivered into an SQS queue. It reads nothing back, and it does not judge what it
// parks.
package park

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message/request"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/sanitize"
)

const (
	// maxMessage is the most that SQS takes in one message, attributes included (SendMessage, MessageBody: 1 MiB).
	maxMessage = 1 << 20
	// forAttributes is kept for the names and values of the attributes.
	forAttributes = 1 << 10
	maxBody       = maxMessage - forAttributes
	// maxRequest bounds the notification's request, in bytes, where the whole is too large.
	maxRequest = 128 << 10
)

type sendMessageAPI interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
}

// Queue is an SQS queue. It implements report.Parker and is safe for concurrent use.
type Queue struct {
	client sendMessageAPI
	url    string
	clock  clock.Clock
}

// New returns the queue at url. The client's own retries are to be off: Park has its own.
func New(client sendMessageAPI, url string, clk clock.Clock) *Queue {
	return &Queue{client: client, url: url, clock: clk}
}

// Park sends p as JSON with the message attributes channel and event_id. A payload that would make the message larger
// than SQS takes is cut and marked so. The digest is that of the text as it was sent. The error is one sentence.
func (q *Queue) Park(ctx context.Context, p report.Parked) (digest string, err error) {
	body, err := encode(p)
	if err != nil {
		return "", fmt.Errorf("encode the message of %s for the failure queue: %w", p.Channel, err)
	}
	err = awscall.Do(ctx, q.clock, func(ctx context.Context) error {
		_, err := q.client.SendMessage(ctx, &sqs.SendMessageInput{
			QueueUrl: aws.String(q.url), MessageBody: aws.String(body), MessageAttributes: attributes(p),
		})
		return err
	})
	if err != nil {
		return "", errors.New("send to the failure queue: " + explain(err))
	}
	return report.DigestOf(body), nil
}

func attributes(p report.Parked) map[string]types.MessageAttributeValue {
	attrs := make(map[string]types.MessageAttributeValue, 2)
	for name, value := range map[string]string{"channel": p.Channel, "event_id": p.Notification.EventID} {
		if value = sanitize.Bound(value, 128); value != "" {
			attrs[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
		}
	}
	return attrs
}

// encode writes p within maxBody.
func encode(p report.Parked) (string, error) {
	body, err := marshal(p)
	if err != nil || len(body) <= maxBody {
		return body, err
	}
	payload := string(p.Payload)
	p.Payload, p.PayloadCut = nil, true
	body, err = marshal(p)
	for whole, short := p, 1; err == nil && len(body) > maxBody/2 && short <= finding.MaxText; short *= 2 {
		p = bounded(whole, short)
		body, err = marshal(p)
	}
	if err != nil {
		return "", err
	}
	for room := maxBody - len(body); room > 0; room /= 2 {
		if p.Payload, err = json.Marshal(strings.ToValidUTF8(payload[:min(room, len(payload))], "")); err != nil {
			return "", err
		}
		if cut, err := marshal(p); err == nil && len(cut) <= maxBody {
			return cut, nil
		}
	}
	return body, nil
}

// marshal writes p with only the characters that SQS takes: JSON escapes control characters, and U+FFFE and U+FFFF are
// left.
func marshal(p report.Parked) (string, error) {
	b, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	return strings.NewReplacer(
		"\uFFFE",
		`\ufffe`,
		"\uFFFF",
		`\uffff`,
	).Replace(
		strings.ToValidUTF8(string(b), "\uFFFD"),
	), nil
}

// bounded cuts every field that somebody else may have written, to so many times less than what is read again.
func bounded(p report.Parked, short int) report.Parked {
	request := request.JSON(p.Notification.Request, maxRequest/short)
	p = p.Bounded(finding.MaxText / short)
	p.Notification.Request = request
	return p
}

// explain turns an error of SendMessage into one sentence (SQS API reference, SendMessage, Errors). On the wire the
// codes of the queue's key have the form "KMS.AccessDeniedException", as the service's model has them for its query
// protocol, and as types "KmsAccessDenied".
func explain(err error) string {
	code := awscall.Code(err)
	ofKey := strings.HasPrefix(strings.ToLower(code), "kms")
	switch {
	case ofKey && strings.Contains(code, "AccessDenied"):
		return "the function's role may not use the queue's key; grant it kms:GenerateDataKey and kms:Decrypt"
	case ofKey && strings.Contains(code, "Throttl"):
		return "KMS throttled the queue's key; if this lasts, find out what else uses KMS in the account"
	case ofKey:
		return "the queue's key cannot be used (" + code + "); enable the key or give the queue another"
	case strings.Contains(code, "AccessDenied"):
		return "the function's role may not send to it; grant it sqs:SendMessage by deploying again"
	case strings.Contains(code, "QueueDoesNotExist"), strings.Contains(code, "NonExistentQueue"):
		return "the queue does not exist; deploy again to bring it back"
	}
	return awscall.Other("SQS", err)
}
