package queue

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// touchMessages are the calls that put messages into a queue, take them out, hide them or move them (Service
// Authorization Reference, "Amazon SQS"); the calls on many messages at once ask for the same permissions. A statement
// has seven actions at most ("Amazon SQS policy quotas"). What concerns a queue as a whole is not among them:
// CloudFormation must stay able to change and to delete it, under a role whose name the stack cannot know for sure, and
// no condition key tells it from others.
var touchMessages = []string{
	"sqs:SendMessage",
	"sqs:ReceiveMessage",
	"sqs:DeleteMessage",
	"sqs:PurgeQueue",
	"sqs:ChangeMessageVisibility",
	"sqs:StartMessageMoveTask",
	"sqs:CancelMessageMoveTask",
}

// Take is what taking messages out of a queue needs, and hiding those that cannot be handled yet.
var Take = []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"}

// Close denies everybody but these principals to touch the messages of a queue that the stack makes: a message that
// anybody may write says anything, and one that anybody may delete is lost. Nothing depends on the policies of the
// queues, so that they may name roles and rules.
func Close(queue awssqs.Queue, admitted ...string) {
	queue.AddToResourcePolicy(onlyOurs(queue, admitted))
}

// onlyOurs denies all but these principals and AWS's services, which the other statements admit one by one. A negated
// condition is met where its key is missing, as with a service that calls by itself: EventBridge and SNS do for their
// dead letters, and aws:PrincipalIsAWSService is true then. It is false for the roles by which Lambda and Scheduler
// send (IAM User Guide, "AWS global condition context keys"), so that those are named.
func onlyOurs(queue awssqs.Queue, admitted []string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("OnlyOurs"),
		Effect:     awsiam.Effect_DENY,
		Principals: &[]awsiam.IPrincipal{awsiam.NewStarPrincipal()},
		Actions:    jsii.Strings(touchMessages...),
		Resources:  jsii.Strings(*queue.QueueArn()),
		Conditions: &map[string]any{
			"ArnNotEquals": map[string]any{"aws:PrincipalArn": admitted},
			"Bool":         map[string]any{"aws:PrincipalIsAWSService": "false"},
		},
	})
}
