package approval

import (
	"slices"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/asked"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/trail"
)

// Judged is what became of the claims about one trail. Its zero value says that there are none.
type Judged struct {
	// Proven are the approved calls that CloudTrail knows, in the order in which they were made.
	Proven []Change
	// Waiting are those that it does not know yet. They are left alone for a while, and are nothing good.
	Waiting []Change
	// Over are calls that it knows and whose approval is over.
	Over []Change
	// Doubted are the claims that do not count.
	Doubted []Doubt

	at time.Time
}

func (j *Judged) doubt(note known.Approved, wrong bool, why finding.NoteID, values ...any) {
	j.Doubted = append(j.Doubted, Doubt{Note: note, Why: finding.Say(why, values...), False: wrong})
}

// recent reports whether a moment is less than Patience ago. One that is to come was forged.
func (j Judged) recent(t time.Time) bool {
	return !t.IsZero() && !t.After(j.at.Add(skew)) && j.at.Sub(t) < Patience
}

// Counting are the claims that keep a change from being put back: those that are proven, and those that are waited for.
func (j Judged) Counting() []Change { return slices.Concat(j.Proven, j.Waiting) }

// Disputed returns the claims after another call than the claimed ones has asked for these fields: what CloudTrail has
// not confirmed is not left alone against a record that names somebody else.
func (j Judged) Disputed(id string, fields []trail.Field) Judged {
	j.Waiting = slices.DeleteFunc(slices.Clone(j.Waiting), func(c Change) bool {
		return c.Note.EventID != id &&
			slices.ContainsFunc(c.Request.Fields, func(f trail.Field) bool { return slices.Contains(fields, f) })
	})
	return j
}

// Excuse returns the baseline with the values in it that the approved calls asked for, where a trail in this state has
// them. What then differs was approved by nobody.
func (j Judged) Excuse(baseline, now trail.State) trail.State {
	if baseline.ARN == "" {
		return baseline
	}
	for _, c := range j.Counting() {
		if j.stands(c, now) {
			baseline = c.Request.Excuse(baseline, now)
		}
	}
	return baseline
}

// Stopped reports whether a trail in this state was stopped by an approved call.
func (j Judged) Stopped(now trail.State) bool {
	return slices.ContainsFunc(j.Counting(), func(c Change) bool { return stops(c.Request) && j.stands(c, now) })
}

// stands reports whether the trail can be as it is by this call. A stop is known by its time: another one is another
// call's, and one that is only claimed keeps no trail off for longer than Patience, whatever the notes say.
func (j Judged) stands(c Change, now trail.State) bool {
	stopped := now.Delivery.Stopped
	switch {
	case !stops(c.Request) || stopped.IsZero():
		return true
	case c.At.IsZero():
		return j.recent(stopped)
	}
	return !stopped.After(c.At.Add(skew))
}

func stops(r asked.Request) bool { return r.EventName == "StopLogging" }

// Deleted reports whether the trail was deleted by an approved call.
func (j Judged) Deleted() bool {
	return slices.ContainsFunc(j.Counting(), func(c Change) bool { return c.Request.Deleted })
}

// WithoutWaiting returns the claims without those that are waited for.
func (j Judged) WithoutWaiting() Judged {
	j.Waiting = nil
	return j
}

// Holds are the fields of a trail in this state that nothing but what is waited for keeps from being put back.
func (j Judged) Holds(baseline, now trail.State) []trail.Field {
	proven := j.WithoutWaiting()
	if baseline.ARN == "" {
		if now.Unseen[trail.PartLogging] == "" && !now.Logging && j.Stopped(now) && !proven.Stopped(now) {
			return []trail.Field{trail.FieldLogging}
		}
		return nil
	}
	left := trail.Weakened(trail.Diff(j.Excuse(baseline, now), now))
	var held []trail.Field
	for _, c := range trail.Weakened(trail.Diff(proven.Excuse(baseline, now), now)) {
		if !slices.Contains(left, c) {
			held = append(held, c.Field)
		}
	}
	return held
}

// Without returns the claims after somebody else was found to have changed these fields: what is waited for is doubted
// then, for that reason. For no fields somebody else has deleted the trail, after whoever was allowed to.
func (j Judged) Without(fields []trail.Field, why finding.Note) Judged {
	deleted := func(c Change) bool { return len(fields) == 0 && c.Request.Deleted }
	j.Doubted = slices.Clone(j.Doubted)
	doubt := func(all []Change, of func(Change) bool) []Change {
		return slices.DeleteFunc(slices.Clone(all), func(c Change) bool {
			if of(c) {
				j.Doubted = append(j.Doubted, Doubt{Note: c.Note, Why: why})
			}
			return of(c)
		})
	}
	j.Proven = doubt(j.Proven, deleted)
	j.Waiting = doubt(j.Waiting, func(c Change) bool {
		return deleted(c) ||
			slices.ContainsFunc(c.Request.Fields, func(f trail.Field) bool { return slices.Contains(fields, f) })
	})
	return j
}

// Of returns what became of one claim: the call where it counts, and whether CloudTrail knows it; otherwise the doubt,
// or nil where there is none.
func (j Judged) Of(id string) (c Change, proven bool, doubt *Doubt) {
	is := func(c Change) bool { return c.Note.EventID == id }
	if i := slices.IndexFunc(j.Proven, is); i >= 0 {
		return j.Proven[i], true, nil
	}
	if i := slices.IndexFunc(j.Waiting, is); i >= 0 {
		return j.Waiting[i], false, nil
	}
	if i := slices.IndexFunc(j.Doubted, func(d Doubt) bool { return d.Note.EventID == id }); i >= 0 {
		return Change{}, false, &j.Doubted[i]
	}
	return Change{}, false, nil
}

// Claim is the note of a call that a record claims to be approved. The error says that the record does not show what
// was asked for.
func Claim(rec events.Record, t events.Trail, a exception.Approval, now time.Time) (known.Approved, error) {
	request, err := asked.Of(rec, t)
	if err != nil {
		return known.Approved{}, err
	}
	note := known.Approved{
		EventID:   rec.EventID,
		EventName: rec.EventName,
		Principal: a.Principal,
		Reason:    a.Reason,
		At:        now.UTC(),
		Expires:   a.Expires,
	}
	return Change{Note: note, Request: request}.Corrected(), nil
}

// Corrected is the note with the values of the call.
func (c Change) Corrected() known.Approved {
	note := c.Note
	note.State, note.Fields = c.Request.State, nil
	for _, f := range c.Request.Fields {
		note.Fields = append(note.Fields, string(f))
	}
	return note
}

// claimed is the request of a note, as far as its call can set the fields.
func claimed(note known.Approved) asked.Request {
	r := asked.Request{EventName: note.EventName, State: note.State, Deleted: note.EventName == "DeleteTrail"}
	r.Fields = slices.DeleteFunc(
		trail.FieldsOf(note.EventName), func(f trail.Field) bool { return !slices.Contains(note.Fields, string(f)) },
	)
	return r
}

// Differs reports whether a note claims another request than the call that CloudTrail knows.
func (c Change) Differs() bool {
	claim := claimed(c.Note)
	if claim.EventName != c.Request.EventName || len(claim.Fields) != len(c.Request.Fields) {
		return true
	}
	a, b := claim.On(trail.State{}, claim.Fields...), c.Request.On(trail.State{}, c.Request.Fields...)
	return !sameFields(claim.Fields, c.Request.Fields) || len(trail.Diff(a, b)) > 0
}

func sameFields(a, b []trail.Field) bool {
	return !slices.ContainsFunc(a, func(f trail.Field) bool { return !slices.Contains(b, f) })
}
