// Package approval says which changes of a trail count as approved. A record that claims an approval is a hint, and so
// is the note of it in the state table: whoever may invoke the function can write the one, and the other is no safer
// than the table. What counts is the copy of the record in CloudTrail's event history, which nobody can write.
//
// It changes no trail and notifies nobody; it says what counts, what is still waited for, and what does not count and
// why.
package approval

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/asked"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/history"
	"trailkeeper/lambda/internal/state/known"
)

const (
	// Patience is how long what a record claims to be approved is left alone while the event history does not confirm it.
	// Events show there within about five minutes on average; AWS promises no time, and once said fifteen.
	Patience = 15 * time.Minute
	// MaxLate is how long after its call a record may come that claims an approval: EventBridge delivers an event for a
	// day (EventBridge User Guide, "How EventBridge retries delivering events"). What comes later was kept by somebody,
	// who may hand it on when it suits.
	MaxLate = 24 * time.Hour
	// maxProven bounds the memory of an execution environment.
	maxProven = 1000
	// skew is the most by which the clocks of two runs, or of a run and of CloudTrail, may differ.
	skew = time.Minute
)

type historian interface {
	// Event returns an event of a Region, or one of the errors of package history.
	Event(ctx context.Context, region, id string) (events.Event, error)
}

// Judge judges claims. It is safe for concurrent use and must not be copied.
type Judge struct {
	History historian
	// Approvals are those that are deployed.
	Approvals []exception.Approval
	Clock     clock.Clock

	mu sync.Mutex
	// proven are the calls that the history has shown, by event ID. The memory of the execution environment is the one
	// place for them that nobody else can write.
	proven map[string]Change
}

// Change is one approved call, or one that a note claims to be.
type Change struct {
	Note      known.Approved
	Approval  exception.Approval
	Principal string
	Request   asked.Request
	At        time.Time // of the call; zero where only a note says it
}

// Doubt is a claim that does not count.
type Doubt struct {
	Note known.Approved
	// Why is the same for the same reason.
	Why finding.Note
	// False says that CloudTrail was asked and knows no such call. Otherwise it could not be asked.
	False bool
	// Late says that CloudTrail knows the call, and that it was made more than MaxLate before its record came.
	Late bool
}

// Judge judges the claims that are noted of a trail. It asks the history of each that it does not know, as long as ctx
// lasts; one that it cannot ask about in time waits like one that the history does not know yet.
func (j *Judge) Judge(ctx context.Context, t events.Trail, known known.Trail) Judged {
	now := j.Clock.Now()
	all := Judged{at: now}
	for _, note := range known.Approved {
		c, err := j.prove(ctx, t, note.EventID)
		c.Note = note
		switch {
		case err == nil && (c.Principal != note.Principal || c.Request.EventName != note.EventName):
			err = ErrFalse
		case err == nil && c.Differs():
			all.doubt(note, true, finding.NoteHistoryOther)
		}
		switch {
		case err == nil && note.At.Sub(c.At) > MaxLate:
			all.doubt(note, true, finding.NoteHistoryLate)
			all.Doubted[len(all.Doubted)-1].Late = true
		case err == nil && !c.Approval.Expires.IsZero() && !now.After(c.Approval.Expires):
			all.Proven = append(all.Proven, c)
		case err == nil:
			all.Over = append(all.Over, c)
		case errors.Is(err, ErrFalse):
			all.doubt(note, true, finding.NoteHistoryNoCall)
		default:
			j.wait(&all, t, known, note, err)
		}
	}
	slices.SortStableFunc(all.Proven, func(a, b Change) int { return a.At.Compare(b.At) })
	return all
}

// wait leaves a claim alone for which the history does not speak yet, or doubts it.
func (j *Judge) wait(all *Judged, t events.Trail, known known.Trail, note known.Approved, why error) {
	unknown := errors.Is(why, history.ErrUnknown)
	a, ok := exception.List{Approvals: j.Approvals}.Approved(t.ARN(), note.EventName, note.Principal, note.At)
	fresh := all.recent(note.At) && all.recent(known.Held)
	switch {
	case ok && fresh && !all.at.After(a.Expires):
		all.Waiting = append(all.Waiting, Change{
			Note:      note,
			Approval:  a,
			Principal: note.Principal,
			Request:   claimed(note),
		})
	case unknown && all.recent(note.At): // it is not left alone, and may yet be confirmed
		all.doubt(note, false, finding.NoteHistoryNotYet)
	case unknown:
		all.doubt(note, true, finding.NoteHistoryUnknown)
	default:
		all.doubt(note, false, finding.NoteHistoryUnchecked, why)
	}
}

// Prove asks the history for one call on a trail, and returns it where an approval in force covers it. The error is one
// of package history's, or says that the call is none that is approved.
func (j *Judge) Prove(ctx context.Context, t events.Trail, id string) (Change, error) {
	c, err := j.prove(ctx, t, id)
	if err == nil && j.Clock.Now().After(c.Approval.Expires) {
		err = ErrFalse
	}
	return c, err
}

// ErrFalse says that CloudTrail knows the event, and that it is no approved call on the trail.
var ErrFalse = errors.New("CloudTrail's event history knows the event, and it is no such call")

func (j *Judge) prove(ctx context.Context, t events.Trail, id string) (Change, error) {
	key := t.ARN() + " " + id
	j.mu.Lock()
	c, ok := j.proven[key]
	j.mu.Unlock()
	if ok {
		return c, nil
	}
	ev, err := j.History.Event(ctx, t.Region, id)
	if err != nil {
		return Change{}, err
	}
	if c, ok = j.Reads(ev, t); !ok {
		return Change{}, ErrFalse
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.proven == nil || len(j.proven) >= maxProven {
		j.proven = map[string]Change{}
	}
	j.proven[key] = c
	return c, nil
}

// Reads reads an event of the history as a call on the trail that went well, with the approval that names its
// principal, its call and the trail; that is the zero Approval where none of those that are deployed does.
func (j *Judge) Reads(ev events.Event, t events.Trail) (Change, bool) {
	rec := ev.Record
	on, err := ev.Trail()
	at, hasTime := rec.Time()
	if err != nil || on != t || !hasTime || rec.Refused() || !rec.IsCall() || rec.EventSource != eventSource {
		return Change{}, false
	}
	request, err := asked.Of(rec, t)
	if err != nil {
		return Change{}, false
	}
	c := Change{Principal: rec.Principal(), Request: request, At: at}
	c.Approval, _ = exception.List{Approvals: j.Approvals}.Approved(t.ARN(), rec.EventName, c.Principal, at)
	return c, true
}

const eventSource = "cloudtrail.amazonaws.com"
