package localcloud

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const openQueue = `{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]}`

// queueAs calls SQS about the queue Dead as somebody.
func queueAs(c *Cloud, key string) (*sqs.Client, *string) {
	return sqs.NewFromConfig(awsConfig(c, region, key)), aws.String(c.QueueURL("Dead"))
}

func setQueue(t *testing.T, c *Cloud, key string, attributes map[string]string) error {
	t.Helper()
	client, url := queueAs(c, key)
	_, err := client.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: url, Attributes: attributes})
	return err
}

// A stranger gets into a queue only where its policy was opened, and never to its attributes.
func TestAnOpenedQueueAdmitsOthers(t *testing.T) {
	c := newCloud(t, nil)
	c.AddPrincipal(Principal{AccessKey: "stranger", Account: "999988887777", UserName: "eve"})
	client, url := queueAs(c, "stranger")
	send := func() error {
		_, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("x")})
		return err
	}
	if err := send(); code(err) != "AccessDeniedException" {
		t.Errorf("before: %v", err)
	}
	if err := setQueue(t, c, "stranger", map[string]string{"Policy": openQueue}); code(err) != "AccessDeniedException" {
		t.Errorf("a stranger sets the policy: %v", err)
	}
	if err := setQueue(t, c, "operator", map[string]string{"Policy": openQueue}); err != nil {
		t.Fatal(err)
	}
	if err := send(); err != nil || len(c.Queued()["Dead"]) != 1 {
		t.Errorf("opened: %v", err)
	}
	if err := setQueue(t, c, "stranger", map[string]string{"DelaySeconds": "1"}); code(err) != "AccessDeniedException" {
		t.Errorf("a stranger whom the policy lets in sets an attribute: %v", err)
	}
	if err := setQueue(t, c, "operator", map[string]string{"Policy": ""}); err != nil {
		t.Fatal(err)
	}
	if err := send(); code(err) != "AccessDeniedException" {
		t.Errorf("without a policy: %v", err)
	}
}

// What SetQueueAttributes takes, GetQueueAttributes tells; of what it refuses nothing is set.
func TestQueueAttributes(t *testing.T) {
	c := newCloud(t, nil)
	client, url := queueAs(c, "operator")
	for name, tt := range map[string]struct{ value, code string }{
		"MessageRetentionPeriod": {"60", ""}, "VisibilityTimeout": {"43201", "InvalidAttributeValue"},
		"DelaySeconds": {"900", ""}, "ReceiveMessageWaitTimeSeconds": {"21", "InvalidAttributeValue"},
		"RedrivePolicy": {`{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:nope","maxReceiveCount":3}`, "InvalidAttributeValue"},
		"Policy":        {"{", "InvalidAttributeValue"}, "KmsMasterKeyId": {"alias/app", ""}, "SqsManagedSseEnabled": {"yes", "InvalidAttributeValue"},
		"QueueArn": {"x", "InvalidAttributeName"}, "Colour": {"x", "InvalidAttributeName"},
	} {
		err := setQueue(t, c, "operator", map[string]string{name: tt.value, "MaximumMessageSize": "2048"})
		if code(err) != tt.code {
			t.Errorf("%s %s: %v, want %q", name, tt.value, err, tt.code)
		}
		out, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
			QueueUrl: url, AttributeNames: []sqstypes.QueueAttributeName{"All"},
		})
		if err != nil {
			t.Fatal(err)
		}
		got := out.Attributes
		if set := got["MaximumMessageSize"] == "2048"; set != (tt.code == "") || tt.code == "" && got[name] != tt.value {
			t.Errorf("%s: %v", name, got)
		}
		if got["KmsMasterKeyId"] != "" && got["SqsManagedSseEnabled"] != "false" {
			t.Errorf("two kinds of encryption: %v", got)
		}
		if err := setQueue(t, c, "operator", map[string]string{"MaximumMessageSize": "1024"}); err != nil {
			t.Fatal(err)
		}
	}
	both := map[string]string{"KmsMasterKeyId": "alias/app", "SqsManagedSseEnabled": "true"}
	if err := setQueue(t, c, "operator", both); code(err) != "InvalidAttributeValue" {
		t.Errorf("two kinds of encryption: %v", err)
	}
}

// A purged queue is empty, is not purged again for a minute, and the record says which queue it was.
func TestPurgeAndDelete(t *testing.T) {
	c := newCloud(t, nil)
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	client, url := queueAs(c, "operator")
	ctx := t.Context()
	if !c.ForceMessage("Dead", "x") {
		t.Fatal("no queue")
	}
	purge := func() error {
		_, err := client.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: url})
		return err
	}
	if err := purge(); err != nil || len(c.Queued()["Dead"]) != 0 {
		t.Errorf("%v, %v", err, c.Queued()["Dead"])
	}
	if err := purge(); code(err) != "PurgeQueueInProgress" {
		t.Errorf("again: %v", err)
	}
	c.Pass(time.Minute)
	if err := purge(); err != nil {
		t.Errorf("a minute later: %v", err)
	}
	if _, err := client.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: url}); err != nil {
		t.Fatal(err)
	}
	if err := purge(); code(err) != "QueueDoesNotExist" {
		t.Errorf("deleted: %v", err)
	}
	run(t, c)
	for _, event := range []string{"PurgeQueue", "DeleteQueue"} {
		if got := recorded(t, c, event); len(got) == 0 || got[0]["queueUrl"] != *url {
			t.Errorf("%s: %v", event, got)
		}
	}
}

// recorded are the request parameters of the records of a call that came to the queue Copies.
func recorded(t *testing.T, c *Cloud, event string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for _, m := range c.Queued()["Copies"] {
		var e struct {
			Detail struct {
				EventName         string
				RequestParameters map[string]any
			}
		}
		if err := json.NewDecoder(strings.NewReader(m.Body)).Decode(&e); err != nil {
			t.Fatal(err)
		}
		if e.Detail.EventName == event {
			all = append(all, e.Detail.RequestParameters)
		}
	}
	return all
}
