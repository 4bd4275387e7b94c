package queues

import (
	"context"
	"log/slog"
	"maps"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/sanitize"
)

const (
	// maxReceives and longestTried are when a message was tried too often: after a week of sweeps, and long before its
	// queue would delete it, which happens 14 days after it was sent. Slack or SNS may be away for days without a message
	// being laid aside.
	maxReceives  = 10_000
	longestTried = 7 * 24 * time.Hour

	maxMessage    = 1 << 20 // bytes of a message with its attributes (SQS API reference, SendMessage)
	maxAttributes = 10      // the same
)

// FinalError is why a message never can be sent or handled, however often it is tried.
type FinalError struct{ Err error }

// Error is the cause's.
func (e *FinalError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *FinalError) Unwrap() error { return e.Err }

// spent reports whether a message was tried too often.
func (r *Redriver) spent(m message) bool {
	return m.receives >= maxReceives || !m.sent.IsZero() && r.Clock.Now().Sub(m.sent) >= longestTried
}

// layAside moves a message to the last queue, whose 14 days begin then, and notes why. It stays where it is if it lies
// there already, if there is no such queue, or if that does not take it.
func (r *Redriver) layAside(ctx context.Context, m message, why string, report *QueueReport) {
	from := r.Queues[m.queue]
	if r.Last == nil || from.URL == r.Last.URL {
		r.stay(ctx, m, why, report)
		return
	}
	err := awscall.Do(ctx, r.Clock, func(ctx context.Context) error {
		_, err := r.Last.Client.SendMessage(ctx, &sqs.SendMessageInput{
			QueueUrl: aws.String(
				r.Last.URL,
			),
			MessageBody:       aws.String(m.body),
			MessageAttributes: m.attributesFor(from.Name, why),
		})
		return err
	})
	if err != nil {
		r.stay(ctx, m, why+"; it could not be put into the last queue: "+explain("send to", "sqs:SendMessage", err), report)
		return
	}
	r.Log.LogAttrs(
		ctx, slog.LevelError, "redrive", slog.String("queue", from.Name), slog.String("message_id", m.id),
		slog.String("event_id", m.eventID), slog.String("last", why),
	)
	report.Aside = noted(report.Aside, m, why)
	if err := r.remove(ctx, m); err != nil {
		report.leave(m, err.Error())
	}
}

// attributesFor are the message's own attributes, which say why EventBridge could not deliver it, and where it came
// from and why it is aside.
func (m message) attributesFor(queue, why string) map[string]types.MessageAttributeValue {
	all := map[string]types.MessageAttributeValue{}
	size := len(m.body)
	add := func(name, value string) {
		all[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
		size += len(name) + len("String") + len(value)
	}
	add("last_reason", sanitize.Bound(why, maxReason))
	add("last_from", sanitize.Bound(queue, 80))
	add("last_receives", strconv.Itoa(m.receives))
	own := maps.Clone(all)
	for name, value := range m.attributes {
		if text := aws.ToString(value.StringValue); text != "" && len(all) < maxAttributes && own[name].StringValue == nil {
			add(name, text)
		}
	}
	switch {
	case size <= maxMessage:
		return all
	case len(m.body) <= maxMessage-2*maxReason:
		return own
	}
	return nil
}
