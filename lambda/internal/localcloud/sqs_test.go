package localcloud

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// A message is received once, hidden, received again when that is over, and gone when it was deleted with its last
// handle.
func TestReceiveAndDelete(t *testing.T) {
	c := newCloud(t, nil)
	client, url := sqs.NewFromConfig(awsConfig(c, region, "operator")), aws.String(c.QueueURL("Failures"))
	ctx := t.Context()
	for _, body := range []string{"one", "two"} {
		_, err := client.SendMessage(ctx, &sqs.SendMessageInput{
			QueueUrl: url, MessageBody: aws.String(body), MessageAttributes: map[string]types.MessageAttributeValue{
				"channel": {DataType: aws.String("String"), StringValue: aws.String("slack")},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		c.Pass(time.Second)
	}
	receive := func(most int32) []types.Message {
		t.Helper()
		out, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl:                    url,
			MaxNumberOfMessages:         most,
			WaitTimeSeconds:             20,
			MessageAttributeNames:       []string{"All"},
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{"SentTimestamp", "ApproximateReceiveCount"},
		})
		if err != nil {
			t.Fatal(err)
		}
		return out.Messages
	}
	first := receive(1)
	if len(first) != 1 || *first[0].Body != "one" || *first[0].MessageAttributes["channel"].StringValue != "slack" ||
		first[0].Attributes["SentTimestamp"] != "1772442900000" || first[0].Attributes["ApproximateReceiveCount"] != "1" {
		t.Fatalf("received %+v", first)
	}
	if rest := receive(10); len(rest) != 1 || *rest[0].Body != "two" || len(receive(10)) != 0 {
		t.Errorf("received %+v next", rest)
	}
	change := func(handle *string, seconds int32) error {
		_, err := client.ChangeMessageVisibility(ctx,
			&sqs.ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: handle, VisibilityTimeout: seconds})
		return err
	}
	if err := change(first[0].ReceiptHandle, 0); err != nil {
		t.Error(err)
	}
	again := receive(10)
	if len(again) != 1 || again[0].Attributes["ApproximateReceiveCount"] != "2" {
		t.Fatalf("received %+v again", again)
	}
	remove := func(handle *string) error {
		_, err := client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: handle})
		return err
	}
	if err := remove(first[0].ReceiptHandle); err != nil || len(c.Queued()["Failures"]) != 2 {
		t.Errorf("an older handle: %v, %d messages", err, len(c.Queued()["Failures"]))
	}
	if err := remove(aws.String("nonsense")); code(err) != "ReceiptHandleIsInvalid" {
		t.Errorf("no handle: %v", err)
	}
	out, err := client.DeleteMessageBatch(ctx,
		&sqs.DeleteMessageBatchInput{QueueUrl: url, Entries: []types.DeleteMessageBatchRequestEntry{
			{Id: aws.String("a"), ReceiptHandle: again[0].ReceiptHandle}, {
				Id:            aws.String("b"),
				ReceiptHandle: aws.String("nonsense"),
			},
		}})
	if err != nil || len(out.Successful) != 1 || len(out.Failed) != 1 || *out.Failed[0].Id != "b" {
		t.Errorf("batch %+v, %v", out, err)
	}
	c.Pass(30 * time.Second)
	if left := receive(10); len(left) != 1 || *left[0].Body != "two" {
		t.Errorf("left %+v", left)
	}
	if err := change(first[0].ReceiptHandle, 0); code(err) != "MessageNotInflight" {
		t.Errorf("of a deleted message: %v", err)
	}
}

// The function may only do with a queue what its role says.
func TestReceiveNeedsAGrant(t *testing.T) {
	for action, want := range map[string]string{"sqs:ReceiveMessage": "", "sqs:SendMessage": "AccessDeniedException"} {
		c := newCloud(t, nil,
			edit(t, `"Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": ["Failures`,
				`"Action": "`+action+`", "Resource": {"Fn::GetAtt": ["Failures`))
		asFunction(t, c, func(ctx context.Context, cfg aws.Config, env FunctionEnv) {
			_, err := sqs.NewFromConfig(cfg).ReceiveMessage(ctx,
				&sqs.ReceiveMessageInput{QueueUrl: aws.String(env.Getenv("QUEUE"))})
			if code(err) != want || want != "" && !strings.Contains(err.Error(), "sqs:ReceiveMessage") {
				t.Errorf("%s: %v", action, err)
			}
		})
	}
}

// The alarm on a queue is over when the queue was emptied.
func TestAlarmOfAnEmptiedQueue(t *testing.T) {
	c := newCloud(t, nil)
	client, url := sqs.NewFromConfig(awsConfig(c, region, "operator")), aws.String(c.QueueURL("Dead"))
	if _, err := client.SendMessage(t.Context(),
		&sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("x")}); err != nil {
		t.Fatal(err)
	}
	run(t, c)
	out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: url})
	if err != nil || len(out.Messages) != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	if _, err := client.DeleteMessage(t.Context(),
		&sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: out.Messages[0].ReceiptHandle}); err != nil {
		t.Fatal(err)
	}
	run(t, c)
	if got := strings.Join(alarmStates(c, "app/dead"), " "); got != "ALARM OK" {
		t.Errorf("states %s", got)
	}
}

// What was hidden when the queue was counted looks gone for a minute: an alarm that remembers no minute more says so.
func TestAlarmOnAQueueThatIsLookedThrough(t *testing.T) {
	const periods = `"EvaluationPeriods": 1, "Threshold": 0`
	for remembers, want := range map[string]string{"1": "ALARM OK ALARM", "3": "ALARM"} {
		c := newCloud(t, nil, edit(t, periods, `"DatapointsToAlarm": 1, "EvaluationPeriods": `+remembers+`, "Threshold": 0`))
		client, url := sqs.NewFromConfig(awsConfig(c, region, "operator")), aws.String(c.QueueURL("Dead"))
		if _, err := client.SendMessage(t.Context(),
			&sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("x")}); err != nil {
			t.Fatal(err)
		}
		run(t, c)
		c.Pass(5 * time.Minute)
		out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: url})
		if err != nil || len(out.Messages) != 1 {
			t.Fatalf("%+v, %v", out, err)
		}
		if _, err := client.ChangeMessageVisibility(t.Context(), &sqs.ChangeMessageVisibilityInput{
			QueueUrl: url, ReceiptHandle: out.Messages[0].ReceiptHandle, VisibilityTimeout: 0,
		}); err != nil {
			t.Fatal(err)
		}
		run(t, c)
		if got := strings.Join(alarmStates(c, "app/dead"), " "); got != want {
			t.Errorf("%s periods: states %s, want %s", remembers, got, want)
		}
	}
}
