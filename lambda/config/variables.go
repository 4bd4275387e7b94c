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

// The names of the environment variables that every function has.
const (
	EnvStack        = "TRAILKEEPER_STACK"
	EnvAccounts     = "TRAILKEEPER_ACCOUNTS"
	EnvPartition    = "TRAILKEEPER_PARTITION"
	EnvTopicARN     = "TRAILKEEPER_TOPIC_ARN"
	EnvSlackSecret  = "TRAILKEEPER_SLACK_SECRET"
	EnvSlackChannel = "TRAILKEEPER_SLACK_CHANNEL"
	EnvSlackAPI     = "TRAILKEEPER_SLACK_API"
	EnvFailureQueue = "TRAILKEEPER_FAILURE_QUEUE"
	EnvTable        = "TRAILKEEPER_TABLE"
	envDeadLetters  = "TRAILKEEPER_DEAD_LETTERS"
	EnvRunbook      = "TRAILKEEPER_RUNBOOK"
	EnvLogLevel     = "TRAILKEEPER_LOG_LEVEL"
	envLastQueue    = "TRAILKEEPER_LAST_QUEUE"
)

// The names of those that the guard alone has.
const (
	EnvMode         = "TRAILKEEPER_MODE"
	EnvRoleARN      = "TRAILKEEPER_ROLE_ARN"
	EnvAsyncRetries = "TRAILKEEPER_ASYNC_RETRIES"
	EnvSweepMinutes = "TRAILKEEPER_SWEEP_MINUTES"
	EnvRecorded     = "TRAILKEEPER_RECORDED"
	EnvEnableKeys   = "TRAILKEEPER_ENABLE_KEYS"
)

// prefix is that of every variable of ours.
const prefix = "TRAILKEEPER_"

// variable is one value of a document: how it is written and read, and what it may be. What writes and reads the
// environment has nothing besides.
type variable[T any] struct {
	name string
	get  func(T) string        // empty: the variable is left out
	set  func(*T, string) bool // false for a text of another form
	ok   func(T) bool          // nil: whatever set takes
	want string
}

// word is a variable of one text.
func word[T any, S ~string](name string, of func(*T) *S, ok func(S) bool, want string) variable[T] {
	return variable[T]{
		name,
		func(g T) string { return string(*of(&g)) },
		func(g *T, s string) bool { *of(g) = S(s); return true },
		func(g T) bool { return ok(*of(&g)) },
		want,
	}
}

// words is a variable of several texts with commas between, each of which must be right.
func words[T any](name string, of func(*T) *[]string, least int, ok func(string) bool, want string) variable[T] {
	return variable[T]{
		name,
		func(g T) string { return strings.Join(*of(&g), ",") },
		func(g *T, s string) bool {
			if *of(g) = nil; s != "" {
				*of(g) = strings.Split(s, ",")
			}
			return true
		},
		func(g T) bool {
			return len(*of(&g)) >= least && !slices.ContainsFunc(*of(&g), func(s string) bool { return !ok(s) })
		},
		want,
	}
}

// number is a variable of a whole number from 0 to limit. Without is what stands for one that is left out; empty: it
// must be there.
func number[T any](name string, of func(*T) *int, without string, limit int, want string) variable[T] {
	return variable[T]{
		name,
		func(g T) string {
			if n := strconv.Itoa(*of(&g)); n != without {
				return n
			}
			return ""
		},
		func(g *T, s string) bool {
			n, err := strconv.Atoi(cmp.Or(s, without))
			*of(g) = n
			return err == nil
		},
		func(g T) bool { return *of(&g) >= 0 && *of(&g) <= limit },
		want,
	}
}

// flag is a variable that is there where the flag is true.
func flag[T any](name string, of func(*T) *bool) variable[T] {
	return variable[T]{
		name,
		func(g T) string { return map[bool]string{true: "true"}[*of(&g)] },
		func(g *T, s string) bool { *of(g) = s == "true"; return s == "" || s == "true" },
		nil,
		"true, or nothing",
	}
}

// orNone takes an empty text as well.
func orNone(ok func(string) bool) func(string) bool {
	return func(s string) bool { return s == "" || ok(s) }
}

