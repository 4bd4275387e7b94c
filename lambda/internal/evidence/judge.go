// Package evidence answers calls that take a trail's evidence away: on the bucket, log files, key and log group that the
// declared baselines name, on CloudTrail Lake, and on the organization and account around them.
//
// It says what a call was about, how bad it is, and what a human must do; for the sweep, and for the commands "baseline
// capture" and "doctor", it reads buckets and keys. It restores nothing but a trail's own key, and that only where the
// settings let it; it words no message and reads no log file.
package evidence

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/rules/evidence/calls"
)

// Concerns reports whether a record is of a call that this package answers.
func Concerns(rec events.Record) bool {
	_, ok := calls.Find(rec.EventSource, rec.EventName)
	return ok && rec.IsCall()
}

// judged is a call with what it was about.
type judged struct {
	call calls.Call
	// baselines name the resource, those of trails that are left alone excepted; none: none has to.
	baselines []baseline.Baseline
	finding   finding.Finding
}

// judge says what a call was about, and how bad it is. It reports false where no declared baseline names the resource, or
// an override leaves each of its trails alone.
func judge(ev events.Event, scope assess.Scope, declared []baseline.Baseline) (judged, bool) {
	c, ok := calls.Find(ev.Record.EventSource, ev.Record.EventName)
	if !ok || !ev.Record.IsCall() {
		return judged{}, false
	}
	subject, naming, found := about(ev, c, named{declared})
	of := slices.DeleteFunc(slices.Clone(naming), func(b baseline.Baseline) bool {
		return scope.ModeOf(b.Trail.ARN, c.Event) == exception.ModeExclude
	})
	if !found || len(of) == 0 && len(naming) > 0 {
		return judged{}, false
	}
	n := finding.OfRecord(ev)
	n.EventSource, n.Stack = c.Source, scope.Stack
	n.Severity, n.Outcome = finding.Severity(c.Severity), finding.OutcomeNotified
	subject.Account, subject.Region = n.Account, n.Region
	subject.Partition = cmp.Or(subject.Partition, scope.Partition)
	n.Subject = subject
	if c.Of == calls.LogFile {
		n.Minor = finding.MinorDetected
	}
	j := judged{call: c, baselines: of, finding: n}
	switch reasons := disagreements(ev, scope, of); {
	case len(reasons) > 0:
		j.finding.Outcome = finding.OutcomeNotOurs
		j.finding.Note(finding.NoteNotOurs, strings.ReplaceAll(errors.Join(reasons...).Error(), "\n", "; "))
		j.finding.Advise(finding.NextAddAccount)
	case ev.Record.Refused():
		j.finding.Outcome, j.finding.Severity = finding.OutcomeAttempt, finding.Severity(c.Severity.Attempt())
		j.finding.Note(finding.NoteRefused)
		j.finding.Advise(finding.NextWhyAttempted, c.Event, n.Region, n.EventID)
	default:
		j.weigh(ev)
	}
	return j, true
}

// Unjudged is the facts of a record that Concerns, with the severity of its call: what it was about, no baseline has said.
func Unjudged(ev events.Event, scope assess.Scope) finding.Finding {
	c, _ := calls.Find(ev.Record.EventSource, ev.Record.EventName)
	n := finding.OfRecord(ev)
	n.EventSource, n.Stack, n.Partition = c.Source, scope.Stack, scope.Partition
	n.Subject.Type, n.Severity, n.Outcome = subjectOf(c, "", ev.Record).Type, finding.Severity(c.Severity), finding.OutcomeUnproven
	if ev.Record.Refused() {
		n.Severity, n.Outcome = finding.Severity(c.Severity.Attempt()), finding.OutcomeAttempt
	}
	return n
}

// disagreements are why a record is none of this deployment's. S3 and KMS record a call in the account that owns the
// bucket or key, which a baseline may declare to be another.
func disagreements(ev events.Event, scope assess.Scope, of []baseline.Baseline) (all []error) {
	if want := "aws." + strings.TrimSuffix(ev.Record.EventSource, ".amazonaws.com"); ev.Source != want {
		all = append(all, fmt.Errorf("the event's source is %.100q, and the service's own is %q", ev.Source, want))
	}
	owners := slices.Clone(scope.Accounts)
	if len(owners) == 0 {
		return all
	}
	for _, b := range of {
		owners = append(owners, ownersOf(b)...)
	}
	for _, account := range slices.Compact([]string{ev.Account, cmp.Or(ev.Record.RecipientAccountID, ev.Account)}) {
		if !slices.Contains(owners, account) {
			all = append(all, fmt.Errorf("the event is of account %.40q, which is not among the configured ones", account))
		}
	}
	return all
}

// ownersOf are the accounts that own what a baseline names.
func ownersOf(b baseline.Baseline) (all []string) {
	for _, arn := range []string{b.Trail.Settings.KMSKeyID, b.Trail.Settings.LogGroupARN} {
		if a, err := events.ParseARN(arn); err == nil {
			all = append(all, a.Account)
		}
	}
	if b.Bucket != nil {
		all = append(all, b.Bucket.Owner)
	}
	return all
}

// maxKey bounds what is shown of an object's key, in runes.
const maxKey = 300

func shown(text string) string { return sanitize.Bound(text, maxKey) }
