package stage

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/localcloud"
)

// queueSenders are who may send to each queue: a role of the stack, or a service for one of its rules or topics.
var queueSenders = map[string][]string{
	"GuardFailures":    {"GuardRole"},
	"LastQueue":        {"GuardRole"},
	"SweepDeadLetters": {"GuardRole", "SweepRole"},
	"TestDeadLetters":  {"GuardRole", "TestAlertRole"},
	"GuardDeadLetters": {
		"GuardRole",
		"TamperingRule",
		"ChangeRule",
		"OwnRepairRule",
		"AttemptRule",
		"OddActorRule",
		"ActivityRule",
		"TestRule",
	},
	"SlackDeadLetters": {
		"GuardRole",
		"TamperingRule",
		"ChangeRule",
		"OwnRepairRule",
		"AttemptRule",
		"OddActorRule",
		"TestRule",
		"AlarmRaised",
		"AlarmCleared",
		"AlarmRaisedWatch",
		"AlarmClearedWatch",
	},
	"WatchFailures":  {"WatchRole"},
	"WatchLastQueue": {"WatchRole"},
	"WatchDeadLetters": {
		"WatchRole",
		"RedeliveryRole",
		"TestRule",
		"Watch1Rule",
		"Watch2Rule",
		"Watch3Rule",
		"Watch4Rule",
		"Watch5Rule",
	},
	"TopicDeadLetters": {"GuardRole", "NoticesRule", "NotificationsTopic", "NotificationsAlarmsTopic"},
}

var queueTouches = []string{
	"sqs:SendMessage",
	"sqs:ReceiveMessage",
	"sqs:DeleteMessage",
	"sqs:PurgeQueue",
	"sqs:ChangeMessageVisibility",
	"sqs:StartMessageMoveTask",
	"sqs:CancelMessageMoveTask",
}

// TestQueuesAreOurs asks each queue's policy about each sender of the stack, and about everybody else.
func TestQueuesAreOurs(t *testing.T) {
	for _, name := range golden.Names() {
		template, _ := golden.Variant(name)
		o := Options(template)
		cloud, err := localcloud.New(o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cloud.Close() })
		all := map[string]bool{}
		for _, senders := range queueSenders {
			for _, s := range senders {
				all[s] = true
			}
		}
		for queue, senders := range queueSenders {
			if cloud.QueueURL(queue) == "" {
				continue
			}
			for sender := range all {
				if cloud.ARNOf(sender) == "" ||
					strings.HasPrefix(sender, "Notifications") && !strings.Contains(string(template), "AWS::SNS::Subscription") {
					continue
				}
				if got, want := admitted(cloud, queue, sender, "sqs:SendMessage"), slices.Contains(senders, sender); got != want {
					t.Errorf("%s: %s may send to %s: %t; want %t", name, sender, queue, got, want)
				}
			}
			for _, stranger := range strangers(o) {
				for _, action := range queueTouches {
					if cloud.QueueAdmits(queue, stranger.who, action, stranger.source) {
						t.Errorf("%s: %s (%s) may %s on %s", name, stranger.who, stranger.source, action, queue)
					}
				}
			}
			if !cloud.QueueAdmits(queue, "arn:aws:iam::"+o.Account+":role/admin", "sqs:GetQueueAttributes", "") {
				t.Errorf("%s: nobody may look at the attributes of %s, as CloudFormation must", name, queue)
			}
		}
	}
}

// admitted asks for a sender of the stack in the way that it sends: a role by itself, EventBridge and SNS for a rule
// and a topic.
func admitted(cloud *localcloud.Cloud, queue, sender, action string) bool {
	arn := cloud.ARNOf(sender)
	switch {
	case strings.Contains(arn, ":iam:"):
		return cloud.QueueAdmits(queue, arn, action, "")
	case strings.Contains(arn, ":sns:"):
		return cloud.QueueAdmits(queue, "sns.amazonaws.com", action, arn)
	}
	return cloud.QueueAdmits(queue, "events.amazonaws.com", action, arn)
}

type stranger struct{ who, source string }

