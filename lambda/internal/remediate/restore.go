package remediate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/trail"
)

type reader interface {
	// Read returns the trail's state, or trail.ErrNotFound.
	Read(ctx context.Context, arn string) (trail.State, error)
}

// Restorer puts a trail back as its baseline has it, and verifies it by reading the trail again.
type Restorer struct {
	// Client returns the API of a Region.
	Client func(region string) RestoreAPI
	Reader reader
	Clock  clock.Clock
	Log    *slog.Logger
}

// Request says what to put back.
type Request struct {
	Baseline trail.State
	Kind     trail.Kind
	// Settled says that the trail's state is no news, as after a call of the guard's own: then one look is enough to find
	// nothing.
	Settled bool
	Until   time.Time
	// Leave are the fields that are left as they are found.
	Leave []trail.Field
	// Asked are the changes for the worse that the call asked for. Those that cannot be seen, since CloudTrail throttles
	// the reads or does not answer them, are written without reading, from a declared baseline: whoever uses up the reads
	// of an account keeps no trail weakened.
	Asked []trail.Change
	// Wanted is the trail as the call asked for it, for what is approved of that; empty: nobody knows.
	Wanted trail.State
	// Recall looks up what is remembered of the trail, once in a run and beside its reads; nil: nothing is. It must return
	// in a bounded time.
	Recall func(ctx context.Context) Recalled
}

// Recalled is what is remembered of a trail.
type Recalled struct {
	// Approve returns the baseline with the changes in it that are approved, of a trail in this state; nil: nothing is
	// approved.
	Approve func(baseline, now trail.State) trail.State
	// Capped says that the trail was put back as often as the attempt cap allows: only what blinds it is, as
	// trail.Differ.Blinding has it, and a trail that is gone.
	Capped bool
}

// Restore compares the trail with its baseline and puts back what weakens it: StartLogging first, then UpdateTrail with
// exactly the weakened fields, the event selectors, the Insights selectors and the tags. A step that fails does not
// keep the next from being tried. It returns when reading the trail again shows none of it any more, or when the time
// is up: at the latest Request.Until and a moment for the last call. A trail that is gone stays so: see Recreate.
func (r *Restorer) Restore(ctx context.Context, o Request) Result {
	run, err := r.start(ctx, o)
	if err != nil {
		return noTrail(err)
	}
	if err := run.seen.look(ctx, o.Settled); err != nil && !run.seen.assumeBaseline(err) {
		return cannotRead(run.seen, err)
	}
	return run.putBack(ctx)
}

// run is one restore: what each step hands to the next.
type run struct {
	seen   *sight
	writer *writer
	found  found
	plan   plan
	fates  fates
}

func (r *Restorer) start(ctx context.Context, o Request) (*run, error) {
	id, err := events.ParseTrailARN(o.Baseline.ARN)
	if err != nil {
		return nil, err
	}
	now := r.Clock.Now()
	seen := &sight{
		reader:   r.Reader,
		clock:    r.Clock,
		id:       id,
		began:    now,
		writeEnd: earlier(o.Until, now.Add(maxCalling)),
		order:    o,
		baseline: o.Baseline,
		recalled: recall(ctx, o.Recall),
	}
	return &run{seen: seen, writer: &writer{api: r.Client(id.Region), seen: seen, log: r.Log}, fates: fates{}}, nil
}

// putBack compares the trail with its baseline, plans the repair, carries it out, and verifies it.
func (r *run) putBack(ctx context.Context) Result {
	r.found = compare(r.seen)
	r.plan = planOf(r.seen, r.found, r.fates)
	r.plan.carryOut(ctx, r.writer, r.fates)
	verified := verify(ctx, r.seen, r.fates.sent())
	return r.result(verified)
}

// found is how the trail was found.
type found struct {
	before []trail.Change
	dark   []trail.Field
	unread []trail.Field // what the call asked for and reading does not show: it is written without reading
}

// compare compares the trail with its baseline. What cannot be seen of what the call asked for is taken for a change.
func compare(s *sight) found {
	s.stopped = s.now.Delivery.Stopped
	f := found{before: s.changes()}
	f.dark = s.differ.Dark(s.baseline, s.now, f.before)
	if s.created {
		return f
	}
	for _, c := range hidden(s) {
		f.before, f.unread = append(f.before, c), append(f.unread, c.Field)
	}
	f.dark = append(f.dark, f.mayBlind()...)
	return f
}

func noTrail(err error) Result {
	return Result{
		Err:   fmt.Errorf("restore from a baseline: %w", err),
		Notes: []finding.Note{finding.Say(finding.NoteNamesNoTrail)},
		Next:  []finding.Note{finding.Say(finding.NextCorrectARN)},
	}
}

// cannotRead is the result where the trail could not be read at all.
func cannotRead(s *sight, err error) Result {
	res := Result{Err: fmt.Errorf("restore %s: %w", s.id.ARN(), err), Unseen: s.unseen, Kept: s.kept}
	if errors.Is(err, trail.ErrNotFound) {
		res.Missing = true
		res.Notes = []finding.Note{finding.Say(finding.NoteTrailNotFound, s.id.ARN()), finding.Say(finding.NoteModeRecreates)}
		res.Next = []finding.Note{finding.Say(finding.NextCreate)}
		return res
	}
	res.cannot(explain("", err, s.id), finding.NoteNotRead)
	return res
}
