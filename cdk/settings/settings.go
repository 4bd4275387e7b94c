// Package settings holds what an operator decides about a deployment of Trailkeeper: one struct, one table that
// documents, reads and checks every key, and the checks that concern several keys at once.
//
// It knows no CDK, reads no file and no environment, and holds no secret: a secret is named, never given.
package settings

import (
	"strings"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/config/route"
	"trailkeeper/rules"
)

// Settings is everything that can be decided about a deployment. Defaults gives valid values for all that may be left
// out; Validate reports what is wrong. The keys of the table (see Markdown) are the camelCase names of the fields.
type Settings struct {
	StackName string // also the prefix of every physical name
	Mode      config.Mode
	Baselines string   // folder of the baseline files, below the folder of cdk.json
	Accounts  []string // owners of the trails; empty: the account of the stack
	// OrganizationID stands for the accounts in the guard's policy; empty: they are listed there.
	OrganizationID string
	// OrganizationTrail adds the read-only permissions that restarting an organization trail needs.
	OrganizationTrail bool
	Activity          bool   // deploy the rule for the quieter calls
	Bus               string // event bus of the rules; empty or "default": the default bus

	Sweep     Sweep
	Table     Table
	Approvals []exception.Approval // announced changes, which are reported and not undone
	Overrides []exception.Override // other modes for single trails and calls
	Routes    []route.Route        // who gets what; what fits none goes to the default destinations
	// AccountGroups are lists of account IDs, by the name that Routes use; ParseWithGroups adds those of
	// AccountGroupsFile.
	AccountGroups     map[string][]string
	AccountGroupsFile string // below the folder of cdk.json
	AccountNames      map[string]string
	TestAlert         TestAlert
	Canary            Canary
	// FirstTrail is a trail for an account that has none.
	FirstTrail FirstTrail

	Secret string // name or full ARN of the one secret
	// version ID for the references of path 1; empty: the current version at the time of the deployment
	SecretVersion string
	SecretKeyARN  string // customer key of the secret; empty: the AWS-managed key

	Slack Slack
	SNS   SNS
	// Heartbeat is for a service outside of AWS.
	Heartbeat Heartbeat
	Function  Function
	Watch     Watch
	Archive   Archive
	Retry     Retry

	MetricFilters MetricFilters
	Guardrail     Guardrail
	Protect       Protect
	Evidence      Evidence
	Warden        Warden

	EncryptionKey         string // KeyCreate, a key's ARN, or empty: keys that AWS owns
	DeployRole            string // ARN of the role with which CloudFormation makes the stack; empty: the bootstrap's
	PermissionsBoundary   string // name of a managed policy of the account, for every role; empty: none
	Runbook               string // https URL of the page that says what to do about each kind of message
	Repository            string // https URL below which the files of this repository are browsed
	Alarms                bool
	Dashboard             bool
	Tags                  map[string]string
	TerminationProtection bool
	Env                   Env
	// LikelyRegion is where the stack is likely to be deployed where Env says nothing: the Region of the CLI's
	// credentials. Empty: not known.
	LikelyRegion string
}

// KeyCreate as EncryptionKey asks for a customer-managed key of the stack's own.
const KeyCreate = "create"

// Slack says how Slack is notified.
type Slack struct {
	Enabled  bool
	Webhook  bool   // the secret has the key "webhook"
	BotToken bool   // the secret has the key "bot_token"
	Channel  string // channel ID for the bot token
	API      string // base URL of the Web API, ending in "/"
	// path 1: EventBridge posts to Slack by itself, without the function; needs API destinations in the Region
	EventBridge bool
	Wording     map[string]rules.Wording
}

// SNS says which topic is notified, and who listens to it.
type SNS struct {
	Enabled bool
	// EventBridge publishes to the topic by itself, without the function.
	EventBridge   bool
	TopicARN      string // an existing topic; empty: the stack makes one
	TopicKeyARN   string // customer key of the existing topic
	TopicName     string
	DisplayName   string
	Encrypt       bool // with a customer-managed key of the topic's own
	Subscriptions map[string]string
	// EmailFrom is the least severity of which e-mail and text messages tell. The alarms report themselves all the same.
	EmailFrom string
	// RouteKeyARNs are the customer keys of the topics that Routes name.
	RouteKeyARNs []string
}

// TestAlert says when EventBridge Scheduler sends a test alert.
type TestAlert struct{ Weekly bool }

