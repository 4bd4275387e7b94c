// Package settings holds what an operator decides about a deployment of Trailkeeper: one struct, one table that documents, reads and
// checks every key, and the checks that concern several keys at once.
//
// It knows no CDK, reads no file and no environment, and holds no secret: a secret is named, never given.
package settings

import (
	"trailkeeper/lambda/config"
	"trailkeeper/rules"
)

// Settings is everything that can be decided about a deployment. Defaults gives valid values for all that may be left out; Validate
// reports what is wrong. The keys of the table (see Markdown) are the camelCase names of the fields.
type Settings struct {
	StackName string // also the prefix of every physical name
	Mode      config.Mode
	Baselines string   // folder of the baseline files, below the folder of cdk.json
	Accounts  []string // owners of the trails; empty: the account of the stack
	// OrganizationTrail adds the read-only permissions that restarting an organization trail needs.
	OrganizationTrail bool
	Activity          bool   // deploy the rule for the quieter calls
	Bus               string // event bus of the rules; empty or "default": the default bus

	Secret        string // name or full ARN of the one secret
	SecretVersion string // version ID for the references of path 1; empty: the current version at the time of the deployment
	SecretKeyARN  string // customer key of the secret; empty: the AWS-managed key

	Slack    Slack
	SNS      SNS
	Function Function
	Retry    Retry

	EncryptionKey         string // KeyCreate, a key's ARN, or empty: keys that AWS owns
	PermissionsBoundary   string // name of a managed policy of the account, for every role; empty: none
	Alarms                bool
	Tags                  map[string]string
	TerminationProtection bool
	Env                   Env
}

// KeyCreate as EncryptionKey asks for a customer-managed key of the stack's own.
const KeyCreate = "create"

// KeyTag is the tag on the keys that the stack makes; its value is the stack's name. Tags may not set it.
const KeyTag = "trailkeeper"

// Slack says how Slack is told.
type Slack struct {
	Enabled     bool
	Webhook     bool   // the secret has the key "webhook"
	BotToken    bool   // the secret has the key "bot_token"
	Channel     string // channel ID for the bot token
	API         string // base URL of the Web API, ending in "/"
	EventBridge bool   // path 1: EventBridge posts to Slack by itself, without the function
	Wording     map[string]rules.Wording
}

// SNS says which topic is told, and who listens to it.
type SNS struct {
	Enabled       bool
	TopicARN      string // an existing topic; empty: the stack makes one
	TopicKeyARN   string // customer key of the existing topic
	TopicName     string
	DisplayName   string
	Encrypt       bool // with a customer-managed key of the topic's own
	Subscriptions map[string]string
}

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

// Retry is how long and how often EventBridge tries each target before the event goes to the target's dead-letter queue.
type Retry struct {
	SlackMaxEventAge int // seconds
	SlackAttempts    int
	GuardMaxEventAge int // seconds
	GuardAttempts    int
}

// Env binds the stack to an account and a Region. Both or neither are set.
type Env struct{ Account, Region string }

// Defaults returns the settings of a deployment that says nothing. They lack what has no default: a way to notify.
func Defaults() Settings {
	return Settings{
		StackName: "trailkeeper", Mode: config.ModeRestart, Baselines: "cdk/baselines", Activity: true, Alarms: true,
		Slack: Slack{Webhook: true, API: config.DefaultSlackAPI, EventBridge: true},
		SNS:   SNS{DisplayName: "Trailkeeper", Encrypt: true},
		Function: Function{
			Memory: 256, Timeout: 60, LogLevel: "INFO", LogRetentionDays: 30, AsyncRetries: 2, MaxEventAge: 21600,
		},
		Retry: Retry{SlackMaxEventAge: 900, SlackAttempts: 50, GuardMaxEventAge: 3600, GuardAttempts: 185},
	}
}

// Path1 reports whether EventBridge itself posts to Slack.
func (s Settings) Path1() bool { return s.Slack.Enabled && s.Slack.EventBridge }

// OwnBus is the name of the rules' event bus; empty for the default bus, on which a rule has no bus in its ARN and its metrics.
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
	if w, ok := s.Slack.Wording[rule.Name]; ok {
		return w
	}
	return *rule.Wording
}
