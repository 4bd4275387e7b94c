// Package config is the one definition of what the deployed app tells its functions: cdk writes it into a function's
// environment, the function reads it back. It holds no secret, reads no environment by itself and knows no AWS client.
package config

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"trailkeeper/lambda/config/credential"
)

// Mode says how far the guard may go.
type Mode string

// The modes, from the least to the most that the guard may change. IAM grants follow the mode.
const (
	ModeNotify   Mode = "notify"   // the dry run: tell what restart would have done
	ModeRestart  Mode = "restart"  // StartLogging on a trail that was stopped
	ModeRestore  Mode = "restore"  // as restart, and what weakens a trail is put back as its declared baseline has it
	ModeRecreate Mode = "recreate" // as restore, and a deleted trail is created again from its declared baseline
)

// Modes lists the modes in order.
func Modes() []Mode { return []Mode{ModeNotify, ModeRestart, ModeRestore, ModeRecreate} }

// ModeWords lists the modes as words.
func ModeWords() []string {
	words := make([]string, len(Modes()))
	for i, m := range Modes() {
		words[i] = string(m)
	}
	return words
}

// ModeNames is the list of modes for messages.
const ModeNames = "notify, restart, restore or recreate"

// AtLeast reports whether m lets the guard do what other does.
func (m Mode) AtLeast(other Mode) bool {
	return slices.Index(Modes(), m) >= slices.Index(Modes(), other)
}

// BaselineFolder is the folder of the baseline files in the function's asset, below LAMBDA_TASK_ROOT.
const BaselineFolder = "baselines"

// DefaultSlackAPI is Slack's Web API; Slack for governments is at https://slack-gov.com/api/.
const DefaultSlackAPI = "https://slack.com/api/"

// The names of the guard's environment variables.
const (
	EnvMode         = "TRAILKEEPER_MODE"
	EnvStack        = "TRAILKEEPER_STACK"
	EnvAccounts     = "TRAILKEEPER_ACCOUNTS"
	EnvPartition    = "TRAILKEEPER_PARTITION"
	EnvRoleARN      = "TRAILKEEPER_ROLE_ARN"
	EnvTopicARN     = "TRAILKEEPER_TOPIC_ARN"
	EnvSlackSecret  = "TRAILKEEPER_SLACK_SECRET"
	EnvSlackChannel = "TRAILKEEPER_SLACK_CHANNEL"
	EnvSlackAPI     = "TRAILKEEPER_SLACK_API"
	EnvFailureQueue = "TRAILKEEPER_FAILURE_QUEUE"
	EnvAsyncRetries = "TRAILKEEPER_ASYNC_RETRIES"
	EnvTable        = "TRAILKEEPER_TABLE"
	EnvSweepMinutes = "TRAILKEEPER_SWEEP_MINUTES"
	EnvRecorded     = "TRAILKEEPER_RECORDED"
	EnvDeadLetters  = "TRAILKEEPER_DEAD_LETTERS"
	EnvRunbook      = "TRAILKEEPER_RUNBOOK"
	EnvLogLevel     = "TRAILKEEPER_LOG_LEVEL"
	EnvLastQueue    = "TRAILKEEPER_LAST_QUEUE"
)

