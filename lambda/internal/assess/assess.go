// Package assess says what an event asks for: nothing, a message, or a restart of logging. It looks at the record and
// at the deployment's settings, and at nothing else: it makes no call and reads no clock, so that a replay gives the
// decision the guard would take.
package assess

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/finding"
)

// Decision is what an event asks for. The values are those that `trailkeeper replay --json` prints.
type Decision string

// The decisions.
const (
	Ignored    Decision = "ignored"    // nothing to do with a trail, or no rule matches
	Attempt    Decision = "attempt"    // a call about a trail that AWS refused: reported, nothing else
	Change     Decision = "change"     // a trail's settings or selectors were changed: reported
	Restart    Decision = "restart"    // logging was stopped: StartLogging is called
	Restore    Decision = "restore"    // the trail is compared with its baseline, and what weakens it is put back
	Notify     Decision = "notify"     // reported, nothing else
	Unreadable Decision = "unreadable" // no event
)

// Scope is what the deployment may act on. With no Accounts or no Partition, any is taken, as a replay does.
type Scope struct {
	Mode      config.Mode
	Accounts  []string
	Partition string
	RoleARN   string // the guard's own role
	Stack     string // the deployment's name, for messages
	// Exceptions are the modes of single trails and calls, and the changes that are approved.
	Exceptions exception.List
}

// Assessment is the decision about one event and the reasons that a message gives.
type Assessment struct {
	Decision Decision
	Outcome  finding.Outcome // for the message, unless a remediation says otherwise
	Severity finding.Severity
	Trail    events.Trail // zero where the record names none, or not well
	// Notes say what the outcome means here, and Next what a human does next.
	Notes, Next []finding.Note
	// Own marks a StartLogging by the guard's own role: it is worth a message only if the trail is not logging. Where it
	// was refused, the run that made it reports it.
	Own bool
	// Approval is that of the call, as its record claims; nil where it has none. It is to be verified before it counts.
	Approval *exception.Approval
}

// source and eventSource are what CloudTrail's own records carry. Only AWS services can send a source that starts with
// "aws.".
const (
	source      = "aws.cloudtrail"
	eventSource = "cloudtrail.amazonaws.com"
)

// call is what the guard knows about one of CloudTrail's calls.
type call struct {
	decision Decision
	severity finding.Severity
	attempt  finding.Severity // when it was refused
	note     finding.NoteID
	next     finding.NoteID // empty: what is usual
}

func calls(eventName string) (call, bool) {
	switch eventName {
	case "StopLogging":
		return call{decision: Restart, severity: finding.SeverityCritical, attempt: finding.SeverityHigh}, true
	case "DeleteTrail":
		return call{
			Notify, finding.SeverityCritical, finding.SeverityHigh,
			finding.NoteTrailDeleted, finding.NextCreateAgain,
		}, true
	case "UpdateTrail":
		return call{
			Change, finding.SeverityHigh, finding.SeverityHigh,
			finding.NoteSettingsChanged, finding.NextCompareSettings,
		}, true
	case "PutEventSelectors":
		return call{
			Change, finding.SeverityHigh, finding.SeverityHigh,
			finding.NoteSelectorsChanged, finding.NextCompareSelectors,
		}, true
	case "PutInsightSelectors":
		return call{
			Change, finding.SeverityMedium, finding.SeverityMedium, finding.NoteInsightsChanged, finding.NextCompareInsights,
		}, true
	case "CreateTrail":
		return call{Notify, finding.SeverityMedium, finding.SeverityMedium, finding.NoteTrailCreated, ""}, true
	case "StartLogging":
		return call{Notify, finding.SeverityLow, finding.SeverityMedium, finding.NoteLoggingStarted, ""}, true
	case "AddTags", "RemoveTags":
		return call{
			Notify, finding.SeverityMedium, finding.SeverityMedium,
			finding.NoteTagsChanged, "",
		}, true
	}
	return call{}, false
}

