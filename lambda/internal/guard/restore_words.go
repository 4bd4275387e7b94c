package guard

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/trail"
)

// restoreNotification words what became of a restore after an event.
func (h *Handler) restoreNotification(ctx context.Context, ev events.Event, a assess.Assessment, b known, res remediate.RestoreResult) finding.Finding {
	n := h.notification(ev, a)
	n.Baseline = &finding.Baseline{Kind: string(b.kind), CapturedAt: b.at}
	wordRestore(&n, res, h.again(ctx))
	at, _ := ev.Record.Time()
	n.Dark = darkOfRestore(res, at, h.clock.Now())
	if !at.IsZero() && n.AfterCall > 0 {
		n.SinceEvent = max(0, res.RestoredAt.Sub(at))
	}
	return n
}

// wordRestore words what became of a restore; again says who tries again what may succeed later.
func wordRestore(n *finding.Finding, res remediate.RestoreResult, again string) {
	n.Changes = changesOf(res)
	n.Detail, n.NextStep, n.Severity = res.Detail, res.NextStep, finding.SeverityCritical
	if n.Detail != "" {
		n.Detail += " "
	}
	switch {
	case len(res.Restored) == 0 && len(res.Left) == 0 && res.Err == nil && len(res.Unseen) > 0:
		n.Outcome, n.Severity = finding.OutcomeCannotRestore, finding.SeverityHigh
		n.Detail += "The trail could not be compared with its baseline in full." + cannotSee(res)
		n.NextStep = "Give the guard's role its policy back by deploying again, and look at the trail."
	case len(res.Restored) == 0 && len(res.Left) == 0 && res.Err == nil && !res.Created:
		n.Outcome, n.Severity, n.NextStep = finding.OutcomeNoDrift, finding.SeverityMedium, ""
		n.Detail += "Reading the trail shows nothing that weakens it, compared with its baseline."
	case len(res.Unverified) > 0 && len(res.Left) == 0 && !res.Retryable:
		n.Outcome = finding.OutcomeAccepted
		n.Detail += "CloudTrail accepted what was set back as the baseline has it. It did not let the trail be read, so whether that holds could not be " +
			"verified." + cannotSee(res)
		n.NextStep = first(n.NextStep, "Wait for the next sweep, which verifies it, and look at who uses up the account's reads of CloudTrail.")
	case res.Retryable:
		n.Outcome = finding.OutcomeRetrying
		n.Detail += strings.TrimSpace(again) + cannotSee(res)
		n.NextStep = first(n.NextStep, "If no message of success follows within five minutes, put the trail back by hand.")
	case len(res.Restored)+len(res.Unverified) == 0 && !res.Created:
		n.Outcome = finding.OutcomeCannotRestore
		n.Detail += cannotSee(res)
		if res.Capped {
			n.Detail = "The attempt cap is reached, because somebody keeps changing the trail. " + n.Detail
		}
		n.NextStep = first(n.NextStep, "Put back what is listed as NOT restored, and find out who changed it.")
		if res.Detail == "" && !res.Capped {
			n.Detail = "Nothing of what weakens the trail could be put back." + n.Detail
		}
	case len(res.Left) > 0:
		n.Outcome = finding.OutcomePartlyRestored
		n.Detail += "Some of what weakens the trail could not be put back." + cannotSee(res)
		n.NextStep = "Put back what is listed as NOT restored, and find out who changed it."
	default:
		n.Outcome, n.Severity, n.NextStep = finding.OutcomeRestored, finding.SeverityHigh, ""
		n.Detail += restoredDetail(res) + cannotSee(res)
		if len(res.Unseen) > 0 {
			n.NextStep = "Give the guard's role its policy back by deploying again, and look at what could not be read."
		}
		if !res.RestoredAt.IsZero() {
			n.AfterCall = res.AfterCall
		}
	}
	n.Partial = len(res.Unseen) > 0
	if n.Outcome != finding.OutcomeRestored && n.Outcome != finding.OutcomeNoDrift {
		n.Cause = causeOf(res)
	}
}

func restoredDetail(res remediate.RestoreResult) string {
	switch {
	case len(res.Unseen) > 0:
		return "Everything that was seen to be weaker is back, as reading the trail again shows; the rest could not be read."
	case res.Created:
		return "The trail was created again; reading it shows it as its baseline has it."
	}
	return "Reading the trail again shows it as its baseline has it."
}

// cannotSee names the parts that could not be read, in order.
func cannotSee(res remediate.RestoreResult) string {
	text := ""
	for _, part := range slices.Sorted(maps.Keys(res.Unseen)) {
		text += " " + res.Unseen[part]
	}
	return text
}

// changesOf lists the changes with what became of each. A trail that was created again is told as a whole.
func changesOf(res remediate.RestoreResult) []finding.Change {
	var all []finding.Change
	back := map[trail.Field]bool{}
	for _, c := range res.Restored {
		back[c.Field] = true
	}
	for _, c := range res.Before {
		change := finding.Change{Field: string(c.Field), Before: c.Before, After: c.After, Effect: string(c.Effect), Sentence: c.Sentence}
		for _, l := range res.Left {
			if l.Change == c {
				change.Done, change.Reason = finding.DoneNotRestored, l.Reason
			}
		}
		for _, l := range res.Unverified {
			if l.Change == c {
				change.Done, change.Reason = finding.DoneAccepted, l.Reason
			}
		}
		switch {
		case slices.Contains(res.Restored, c):
			change.Done = finding.DoneRestored
		case !c.Effect.Worse() && back[c.Field]:
			change.Done = finding.DoneRestored // what a call puts back as a whole takes along what was added
		case c.Effect.Worse() && change.Done == finding.DoneNothing:
			change.Done, change.Reason = finding.DoneNotRestored, res.Detail
		}
		if !res.Created || change.Done == finding.DoneNotRestored {
			all = append(all, change)
		}
	}
	for _, c := range res.Kept {
		all = append(all, finding.Change{
			Field: string(c.Field), Before: c.Before, After: c.After, Effect: string(c.Effect), Sentence: c.Sentence + " It is left alone.",
		})
	}
	return all
}

// withoutBaseline words why nothing was put back, and what to do about it.
func withoutBaseline(n finding.Finding, err error) (detail, nextStep string) {
	capture := fmt.Sprintf("%s Then capture the trail's baseline with trailkeeper baseline capture --region %s --trail %s, and deploy.",
		n.NextStep, n.Region, n.Subject.ARN)
	if _, ok := errors.AsType[*unrecordedError](err); ok {
		return n.Detail + " Nothing was put back, because no baseline of this trail is deployed and the recorded one does not serve: " + err.Error() + ".", capture
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return n.Detail + " Nothing was put back, because the trail's baseline cannot be used: " + err.Error() + ".",
			"Deploy Trailkeeper again with a baseline file that is right. Until then: " + n.NextStep
	}
	return n.Detail + " Nothing was put back, because no baseline of this trail is deployed.", capture
}
