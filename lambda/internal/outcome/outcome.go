// Package outcome says in a finding what became of a remediation: what was put back, what was not and why, and how long
// the trail recorded less.
//
// It makes no call and decides nothing; it refuses to know why the remediation was made and who is notified of it.
package outcome

import (
	"maps"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/remediate"
)

// OfRestart adds what became of a restart.
func OfRestart(n *finding.Finding, res remediate.Result) {
	n.Outcome, n.AfterCall = res.Outcome, res.AfterCall
	n.Notes, n.Next = slices.Clip(res.Notes), slices.Clip(res.Next)
	if res.Outcome == finding.OutcomeRestored || res.Outcome == finding.OutcomeAlreadyLogging {
		n.Severity = finding.SeverityHigh
	}
}

// OfRestore adds what became of a restore; again says who tries again what may succeed later.
func OfRestore(n *finding.Finding, res remediate.Result, again finding.Note) {
	n.Changes, n.Severity, n.Partial = changes(res), finding.SeverityCritical, len(res.Unseen) > 0
	n.Notes, n.Next = slices.Clip(res.Notes), nil
	n.Outcome = of(res)
	switch n.Outcome {
	case finding.OutcomeNoDrift:
		n.Severity = finding.SeverityMedium
		n.Note(finding.NoteNoDrift)
	case finding.OutcomeAccepted:
		n.Note(finding.NoteUnverified)
		advise(n, res, finding.NextWaitForSweep)
	case finding.OutcomeRetrying:
		n.Notes = append(n.Notes, again)
		advise(n, res, finding.NextRestoreByHand)
	case finding.OutcomeCannotRestore:
		failed(n, res)
	case finding.OutcomePartlyRestored:
		n.Note(finding.NotePartlyRestored)
		n.Advise(finding.NextRestoreListed)
	case finding.OutcomeRestored:
		succeeded(n, res)
	}
	if n.Outcome != finding.OutcomeNoDrift {
		n.Notes = append(n.Notes, Unseen(res)...)
	}
	if n.Outcome != finding.OutcomeRestored && n.Outcome != finding.OutcomeNoDrift {
		n.Cause = causeOf(res)
	}
}

// of is the outcome of a restore.
func of(res remediate.Result) finding.Outcome {
	untouched := len(res.Restored) == 0 && len(res.Left) == 0 && res.Err == nil
	switch {
	case untouched && len(res.Unseen) > 0:
		return finding.OutcomeCannotRestore
	case untouched && !res.Created:
		return finding.OutcomeNoDrift
	case len(res.Unverified) > 0 && len(res.Left) == 0 && !res.Retryable:
		return finding.OutcomeAccepted
	case res.Retryable:
		return finding.OutcomeRetrying
	case len(res.Restored)+len(res.Unverified) == 0 && !res.Created:
		return finding.OutcomeCannotRestore
	case len(res.Left) > 0:
		return finding.OutcomePartlyRestored
	}
	return finding.OutcomeRestored
}

// failed words a restore that has put nothing back.
func failed(n *finding.Finding, res remediate.Result) {
	if len(res.Left) == 0 && res.Err == nil { // nothing is known to be weaker
		n.Severity = finding.SeverityHigh
		n.Note(finding.NoteNotCompared)
		n.Advise(finding.NextDeployToCompare)
		return
	}
	advise(n, res, finding.NextRestoreListed)
	switch {
	case res.Capped:
		n.Notes = append([]finding.Note{finding.Say(finding.NoteAttemptCap)}, n.Notes...)
	case len(res.Notes) == 0:
		n.Note(finding.NoteNothingRestored)
	}
}

// succeeded words a restore after which nothing is seen to weaken the trail.
func succeeded(n *finding.Finding, res remediate.Result) {
	n.Severity = finding.SeverityHigh
	if !res.RestoredAt.IsZero() {
		n.AfterCall = res.AfterCall
	}
	switch {
	case len(res.Unseen) > 0:
		n.Note(finding.NoteSeenRestored)
		n.Advise(finding.NextDeployToRead)
	case res.Created:
		n.Note(finding.NoteRecreated)
	default:
		n.Note(finding.NoteRestored)
	}
}

// advise says what the remediation advises, or else this.
func advise(n *finding.Finding, res remediate.Result, otherwise finding.NoteID) {
	if len(res.Next) > 0 {
		n.Next = append(n.Next, res.Next...)
		return
	}
	n.Advise(otherwise)
}

// Unseen names the parts that could not be read, in order.
func Unseen(res remediate.Result) []finding.Note {
	var all []finding.Note
	for _, part := range slices.Sorted(maps.Keys(res.Unseen)) {
		all = append(all, finding.Say(finding.NoteText, res.Unseen[part]))
	}
	return all
}

// Cause is why AWS did not carry a call out, in one of the words of metric.Reasons; empty: it did.
func Cause(err error) string {
	code := awscall.Code(err)
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(code, w) })
	}
	switch {
	case err == nil:
		return ""
	case awscall.Throttled(err):
		return metric.ReasonThrottled
	case awscall.Denied(err), has("Permission"):
		return metric.ReasonDenied
	case has("NotFound", "DoesNotExist", "Unavailable"):
		return metric.ReasonGone
	case has("Maximum", "LimitExceeded"):
		return metric.ReasonLimit
	}
	return metric.ReasonOther
}

// causeOf is why something of a trail is not put back.
func causeOf(res remediate.Result) string {
	cause := Cause(res.Err)
	switch {
	case res.Capped:
		return metric.ReasonLimit
	case cause != "" && cause != metric.ReasonOther:
		return cause
	case res.Missing:
		return metric.ReasonGone
	}
	return metric.ReasonOther
}

// Since is how long after a time another was, and not before it; zero where one of them is not known.
func Since(from, to time.Time) time.Duration {
	if from.IsZero() || to.IsZero() {
		return 0
	}
	return max(0, to.Sub(from))
}
