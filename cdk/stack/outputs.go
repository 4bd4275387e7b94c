package stack

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/owntrail"
	"trailkeeper/cdk/settings"
)

// outputs are what an operator needs next: names to look at, and the secret that must exist.
func outputs(scope constructs.Construct, t *Trailkeeper, s settings.Settings) {
	put := func(id, description string, value *string) {
		awscdk.NewCfnOutput(
			scope,
			jsii.String(id),
			&awscdk.CfnOutputProps{Description: jsii.String(description), Value: value},
		)
	}
	queue := func(id, description string, q awssqs.IQueue) {
		if q != nil {
			put(id, description, q.QueueUrl())
		}
	}
	put("FunctionName", "The guard", t.Guard.Function.FunctionName())
	put("LogGroupName", "The guard's log", t.Guard.LogGroup.LogGroupName())
	if t.Watch != nil {
		put("WatchFunctionName", "The watch", t.Watch.Function.FunctionName())
		put("WatchLogGroupName", "The watch's log", t.Watch.LogGroup.LogGroupName())
		put("WatchTableName", "The watch's state table", t.Watch.Table.Table.Ref())
	}
	if t.Backtest != nil {
		put("BacktestArn", "The state machine that backtests an archive", t.Backtest.Machine.Ref())
		put("BacktestResultsName", "The bucket of its results", t.Backtest.Results.BucketName())
	}
	if t.Topic != nil {
		put("TopicArn", "The topic that is published to", t.Topic.Topic.TopicArn())
	}
	queue("GuardFailuresUrl", "What the guard gave up on, and messages that it could not deliver", t.Queues.Failures)
	queue("GuardDeadLettersUrl", "Events that did not reach the guard", t.Queues.Guard)
	queue("SlackDeadLettersUrl", "Events that EventBridge could not post to Slack", t.Queues.Slack)
	queue("TopicDeadLettersUrl", "What did not reach the topic or its subscribers", t.Queues.Topic)
	queue("SweepDeadLettersUrl", "Sweeps that EventBridge Scheduler could not start", t.Queues.Sweep)
	queue("LastQueueUrl", "What was tried too often, or can never be handled or delivered", t.Queues.Last)
	queue("TestDeadLettersUrl", "Test alerts that EventBridge Scheduler could not send", t.Queues.Test)
	queue("WatchFailuresUrl", "What the watch gave up on, and messages that it could not deliver", t.Queues.Watch.Failures)
	queue("WatchDeadLettersUrl", "Records that did not reach the watch", t.Queues.Watch.DeadLetters)
	queue("WatchLastQueueUrl", "What the watch tried too often, or can never handle or deliver", t.Queues.Watch.Last)
	queue("LogFilesUrl", "Notifications about log files", t.Queues.Watch.LogFiles)
	queue("LogFileDeadLettersUrl", "Log files on which the watch failed every time", t.Queues.Watch.LogFileDeadLetters)
	if t.Archive != nil {
		for i, c := range t.Archive.Commands(s, t.Queues.Watch) {
			put(fmt.Sprintf("LogFilesCommand%d", i+1), "What the owner of the bucket "+c.Bucket+" runs once", jsii.String(c.Text))
		}
		put("WatchRoleArn", "Whom owners of buckets in other accounts let read", t.Watch.Role.RoleArn())
	}
	if t.Dashboard != nil {
		put("DashboardName", "The CloudWatch dashboard", t.Dashboard.Ref())
	}
	if t.Guard.Table != nil {
		put("TableName", "The state table", t.Guard.Table.Table.Ref())
	}
	for i, p := range t.Guardrail {
		put(fmt.Sprintf("GuardrailPolicy%d", i+1), "ID of an organization policy of the guardrail", p.AttrId())
	}
	ownTrail := func(id, which string, of *owntrail.Trail) {
		if of != nil {
			put(id+"Name", which, of.Trail.Ref())
			put(id+"BucketName", which+"'s bucket", of.Bucket.BucketName())
		}
	}
	ownTrail("CanaryTrail", "The canary trail", t.Canary)
	ownTrail("FirstTrail", "The first trail", t.FirstTrail)
	var names []string
	for _, r := range slices.Concat(t.Rules.All, t.Rules.Watched) {
		names = append(names, r.PhysicalName)
	}
	put("RuleNames", "The EventBridge rules", jsii.String(strings.Join(names, ", ")))
	if s.Secret != "" {
		put("SecretName", "The secret that is read", jsii.String(s.Secret))
	}
}
