package queues

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"trailkeeper/lambda/internal/awscall"
)

const (
	// perCall is the most messages in one answer, and longestHidden the longest that a message stays hidden, in seconds
	// (SQS API reference, ReceiveMessage).
	perCall       = 10
	longestHidden = 12 * 60 * 60
	// hiddenAfter is how long messages stay hidden after the run's time, should it end without a word.
	hiddenAfter = time.Minute
	// forReading is the part of a run's time in which messages are received.
	forReading = 4
	// forWaiting makes SQS ask all of its servers, not a sample, before it says that there is nothing, in seconds.
	forWaiting = 1
)

// read receives what a queue holds, up to the bounds, which each lane has for itself: what overfills one keeps nothing
// of the other out. What a queue has already given when it refuses is worked on all the same.
func (r *Redriver) read(ctx context.Context, until time.Time, queue int, report *QueueReport) []message {
	var found []message
	work, held := [lanes]int{}, [lanes]int{}
	seen := make(map[string]bool) // SQS gives a message at least once
	end := r.Clock.Now().Add(until.Sub(r.Clock.Now()) / forReading)
	for received := 0; ; {
		if received >= maxRead || !r.Clock.Now().Before(end) || until.Sub(r.Clock.Now()) < leastTime || ctx.Err() != nil {
			report.More = true
			return found
		}
		some, err := r.receive(ctx, until, r.Queues[queue])
		if err != nil {
			report.Refused = explain("read", "sqs:ReceiveMessage", err)
			r.Log.ErrorContext(ctx, "redrive", "queue", report.Name, "error", report.Refused)
		}
		if err != nil || len(some) == 0 {
			return found
		}
		for _, m := range some {
			if received++; seen[aws.ToString(m.MessageId)] {
				continue
			}
			seen[aws.ToString(m.MessageId)] = true
			one := newMessage(queue, m, r.Takes)
			l := one.lane()
			if work[l] >= maxWork || held[l] >= maxHeld {
				report.More = true // it can be received again a minute after this run
				continue
			}
			work[l], held[l] = work[l]+1, held[l]+len(one.body)
			found = append(found, one)
		}
		report.Read = len(found)
	}
}

func (r *Redriver) receive(ctx context.Context, until time.Time, q Queue) ([]types.Message, error) {
	hidden := until.Sub(r.Clock.Now()) + hiddenAfter
	var out *sqs.ReceiveMessageOutput
	err := awscall.Do(ctx, r.Clock, func(ctx context.Context) (err error) {
		out, err = q.Client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl:            aws.String(q.URL),
			MaxNumberOfMessages: perCall,
			WaitTimeSeconds:     forWaiting,
			VisibilityTimeout:   int32(min(math.Ceil(hidden.Seconds()), longestHidden)),
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{
				types.MessageSystemAttributeNameSentTimestamp, types.MessageSystemAttributeNameApproximateReceiveCount,
			},
			MessageAttributeNames: []string{"All"},
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

// remove deletes a message that is done. The error is for the report: the message comes again, and whoever is notified
// twice learns so.
func (r *Redriver) remove(ctx context.Context, m message) error {
	q := r.Queues[m.queue]
	err := awscall.Do(ctx, r.Clock, func(ctx context.Context) error {
		_, err := q.Client.DeleteMessage(
			ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String(q.URL), ReceiptHandle: aws.String(m.receipt)},
		)
		return err
	})
	if err == nil {
		return nil
	}
	why := "it is done, but is still in the queue and will come again: " + explain("delete from", "sqs:DeleteMessage", err)
	r.Log.LogAttrs(
		ctx, slog.LevelError, "redrive", slog.String("queue", q.Name), slog.String("message_id", m.id),
		slog.String("error", why),
	)
	return errors.New(why)
}

// leave notes why a message stays, and makes it visible again. One that was tried too often goes to the last queue
// instead.
func (r *Redriver) leave(ctx context.Context, m message, why string, report *QueueReport) {
	if r.spent(m) {
		r.layAside(ctx, m, "it was tried for too long: "+why, report)
		return
	}
	r.stay(ctx, m, why, report)
}

// stay makes a message visible again. If that fails, it becomes so by itself when its time is over.
func (r *Redriver) stay(ctx context.Context, m message, why string, report *QueueReport) {
	report.leave(m, why)
	q := r.Queues[m.queue]
	_, err := q.Client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: aws.String(q.URL), ReceiptHandle: aws.String(m.receipt), VisibilityTimeout: 0,
	})
	if err != nil {
		r.Log.WarnContext(ctx, "redrive", "queue", q.Name, "message_id", m.id, "error",
			"the message stays hidden for a while: "+explain("change", "sqs:ChangeMessageVisibility", err))
	}
}

// explain turns an error of SQS into one sentence (SQS API reference, Common errors). On the wire the codes of the
// queue's key have the form "KMS.AccessDeniedException", as the service's model has them for its query protocol, and as
// types "KmsAccessDenied".
func explain(do, permission string, err error) string {
	code := awscall.Code(err)
	ofKey := strings.HasPrefix(strings.ToLower(code), "kms")
	switch {
	case ofKey && strings.Contains(code, "AccessDenied"):
		return "the function's role may not use the queue's key; grant it kms:Decrypt by deploying again"
	case ofKey && strings.Contains(code, "Throttl"):
		return "KMS throttled the queue's key; if this lasts, find out what else uses KMS in the account"
	case ofKey:
		return "the queue's key cannot be used (" + code + "); enable the key or give the queue another"
	case strings.Contains(code, "AccessDenied"):
		return fmt.Sprintf("the function's role may not %s the queue; grant it %s by deploying again", do, permission)
	case strings.Contains(code, "QueueDoesNotExist"), strings.Contains(code, "NonExistentQueue"):
		return "the queue does not exist; deploy again to bring it back"
	}
	return awscall.Other("SQS", err)
}