// Assess decides about one event.
func Assess(ev events.Event, scope Scope) Assessment {
	rec := ev.Record
	known, ok := calls(rec.EventName)
	if ev.Kind != events.KindRecord || rec.EventSource != eventSource || !ok || nobodysCall(rec) {
		return Assessment{Decision: Ignored}
	}
	trail, trailErr := ev.Trail()
	mode := scope.Exceptions.Mode(trail.ARN(), rec.EventName, scope.Mode)
	switch reasons := disagreements(ev, trail, scope); {
	case aboutAnother(rec, trailErr):
		return Assessment{Decision: Ignored}
	case len(reasons) > 0:
		return notOurs(rec, trail, reasons, known)
	case trailErr == nil && mode == exception.ModeExclude:
		return Assessment{Decision: Ignored, Trail: trail}
	case rec.Refused():
		a := refused(rec, trail, known)
		a.Own = ownStart(rec, trailErr, scope)
		return a
	case !rec.IsCall():
		return Assessment{
			Decision: Notify,
			Outcome:  finding.OutcomeNotified,
			Severity: finding.SeverityMedium,
			Trail:    trail,
			Notes:    one(finding.NoteNetworkActivity),
		}
	}
	return succeeded(ev, scope, known, mode)
}

// succeeded decides about a call that AWS has carried out.
func succeeded(ev events.Event, scope Scope, known call, mode config.Mode) Assessment {
	rec := ev.Record
	trail, trailErr := ev.Trail()
	a := Assessment{
		Decision: known.decision,
		Outcome:  finding.OutcomeNotified,
		Severity: known.severity,
		Trail:    trail,
		Notes:    one(known.note),
		Next:     one(known.next, rec.Region, trail.ARN()),
	}
	a.Own = ownStart(rec, trailErr, scope)
	if approval, ok := approvalOf(rec, trail, scope); ok && trailErr == nil {
		return approved(a, approval)
	}
	switch {
	case known.decision == Restart:
		return stopped(a, rec.Region, trailErr, mode)
	case restorable(rec.EventName, mode) && trailErr == nil:
		a.Decision = Restore
	}
	return a
}

// one is a list of one note; empty where it has no name.
func one(id finding.NoteID, values ...any) []finding.Note {
	if id == "" {
		return nil
	}
	return []finding.Note{finding.Say(id, values...)}
}

// restorable reports whether a mode puts back what a call did to a trail, as far as the trail has a baseline.
func restorable(eventName string, mode config.Mode) bool {
	switch eventName {
	case "UpdateTrail", "PutEventSelectors", "PutInsightSelectors", "AddTags", "RemoveTags", "CreateTrail":
		return mode.AtLeast(config.ModeRestore)
	case "DeleteTrail":
		return mode.AtLeast(config.ModeRecreate)
	}
	return false
}

// approvalOf returns the approval of a call.
func approvalOf(rec events.Record, trail events.Trail, scope Scope) (exception.Approval, bool) {
	at, _ := rec.Time()
	return scope.Exceptions.Approved(trail.ARN(), rec.EventName, rec.Principal(), at)
}

// approved describes a change that was announced: it is reported, and stays until the approval expires, if CloudTrail's
// event history knows the call.
func approved(a Assessment, approval exception.Approval) Assessment {
	a.Decision, a.Outcome, a.Severity, a.Approval = Notify, finding.OutcomeApproved, finding.SeverityMedium, &approval
	a.Notes = one(finding.NoteApproved, approval.Principal, approval.Expires, strings.TrimSuffix(approval.Reason, "."))
	a.Next = nil
	return a
}

// ownStart reports whether the guard's own role called StartLogging on a trail that the record names.
func ownStart(rec events.Record, trailErr error, scope Scope) bool {
	return rec.EventName == "StartLogging" && trailErr == nil && scope.RoleARN != "" &&
		rec.Identity.IssuerARN == scope.RoleARN
}

// aboutAnother reports whether the call tagged something else that CloudTrail keeps: channels and event data stores
// have tags, too.
func aboutAnother(rec events.Record, trailErr error) bool {
	tags := rec.EventName == "AddTags" || rec.EventName == "RemoveTags"
	return tags && trailErr != nil && (rec.RequestParameters.Text("resourceId") != "" || !rec.Refused())
}

// nobodysCall tells an Insights or service event, which is about calls but is none, from a call and from the network's
// copy of one.
func nobodysCall(rec events.Record) bool {
	return !rec.IsCall() && rec.EventCategory != "NetworkActivity" && rec.EventType != "AwsVpceEvent"
}

