// Package config is the one definition of what the deployed app tells its functions: cdk writes it into a function's
// environment, the function reads it back. It holds no secret, reads no environment by itself and knows no AWS client.
package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/config/credential"
)

// Mode says how far the guard may go.
type Mode string

// The modes, from the least to the most that the guard may change. IAM grants follow the mode.
const (
	ModeNotify   Mode = "notify"   // the dry run: report what restart would have done
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

func (m Mode) known() bool { return slices.Contains(Modes(), m) }

// AtLeast reports whether m lets the guard do what other does.
func (m Mode) AtLeast(other Mode) bool {
	return slices.Index(Modes(), m) >= slices.Index(Modes(), other)
}

// BaselineFolder is the folder of the baseline files in the function's asset, below LAMBDA_TASK_ROOT.
const BaselineFolder = "baselines"

// DefaultSlackAPI is Slack's Web API; Slack for governments is at https://slack-gov.com/api/.
const DefaultSlackAPI = "https://slack.com/api/"

// Reporting is what every function that notifies people must know of its deployment. At least one of TopicARN and
// SlackSecret is set.
type Reporting struct {
	Stack string // the stack's name, for messages
	// Accounts: the accounts whose records count; in the environment, the stack's own
	Accounts     []string
	Partition    string // "aws", "aws-cn", …
	TopicARN     string // SNS topic; empty: no SNS
	SlackSecret  string // name or ARN of the Secrets Manager secret; empty: no Slack
	SlackChannel string // channel ID for the bot token; empty: the incoming webhook is used
	SlackAPI     string // base URL of Slack's Web API, ending in "/"
	FailureQueue string // URL of the queue for what could not be handled or delivered
	// LastQueue: URL of the queue for what is in those and can never be handled or delivered; empty: it stays there
	LastQueue string
	Table     string // name of the DynamoDB table for the state; empty: none
	// DeadLetters: URLs of the queues of what EventBridge could not deliver, from which it is handled or reported later
	DeadLetters []string
	// Runbook: https URL of the page that says what to do about each kind of message; empty: none
	Runbook string
	// LogLevel: least level of the log where Lambda has no log format JSON, and so no level; empty: Lambda's own
	LogLevel     string
	AccountNames map[string]string // of Lists alone: shown beside the IDs of accounts
}

// Guard is what the guard must know of its deployment: the document that cdk writes and the guard reads. Its Accounts
// are those whose records and trails it may act on.
type Guard struct {
	Reporting
	Mode         Mode
	RoleARN      string // the guard's own role, to know its own StartLogging
	AsyncRetries int    // how often Lambda runs a failed invocation again, 0 to 2
	// SweepRegions: the Regions that the sweep looks for trails in, of Lists alone; empty: the function's own
	SweepRegions []string
	EnableKeys   bool // the key of a trail is enabled again where its declared baseline says that it is
	Recorded     bool // the sweep records healthy states in the table, and they count as baselines
	SweepMinutes int  // minutes from one sweep to the next, 1 to 60; 0: no sweep is scheduled
	// WardenMode: whether the sweep restores what differs of the warden's resources, ModeNotify or ModeRestore; empty:
	// there is no warden
	WardenMode Mode
	Heartbeat  Heartbeat
}

// The checks below are written out, not regular expressions, whose compilation every start of a function would pay for.

const (
	lower  = "abcdefghijklmnopqrstuvwxyz"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits = "0123456789"
)

func validPartition(s string) bool {
	return strings.HasPrefix(s, "aws") && events.ConsistsOf(s, lower+"-")
}

// ValidChannel reports whether s can be the ID of a Slack channel, such as C0123456789. A channel's name, with or
// without #, is none. Slack documents no length; AWS takes eight characters at least (AWS DevOps Agent API reference,
// SlackChannel).
func ValidChannel(s string) bool {
	return len(s) >= 8 && len(s) <= 32 && events.ConsistsOf(s[:1], "CGD") && events.ConsistsOf(s, upper+digits)
}

// ValidAccount reports whether s can be the ID of an AWS account: 12 digits.
func ValidAccount(s string) bool { return events.IsAccount(s) }

// ValidTopic reports whether s can be the ARN of a standard SNS topic.
func ValidTopic(s string) bool { return FormTopic.Matches(s) }

// Problem is one variable that is wrong.
type Problem struct{ Variable, Value, Want string }

// Error is one sentence. A value that looks like a credential, put where a name belongs, is not shown.
func (p Problem) Error() string {
	value := Shown(p.Value)
	if slices.Contains([]string{EnvSlackSecret, EnvHeartbeatSecret, EnvHeartbeatKey}, p.Variable) &&
		strings.Contains(value, "://") {
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

func validLevel(s string) bool { return slices.Contains([]string{"DEBUG", "INFO", "WARN", "ERROR"}, s) }

// validTable follows the DynamoDB API reference, CreateTable, TableName.
func validTable(s string) bool {
	return len(s) >= 3 && len(s) <= 255 && events.ConsistsOf(s, lower+upper+digits+"_.-")
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
	return !credential.Like(s) && len(s) <= 512 && events.ConsistsOf(s, lower+upper+digits+"/_+=.@-")
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
		Reporting: Reporting{
			Stack:        "trailkeeper",
			Accounts:     []string{"111122223333"},
			Partition:    "aws",
			TopicARN:     "arn:aws:sns:eu-west-1:111122223333:trailkeeper",
			SlackSecret:  "trailkeeper/slack",
			SlackChannel: "C0123456789",
			SlackAPI:     DefaultSlackAPI,
			FailureQueue: "https://sqs.eu-west-1.amazonaws.com/111122223333/trailkeeper-GuardFailures",
			LastQueue:    "https://sqs.eu-west-1.amazonaws.com/111122223333/trailkeeper-LastQueue",
			Table:        "trailkeeper-State",
			Runbook:      "https://wiki.example.com/trailkeeper",
			DeadLetters:  []string{"https://sqs.eu-west-1.amazonaws.com/111122223333/trailkeeper-GuardDeadLetters"},
		},
		Mode:         ModeRestart,
		RoleARN:      "arn:aws:iam::111122223333:role/trailkeeper-GuardRole",
		AsyncRetries: 2,
		SweepMinutes: 5,
		Recorded:     true,
		EnableKeys:   true,
		WardenMode:   ModeNotify,
		Heartbeat:    Heartbeat{Secret: "trailkeeper/slack", Key: "heartbeat", Method: "GET"},
	}
}
