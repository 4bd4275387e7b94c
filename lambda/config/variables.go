package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"trailkeeper/lambda/config/nearest"
)

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
	envDeadLetters  = "TRAILKEEPER_DEAD_LETTERS"
	EnvRunbook      = "TRAILKEEPER_RUNBOOK"
	EnvLogLevel     = "TRAILKEEPER_LOG_LEVEL"
	envLastQueue    = "TRAILKEEPER_LAST_QUEUE"
)

// prefix is that of every variable of ours.
const prefix = "TRAILKEEPER_"

// variable is one value of the document: how it is written and read, and what it may be. Env and FromEnv have nothing
// besides.
type variable struct {
	name string
	get  func(Guard) string        // empty: the variable is left out
	set  func(*Guard, string) bool // false for a text of another form
	ok   func(Guard) bool          // nil: whatever set takes
	want string
}

// word is a variable of one text.
func word[S ~string](name string, of func(*Guard) *S, ok func(S) bool, want string) variable {
	return variable{
		name,
		func(g Guard) string { return string(*of(&g)) },
		func(g *Guard, s string) bool { *of(g) = S(s); return true },
		func(g Guard) bool { return ok(*of(&g)) },
		want,
	}
}

// words is a variable of several texts with commas between, each of which must be right.
func words(name string, of func(*Guard) *[]string, least int, ok func(string) bool, want string) variable {
	return variable{
		name,
		func(g Guard) string { return strings.Join(*of(&g), ",") },
		func(g *Guard, s string) bool {
			if *of(g) = nil; s != "" {
				*of(g) = strings.Split(s, ",")
			}
			return true
		},
		func(g Guard) bool {
			return len(*of(&g)) >= least && !slices.ContainsFunc(*of(&g), func(s string) bool { return !ok(s) })
		},
		want,
	}
}

// number is a variable of a whole number from 0 to limit. Without is what stands for one that is left out; empty: it
// must be there.
func number(name string, of func(*Guard) *int, without string, limit int, want string) variable {
	return variable{
		name,
		func(g Guard) string {
			if n := strconv.Itoa(*of(&g)); n != without {
				return n
			}
			return ""
		},
		func(g *Guard, s string) bool {
			n, err := strconv.Atoi(cmp.Or(s, without))
			*of(g) = n
			return err == nil
		},
		func(g Guard) bool { return *of(&g) >= 0 && *of(&g) <= limit },
		want,
	}
}

// flag is a variable that is there where the flag is true.
func flag(name string, of func(*Guard) *bool) variable {
	return variable{
		name,
		func(g Guard) string { return map[bool]string{true: "true"}[*of(&g)] },
		func(g *Guard, s string) bool { *of(g) = s == "true"; return s == "" || s == "true" },
		nil,
		"true, or nothing",
	}
}

// orNone takes an empty text as well.
func orNone(ok func(string) bool) func(string) bool {
	return func(s string) bool { return s == "" || ok(s) }
}

