package guard

import (
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/asked"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/trail"
)

// recollect makes the look-up for the restore after an event.
func (h *Handler) recollect(ev events.Event, a assess.Assessment, baseline trail.State, c claim) *recollection {
	return &recollection{Handler: h, baseline: baseline, claim: c, event: ev.Record.EventID, asked: mayHaveAsked(ev.Record, a.Trail)}
}

// mayHaveAsked are the fields that a call asked for, or may have: a record that does not show what it asked for excuses nobody.
func mayHaveAsked(rec events.Record, t events.Trail) []trail.Field {
	if rec.EventName == "CreateTrail" {
		return trail.Fields()
	}
	request, err := asked.Of(rec, t)
	if err != nil || len(request.Fields) == 0 {
		return trail.FieldsOf(rec.EventName)
	}
	fields := request.Fields
	if rec.EventName == "UpdateTrail" && rec.RequestParameters.Text("kmsKeyId") != "" && !slices.Contains(fields, trail.FieldKMSKey) {
		fields = append(slices.Clone(fields), trail.FieldKMSKey) // by an alias, and for which key is not shown
	}
	return fields
}

// wordCall says of a restore what the call of its event has to do with it: whether it was approved, or what it asked for although nothing of it is left.
func (r *recollection) wordCall(n *finding.Finding, ev events.Event, a assess.Assessment, c claim) {
	nothing := n.Outcome == finding.OutcomeNoDrift
	switch {
	case c.counts && nothing:
		n.Outcome, n.Severity, n.Verifying = finding.OutcomeApproved, a.Severity, !c.proven
		n.Detail, n.Changes = a.Detail, r.standing()
	case c.counts:
		n.Detail, n.Changes = a.Detail+" What else differed: "+n.Detail, append(n.Changes, r.standing()...)
	case nothing:
		r.judgeCall(n, ev, a)
	}
	wordClaim(n, a)
}

// judgeCall judges a call by what it asked for: what weakens is told at its severity, although another run has undone it with the change before. A call
// that nobody approved is no better for an approval under which the trail is weaker.
func (r *recollection) judgeCall(n *finding.Finding, ev events.Event, a assess.Assessment) {
	standing := r.standing()
	if len(standing) > 0 {
		n.Severity, n.Changes = finding.SeverityHigh, standing
		n.Detail = "What is weaker than in the baseline stands under an approval, which does not cover this call."
		n.NextStep = "Find out who made this call, and whether they should be able to."
	}
	request, err := asked.Of(ev.Record, a.Trail)
	if err != nil {
		return
	}
	undone := 0
	for _, c := range request.Weakens(r.baseline) {
		if slices.ContainsFunc(standing, func(s finding.Change) bool { return s.Field == string(c.Field) }) {
			continue
		}
		undone++
		n.Changes = append(n.Changes, change(c, finding.DoneRestored, ""))
	}
	if undone == 0 {
		return
	}
	if len(standing) == 0 {
		n.Severity, n.Detail = a.Severity, ""
	}
	n.Detail = strings.TrimSpace("The call asked for what weakens the trail, compared with its baseline. It was already undone with the change before: " +
		"reading the trail shows nothing of it any more. " + n.Detail)
	n.NextStep = "Find out who made this call, and whether they should be able to."
}

// standing are the changes that stand under an approval.
func (r *recollection) standing() []finding.Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []finding.Change
	for _, c := range r.excused {
		all = append(all, change(c, finding.DoneNothing, "It stands under an approval."))
	}
	return all
}

func change(c trail.Change, done finding.Done, reason string) finding.Change {
	return finding.Change{
		Field: string(c.Field), Before: c.Before, After: c.After, Effect: string(c.Effect), Sentence: c.Sentence, Done: done, Reason: reason,
	}
}
