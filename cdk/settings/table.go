package settings

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"sync"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/config/route"
	"trailkeeper/rules"
)

var (
	stackName = regexp.MustCompile(`^[A-Za-z](-?[A-Za-z0-9])*$`)
	accountID = regexp.MustCompile(`^[0-9]{12}$`)
	// organization follows the AWS Organizations API reference, Organization.
	organization = regexp.MustCompile(`^o-[a-z0-9]{10,32}$`)
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
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

var (
	logLevels     = []string{"DEBUG", "INFO", "WARN", "ERROR"}
	wantRetention = fmt.Sprint("one of ", retentionDays)
)

func isRetention(days int) bool { return slices.Contains(retentionDays, days) }

// wordingKeys are the settings of the rules that have a Slack message.
var wordingKeys = map[string]string{
	"tampering": rules.RuleTampering,
	"change":    rules.RuleChange,
	"ownRepair": rules.RuleOwnRepair,
	"attempt":   rules.RuleAttempt,
	"oddActor":  rules.RuleOddActor,
}

// table returns every setting in the order of the documentation.
var table = sync.OnceValue(func() []setting {
	return slices.Concat(
		generalSettings(),
		sweepSettings(),
		exceptionSettings(),
		routeSettings(),
		trailSettings(),
		secretSettings(),
		slackSettings(),
		snsSettings(),
		heartbeatSettings(),
		functionSettings(),
		watchSettings(),
		metricFilterSettings(),
		archiveSettings(),
		deliverySettings(),
		stackSettings(),
		guardrailSettings(),
		protectSettings(),
		evidenceSettings(),
		wardenSettings(),
	)
})

func generalSettings() []setting {
	return []setting{
		text("stackName",
			"trailkeeper",
			func(v string) bool { return len(v) <= 20 && stackName.MatchString(v) },
			"1 to 20 letters, digits and single hyphens, a letter first and no hyphen last",
			"Name of the stack, and prefix of the names of rules and alarms; at most 20 characters."),
		oneOf("mode", string(config.ModeRestart), config.ModeWords(),
			"`notify`, `restart`, `restore` or `recreate`: what each [may do](../lambda/README.md#baselines). The "+
				"IAM grants follow."),
		text("baselines",
			"cdk/baselines",
			func(v string) bool { return filepath.IsLocal(v) },
			"a folder below the one of cdk.json",
			"Folder of the baseline files that `trailkeeper baseline capture` writes, deployed with the function. It "+
				"need not exist."),
		list("accounts", accountID.MatchString, "account IDs of 12 digits",
			"Accounts whose records and trails the guard may act on. Empty: the account of the stack."),
		text("organizationId", "", optional(organization.MatchString), "an organization's ID such as o-a1b2c3d4e5",
			"The function may then act on trails of every account of the organization; its policy has no room for "+
				"more than some thousands of `accounts`. Whose records count is still up to `accounts`."),
		flag("organizationTrail", false, "Grant the read-only permissions that restarting an organization trail needs."),
		flag("activity", true, "Also report the quieter calls: StartLogging, CreateTrail, AddTags, RemoveTags."),
		text("bus", "", optional(busName.MatchString), "the name of an event bus of the account",
			"Event bus of the rules. Empty or `default`: the default bus, the only one on which CloudTrail's events "+
				"arrive; a rule of yours must forward them to any other."),
	}
}

func sweepSettings() []setting {
	return []setting{
		flag("sweep.enabled", true, "Let EventBridge Scheduler run the sweep, which finds what no event reported."),
		number("sweep.minutes", 5, 1, 60, "Minutes from one sweep to the next."),
		list("sweep.regions", validRegion, "Regions such as eu-west-1",
			"Regions in which the sweep looks for trails. Empty: the stack's, the only one that path 1 and the rules "+
				"see."),
		flag("table.enabled", true,
			"Make the state table. Without it the sweep knows only trails that have a baseline, and attempts are not "+
				"counted."),
		flag("table.recorded", true,
			"Let the sweep [record healthy states](../lambda/README.md#baselines) of trails without a file; in modes "+
				"`restore` and `recreate` the function may then update every trail of `accounts`."),
		inPartition(list("table.breakGlass",
			exception.IsPrincipal,
			"ARNs of IAM roles or users such as arn:aws:iam::111122223333:role/BreakGlass",
			"ARNs of the IAM roles and users that may write the table's items and touch the queues' messages. Nobody "+
				"else may but the deployment's roles.")),
	}
}

func exceptionSettings() []setting {
	return []setting{
		approvals("approvals",
			"[Announced changes](../lambda/README.md#approvals-and-overrides), not reverted until they expire. "+
				"Objects with `principal` (the ARN of a role or user), `events`, `trail` (an ARN, or `*`), "+
				"`reason` and `expires`."),
		overrides("overrides",
			"[Lower modes](../lambda/README.md#approvals-and-overrides) for trails or calls; the first that fits "+
				"counts. Objects with `trail` (an ARN, or `*`), `mode` (also `exclude`) and, optionally, "+
				"`events`. The IAM grants follow."),
	}
}

func routeSettings() []setting {
	return []setting{
		routes("routes",
			"[Who is notified](../lambda/README.md#notification-routing): the first route that fits counts. Objects "+
				"with `slack` (channel IDs for the bot token, `secret:KEY` for the webhook under KEY in the "+
				"secret), `topics` (ARNs), and the conditions `accounts` (IDs and groups), `severity` (the "+
				"least), `events` and `trails`. "+
				"A route with a `name` can be named by a rule of the watch; without conditions nothing else takes it."),
		groups("accountGroups",
			"Groups of accounts for `routes`: name to account IDs. They win over those of `accountGroupsFile`."),
		text("accountGroupsFile",
			"cdk/accounts.json",
			func(v string) bool { return v == "" || filepath.IsLocal(v) },
			"a file below the folder of cdk.json",
			"File of the groups that `trailkeeper accounts` writes, one for each organizational unit. It need not "+
				"exist."),
		texts("accountNames", checkAccountName, "an object of account ID: name",
			"Names that messages show beside the IDs of accounts."),
		flag("testAlert.weekly", false,
			"Send a test alert on Mondays at 09:07 UTC. With `alarms`, one that does not come through raises an "+
				"alarm, and so does a week without one."),
	}
}

func trailSettings() []setting {
	return []setting{
		flag("canary.enabled", false,
			"Make a [second trail](#canary-and-first-trail) that keeps events coming. AWS charges for it."),
		fileKey("canary.key"),
		flag("firstTrail.enabled", false, "Make the account's [first trail](#canary-and-first-trail)."),
		flag("firstTrail.logGroup", false,
			"Also send the first trail's events to a log group, kept for `function.logRetentionDays`; CloudWatch "+
				"Logs charges for ingestion."),
		flag("firstTrail.insights", false,
			"CloudTrail Insights (call rate and error rate) for the first trail; AWS charges for the events analysed."),
		fileKey("firstTrail.key"),
	}
}

func secretSettings() []setting {
	return []setting{
		inRegion(hidden(text("secret",
			"",
			func(v string) bool { return v == "" || secretName.MatchString(v) || config.FormSecret.Matches(v) },
			"the name or the full ARN of a Secrets Manager secret",
			"The one secret, which must exist before the first deployment: a JSON object with the keys `webhook`, "+
				"`bot_token` and those of `secret:KEY`, as far as they are used."))),
		text("secretVersion",
			"",
			optional(versionID.MatchString),
			"the version ID of the secret, 32 to 64 letters, digits and hyphens",
			"Version of the secret that path 1 reads. Change it after a rotation, or CloudFormation does not read "+
				"the secret again. Subscriptions keep their endpoint."),
		arnOf("secretKeyArn", config.FormKey, "Customer key of the secret; the function may then decrypt the secret."),
	}
}

func slackSettings() []setting {
	return []setting{
		flag("slack.enabled", false, "Notify Slack. Slack, SNS or both must be on."),
		flag("slack.webhook", true, "The secret has an incoming webhook's URL under `webhook`."),
		flag("slack.botToken", false, "The secret has a bot token under `bot_token`; the function then posts with it."),
		text("slack.channel",
			"",
			func(v string) bool { return v == "" || config.ValidChannel(v) },
			"a channel ID such as C0123456789",
			"Channel ID (not the name) for the bot token. A webhook has its own channel."),
		text("slack.api", config.DefaultSlackAPI, apiBase.MatchString, "an https URL that ends in /",
			"Base URL of Slack's Web API."),
		flagWhere("slack.eventBridge", func(p Place) bool { return p.Destinations },
			"Path 1: EventBridge posts to Slack itself as well, so that a broken function is not silent. Off where "+
				"the [Region](#regions-and-sizes) has no API destinations."),
		wording("slack.wording.tampering",
			"Slack message of path 1 for a trail that was stopped or deleted: `{\"text\": …, \"paths\": {name: "+
				"JSONPath}}`."),
		wording("slack.wording.change", "The same for a trail that was changed."),
		wording("slack.wording.ownRepair",
			"The same for a change by the guard's own role, which is usually its repair."),
		wording("slack.wording.attempt", "The same for a refused call."),
		wording("slack.wording.oddActor", "The same for an actor whose ARN would break the others."),
	}
}

func snsSettings() []setting {
	return []setting{
		flag("sns.enabled", false, "Publish to an SNS topic. Slack, SNS or both must be on."),
		flagWhere("sns.eventBridge", func(p Place) bool { return !p.Destinations },
			"EventBridge publishes a short text to the topic itself as well. On where the Region has no API "+
				"destinations."),
		arnOf("sns.topicArn", config.FormTopic,
			"An existing standard topic, whose policy and key policy must let cloudwatch.amazonaws.com publish. "+
				"Empty: the stack makes one."),
		arnOf("sns.topicKeyArn", config.FormKey, "Customer key of the existing topic."),
		text("sns.topicName", "", optional(topicName.MatchString), "1 to 256 letters, digits, hyphens and underscores",
			"Name of the new topic. Empty: CloudFormation makes one."),
		text("sns.displayName", "Trailkeeper", displayName.MatchString, "at most 100 printable ASCII characters",
			"Sender name of the new topic's e-mails."),
		flag("sns.encrypt", true, "Encrypt the new topic with a customer key, rotated every year."),
		inPartition(texts("sns.subscriptions", checkSubscription, "an object of endpoint: protocol",
			"Endpoint to protocol: `email`, `email-json`, `http`, `https`, `sms`, `sqs` or `lambda`. `secret:KEY` as "+
				"an `https` endpoint is the URL under KEY in the secret, read once; a new URL needs a new KEY. A "+
				"queue's or function's own policy must admit the topic.")),
		oneOf("sns.emailFrom", route.Severities()[0], route.Severities(),
			"Least severity for `email`, `email-json` and `sms` subscribers; the others get everything. Above `low` "+
				"the alarms reach them through a second topic, so each has two subscriptions to confirm."),
		inRegion(list("sns.routeKeyArns", config.FormKey.Matches, "ARNs of KMS keys",
			"Customer keys of the topics in `routes`; the function may then publish with them.")),
	}
}

func functionSettings() []setting {
	return []setting{
		text("function.name", "", optional(function.MatchString), "1 to 64 letters, digits, hyphens and underscores",
			"Name of the guard's function. Empty: CloudFormation makes one."),
		number("function.memory", 256, 128, 10240, "Memory in MB."),
		number("function.timeout", 60, 30, 900, "Timeout in seconds; the last 20 are kept for notifications."),
		oneOf("function.logLevel", "INFO", logLevels,
			"Least level of the function's log, in JSON."),
		numberOf("function.logRetentionDays",
			30,
			isRetention,
			wantRetention,
			"Days for which the function's log is kept: 1, 3, 5, 7, 14, 30, 60, 90 and further periods up to 3653."),
		number("function.asyncRetries", 2, 0, 2,
			"Lambda's retries of a failed invocation before it goes to the failure queue."),
		number("function.maxEventAge", 21600, 60, 21600,
			"Seconds for which Lambda keeps an event that it could not hand to the function."),
		arnOf("function.failureQueueArn", config.FormQueue,
			"Existing queue for events that the guard gave up on and messages that it could not deliver, encrypted "+
				"with SSE-SQS or `encryptionKey`. With `cdk/boundary-policy.json` its name must start with "+
				"`trailkeeper`, or the function cannot read it again. Empty: the stack makes one."),
		deadLetterTarget("function.deadLetterArn", "Further dead-letter target, to which Lambda also sends a failed event."),
		number("function.reservedConcurrency", 0, 0, 1000,
			"Concurrency reserved for the function, 0 for none. A new account's quota of 10 leaves no room for any."),
	}
}

func deadLetterTarget(key, doc string) setting {
	return inRegion(text(key, "",
		func(v string) bool { return v == "" || config.FormQueue.Matches(v) || config.FormTopic.Matches(v) },
		"the ARN of a standard SQS queue or SNS topic", doc))
}

func deliverySettings() []setting {
	return []setting{
		number("retry.slackMaxEventAge", 900, 60, 86400,
			"Seconds for which EventBridge tries Slack before the dead-letter queue and its alarm."),
		number("retry.slackAttempts", 50, 0, 185, "Retries within that time."),
		number("retry.guardMaxEventAge", 3600, 60, 86400,
			"Seconds for which EventBridge tries the function before the dead-letter queue and its alarm."),
		number("retry.guardAttempts", 185, 0, 185, "Retries within that time."),
	}
}

func stackSettings() []setting {
	return []setting{
		inRegion(text("encryptionKey", "", isKey, wantKey,
			"Customer key for the queues, the log, the state table and the function's environment: `create`, or the "+
				"ARN of a key whose policy admits logs, events and sns.amazonaws.com, and s3.amazonaws.com where "+
				"`archive.buckets` has the source `queue` or `topic`. Empty: keys that AWS owns.")),
		arnOf("deployRole", config.FormRole,
			"Role with which CloudFormation makes the stack and manages its keys. It must exist. Empty: the "+
				"bootstrap's `cdk-QUALIFIER-cfn-exec-role-ACCOUNT-REGION`."),
		text("permissionsBoundary",
			"",
			optional(policyName.MatchString),
			"the name of a managed policy of the account, with its path if it has one",
			"Managed policy that bounds every role of the stack. `cdk/execution-policy.json` makes no role without "+
				"the boundary of `cdk/boundary-policy.json`. Empty: none."),
		text("runbook",
			"",
			func(v string) bool { return v == "" || config.ValidRunbook(v) },
			"an https URL without a fragment, of at most 200 characters",
			"Where your team reads the [runbook](../lambda/README.md#runbook): every message links to its section. "+
				"Empty: lambda/README.md at `repository`."),
		text("repository",
			"",
			optional(validRepository),
			"an https URL without a fragment or a slash at its end, of at most 180 characters",
			"Where your team browses this repository, with the branch: `https://github.com/example/trailkeeper/blob/main`. "+
				"Empty, and without `runbook`: messages name the section and link to none."),
		flag("alarms", true, "Make the alarms on Trailkeeper itself."),
		flag("dashboard", true,
			"Make a CloudWatch dashboard: trails, incidents, delivery, queues and alarms. $3.00 a month beyond an "+
				"account's first three."),
		texts("tags", checkTag, "an object of tag: value",
			"Tags on every resource but the [KMS keys](#deploying-policy)."),
		flag("terminationProtection", false, "Protect the stack from deletion."),
		text("env.account", "", optional(accountID.MatchString), "an account ID of 12 digits",
			"Account to which the stack is bound. Empty: that of the credentials."),
		text("env.region", "", optional(validRegion), "a Region such as eu-west-1",
			"Region to which the stack is bound: the trails' home Region. Empty: that of the command line."),
	}
}

// wantKey is what a setting is that asks for a key of the stack's own or names one.
const wantKey = `"create" or the ARN of a KMS key`

func isKey(v string) bool { return v == "" || v == KeyCreate || config.FormKey.Matches(v) }

// fileKey is the key of a trail's files.
func fileKey(key string) setting {
	return inRegion(text(key, "", isKey, wantKey,
		"Customer key of the trail's files: `create`, or the ARN of a key whose policy admits "+
			"cloudtrail.amazonaws.com for the stack's trails. Empty: the key that S3 owns."))
}

func optional(valid func(string) bool) func(string) bool {
	return func(v string) bool { return v == "" || valid(v) }
}