// Guard is what the guard must know of its deployment. At least one of TopicARN and SlackSecret is set.
type Guard struct {
	Mode         Mode
	Stack        string            // the stack's name, for messages
	Accounts     []string          // the accounts whose records and trails the guard may act on; in the environment, the stack's own
	Partition    string            // "aws", "aws-cn", …
	RoleARN      string            // the guard's own role, to know its own StartLogging
	TopicARN     string            // SNS topic; empty: no SNS
	SlackSecret  string            // name or ARN of the Secrets Manager secret; empty: no Slack
	SlackChannel string            // channel ID for the bot token; empty: the incoming webhook is used
	SlackAPI     string            // base URL of Slack's Web API, ending in "/"
	FailureQueue string            // URL of the queue for what could not be handled or delivered
	LastQueue    string            // URL of the queue for what is in those and can never be handled or delivered; empty: it stays there
	AsyncRetries int               // how often Lambda runs a failed invocation again, 0 to 2
	Table        string            // name of the DynamoDB table for the state; empty: none
	SweepRegions []string          // the Regions that the sweep looks for trails in, of Lists alone; empty: the function's own
	Recorded     bool              // the sweep records healthy states in the table, and they count as baselines
	DeadLetters  []string          // URLs of the queues of what EventBridge could not deliver, from which it is handled or told later
	Runbook      string            // https URL of the page that says what to do about each kind of message; empty: none
	LogLevel     string            // least level of the log where Lambda has no log format JSON, and so no level; empty: Lambda's own
	AccountNames map[string]string // of Lists alone: shown beside the IDs of accounts
	SweepMinutes int               // minutes from one sweep to the next, 1 to 60; 0: no sweep is scheduled
}

// Env returns the environment that FromEnv reads back, of everything but Lists. Empty values are left out.
func (g Guard) Env() map[string]string {
	env := map[string]string{
		EnvMode:         string(g.Mode),
		EnvStack:        g.Stack,
		EnvAccounts:     strings.Join(g.Accounts, ","),
		EnvPartition:    g.Partition,
		EnvRoleARN:      g.RoleARN,
		EnvTopicARN:     g.TopicARN,
		EnvSlackSecret:  g.SlackSecret,
		EnvSlackChannel: g.SlackChannel,
		EnvSlackAPI:     g.SlackAPI,
		EnvFailureQueue: g.FailureQueue,
		EnvAsyncRetries: strconv.Itoa(g.AsyncRetries),
		EnvTable:        g.Table,
		EnvDeadLetters:  strings.Join(g.DeadLetters, ","),
		EnvRunbook:      g.Runbook,
		EnvLogLevel:     g.LogLevel,
		EnvLastQueue:    g.LastQueue,
	}
	if g.Recorded {
		env[EnvRecorded] = "true"
	}
	if g.SweepMinutes > 0 {
		env[EnvSweepMinutes] = strconv.Itoa(g.SweepMinutes)
	}
	for name, value := range env {
		if value == "" {
			delete(env, name)
		}
	}
	return env
}

// The checks below are written out, not regular expressions, whose compilation every start of a function would pay for.

const (
	lower  = "abcdefghijklmnopqrstuvwxyz"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits = "0123456789"
)

// consistsOf reports whether s is not empty and holds nothing but these ASCII characters.
func consistsOf(s, alphabet string) bool { return s != "" && strings.Trim(s, alphabet) == "" }

func validAccount(s string) bool { return len(s) == 12 && consistsOf(s, digits) }

func validPartition(s string) bool { return strings.HasPrefix(s, "aws") && consistsOf(s, lower+"-") }

// ValidChannel reports whether s can be the ID of a Slack channel, such as C0123456789. A channel's name, with or
// without #, is none. Slack documents no length; AWS takes eight characters at least (AWS DevOps Agent API reference,
// SlackChannel).
func ValidChannel(s string) bool {
	return len(s) >= 8 && len(s) <= 32 && consistsOf(s[:1], "CGD") && consistsOf(s, upper+digits)
}

// ValidAccount reports whether s can be the ID of an AWS account: 12 digits.
func ValidAccount(s string) bool { return validAccount(s) }

// ValidTopic reports whether s can be the ARN of a standard SNS topic.
func ValidTopic(s string) bool { return FormTopic.Matches(s) }

// Problem is one variable that is wrong.
type Problem struct{ Variable, Value, Want string }

// Error is one sentence. A value that looks like a credential, put where a name belongs, is not shown.
func (p Problem) Error() string {
	value := Shown(p.Value)
	if p.Variable == EnvSlackSecret && strings.Contains(value, "://") {
		value = hidden // a webhook of whatever host
	}
	return fmt.Sprintf("%s is %.200q; want %s", p.Variable, value, p.Want)
}

