package stack

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config"
)

// warn says at synth what works less well than it may seem.
func warn(scope constructs.Construct, s settings.Settings) {
	say := func(id, text string) {
		awscdk.Annotations_Of(scope).AddWarningV2(jsii.String("trailkeeper:"+id), jsii.String(text))
	}
	warnOfPlace(s, say)
	warnOfAlarms(s, say)
	if s.Watch.Enabled && s.Watch.ReservedConcurrency == 0 && s.Function.ReservedConcurrency == 0 {
		say(
			"concurrency",
			"Nothing keeps a flood of records from taking the account's concurrency from the guard: where the account's quota "+
				"is above 100, set watch.reservedConcurrency (10 is plenty), which is the watch's limit, or "+
				"function.reservedConcurrency",
		)
	}
	if s.UsesChatAPI() {
		say(
			"chat-api",
			"EventBridge posts to Slack with the bot token alone (chat.postMessage). Slack answers 200 even when it refuses, "+
				"so that a refusal looks like a success and reaches no dead-letter queue. Put an incoming webhook into the "+
				"secret as well and set slack.webhook to true",
		)
	}
	if named := foreignNames(s); s.PermissionsBoundary == "TrailkeeperBoundary" && len(named) > 0 {
		say(
			"boundary",
			"The permissions boundary of cdk/boundary-policy.json is for names that start with trailkeeper: adapt it to "+
				strings.Join(named, " and ")+", or its roles may do nothing there",
		)
	}
	if more := FurtherRights(s); s.PermissionsBoundary == "TrailkeeperBoundary" && len(more) > 0 {
		var lines []string
		for _, r := range more {
			lines = append(lines, "for "+r.Setting+", "+r.Add)
		}
		say(
			"deploying",
			"cdk/execution-policy.json does not allow all that these settings need, and CloudFormation is refused until you add "+
				"it (cdk/README.md, \"Deploying policy\"): "+strings.Join(lines, "; "),
		)
	}
	if name := s.OwnBus(); name != "" {
		say(
			"bus",
			"The rules are on the event bus "+name+", but CloudTrail's events arrive on the default bus alone: without a rule "+
				"there that sends them on, nothing is seen and nothing restored",
		)
	}
	if s.Protect.Enabled && !s.Protects() {
		say(
			"protect",
			"EventBridge reports calls against the deployment itself to nobody: neither sns.enabled nor slack.eventBridge is true. "+
				"The warden and the guard find some minutes later what they can still see",
		)
	}
	if s.SNS.Enabled && s.SNS.TopicARN == "" && len(s.SNS.Subscriptions) == 0 {
		say(
			"subscriptions",
			"Nobody listens to the topic yet: add endpoints to sns.subscriptions, or subscribe after the deployment",
		)
	}
}

// warnOfPlace says what the Region lacks.
func warnOfPlace(s settings.Settings, say func(id, text string)) {
	p := s.Place()
	if s.Slack.Enabled && !p.Destinations && !s.Path1() {
		without := "; nobody is notified while the guard cannot run: set sns.enabled and sns.eventBridge to true, and " +
			"EventBridge publishes to the topic by itself"
		if s.SNS.Enabled && s.SNS.EventBridge {
			without = ", and EventBridge publishes to the topic by itself"
		}
		say(
			"place-slack",
			"EventBridge cannot post to Slack in "+p.Region+", which has no API destinations: the guard alone "+
				"notifies Slack"+without,
		)
	}
	if !p.JSONLogs {
		say(
			"place-log",
			"Lambda may have no log format JSON in "+p.Region+": the function writes JSON by itself, at function.logLevel, "+
				"and the lines of Lambda's own stay text",
		)
	}
	if s.Alarms && !p.Dropped {
		say(
			"place-dropped",
			"Lambda has no metric AsyncEventsDropped in "+p.Region+": there is no alarm guard-events-dropped, and what was "+
				"dropped is in the failure queue",
		)
	}
}

// warnOfAlarms says which alarms may reach nobody.
func warnOfAlarms(s settings.Settings, say func(id, text string)) {
	p := s.Place()
	switch {
	case !s.Alarms:
	case !s.SNS.Enabled && !s.Path1():
		say(
			"alarms",
			"The alarms notify nobody: set sns.enabled"+
				map[bool]string{true: " or slack.eventBridge"}[p.Destinations]+" to true",
		)
	case !s.Path1() && !p.Destinations:
		say(
			"alarms",
			"The alarms notify the topic alone, because EventBridge cannot post to "+
				"Slack in "+p.Region+": those about the topic "+
				"itself (topic-failed, topic-dead-letters) may reach nobody. Look at them in CloudWatch, or let other means "+
				"watch them",
		)
	case !s.Path1():
		say(
			"alarms",
			"The alarms notify the topic alone, so that those about the topic itself (topic-failed, topic-dead-letters) may "+
				"reach nobody: set slack.enabled and slack.eventBridge to true as well",
		)
	case !s.SNS.Enabled:
		say(
			"alarms",
			"The alarms notify Slack alone, so that the one about Slack itself (slack-dead-letters) may reach nobody: set "+
				"sns.enabled to true as well",
		)
	}
}

// foreignNames are the settings that give something another name than boundary-policy.json expects.
func foreignNames(s settings.Settings) []string {
	queue, _ := config.FormQueue.Parse(s.Function.FailureQueueARN)
	var named []string
	for _, n := range []struct {
		key, name string
		used      bool
	}{
		{"stackName", s.StackName, true},
		{"function.name", s.Function.Name, true},
		{"watch.name", s.Watch.Name, s.Watch.Enabled},
		{"secret", secretName(s), true},
		{"function.failureQueueArn", queue.Resource, true},
	} {
		if n.used && n.name != "" && !ours(n.name) {
			named = append(named, n.key)
		}
	}
	return named
}
