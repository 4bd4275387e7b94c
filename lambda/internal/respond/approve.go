package respond

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/baselines"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/history"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/state/known"
)

const (
	// maxWeighing bounds what is looked up about an approval before anything is done.
	maxWeighing = 4 * time.Second
	// maxClaims bounds the claims that are waited for on one trail: each costs the sweep a look into the event history.
	maxClaims = 8
	// maxNotes bounds them together with those that are confirmed and told: each new execution environment asks about all.
	maxNotes = 32
)

// Noted keeps what is noted to be approved of a trail.
type Noted interface {
	Hold(ctx context.Context, known known.Trail) (time.Time, error)
	Approve(ctx context.Context, a known.Approved) error
}

// Approvals says what the approval that a record claims is worth.
type Approvals struct {
	Scope     assess.Scope
	Judge     *approval.Judge // nil: no claim counts
	Table     Noted           // nil: there is none
	Baselines *baselines.Source
	Stops     Stops
	// SweepMinutes are those from one sweep to the next; 0: there is no sweep.
	SweepMinutes int
	Clock        clock.Clock
}

// weigh says what the approval of a record is worth. It is the one thing that may come before StartLogging, and only
// where an approval in the function's own asset names the call, the trail and the principal that the record claims.
func (p *Approvals) weigh(ctx context.Context, ev events.Event, a assess.Assessment) claim {
	note, err := approval.Claim(ev.Record, a.Trail, *a.Approval, p.Clock.Now())
	if err != nil {
		return claim{says: say(finding.NoteCoversNothing, err)}
	}
	ctx, cancel := context.WithTimeout(ctx, maxWeighing)
	defer cancel()
	c, err := p.prove(ctx, a.Trail, note)
	switch {
	case err == nil && note.At.Sub(c.At) > approval.MaxLate:
		return claim{says: say(finding.NoteApprovalTooOld, c.At)}
	case err == nil:
		c.Note = note
		return p.proven(ctx, c)
	case errors.Is(err, approval.ErrFalse) || errors.Is(err, history.ErrUnknown) && p.late(ev):
		return claim{
			refuted: true,
			says:    []finding.Note{approval.FalseClaim(note), finding.Say(finding.NoteText, sanitize.Sentence(err))},
		}
	}
	if why := p.holdBack(ctx, a.Trail, note); why != nil {
		return claim{says: []finding.Note{finding.Say(finding.NoteNotCounting, sanitize.Sentence(err)), *why}}
	}
	return claim{note: note, counts: true, says: []finding.Note{
		finding.Say(
			finding.NoteVerifying, sanitize.Sentence(err),
		),
		finding.Say(finding.NoteConfirmBy, note.At.Add(approval.Patience)),
	}}
}

// prove asks the event history for the call of a note.
func (p *Approvals) prove(ctx context.Context, t events.Trail, note known.Approved) (approval.Change, error) {
	if p.Judge == nil {
		return approval.Change{}, history.ErrUnanswered
	}
	c, err := p.Judge.Prove(ctx, t, note.EventID)
	if err == nil && (c.Principal != note.Principal || c.Request.EventName != note.EventName) {
		err = approval.ErrFalse
	}
	return c, err
}

// proven notes a call that CloudTrail knows, with the values that it knows.
func (p *Approvals) proven(ctx context.Context, c approval.Change) claim {
	confirmed := claim{
		note:   c.Corrected(),
		counts: true,
		proven: true,
		says:   say(finding.NoteCallConfirmed),
	}
	confirmed.note.Reported = true
	if c.Differs() {
		confirmed.refuted = true
		confirmed.says = append(confirmed.says, finding.Say(finding.NoteOtherValues))
	}
	err := errors.New("there is no state table to note it in")
	if p.Table != nil {
		err = p.Table.Approve(ctx, confirmed.note)
	}
	if err != nil {
		confirmed.says = append(
			confirmed.says, finding.Say(finding.NoteText, sanitize.Sentence(err)), finding.Say(finding.NoteMayBeUndone),
		)
	}
	return confirmed
}

// late reports whether the call was made so long ago, as its record says, that the event history would show it.
func (p *Approvals) late(ev events.Event) bool {
	at, _ := ev.Record.Time()
	return p.Clock.Now().Sub(at) >= approval.Patience
}

// holdBack notes a claim for the sweep to verify, and says why it is not waited for; nil: it is.
func (p *Approvals) holdBack(ctx context.Context, t events.Trail, note known.Approved) (why *finding.Note) {
	const often = int(approval.Patience / time.Minute)
	because := func(id finding.NoteID, values ...any) *finding.Note { return new(finding.Say(id, values...)) }
	switch {
	case p.Table == nil:
		return because(finding.NoteNoTable)
	case p.SweepMinutes == 0 || p.SweepMinutes > often && note.EventName == "StopLogging":
		return because(finding.NoteNoSweepInTime)
	}
	noted, err := p.Stops.Claims.Table.Trail(ctx, t.ARN())
	if err != nil {
		return because(finding.NoteText, sanitize.Sentence(err))
	}
	delivered := func(a known.Approved) bool { return a.Reported }
	if len(noted.Approved) >= maxNotes || len(slices.DeleteFunc(slices.Clone(noted.Approved), delivered)) >= maxClaims {
		return because(finding.NoteTooManyClaims)
	}
	since, err := p.Table.Hold(ctx, noted)
	switch {
	case err != nil:
		return because(finding.NoteText, sanitize.Sentence(err))
	case p.Clock.Now().Sub(since) >= approval.Patience:
		return because(finding.NoteClaimedBefore, since.Add(known.HoldAgain))
	}
	if err := p.Table.Approve(ctx, note); err != nil {
		return because(finding.NoteText, sanitize.Sentence(err))
	}
	return nil
}

// stays says what becomes of an approved change, and whether the rest of the trail is compared with its baseline after
// it.
func (p *Approvals) stays(ctx context.Context, ev events.Event, a assess.Assessment) (rest bool, says finding.Note) {
	call := ev.Record.EventName
	_, err := p.Baselines.Of(ctx, a.Trail)
	undeclared := errors.Is(err, fs.ErrNotExist)
	switch {
	case undeclared && call != "StopLogging":
		return false, finding.Say(finding.NoteNoBaselineAnyway)
	case !p.Scope.Undoes(a.Trail.ARN(), call):
		return false, finding.Say(finding.NoteModeAnyway)
	case err != nil && !undeclared:
		return false, finding.Say(finding.NoteText, sanitize.Sentence(err))
	}
	return call != "StopLogging" && call != "DeleteTrail", finding.Say(finding.NoteStaysUntil)
}

// stopApproved reports whether the trail is off by a stop under an approval that is in force, as reading it shows.
func (p *Approvals) stopApproved(ctx context.Context, ev events.Event, t events.Trail) bool {
	return p.Stops.approved(ctx, ev, t)
}