// Problems is everything that is wrong with an environment.
type Problems []Problem

// Error lists the problems, one on a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].Error()
	}
	return strings.Join(lines, "\n")
}

// About returns the problems with the named variables.
func (p Problems) About(variables ...string) Problems {
	var some Problems
	for _, one := range p {
		if slices.Contains(variables, one.Variable) {
			some = append(some, one)
		}
	}
	return some
}

// FromEnv reads the guard's settings. The error is a Problems that names every variable that is wrong, its value, and
// what is wanted. What is right is returned all the same, because a wrong channel must not keep the guard from
// restoring.
func FromEnv(getenv func(string) string) (Guard, error) {
	g := Guard{
		Mode:         Mode(getenv(EnvMode)),
		Stack:        getenv(EnvStack),
		Accounts:     list(getenv(EnvAccounts)),
		Partition:    getenv(EnvPartition),
		RoleARN:      getenv(EnvRoleARN),
		TopicARN:     getenv(EnvTopicARN),
		SlackSecret:  getenv(EnvSlackSecret),
		SlackChannel: getenv(EnvSlackChannel),
		SlackAPI:     cmp.Or(getenv(EnvSlackAPI), DefaultSlackAPI),
		FailureQueue: getenv(EnvFailureQueue),
		DeadLetters:  list(getenv(EnvDeadLetters)),
		LastQueue:    getenv(EnvLastQueue),
		Table:        getenv(EnvTable),
		Recorded:     getenv(EnvRecorded) == "true",
		Runbook:      getenv(EnvRunbook),
		LogLevel:     getenv(EnvLogLevel),
	}
	minutes, minutesErr := strconv.Atoi(cmp.Or(getenv(EnvSweepMinutes), "0"))
	g.SweepMinutes = minutes
	retries, retriesErr := strconv.Atoi(getenv(EnvAsyncRetries))
	g.AsyncRetries = retries

	c := checks{getenv: getenv}
	c.who(g)
	c.channels(g)
	c.queues(g)
	c.must(retriesErr == nil && retries >= 0 && retries <= 2, EnvAsyncRetries, "0, 1 or 2")
	c.must(minutesErr == nil && minutes >= 0 && minutes <= 60, EnvSweepMinutes, "0 to 60 minutes")
	if len(c.problems) > 0 {
		return g, c.problems
	}
	return g, nil
}

// list reads what has commas between; nil where there is nothing.
func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

// checks collects every setting that is wrong.
type checks struct {
	getenv   func(string) string
	problems Problems
}

func (c *checks) must(ok bool, name, want string) {
	if !ok {
		c.problems = append(c.problems, Problem{name, c.getenv(name), want})
	}
}

func (c *checks) who(g Guard) {
	foreign := func(a string) bool { return !validAccount(a) }
	c.must(slices.Contains(Modes(), g.Mode), EnvMode, ModeNames)
	c.must(g.Stack != "", EnvStack, "the stack's name")
	c.must(
		len(g.Accounts) > 0 && !slices.ContainsFunc(g.Accounts, foreign),
		EnvAccounts,
		"account IDs of 12 digits with commas between",
	)
	c.must(validPartition(g.Partition), EnvPartition, "a partition such as aws, aws-cn or aws-us-gov")
	c.must(FormRole.Matches(g.RoleARN), EnvRoleARN, "the ARN of the function's role")
	levels := []string{"", "DEBUG", "INFO", "WARN", "ERROR"}
	c.must(slices.Contains(levels, g.LogLevel), EnvLogLevel, "DEBUG, INFO, WARN or ERROR")
}