// strangers are who may touch no message of any queue.
func strangers(o localcloud.Options) []stranger {
	role := "arn:aws:iam::" + o.Account + ":role/"
	all := []stranger{
		{"arn:aws:iam::" + o.Account + ":root", ""},
		{"arn:aws:iam::" + o.Account + ":user/admin", ""},
		{role + "admin", ""},
		{role + o.Stack + "-GuardRole", ""},
		{role + o.Stack + "-GuardRole00000000-x", ""},
		{role + "aws-service-role/sqs.amazonaws.com/AWSServiceRoleForX", ""},
		{"arn:aws:iam::999988887777:root", ""},
		{"arn:aws:iam::999988887777:role/admin", ""},
		{"lambda.amazonaws.com", "arn:aws:lambda:" + o.Region + ":" + o.Account + ":function:guard"},
		{"scheduler.amazonaws.com", "arn:aws:scheduler:x"},
		{"events.amazonaws.com", ""},
		{"sns.amazonaws.com", ""},
		{"s3.amazonaws.com", "arn:aws:s3:::bucket"},
	}
	for _, account := range []string{o.Account, "999988887777"} {
		rule := "arn:aws:events:" + o.Region + ":" + account + ":rule/"
		all = append(
			all,
			stranger{"events.amazonaws.com", rule + "other"},
			stranger{"events.amazonaws.com", rule + o.Stack + "-tampering-2"},
			stranger{"sns.amazonaws.com", "arn:aws:sns:" + o.Region + ":" + account + ":other"},
		)
	}
	return append(
		all,
		stranger{"events.amazonaws.com", "arn:aws:events:" + o.Region + ":999988887777:rule/" + o.Stack + "-tampering"},
		stranger{"sns.amazonaws.com", "arn:aws:events:" + o.Region + ":" + o.Account + ":rule/" + o.Stack + "-tampering"},
	)
}

// TestBreakGlass: a principal that the settings name may touch the messages, and one that is called alike may not.
func TestBreakGlass(t *testing.T) {
	template, _ := golden.Variant("everything")
	cloud, err := localcloud.New(Options(template))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cloud.Close() })
	for who, want := range map[string]bool{
		"role/ops/BreakGlass":  true,
		"role/BreakGlass":      false,
		"role/ops/BreakGlass2": false,
		"user/ops/BreakGlass":  false,
	} {
		for queue := range queueSenders {
			if got := cloud.QueueAdmits(queue, "arn:aws:iam::111122223333:"+who, "sqs:ReceiveMessage", ""); got != want {
				t.Errorf("%s on %s: %t", who, queue, got)
			}
		}
	}
}

// TestNobodyTouchesTheQueues makes the calls of somebody who may do everything by his own policies, through the SDK.
func TestNobodyTouchesTheQueues(t *testing.T) {
	template, _ := golden.Variant(golden.Default)
	cloud, err := localcloud.New(Options(template))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cloud.Close() })
	client := sqs.NewFromConfig(Config(cloud, Region, AttackerKey))
	for queue := range queueSenders {
		url := aws.String(cloud.QueueURL(queue))
		if *url == "" {
			continue
		}
		arn := aws.String("arn:aws:sqs:" + Region + ":" + Account + ":" + (*url)[strings.LastIndexByte(*url, '/')+1:])
		for call, do := range map[string]func() error{
			"SendMessage": func() error {
				_, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("x")})
				return err
			},
			"ReceiveMessage": func() error {
				_, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: url})
				return err
			},
			"DeleteMessage": func() error {
				_, err := client.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: aws.String("x")})
				return err
			},
			"PurgeQueue": func() error {
				_, err := client.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: url})
				return err
			},
			"ChangeMessageVisibility": func() error {
				_, err := client.ChangeMessageVisibility(
					t.Context(),
					&sqs.ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: aws.String("x"), VisibilityTimeout: 9},
				)
				return err
			},
			"StartMessageMoveTask": func() error {
				_, err := client.StartMessageMoveTask(t.Context(), &sqs.StartMessageMoveTaskInput{SourceArn: arn})
				return err
			},
		} {
			if err := do(); err == nil || !strings.Contains(err.Error(), "with an explicit deny in a resource-based policy") {
				t.Errorf("%s on %s: %v", call, queue, err)
			}
		}
	}
}
