package archive

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"trailkeeper/cdk/queue"
	"trailkeeper/cdk/settings"
)

// Command is what the owner of a bucket runs once, so that S3 sends the notifications.
type Command struct{ Bucket, Text string }

// Commands are those of the buckets, in their order; where a topic is given, its owner has done what there is to do. S3
// takes a notification configuration as a whole (Amazon S3 API Reference, PutBucketNotificationConfiguration), so that
// each reads what is there and adds to it. A second run changes nothing. Where the configuration cannot be read, or is no
// JSON, nothing is written; where there is none, the AWS CLI prints nothing and succeeds.
func (a *Archive) Commands(s settings.Settings, queues queue.Watch) []Command {
	var all []Command
	for _, b := range s.Archive.Buckets {
		var with string
		switch b.Way() {
		case settings.SourceEventBridge:
			with = "(add // {}) + {EventBridgeConfiguration: {}}"
		case settings.SourceQueue:
			with = add("Queue", *queues.LogFiles.QueueArn(), s, b)
		case settings.SourceTopic:
			with = add("Topic", *a.Topic.TopicArn(), s, b)
		default:
			continue
		}
		at := fmt.Sprintf("--bucket %s --expected-bucket-owner %s", b.Name,
			cmp.Or(b.Account, *awscdk.Stack_Of(a.Construct).Account()))
		all = append(all, Command{b.Name, "old=$(aws s3api get-bucket-notification-configuration --output json " + at + ")" +
			` && new=$(printf %s "$old" | jq -s '` + with + "')" +
			" && aws s3api put-bucket-notification-configuration " + at + ` --notification-configuration "$new"`})
	}
	return all
}

// add is jq's program that adds the stack's destination, in the place of an earlier one of the same prefix.
func add(kind, arn string, s settings.Settings, b settings.LogBucket) string {
	events := []string{"s3:ObjectCreated:*"}
	if s.Archive.Removals {
		events = append(events, "s3:ObjectRemoved:*", "s3:LifecycleExpiration:*")
	}
	id := s.StackName + " " + b.LogPrefix()
	list := kind + "Configurations"
	return fmt.Sprintf(`(add // {}) | .%s = [.%s[]? | select(.Id != %q)] + [{Id: %q, %sArn: "%s", Events: ["%s"], `+
		`Filter: {Key: {FilterRules: [{Name: "prefix", Value: %q}, {Name: "suffix", Value: ".json.gz"}]}}}]`,
		list, list, id, id, kind, arn, strings.Join(events, `", "`), b.LogPrefix())
}
