package respond

import (
	"slices"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/asked"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/outcome"
	"trailkeeper/lambda/internal/trail"
)

// askedFor are the changes for the worse that a call asked for, compared with the trail's baseline, and the trail as it
// would be with them. Of a call whose record does not show what it asked for, they are whatever the call can change;
// not of the guard's own, which would answer itself for as long as nothing can be read.
func askedFor(ev events.Event, t events.Trail, baseline trail.State, own bool) ([]trail.Change, trail.State) {
	request, err := asked.Of(ev.Record, t)
	if err == nil {
		return request.Weakens(baseline), request.On(baseline, request.Fields...)
	}
	if own {
		return nil, trail.State{}
	}
	var all []trail.Change
	for _, f := range trail.FieldsOf(ev.Record.EventName) {
		all = append(
			all,
			trail.Change{
				Field:    f,
				Effect:   trail.Weakens,
				Sentence: "The record does not show what " + ev.Record.EventName + " has set.",
			},
		)
	}
	return all, trail.State{}
}

// mayHaveAsked are the fields that a call asked for, or may have: a record that does not show what it asked for excuses
// nobody.
func mayHaveAsked(rec events.Record, t events.Trail) []trail.Field {
	if rec.EventName == "CreateTrail" {
		return trail.Fields()
	}
	request, err := asked.Of(rec, t)
	if err != nil || len(request.Fields) == 0 {
		return trail.FieldsOf(rec.EventName)
	}
	fields := request.Fields
	if rec.EventName == "UpdateTrail" && rec.RequestParameters.Text("kmsKeyId") != "" &&
		!slices.Contains(fields, trail.FieldKMSKey) {
		fields = append(slices.Clone(fields), trail.FieldKMSKey) // by an alias, and for which key is not shown
	}
	return fields
}

// wordCall says of a restore what the call of its event has to do with it: whether it was approved, or what it asked
// for although nothing of it is left.
func (r *recollection) wordCall(n *finding.Finding, ev events.Event, a assess.Assessment) {
	nothing := n.Outcome == finding.OutcomeNoDrift
	switch {
	case r.claim.counts && nothing:
		n.Outcome, n.Severity, n.Verifying = finding.OutcomeApproved, a.Severity, !r.claim.proven
		n.Notes, n.Changes = a.Notes, r.standing()
	case r.claim.counts:
		n.Notes = slices.Concat(a.Notes, []finding.Note{finding.Say(finding.NoteRestCompared)}, n.Notes)
		n.Changes = append(n.Changes, r.standing()...)
	case nothing:
		r.judgeCall(n, ev, a)
	}
	r.claim.word(n)
}

// judgeCall judges a call by what it asked for: what weakens is reported at its severity, although another run has
// undone it with the change before. A call that nobody approved is no better for an approval under which the trail is
// weaker.
func (r *recollection) judgeCall(n *finding.Finding, ev events.Event, a assess.Assessment) {
	standing := r.standing()
	if len(standing) > 0 {
		n.Severity, n.Changes, n.Notes, n.Next = finding.SeverityHigh, standing, nil, nil
		n.Note(finding.NoteNotCovered)
		n.Advise(finding.NextWhoCalled)
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
		n.Changes = append(n.Changes, outcome.Change(c, finding.DoneRestored))
	}
	if undone == 0 {
		return
	}
	if len(standing) == 0 {
		n.Severity, n.Notes = a.Severity, nil
	}
	n.Notes, n.Next = append(say(finding.NoteAlreadyUndone), n.Notes...), say(finding.NextWhoCalled)
}