// Function is how the guard runs. Times are in seconds, memory in MB.
type Function struct {
	Name                string
	Memory              int
	Timeout             int
	LogLevel            string
	LogRetentionDays    int
	AsyncRetries        int
	MaxEventAge         int
	ReservedConcurrency int    // 0: none reserved
	FailureQueueARN     string // existing queue for what the guard gives up on; empty: the stack makes one
	DeadLetterARN       string // further queue or topic to which Lambda itself sends failed events; empty: none
}

// Retry is how long and how often EventBridge tries each target before the event goes to the target's dead-letter
// queue.
type Retry struct {
	SlackMaxEventAge int // seconds
	SlackAttempts    int
	GuardMaxEventAge int // seconds
	GuardAttempts    int
}

// Sweep is how often, and where, the guard looks at the trails by itself.
type Sweep struct {
	Enabled bool
	Minutes int      // from one sweep to the next
	Regions []string // empty: the stack's
}

// Table is the state table.
type Table struct {
	Enabled bool
	// Recorded says that the sweep records healthy states as baselines; see Settings.Recorded.
	Recorded bool
	// BreakGlass are the ARNs of the roles and users that may write items, and touch the messages in the queues, besides
	// the deployment's roles.
	BreakGlass []string
}

// Canary is a trail that does nothing but keep events coming.
type Canary struct {
	Enabled bool
	Key     string // of its files: KeyCreate, a key's ARN, or empty: the key that S3 owns
}

// FirstTrail is an account's first trail.
type FirstTrail struct {
	Enabled  bool
	LogGroup bool   // also send the events to a log group
	Insights bool   // also look for unusual rates of calls and errors
	Key      string // of its files, as for the canary
}

// Env binds the stack to an account and a Region. Both or neither are set.
type Env struct{ Account, Region string }

// Defaults returns the settings of a deployment that says nothing. They lack what has no default: a way to notify.
func Defaults() Settings { return defaultsIn("") }

// defaultsIn are Defaults for a Region: where EventBridge cannot post to Slack, it publishes to the topic, so that
// there is a path without the function.
func defaultsIn(region string) Settings {
	var s Settings
	for _, row := range table() {
		if row.start != nil {
			row.start(&s, placeOf(region))
		}
	}
	return s
}

// Recorded reports whether the sweep records baselines and they count: that takes the setting, the table and the sweep.
func (s Settings) Recorded() bool { return s.Table.Recorded && s.Table.Enabled && s.Sweep.Enabled }

// Lists is what the function's asset holds for the guard besides baselines, exceptions and routes.
func (s Settings) Lists() config.Lists {
	return config.Lists{Accounts: s.Accounts, SweepRegions: s.Sweep.Regions, AccountNames: s.AccountNames}
}

// WatchLists is what the watch's asset holds besides the rules and the routes: it applies the rules to the records of
// Accounts, and the guard reports those about trails.
func (s Settings) WatchLists() config.Lists {
	return config.Lists{Accounts: s.Accounts, GuardedAccounts: s.Accounts, AccountNames: s.AccountNames}
}

// RunbookPage is the address of the runbook: the setting, or else lambda/README.md where the repository is browsed;
// empty: neither is known.
func (s Settings) RunbookPage() string {
	if s.Runbook == "" && s.Repository != "" {
		return s.Repository + "/lambda/README.md"
	}
	return s.Runbook
}

// Exceptions is what is exempted from being put back.
func (s Settings) Exceptions() exception.List {
	return exception.List{Overrides: s.Overrides, Approvals: s.Approvals}
}

// Path1 reports whether EventBridge itself posts to Slack.
func (s Settings) Path1() bool { return s.Slack.Enabled && s.Slack.EventBridge }

// SecretEndpoints reports whether an endpoint of the topic is a key of the secret.
func (s Settings) SecretEndpoints() bool {
	for endpoint := range s.SNS.Subscriptions {
		if s.SNS.Enabled && strings.HasPrefix(endpoint, "secret:") {
			return true
		}
	}
	return false
}

// OwnBus is the name of the rules' event bus; empty for the default bus, on which a rule has no bus in its ARN and its
// metrics.
func (s Settings) OwnBus() string {
	if s.Bus == "default" {
		return ""
	}
	return s.Bus
}

// UsesChatAPI reports whether path 1 has only the bot token to post with, and so calls chat.postMessage.
func (s Settings) UsesChatAPI() bool { return s.Path1() && s.Slack.BotToken && !s.Slack.Webhook }

// Wording returns the Slack message of a rule that EventBridge itself posts: the operator's where there is one.
func (s Settings) Wording(rule rules.EventRule) rules.Wording {
	if w, ok := s.Slack.Wording[rule.WordingName()]; ok {
		return w
	}
	return *rule.Wording
}
