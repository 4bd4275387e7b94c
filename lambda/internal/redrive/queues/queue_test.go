package queues

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

// queued is a message of fakeQueue.
type queued struct {
	id, body   string
	sent       time.Time
	hidden     int32 // seconds; 0: visible
	receives   int
	attributes map[string]string
}

// fakeQueue behaves like a standard queue whose messages come in the order of their names. Refuse, if set, may fail a
// call.
type fakeQueue struct {
	messages []*queued
	refuse   func(op string) error
	calls    map[string]int
}

func (q *fakeQueue) call(op string) error {
	if q.calls == nil {
		q.calls = make(map[string]int)
	}
	q.calls[op]++
	if q.refuse != nil {
		return q.refuse(op)
	}
	return nil
}

func (q *fakeQueue) ReceiveMessage(
	_ context.Context, in *sqs.ReceiveMessageInput, _ ...func(*sqs.Options),
) (*sqs.ReceiveMessageOutput, error) {
	if err := q.call("receive"); err != nil {
		return nil, err
	}
	out := &sqs.ReceiveMessageOutput{}
	for _, m := range q.messages {
		if m.hidden == 0 && len(out.Messages) < int(in.MaxNumberOfMessages) {
			m.hidden = in.VisibilityTimeout
			m.receives++
			out.Messages = append(out.Messages, types.Message{
				MessageId:     aws.String(m.id),
				ReceiptHandle: aws.String("receipt of " + m.id),
				Body:          aws.String(m.body),
				Attributes: map[string]string{
					"SentTimestamp": strconv.FormatInt(m.sent.UnixMilli(), 10), "ApproximateReceiveCount": strconv.Itoa(m.receives),
				},
				MessageAttributes: valuesOf(m.attributes),
			})
		}
	}
	return out, nil
}

func valuesOf(all map[string]string) map[string]types.MessageAttributeValue {
	values := map[string]types.MessageAttributeValue{}
	for name, value := range all {
		values[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
	}
	return values
}

func (q *fakeQueue) SendMessage(
	_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options),
) (*sqs.SendMessageOutput, error) {
	if err := q.call("send"); err != nil {
		return nil, err
	}
	m := &queued{
		id:         fmt.Sprintf("sent%d", len(q.messages)),
		body:       *in.MessageBody,
		sent:       start,
		attributes: map[string]string{},
	}
	for name, value := range in.MessageAttributes {
		m.attributes[name] = *value.StringValue
	}
	q.messages = append(q.messages, m)
	return &sqs.SendMessageOutput{}, nil
}

func (q *fakeQueue) DeleteMessage(
	_ context.Context, in *sqs.DeleteMessageInput, _ ...func(*sqs.Options),
) (*sqs.DeleteMessageOutput, error) {
	if err := q.call("delete"); err != nil {
		return nil, err
	}
	q.messages = slices.DeleteFunc(q.messages, func(m *queued) bool { return "receipt of "+m.id == *in.ReceiptHandle })
	return &sqs.DeleteMessageOutput{}, nil
}

func (q *fakeQueue) ChangeMessageVisibility(
	_ context.Context, in *sqs.ChangeMessageVisibilityInput, _ ...func(*sqs.Options),
) (*sqs.ChangeMessageVisibilityOutput, error) {
	if err := q.call("change"); err != nil {
		return nil, err
	}
	for _, m := range q.messages {
		if "receipt of "+m.id == *in.ReceiptHandle {
			m.hidden = in.VisibilityTimeout
		}
	}
	return &sqs.ChangeMessageVisibilityOutput{}, nil
}

// left are the messages that are still there; one that cannot be seen is marked.
func (q *fakeQueue) left() []string {
	var ids []string
	for _, m := range q.messages {
		if m.hidden != 0 {
			ids = append(ids, m.id+" hidden")
		} else {
			ids = append(ids, m.id)
		}
	}
	return ids
}

// expire makes everything visible that was hidden for a while.
func (q *fakeQueue) expire() {
	for _, m := range q.messages {
		m.hidden = 0
	}
}

