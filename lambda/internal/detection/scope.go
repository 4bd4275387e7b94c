package detection

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/rules/detect"
)

// Scope is where rules are applied. With no Accounts, any is taken.
type Scope struct {
	Accounts []string // whose records count
	// GuardedAccounts and GuardedRegions: of a record of both, the guard reports a call that changes a trail.
	GuardedAccounts []string
	GuardedRegions  []string
	// AnyLogged: the records of log files and log groups count whatever account they are of. That a bucket is configured
	// says whose they are: an organization's trail has those of all accounts there.
	AnyLogged bool
}

// disagrees says why a record cannot be this deployment's, and is nil where nothing speaks against it. A record is only
// a hint: anybody who may invoke the function can write one. Only AWS can put an event on a bus whose source begins
// with "aws." (EventBridge API reference, PutEvents).
func (s Scope) disagrees(ev events.Event) error {
	var errs []error
	ours := func(account string) bool {
		return len(s.Accounts) == 0 || slices.Contains(s.Accounts, account) || s.AnyLogged && ev.Logged
	}
	if !strings.HasPrefix(ev.Source, "aws.") {
		errs = append(errs, fmt.Errorf("the event's source is %.100q, and AWS has one that begins with \"aws.\"", ev.Source))
	}
	if !ours(ev.Account) {
		errs = append(errs, fmt.Errorf("the event is of account %.40q, which is not among the configured ones", ev.Account))
	}
	if r := ev.Record.RecipientAccountID; r != "" && r != ev.Account && !ours(r) {
		errs = append(errs, fmt.Errorf("the record is of account %.40q, which is not among the configured ones", r))
	}
	return errors.Join(append(errs, misplaced(ev))...)
}

// misplaced says why a record cannot have stood in the log file that it came from: CloudTrail writes each into a file
// of its account and Region. Whoever may write to the bucket can write another. Files from before 22 November 2021 may have
// the global events of us-east-1 in another Region's (CloudTrail User Guide, "Using the update-trail command"): they are
// misplaced, too, if somebody has such old files read.
func misplaced(ev events.Event) error {
	var errs []error
	if r := ev.Record.RecipientAccountID; ev.Logged && r != "" && r != ev.Account {
		errs = append(errs, fmt.Errorf("the record is of account %.40q, and its log file, by its name, of %s", r, ev.Account))
	}
	if r := ev.Record.Region; ev.Logged && r != "" && r != ev.Region {
		errs = append(errs, fmt.Errorf("the record is of Region %.40q, and its log file, by its name, of %s", r, ev.Region))
	}
	return errors.Join(errs...)
}

// The calls of which the guard reports each, refused ones included (package assess), and where they come from.
var guarded = []string{
	"StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors", "PutInsightSelectors",
}

const (
	guardedSource = "cloudtrail.amazonaws.com"
	guardedBus    = "aws.cloudtrail"
	guardedType   = "AWS API Call via CloudTrail"
)

// repeats are the rules that say no more of such a call than the guard does: what it was, who made it, and whether it
// was refused. Every other rule reports something else of it, such as that root made it.
var repeats = []string{"trail-tampering", "refused-calls"}

// covers reports whether the guard reports a record's call, so that the rule need not. It does where envelope and
// record agree that it happened in an account and a Region of the guard's: nothing is left out on one of them alone.
func (s Scope) covers(ev events.Event, rule *detect.Rule) bool {
	rec := ev.Record
	return rule.BuiltIn && slices.Contains(repeats, rule.ID) && (!ev.Wrapped || ev.Logged) && rec.IsCall() &&
		ev.Source == guardedBus && ev.DetailType == guardedType &&
		rec.EventSource == guardedSource && slices.Contains(guarded, rec.EventName) &&
		rec.RecipientAccountID == ev.Account && slices.Contains(s.GuardedAccounts, ev.Account) &&
		rec.Region == ev.Region && slices.Contains(s.GuardedRegions, ev.Region)
}
