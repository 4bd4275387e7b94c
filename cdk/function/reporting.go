package function

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"trailkeeper/cdk/delivery"
	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config"
)

// Reporting is what a function is told that notifies people, but for its own queues and table. The topic may be nil;
// logLevel is what the function logs where Lambda has no log format JSON.
func Reporting(
	scope constructs.Construct, s settings.Settings, topic *delivery.Topic, logLevel string,
) config.Reporting {
	stack := awscdk.Stack_Of(scope)
	r := config.Reporting{
		Stack:     s.StackName,
		Accounts:  []string{*stack.Account()},
		Partition: *stack.Partition(),
		Runbook:   s.RunbookPage(),
	}
	if !s.Place().JSONLogs {
		r.LogLevel = logLevel
	}
	if topic != nil {
		r.TopicARN = *topic.Topic.TopicArn()
	}
	if s.Slack.Enabled {
		r.SlackSecret, r.SlackAPI = s.Secret, s.Slack.API
		if s.Slack.BotToken {
			r.SlackChannel = s.Slack.Channel
		}
	}
	return r
}