func (c *checks) channels(g Guard) {
	c.must(g.TopicARN == "" || ValidTopic(g.TopicARN), EnvTopicARN, "the ARN of an SNS topic")
	c.must(
		g.SlackSecret == "" || validSecret(g.SlackSecret),
		EnvSlackSecret,
		"the name or ARN of a Secrets Manager secret",
	)
	c.must(
		g.SlackSecret != "" || g.TopicARN != "",
		EnvSlackSecret,
		"it or "+EnvTopicARN+" set: at least one way to notify",
	)
	c.must(g.SlackChannel == "" || ValidChannel(g.SlackChannel), EnvSlackChannel, "a channel ID such as C0123456789")
	c.must(validBase(g.SlackAPI), EnvSlackAPI, "an https URL that ends in /")
	c.must(
		g.Runbook == "" || ValidRunbook(g.Runbook),
		EnvRunbook,
		"an https URL without a fragment, of at most 200 characters",
	)
}

func (c *checks) queues(g Guard) {
	wrong := func(url string) bool { return !validQueue(url) }
	c.must(validQueue(g.FailureQueue), EnvFailureQueue, "the URL of an SQS queue")
	c.must(
		!slices.ContainsFunc(g.DeadLetters, wrong),
		EnvDeadLetters,
		"URLs of SQS queues with commas between",
	)
	c.must(g.LastQueue == "" || validQueue(g.LastQueue), EnvLastQueue, "the URL of an SQS queue")
	c.must(g.Table == "" || validTable(g.Table), EnvTable, "the name of a DynamoDB table")
	c.must(c.getenv(EnvRecorded) == "" || g.Recorded, EnvRecorded, "true, or nothing")
}

// validTable follows the DynamoDB API reference, CreateTable, TableName.
func validTable(s string) bool {
	return len(s) >= 3 && len(s) <= 255 && consistsOf(s, lower+upper+digits+"_.-")
}

// hidden stands for a value that must not be shown.
const hidden = "(hidden: it looks like a credential)"

// Shown is a value for a message; what has a webhook or a token in it is hidden.
func Shown(value string) string {
	if credential.Like(value) {
		return hidden
	}
	return value
}

// validSecret follows the Secrets Manager API reference, CreateSecret, Name.
func validSecret(s string) bool {
	if IsARN(s) {
		return FormSecret.Matches(s)
	}
	return !credential.Like(s) && len(s) <= 512 && consistsOf(s, lower+upper+digits+"/_+=.@-")
}

// validBase accepts an https URL that ends in a slash, and plain http on loopback for the local run.
func validBase(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && strings.HasSuffix(u.Path, "/") &&
		(u.Scheme == "https" || u.Scheme == "http" && loopback(u))
}

// ValidRunbook reports whether s can be the address of a page with a section for each kind of message.
func ValidRunbook(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && u.Fragment == "" && len(s) <= 200 &&
		!credential.Like(s)
}

func validQueue(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && len(u.Path) > 1 && (u.Scheme == "https" || u.Scheme == "http" && loopback(u))
}

func loopback(u *url.URL) bool {
	return u.Hostname() == "127.0.0.1" || u.Hostname() == "localhost" || u.Hostname() == "::1"
}

// Example is a complete, valid configuration with documentation values. It serves `trailkeeper config env --example`
// and the tests.
func Example() Guard {
	return Guard{
		Mode:         ModeRestart,
		Stack:        "trailkeeper",
		Accounts:     []string{"111122223333"},
		Partition:    "aws",
		RoleARN:      "arn:aws:iam::111122223333:role/trailkeeper-GuardRole",
		TopicARN:     "arn:aws:sns:eu-west-1:111122223333:trailkeeper",
		SlackSecret:  "trailkeeper/slack",
		SlackChannel: "C0123456789",
		SlackAPI:     DefaultSlackAPI,
		FailureQueue: "https://sqs.eu-west-1.amazonaws.com/111122223333/trailkeeper-GuardFailures",
		LastQueue:    "https://sqs.eu-west-1.amazonaws.com/111122223333/trailkeeper-LastQueue",
		AsyncRetries: 2,
		Table:        "trailkeeper-State",
		SweepMinutes: 5,
		Recorded:     true,
		Runbook:      "https://wiki.example.com/trailkeeper",
		DeadLetters:  []string{"https://sqs.eu-west-1.amazonaws.com/111122223333/trailkeeper-GuardDeadLetters"},
	}
}