// reporting are the variables of what notifies people, in the order in which problems are reported.
func reporting[T any](of func(*T) *Reporting) []variable[T] {
	api := word(EnvSlackAPI, func(g *T) *string { return &of(g).SlackAPI }, validBase, "an https URL that ends in /")
	api.set = func(g *T, s string) bool { of(g).SlackAPI = cmp.Or(s, DefaultSlackAPI); return true }
	return []variable[T]{
		word(EnvStack, func(g *T) *string { return &of(g).Stack }, func(s string) bool { return s != "" },
			"the stack's name"),
		words(EnvAccounts, func(g *T) *[]string { return &of(g).Accounts }, 1, ValidAccount,
			"account IDs of 12 digits with commas between"),
		word(EnvPartition, func(g *T) *string { return &of(g).Partition }, validPartition,
			"a partition such as aws, aws-cn or aws-us-gov"),
		word(EnvLogLevel, func(g *T) *string { return &of(g).LogLevel }, orNone(validLevel),
			"DEBUG, INFO, WARN or ERROR"),
		word(EnvTopicARN, func(g *T) *string { return &of(g).TopicARN }, orNone(FormTopic.Matches),
			"the ARN of an SNS topic"),
		word(EnvSlackSecret, func(g *T) *string { return &of(g).SlackSecret }, orNone(validSecret),
			"the name or ARN of a Secrets Manager secret"),
		word(EnvSlackChannel, func(g *T) *string { return &of(g).SlackChannel }, orNone(ValidChannel),
			"a channel ID such as C0123456789"),
		api,
		word(EnvRunbook, func(g *T) *string { return &of(g).Runbook }, orNone(ValidRunbook),
			"an https URL without a fragment, of at most 200 characters"),
		word(EnvFailureQueue, func(g *T) *string { return &of(g).FailureQueue }, validQueue, "the URL of an SQS queue"),
		words(envDeadLetters, func(g *T) *[]string { return &of(g).DeadLetters }, 0, validQueue,
			"URLs of SQS queues with commas between"),
		word(envLastQueue, func(g *T) *string { return &of(g).LastQueue }, orNone(validQueue), "the URL of an SQS queue"),
		word(EnvTable, func(g *T) *string { return &of(g).Table }, orNone(validTable), "the name of a DynamoDB table"),
	}
}

// variables are all that the environment holds of a Guard.
func variables() []variable[Guard] {
	return slices.Concat(
		[]variable[Guard]{word(EnvMode, func(g *Guard) *Mode { return &g.Mode }, Mode.known, ModeNames)},
		reporting(func(g *Guard) *Reporting { return &g.Reporting }),
		[]variable[Guard]{
			word(EnvRoleARN, func(g *Guard) *string { return &g.RoleARN }, FormRole.Matches,
				"the ARN of the function's role"),
			flag(EnvRecorded, func(g *Guard) *bool { return &g.Recorded }),
			flag(EnvEnableKeys, func(g *Guard) *bool { return &g.EnableKeys }),
			number(EnvAsyncRetries, func(g *Guard) *int { return &g.AsyncRetries }, "", 2, "0, 1 or 2"),
			number(EnvSweepMinutes, func(g *Guard) *int { return &g.SweepMinutes }, "0", 60, "0 to 60 minutes"),
			wardenMode(func(g *Guard) *Mode { return &g.WardenMode }, noWardenOrMode),
		},
		heartbeat(func(g *Guard) *Heartbeat { return &g.Heartbeat }),
	)
}

// Env writes the environment that FromEnv reads back, of everything but Lists. Empty values are left out.
func (g Guard) Env() map[string]string { return written(variables(), g) }

// FromEnv reads what Env wrote. The error is a Problems that names every variable that is wrong, its value, and what is
// wanted. What is right is returned all the same, because a wrong channel must not keep the guard from restoring.
func FromEnv(getenv func(string) string) (Guard, error) {
	g, problems := read(variables(), getenv)
	return g, g.checked(problems)
}

// Unknown is about the variables of ours that no Guard has, in an environment as os.Environ gives it: what was meant to
// be set is not.
func Unknown(environ []string) error { return unknown(variables(), "guard", environ) }

// written is the environment of a document.
func written[T any](table []variable[T], of T) map[string]string {
	env := map[string]string{}
	for _, v := range table {
		if text := v.get(of); text != "" {
			env[v.name] = text
		}
	}
	return env
}

// read reads a document, and says what in it is wrong.
func read[T any](table []variable[T], getenv func(string) string) (of T, problems Problems) {
	for _, v := range table {
		text := getenv(v.name)
		if !v.set(&of, text) || v.ok != nil && !v.ok(of) {
			problems = append(problems, Problem{v.name, text, v.want})
		}
	}
	return of, problems
}

// checked adds to the problems that there is no way to notify. Nil: there are none.
func (r Reporting) checked(problems Problems) error {
	if r.SlackSecret == "" && r.TopicARN == "" {
		problems = append(problems, Problem{EnvSlackSecret, "", "it or " + EnvTopicARN + " set: at least one way to notify"})
	}
	if len(problems) > 0 {
		return problems
	}
	return nil
}

// unknown names the variables of ours that a function does not have.
func unknown[T any](table []variable[T], function string, environ []string) error {
	var (
		known    []string // without the prefix, which is near to itself
		problems []error
	)
	for _, v := range table {
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
		shown := Shown(variable)
		problems = append(problems, fmt.Errorf("%.100s is no variable of the %s; remove it%s", shown, function, hint))
	}
	return errors.Join(problems...)
}
