package config

import (
	"slices"
	"strings"

	"trailkeeper/events"
)

// The names of the environment variables that the watch alone has.
const (
	EnvRedriveMinutes   = "TRAILKEEPER_REDRIVE_MINUTES"
	EnvGuardedAccounts  = "TRAILKEEPER_GUARDED_ACCOUNTS"
	EnvGuardedRegions   = "TRAILKEEPER_GUARDED_REGIONS"
	EnvRuleErrors       = "TRAILKEEPER_RULE_ERRORS"
	EnvRefusedNamespace = "TRAILKEEPER_REFUSED_NAMESPACE"
	EnvLogBuckets       = "TRAILKEEPER_LOG_BUCKETS"
	EnvRemovedLogs      = "TRAILKEEPER_REMOVED_LOGS"
	EnvLogGroups        = "TRAILKEEPER_LOG_GROUPS"
	EnvAnyLogAccount    = "TRAILKEEPER_ANY_LOG_ACCOUNT"
)

// RulesFile is the file of the checked rules in the watch's asset, below LAMBDA_TASK_ROOT: what detect.Decode reads.
const RulesFile = "rules.bin"

// Watch is what the watch must know of its deployment: the document that cdk writes and the watch reads. Its Accounts
// are those whose records the rules are applied to; its table and its queues are its own, and none of the guard's.
type Watch struct {
	Reporting
	// RedriveMinutes: minutes from one run of its schedule to the next, 1 to 60, in which it delivers what waits in its
	// queues, and the summaries. 0: no schedule; then nothing is left to summaries.
	RedriveMinutes int
	// GuardedAccounts and GuardedRegions: where the guard reports calls that change trails, so that the built-in rules
	// about these do not report them again. Without either, they do.
	GuardedAccounts []string
	GuardedRegions  []string
	// RuleErrors: a rule that fails on a record is reported, once per rule and hour.
	RuleErrors bool
	// RefusedNamespace: the CloudWatch namespace of the metrics of refused calls; empty: they are not written.
	RefusedNamespace string
	// LogBuckets are the buckets whose log files are read, as ParseLogBucket reads them; none: no log file is.
	LogBuckets []string
	// AnyLogAccount: the records in log files and log groups count whatever account they are of; otherwise, those of
	// Accounts alone.
	AnyLogAccount bool
	// RemovedLogs: log and digest files that are removed from these buckets are reported.
	RemovedLogs bool
	// LogGroups are the log groups of CloudWatch Logs whose events are read, as ParseLogGroup reads them; none: a
	// subscription's events are none of the watch's.
	LogGroups []string
}

// watchVariables are all that the environment holds of a Watch.
func watchVariables() []variable[Watch] {
	return slices.Concat(
		reporting(func(w *Watch) *Reporting { return &w.Reporting }),
		[]variable[Watch]{
			number(EnvRedriveMinutes, func(w *Watch) *int { return &w.RedriveMinutes }, "0", 60, "0 to 60 minutes"),
			words(EnvGuardedAccounts, func(w *Watch) *[]string { return &w.GuardedAccounts }, 0, ValidAccount,
				"account IDs of 12 digits with commas between"),
			words(EnvGuardedRegions, func(w *Watch) *[]string { return &w.GuardedRegions }, 0, validRegion,
				"Regions such as eu-west-1 with commas between"),
			flag(EnvRuleErrors, func(w *Watch) *bool { return &w.RuleErrors }),
			word(EnvRefusedNamespace, func(w *Watch) *string { return &w.RefusedNamespace }, orNone(validNamespace),
				"a CloudWatch namespace such as Trailkeeper/RefusedCalls"),
			words(EnvLogBuckets, func(w *Watch) *[]string { return &w.LogBuckets }, 0, validLogBucket,
				"OWNER/BUCKET/PREFIX, such as 111122223333/org-logs/AWSLogs/, with commas between"),
			flag(EnvAnyLogAccount, func(w *Watch) *bool { return &w.AnyLogAccount }),
			flag(EnvRemovedLogs, func(w *Watch) *bool { return &w.RemovedLogs }),
			words(EnvLogGroups, func(w *Watch) *[]string { return &w.LogGroups }, 0, validLogGroup,
				"OWNER:GROUP, such as 111122223333:CloudTrail/logs, with commas between"),
		},
	)
}

// Env writes the environment that WatchFromEnv reads back, of everything but Lists. Empty values are left out.
func (w Watch) Env() map[string]string { return written(watchVariables(), w) }

// WatchFromEnv reads what Env wrote. The error is a Problems that names every variable that is wrong, its value, and
// what is wanted. What is right is returned all the same: a wrong channel must not keep the others silent.
func WatchFromEnv(getenv func(string) string) (Watch, error) {
	w, problems := read(watchVariables(), getenv)
	return w, w.checked(problems)
}

// WatchUnknown is about the variables of ours that no Watch has, in an environment as os.Environ gives it.
func WatchUnknown(environ []string) error { return unknown(watchVariables(), "watch", environ) }

// With adds the lists to what the environment says. Lists of accounts that the guard covers take the place of the
// stack's own; the Regions of sweeps are none of the watch's business.
func (w Watch) With(l Lists) Watch {
	if len(l.Accounts) > 0 {
		w.Accounts = l.Accounts
	}
	if len(l.GuardedAccounts) > 0 {
		w.GuardedAccounts = l.GuardedAccounts
	}
	w.AccountNames = l.AccountNames
	return w
}

func validRegion(s string) bool { return events.ConsistsOf(s, lower+digits+"-") }

// validNamespace reports whether s can be the namespace of a metric of one's own (CloudWatch API reference,
// PutMetricData, Namespace).
func validNamespace(s string) bool {
	return len(s) <= 255 && events.ConsistsOf(s, lower+upper+digits+"./#_-:") && !strings.HasPrefix(s, ":") &&
		!strings.HasPrefix(s, "AWS/")
}

// ExampleWatch is a complete, valid configuration with documentation values. It serves the tests.
func ExampleWatch() Watch {
	w := Watch{
		Reporting:        Example().Reporting,
		RedriveMinutes:   5,
		GuardedAccounts:  []string{"111122223333"},
		GuardedRegions:   []string{"eu-west-1"},
		RuleErrors:       true,
		RefusedNamespace: "CloudTrailToSlack/AccessDeniedEvents",
		LogBuckets:       []string{"111122223333/org-logs/AWSLogs/"},
		AnyLogAccount:    true,
		RemovedLogs:      true,
		LogGroups:        []string{"111122223333:CloudTrail/logs"},
	}
	w.Table = "trailkeeper-WatchState"
	w.FailureQueue = "https://sqs.eu-west-1.amazonaws.com/111122223333/trailkeeper-WatchFailures"
	w.LastQueue = "https://sqs.eu-west-1.amazonaws.com/111122223333/trailkeeper-WatchLastQueue"
	w.DeadLetters = []string{"https://sqs.eu-west-1.amazonaws.com/111122223333/trailkeeper-WatchDeadLetters"}
	return w
}