// variables are all that the environment holds of a Guard, in the order in which problems are reported.
func variables() []variable {
	api := word(EnvSlackAPI, func(g *Guard) *string { return &g.SlackAPI }, validBase, "an https URL that ends in /")
	api.set = func(g *Guard, s string) bool { g.SlackAPI = cmp.Or(s, DefaultSlackAPI); return true }
	return []variable{
		word(EnvMode, func(g *Guard) *Mode { return &g.Mode }, Mode.known, ModeNames),
		word(EnvStack, func(g *Guard) *string { return &g.Stack }, func(s string) bool { return s != "" },
			"the stack's name"),
		words(EnvAccounts, func(g *Guard) *[]string { return &g.Accounts }, 1, ValidAccount,
			"account IDs of 12 digits with commas between"),
		word(EnvPartition, func(g *Guard) *string { return &g.Partition }, validPartition,
			"a partition such as aws, aws-cn or aws-us-gov"),
		word(EnvRoleARN, func(g *Guard) *string { return &g.RoleARN }, FormRole.Matches,
			"the ARN of the function's role"),
		word(EnvLogLevel, func(g *Guard) *string { return &g.LogLevel }, orNone(validLevel),
			"DEBUG, INFO, WARN or ERROR"),
		word(EnvTopicARN, func(g *Guard) *string { return &g.TopicARN }, orNone(FormTopic.Matches),
			"the ARN of an SNS topic"),
		word(EnvSlackSecret, func(g *Guard) *string { return &g.SlackSecret }, orNone(validSecret),
			"the name or ARN of a Secrets Manager secret"),
		word(EnvSlackChannel, func(g *Guard) *string { return &g.SlackChannel }, orNone(ValidChannel),
			"a channel ID such as C0123456789"),
		api,
		word(EnvRunbook, func(g *Guard) *string { return &g.Runbook }, orNone(ValidRunbook),
			"an https URL without a fragment, of at most 200 characters"),
		word(EnvFailureQueue, func(g *Guard) *string { return &g.FailureQueue }, validQueue, "the URL of an SQS queue"),
		words(envDeadLetters, func(g *Guard) *[]string { return &g.DeadLetters }, 0, validQueue,
			"URLs of SQS queues with commas between"),
		word(envLastQueue, func(g *Guard) *string { return &g.LastQueue }, orNone(validQueue), "the URL of an SQS queue"),
		word(EnvTable, func(g *Guard) *string { return &g.Table }, orNone(validTable), "the name of a DynamoDB table"),
		flag(EnvRecorded, func(g *Guard) *bool { return &g.Recorded }),
		number(EnvAsyncRetries, func(g *Guard) *int { return &g.AsyncRetries }, "", 2, "0, 1 or 2"),
		number(EnvSweepMinutes, func(g *Guard) *int { return &g.SweepMinutes }, "0", 60, "0 to 60 minutes"),
	}
}

// Env writes the environment that FromEnv reads back, of everything but Lists. Empty values are left out.
func (g Guard) Env() map[string]string {
	env := map[string]string{}
	for _, v := range variables() {
		if text := v.get(g); text != "" {
			env[v.name] = text
		}
	}
	return env
}

// FromEnv reads what Env wrote. The error is a Problems that names every variable that is wrong, its value, and what is
// wanted. What is right is returned all the same, because a wrong channel must not keep the guard from restoring.
func FromEnv(getenv func(string) string) (Guard, error) {
	var (
		g        Guard
		problems Problems
	)
	for _, v := range variables() {
		text := getenv(v.name)
		if !v.set(&g, text) || v.ok != nil && !v.ok(g) {
			problems = append(problems, Problem{v.name, text, v.want})
		}
	}
	if g.SlackSecret == "" && g.TopicARN == "" {
		problems = append(problems, Problem{EnvSlackSecret, "", "it or " + EnvTopicARN + " set: at least one way to notify"})
	}
	if len(problems) > 0 {
		return g, problems
	}
	return g, nil
}

// Unknown is about the variables of ours that no Guard has, in an environment as os.Environ gives it: what was meant to
// be set is not.
func Unknown(environ []string) error {
	var (
		known    []string // without the prefix, which is near to itself
		problems []error
	)
	for _, v := range variables() {
		known = append(known, strings.TrimPrefix(v.name, prefix))
	}
	for _, entry := range environ {
		variable, _, _ := strings.Cut(entry, "=")
		name, ours := strings.CutPrefix(variable, prefix)
		if !ours || slices.Contains(known, name) {
			continue
		}
		hint := ""
		if meant := nearest.Of(name, known); meant != "" {
			hint = "; did you mean " + prefix + meant + "?"
		}
		problems = append(problems, fmt.Errorf("%.100s is no variable of the guard; remove it%s", Shown(variable), hint))
	}
	return errors.Join(problems...)
}