// stopped decides about a successful StopLogging.
func stopped(a Assessment, region string, trailErr error, mode config.Mode) Assessment {
	switch {
	case trailErr != nil:
		a.Decision, a.Outcome = Notify, finding.OutcomeCannotRestore
		a.Notes = one(finding.NoteStoppedUnnamed, trailErr)
		a.Next = one(finding.NextFindStopped, region)
	case mode == config.ModeNotify:
		a.Decision = Notify
		a.Notes = one(finding.NoteWouldStart, a.Trail.ARN())
		a.Next = one(finding.NextStartNow, a.Trail.Region, a.Trail.ARN())
	}
	return a
}

// refused describes a call that AWS did not carry out. The trail may be named only by the error message, or not at all.
func refused(rec events.Record, trail events.Trail, known call) Assessment {
	return Assessment{
		Decision: Attempt,
		Outcome:  finding.OutcomeAttempt,
		Severity: known.attempt,
		Trail:    trail,
		Notes:    one(finding.NoteRefused),
		Next:     one(finding.NextWhyAttempted, rec.EventName, rec.Region, rec.EventID),
	}
}

// notOurs describes a record that must not lead to a call.
func notOurs(rec events.Record, trail events.Trail, reasons []error, known call) Assessment {
	a := Assessment{
		Decision: Notify,
		Outcome:  finding.OutcomeNotOurs,
		Severity: known.severity,
		Trail:    trail,
		Notes:    one(finding.NoteNotOurs, strings.ReplaceAll(errors.Join(reasons...).Error(), "\n", "; ")),
		Next:     one(finding.NextAddAccount),
	}
	if rec.Refused() {
		a.Decision, a.Severity = Attempt, known.attempt
	}
	if len(reasons) == 1 {
		if foreign, ok := errors.AsType[*foreignTrail](reasons[0]); ok && rec.EventName == "StopLogging" {
			a.Outcome = finding.OutcomeCannotRestore
			a.Notes = one(finding.NoteForeignTrail, foreign.account)
			a.Next = one(finding.NextRestartThere, trail.Account)
		}
	}
	return a
}

// foreignTrail says that the trail belongs to an account that is not one of ours: an organization trail seen from a
// member.
type foreignTrail struct{ account string }

// Error is the sentence for people.
func (e *foreignTrail) Error() string {
	return "organization trail of account " + e.account + ": only the management account or a delegated administrator " +
		"can restart it"
}

// disagreements lists why the record cannot be about this deployment. A record is only a hint: anybody who may invoke
// the function or put events on the bus can write one.
func disagreements(ev events.Event, trail events.Trail, scope Scope) []error {
	var errs []error
	ours := func(account string) bool { return len(scope.Accounts) == 0 || slices.Contains(scope.Accounts, account) }
	if ev.Source != source {
		errs = append(errs, fmt.Errorf("the event's source is %.100q, and CloudTrail's own is %q", ev.Source, source))
	}
	if !ours(ev.Account) {
		errs = append(errs, fmt.Errorf("the event is of account %.40q, which is not among the configured ones", ev.Account))
	}
	if r := ev.Record.RecipientAccountID; r != "" && r != ev.Account && !ours(r) {
		errs = append(errs, fmt.Errorf("the record is of account %.40q, which is not among the configured ones", r))
	}
	if trail == (events.Trail{}) || ev.Record.Refused() {
		return errs // a refused call changes nothing, whatever trail it names
	}
	if scope.Partition != "" && trail.Partition != scope.Partition {
		errs = append(
			errs,
			fmt.Errorf("the trail is in partition %.40q, and this deployment in %q", trail.Partition, scope.Partition),
		)
	}
	if r := ev.Record.Region; r != "" && r != trail.Region {
		errs = append(
			errs,
			fmt.Errorf(
				"the call was made in Region %.40q, and the trail's home Region is %q: only there can it be changed",
				r,
				trail.Region,
			),
		)
	}
	if !ours(trail.Account) {
		errs = append(errs, &foreignTrail{trail.Account})
	}
	return errs
}
