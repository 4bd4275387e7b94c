package settings

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/route"
	"trailkeeper/rules"
)

var (
	stackName = regexp.MustCompile(`^[A-Za-z](-?[A-Za-z0-9])*$`)
	accountID = regexp.MustCompile(`^[0-9]{12}$`)
	// organization follows the AWS Organizations API reference, Organization.
	organization = regexp.MustCompile(`^o-[a-z0-9]{10,32}$`)
	region       = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$`)
	busName      = regexp.MustCompile(`^[A-Za-z0-9/._-]{1,256}$`)
	secretName   = regexp.MustCompile(`^[A-Za-z0-9/_+=.@-]{1,512}$`)
	versionID    = regexp.MustCompile(`^[A-Za-z0-9-]{32,64}$`)
	topicName    = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)
	displayName  = regexp.MustCompile(`^[ -~]{0,100}$`)
	function     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	policyName   = regexp.MustCompile(`^([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,128}$`)
	apiBase      = regexp.MustCompile(`^https://[A-Za-z0-9.-]+(:[0-9]+)?/([A-Za-z0-9._/-]*/)?$`)
)

// retentionDays are the periods that CloudWatch Logs takes (PutRetentionPolicy API reference).
var retentionDays = []int{
	1,
	3,
	5,
	7,
	14,
	30,
	60,
	90,
	120,
	150,
	180,
	365,
	400,
	545,
	731,
	1096,
	1827,
	2192,
	2557,
	2922,
	3288,
	3653,
}

// wordingKeys are the settings of the rules that have a Slack message.
var wordingKeys = map[string]string{
	"tampering": rules.RuleTampering,
	"change":    rules.RuleChange,
	"ownRepair": rules.RuleOwnRepair,
	"attempt":   rules.RuleAttempt,
	"oddActor":  rules.RuleOddActor,
}

// table returns every setting in the order of the documentation.
func table() []setting {
	return slices.Concat(
		generalSettings(),
		sweepSettings(),
		exceptionSettings(),
		routeSettings(),
		trailSettings(),
		secretSettings(),
		slackSettings(),
		snsSettings(),
		functionSettings(),
		deliverySettings(),
		stackSettings(),
	)
}

func generalSettings() []setting {
	return []setting{
		text("stackName", func(s *Settings) *string { return &s.StackName },
			func(v string) bool { return len(v) <= 20 && stackName.MatchString(v) },
			"1 to 20 letters, digits and single hyphens, a letter first and no hyphen last",
			"Name of the stack, and prefix of the names of rules and alarms; at most 20 characters."),
		text("mode", func(s *Settings) *string { return (*string)(&s.Mode) },
			func(v string) bool { return slices.Contains(config.Modes(), config.Mode(v)) }, config.ModeNames,
			"`notify`, `restart`, `restore` or `recreate`: what each [may do](../lambda/README.md#baselines). The "+
				"IAM grants follow."),
		text(
			"baselines",
			func(s *Settings) *string { return &s.Baselines },
			func(v string) bool { return filepath.IsLocal(v) },
			"a folder below the one of cdk.json",
			"Folder of the baseline files that `trailkeeper baseline capture` writes, deployed with the function. "+
				"It need not exist.",
		),
		list(
			"accounts",
			func(s *Settings) *[]string { return &s.Accounts },
			accountID.MatchString,
			"account IDs of 12 digits",
			"Accounts whose records and trails the guard may act on. Empty: the account of the stack.",
		),
		text(
			"organizationId",
			func(s *Settings) *string { return &s.OrganizationID },
			optional(organization.MatchString),
			"an organization's ID such as o-a1b2c3d4e5",
			"The function may then act on trails of every account of the organization; its policy has no room for "+
				"more than some thousands of `accounts`. Whose records count is still up to `accounts`.",
		),
		flag("organizationTrail", func(s *Settings) *bool { return &s.OrganizationTrail },
			"Grant the read-only permissions that restarting an organization trail needs."),
		flag("activity", func(s *Settings) *bool { return &s.Activity },
			"Also report the quieter calls: StartLogging, CreateTrail, AddTags, RemoveTags."),
		text(
			"bus",
			func(s *Settings) *string { return &s.Bus },
			optional(busName.MatchString),
			"the name of an event bus of the account",
			"Event bus of the rules. Empty or `default`: the default bus, the only one on which CloudTrail's "+
				"events arrive; a rule of yours must forward them to any other.",
		),
	}
}

func secretSettings() []setting {
	return []setting{
		hidden(text("secret", func(s *Settings) *string { return &s.Secret },
			func(v string) bool { return v == "" || secretName.MatchString(v) || config.FormSecret.Matches(v) },
			"the name or the full ARN of a Secrets Manager secret",
			"The one secret, which must exist before the first deployment: a JSON object with the keys `webhook`, "+
				"`bot_token` and those of `secret:KEY`, as far as they are used.")),
		text("secretVersion", func(s *Settings) *string { return &s.SecretVersion }, optional(versionID.MatchString),
			"the version ID of the secret, 32 to 64 letters, digits and hyphens",
			"Version of the secret that path 1 reads. Change it after a rotation, or CloudFormation does not read "+
				"the secret again. Subscriptions keep their endpoint."),
		text(
			"secretKeyArn",
			func(s *Settings) *string { return &s.SecretKeyARN },
			optional(config.FormKey.Matches),
			"the ARN of a KMS key",
			"Customer key of the secret; the function may then decrypt the secret.",
		),
	}
}

func slackSettings() []setting {
	return []setting{
		flag("slack.enabled", func(s *Settings) *bool { return &s.Slack.Enabled },
			"Notify Slack. Slack, SNS or both must be on."),
		flag(
			"slack.webhook",
			func(s *Settings) *bool { return &s.Slack.Webhook },
			"The secret has an incoming webhook's URL under `webhook`.",
		),
		flag("slack.botToken", func(s *Settings) *bool { return &s.Slack.BotToken },
			"The secret has a bot token under `bot_token`; the function then posts with it."),
		text("slack.channel", func(s *Settings) *string { return &s.Slack.Channel },
			func(v string) bool { return v == "" || config.ValidChannel(v) }, "a channel ID such as C0123456789",
			"Channel ID (not the name) for the bot token. A webhook has its own channel."),
		text(
			"slack.api",
			func(s *Settings) *string { return &s.Slack.API },
			apiBase.MatchString,
			"an https URL that ends in /",
			"Base URL of Slack's Web API.",
		),
		flag("slack.eventBridge", func(s *Settings) *bool { return &s.Slack.EventBridge },
			"Path 1: EventBridge posts to Slack itself as well, so that a broken function is not silent. Off "+
				"where the [Region](#regions-and-sizes) has no API destinations."),
		wording(
			"slack.wording.tampering",
			"Slack message of path 1 for a trail that was stopped or deleted: `{\"text\": …, \"paths\": {name: JSONPath}}`.",
		),
		wording("slack.wording.change", "The same for a trail that was changed."),
		wording("slack.wording.ownRepair", "The same for a change by the guard's own role, which is usually its repair."),
		wording("slack.wording.attempt", "The same for a refused call."),
		wording("slack.wording.oddActor", "The same for an actor whose ARN would break the others."),
	}
}

func snsSettings() []setting {
	return []setting{
		flag(
			"sns.enabled",
			func(s *Settings) *bool { return &s.SNS.Enabled },
			"Publish to an SNS topic. Slack, SNS or both must be on.",
		),
		flag("sns.eventBridge", func(s *Settings) *bool { return &s.SNS.EventBridge },
			"EventBridge publishes a short text to the topic itself as well. On where the Region has no API "+
				"destinations."),
		text(
			"sns.topicArn",
			func(s *Settings) *string { return &s.SNS.TopicARN },
			optional(config.FormTopic.Matches),
			"the ARN of an SNS topic",
			"An existing standard topic, whose policy and key policy must let cloudwatch.amazonaws.com publish. "+
				"Empty: the stack makes one.",
		),
		text(
			"sns.topicKeyArn",
			func(s *Settings) *string { return &s.SNS.TopicKeyARN },
			optional(config.FormKey.Matches),
			"the ARN of a KMS key",
			"Customer key of the existing topic.",
		),
		text("sns.topicName", func(s *Settings) *string { return &s.SNS.TopicName }, optional(topicName.MatchString),
			"1 to 256 letters, digits, hyphens and underscores", "Name of the new topic. Empty: CloudFormation makes one."),
		text("sns.displayName", func(s *Settings) *string { return &s.SNS.DisplayName }, displayName.MatchString,
			"at most 100 printable ASCII characters", "Sender name of the new topic's e-mails."),
		flag(
			"sns.encrypt",
			func(s *Settings) *bool { return &s.SNS.Encrypt },
			"Encrypt the new topic with a customer key, rotated every year.",
		),
		texts("sns.subscriptions", func(s *Settings) *map[string]string { return &s.SNS.Subscriptions }, checkSubscription,
			"an object of endpoint: protocol",
			"Endpoint to protocol: `email`, `email-json`, `http`, `https`, `sms`, `sqs` or `lambda`. `secret:KEY` "+
				"as an `https` endpoint is the URL under KEY in the secret, read once; a new URL needs a new KEY. A "+
				"queue's or function's own policy must admit the topic."),
		text("sns.emailFrom", func(s *Settings) *string { return &s.SNS.EmailFrom },
			func(v string) bool { return slices.Contains(route.Severities(), v) }, "low, medium, high or critical",
			"Least severity for `email`, `email-json` and `sms` subscribers; the others get everything. Above "+
				"`low` the alarms reach them through a second topic, so each has two subscriptions to confirm."),
		list(
			"sns.routeKeyArns",
			func(s *Settings) *[]string { return &s.SNS.RouteKeyARNs },
			config.FormKey.Matches,
			"ARNs of KMS keys",
			"Customer keys of the topics in `routes`; the function may then publish with them.",
		),
	}
}

func functionSettings() []setting {
	return []setting{
		text(
			"function.name",
			func(s *Settings) *string { return &s.Function.Name },
			optional(function.MatchString),
			"1 to 64 letters, digits, hyphens and underscores",
			"Name of the guard's function. Empty: CloudFormation makes one.",
		),
		number("function.memory", func(s *Settings) *int { return &s.Function.Memory }, 128, 10240, "Memory in MB."),
		number("function.timeout", func(s *Settings) *int { return &s.Function.Timeout }, 30, 900,
			"Timeout in seconds; the last 20 are kept for notifications."),
		text(
			"function.logLevel",
			func(s *Settings) *string { return &s.Function.LogLevel },
			func(v string) bool { return slices.Contains([]string{"DEBUG", "INFO", "WARN", "ERROR"}, v) },
			"DEBUG, INFO, WARN or ERROR",
			"Least level of the function's log, in JSON.",
		),
		numberOf("function.logRetentionDays", func(s *Settings) *int { return &s.Function.LogRetentionDays },
			func(v int) bool { return slices.Contains(retentionDays, v) }, fmt.Sprint("one of ", retentionDays),
			"Days for which the function's log is kept: 1, 3, 5, 7, 14, 30, 60, 90 and further periods up to "+
				"3653."),
		number("function.asyncRetries", func(s *Settings) *int { return &s.Function.AsyncRetries }, 0, 2,
			"Lambda's retries of a failed invocation before it goes to the failure queue."),
		number("function.maxEventAge", func(s *Settings) *int { return &s.Function.MaxEventAge }, 60, 21600,
			"Seconds for which Lambda keeps an event that it could not hand to the function."),
		text(
			"function.failureQueueArn",
			func(s *Settings) *string { return &s.Function.FailureQueueARN },
			optional(config.FormQueue.Matches),
			"the ARN of a standard SQS queue",
			"Existing queue for events that the guard gave up on and messages that it could not deliver, "+
				"encrypted with SSE-SQS or `encryptionKey`. With `cdk/boundary-policy.json` its name must start with "+
				"`trailkeeper`, or the function cannot read it again. Empty: the stack makes one.",
		),
		text("function.deadLetterArn", func(s *Settings) *string { return &s.Function.DeadLetterARN },
			func(v string) bool { return v == "" || config.FormQueue.Matches(v) || config.FormTopic.Matches(v) },
			"the ARN of a standard SQS queue or SNS topic",
			"Further dead-letter target, to which Lambda also sends a failed event."),
		number("function.reservedConcurrency", func(s *Settings) *int { return &s.Function.ReservedConcurrency }, 0, 1000,
			"Concurrency reserved for the function, 0 for none. A new account's quota of 10 leaves no room for "+
				"any."),
	}
}

func deliverySettings() []setting {
	return []setting{
		number("retry.slackMaxEventAge", func(s *Settings) *int { return &s.Retry.SlackMaxEventAge }, 60, 86400,
			"Seconds for which EventBridge tries Slack before the dead-letter queue and its alarm."),
		number(
			"retry.slackAttempts",
			func(s *Settings) *int { return &s.Retry.SlackAttempts },
			0,
			185,
			"Retries within that time.",
		),
		number("retry.guardMaxEventAge", func(s *Settings) *int { return &s.Retry.GuardMaxEventAge }, 60, 86400,
			"Seconds for which EventBridge tries the function before the dead-letter queue and its alarm."),
		number(
			"retry.guardAttempts",
			func(s *Settings) *int { return &s.Retry.GuardAttempts },
			0,
			185,
			"Retries within that time.",
		),
	}
}

func stackSettings() []setting {
	return []setting{
		text("encryptionKey", func(s *Settings) *string { return &s.EncryptionKey },
			isKey, wantKey,
			"Customer key for the queues, the log, the state table and the function's environment: `create`, or "+
				"the ARN of a key whose policy admits logs, events and sns.amazonaws.com. Empty: keys that AWS owns."),
		text(
			"deployRole",
			func(s *Settings) *string { return &s.DeployRole },
			optional(config.FormRole.Matches),
			"the ARN of an IAM role",
			"Role with which CloudFormation makes the stack and manages its keys. It must exist. Empty: the "+
				"bootstrap's `cdk-QUALIFIER-cfn-exec-role-ACCOUNT-REGION`.",
		),
		text(
			"permissionsBoundary",
			func(s *Settings) *string { return &s.PermissionsBoundary },
			optional(policyName.MatchString),
			"the name of a managed policy of the account, with its path if it has one",
			"Managed policy that bounds every role of the stack. `cdk/execution-policy.json` makes no role "+
				"without the boundary of `cdk/boundary-policy.json`. Empty: none.",
		),
		text(
			"runbook",
			func(s *Settings) *string { return &s.Runbook },
			func(v string) bool { return v == "" || config.ValidRunbook(v) },
			"an https URL without a fragment, of at most 200 characters",
			"Where your team reads the [runbook](../lambda/README.md#runbook): every message links to its section. "+
				"Empty: lambda/README.md at `repository`.",
		),
		text(
			"repository",
			func(s *Settings) *string { return &s.Repository },
			func(v string) bool { return v == "" || validRepository(v) },
			"an https URL without a fragment or a slash at its end, of at most 180 characters",
			"Where your team browses this repository, with the branch: `https://github.com/example/trailkeeper/blob/main`. "+
				"Empty, and without `runbook`: messages name the section and link to none.",
		),
		flag("alarms", func(s *Settings) *bool { return &s.Alarms }, "Make the alarms on Trailkeeper itself."),
		flag("dashboard", func(s *Settings) *bool { return &s.Dashboard },
			"Make a CloudWatch dashboard: trails, incidents, delivery, queues and alarms. $3.00 a month beyond an "+
				"account's first three."),
		texts("tags", func(s *Settings) *map[string]string { return &s.Tags }, checkTag, "an object of tag: value",
			"Tags on every resource but the [KMS keys](#deploying-policy)."),
		flag(
			"terminationProtection",
			func(s *Settings) *bool { return &s.TerminationProtection },
			"Protect the stack from deletion.",
		),
		text(
			"env.account",
			func(s *Settings) *string { return &s.Env.Account },
			optional(accountID.MatchString),
			"an account ID of 12 digits",
			"Account to which the stack is bound. Empty: that of the credentials.",
		),
		text(
			"env.region",
			func(s *Settings) *string { return &s.Env.Region },
			optional(region.MatchString),
			"a Region such as eu-west-1",
			"Region to which the stack is bound: the trails' home Region. Empty: that of the command line.",
		),
	}
}

// wantKey is what a setting is that asks for a key of the stack's own or names one.
const wantKey = `"create" or the ARN of a KMS key`

func isKey(v string) bool { return v == "" || v == KeyCreate || config.FormKey.Matches(v) }

func optional(valid func(string) bool) func(string) bool {
	return func(v string) bool { return v == "" || valid(v) }
}