func (q *fakeQueue) put(id string, sent int, body string) *fakeQueue {
	q.messages = append(q.messages, &queued{id: id, sent: start.Add(time.Duration(sent) * time.Second), body: body})
	return q
}

// TestRunWhereQueuesRefuse: one refusal is one reason, and the others go on.
func TestRunWhereQueuesRefuse(t *testing.T) {
	for code, want := range map[string]string{
		"AccessDeniedException": "the function's role may not read the queue; grant it " +
			"sqs:ReceiveMessage by deploying again",
		"KmsAccessDenied": "the function's role may not use the queue's key; grant it kms:Decrypt " +
			"by deploying again",
		"KMS.AccessDeniedException": "the function's role may not use the queue's key; grant it kms:Decrypt " +
			"by deploying again",
		"KMS.NotFoundException": "the queue's key cannot be used (KMS.NotFound); enable the key or give " +
			"the queue another",
		"KMS.ThrottlingException": "KMS throttled the queue's key; if this lasts, find out what else uses " +
			"KMS in the account",
		"KmsDisabled": "the queue's key cannot be used (KmsDisabled); enable the key or give " +
			"the queue another",
		"QueueDoesNotExist":                       "the queue does not exist; deploy again to bring it back",
		"AWS.SimpleQueueService.NonExistentQueue": "the queue does not exist; deploy again to bring it back",
		"InvalidSecurity": "SQS refused the call with InvalidSecurity; look the code up in its API " +
			"reference",
	} {
		r := newRun("gone", "failures")
		r.queues["gone"].refuse = func(string) error { return &smithy.GenericAPIError{Code: code} }
		r.queues["failures"].put("m", 0, parkedFor("sns", "e", 0))
		got := r.minute()
		if got.Queues[0].Refused != want || got.Queues[1].Sent != 1 || !got.Refused() {
			t.Errorf("%s: %+v", code, got)
		}
		if !strings.Contains(r.log.String(), `"level":"ERROR","msg":"redrive","queue":"gone"`) {
			t.Errorf("%s: not logged", code)
		}
	}
}

// TestRunWhereDeletingFails: what is done and not deleted is said, and stays hidden until its time is over.
func TestRunWhereDeletingFails(t *testing.T) {
	r := newRun("q")
	r.queues["q"].put("m", 0, parkedFor("sns", "e", 0))
	r.queues["q"].refuse = func(op string) error {
		if op == "delete" {
			return &smithy.GenericAPIError{Code: "AccessDenied"}
		}
		return nil
	}
	got := r.minute().Queues[0]
	want := []Left{
		{
			Channel: "sns",
			Count:   1,
			Oldest:  start,
			Reason: "it is done, but is still in the queue and will come again: the function's role may not delete from the " +
				"queue; grant it sqs:DeleteMessage by deploying again",
		},
	}
	if diff := cmp.Diff(want, got.Left); diff != "" || got.Sent != 1 {
		t.Errorf("sent %d, left (-want +got):\n%s", got.Sent, diff)
	}
	if m := r.queues["q"].messages[0]; m.hidden != 120 {
		t.Errorf("hidden for %d s", m.hidden)
	}
	r = newRun("q")
	r.queues["q"].put("m", 0, "nothing known")
	r.queues["q"].refuse = func(op string) error {
		if op == "change" {
			return &smithy.GenericAPIError{Code: "AccessDenied"}
		}
		return nil
	}
	if got := r.minute(); got.Remaining() != 1 || !strings.Contains(r.log.String(), "sqs:ChangeMessageVisibility") {
		t.Errorf("%+v\n%s", got, r.log.String())
	}
}

// TestRunTwiceGiven: SQS may give a message twice.
func TestRunTwiceGiven(t *testing.T) {
	r := newRun("q")
	r.queues["q"].put("m", 0, event("e")).put("m", 0, event("e"))
	if got := r.minute().Queues[0]; got.Handled != 1 || got.Read != 1 {
		t.Errorf("%+v", got)
	}
}
