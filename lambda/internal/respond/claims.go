package respond

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/trail"
)

// maxRecalling bounds the look-up, which runs beside the reads of the trail.
const maxRecalling = time.Second

// Known is what the state table knows of a trail.
type Known interface {
	Trail(ctx context.Context, arn string) (known.Trail, error)
}

// Claims looks up what is noted to be approved of a trail, and says what counts of it.
type Claims struct {
	Judge *approval.Judge // nil: nothing counts
	Table Known           // nil: there is none
}

// of looks up what the table knows of a trail. A claim that counts is among what is noted, whatever the table says.
func (c *Claims) of(ctx context.Context, arn string, with claim) (seen known.Trail, err error) {
	if c.Table != nil {
		ctx, cancel := context.WithTimeout(ctx, maxRecalling)
		defer cancel()
		seen, err = c.Table.Trail(ctx, arn)
	}
	is := func(a known.Approved) bool { return a.EventID == with.note.EventID }
	if with.counts && !slices.ContainsFunc(seen.Approved, is) {
		seen.Approved = append(slices.Clone(seen.Approved), with.note)
	}
	return seen, err
}

// judged judges what is noted to be approved of a trail, within a bounded time.
func (c *Claims) judged(ctx context.Context, t events.Trail, seen known.Trail) approval.Judged {
	if c.Judge == nil || len(seen.Approved) == 0 {
		return approval.Judged{}
	}
	ctx, cancel := context.WithTimeout(ctx, maxWeighing)
	defer cancel()
	return c.Judge.Judge(ctx, t, seen)
}

// claim is what an approval that a record claims is worth. Its zero value is that of a record which claims none.
type claim struct {
	note known.Approved
	// counts says that the change is not put back: CloudTrail knows the call, which proven says, or it is waited for.
	counts, proven bool
	// refuted says that CloudTrail was asked and knows no such call.
	refuted bool
	says    []finding.Note
}

// word adds what became of the claim, whatever comes of the event.
func (c claim) word(n *finding.Finding) {
	n.Notes = append(n.Notes, c.says...)
	if c.refuted {
		n.Severity = finding.SeverityCritical
		n.Advise(finding.NextWhoForged)
	}
}

// say makes a list of one note.
func say(id finding.NoteID, values ...any) []finding.Note {
	return []finding.Note{finding.Say(id, values...)}
}

// maxReading bounds the reading of a trail that may be stopped under an approval.
const maxReading = 4 * time.Second

// Reader reads a trail as it stands.
type Reader interface {
	Read(ctx context.Context, arn string) (trail.State, error)
}

// Stops says which stops are approved.
type Stops struct {
	Claims *Claims
	Reader Reader
	Log    *slog.Logger
}

// approved reports whether the trail is off by a stop under an approval that is in force, as reading it shows. Only an
// event out of a queue is held against it, and the guard's own start: a fresh stop is of the stop itself, and nothing
// comes before StartLogging then. A stop after the approved one is none that was approved, and what CloudTrail has not
// confirmed excuses no stop by somebody else.
func (s *Stops) approved(ctx context.Context, ev events.Event, t events.Trail) bool {
	at, ok := ev.Record.Time()
	if s.Claims.Table == nil || !ok {
		return false
	}
	seen, err := s.Claims.of(ctx, t.ARN(), claim{})
	if err != nil {
		state.Log(ctx, s.Log, err)
		return false
	}
	judged := s.Claims.judged(ctx, t, seen)
	if ev.Record.EventName == "StopLogging" {
		judged = judged.Disputed(ev.Record.EventID, []trail.Field{trail.FieldLogging})
	}
	if !slices.ContainsFunc(judged.Counting(), func(c approval.Change) bool { return stoppedBy(c, at) }) {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, maxReading)
	defer cancel()
	now, err := s.Reader.Read(ctx, t.ARN())
	return err == nil && now.Unseen[trail.PartLogging] == "" && !now.Logging && judged.Stopped(now)
}

// stoppedBy reports whether a change is a stop that was made at that time, or not much before it.
func stoppedBy(c approval.Change, at time.Time) bool {
	made := c.At
	if made.IsZero() {
		made = c.Note.At
	}
	return c.Request.EventName == "StopLogging" && at.Before(made.Add(trail.SameStop))
}
