package remediate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/trail"
)

const (
	// settling is how long a trail that shows no weakening is looked at again: CloudTrail's reads lag behind its writes,
	// and the event may be faster than the read.
	settling = 3 * time.Second
	// maxReading bounds one reading of a trail, which is up to six calls.
	maxReading = 2 * maxCall
)

// sight is the trail as it was last read, and the baseline that it is held against.
type sight struct {
	reader   reader
	clock    clock.Clock
	id       events.Trail
	began    time.Time
	writeEnd time.Time // of the writes; the run may go on until order.Until
	order    Request
	recalled func() Recalled // waits for what is remembered

	baseline trail.State // with what is approved and left alone in it, once the trail was read
	fitted   bool
	kept     []trail.Change // the changes of the fields that are left alone
	now      trail.State    // as last read
	unseen   map[trail.Part]string
	stopped  time.Time // when the trail was stopped, as the first reading says
	// assumed: the trail was not read yet, and now is what CreateTrail should have made, or the baseline.
	assumed bool
	created bool // CreateTrail was accepted, or was not answered and the trail is there
	missing bool // there was a trail, and it is gone
	silent  bool // the last reading after the writes failed for a reason that may pass: now is from before them

	differ trail.Differ // works out what differs once, however often the run asks
}

// recall looks up what is remembered, beside the reads; the function that it returns waits for that.
func recall(ctx context.Context, lookUp func(context.Context) Recalled) func() Recalled {
	if lookUp == nil {
		return func() Recalled { return Recalled{} }
	}
	answer := make(chan Recalled, 1)
	go func() { answer <- lookUp(ctx) }()
	return sync.OnceValue(func() Recalled { return <-answer })
}

// look reads the trail for the first time; one that shows no weakening is read again for a moment, unless its state is
// no news.
func (s *sight) look(ctx context.Context, settled bool) error {
	again := backoff{s.clock, earlier(s.order.Until, s.clock.Now().Add(settling)), 2 * firstPause}
	for {
		err := s.read(ctx, s.writeEnd)
		s.recalled()
		if errors.Is(err, trail.ErrNotFound) || err == nil && (settled || s.weakened()) || !again.wait(ctx, false) {
			return err
		}
	}
}

// read reads the trail, bounded so that an endpoint that hangs does not use up the run.
func (s *sight) read(ctx context.Context, end time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, max(minCall, min(maxReading, end.Sub(s.clock.Now()))))
	defer cancel()
	now, err := s.reader.Read(ctx, s.order.Baseline.ARN)
	if err != nil {
		return fmt.Errorf("read %s: %w", s.id.ARN(), err)
	}
	s.now, s.assumed, s.unseen = now, false, now.Unseen
	if !s.fitted {
		s.fitted = true
		s.fit()
	}
	return nil
}

// fit takes what is approved and what is left alone into the baseline.
func (s *sight) fit() {
	if approve := s.recalled().Approve; approve != nil {
		s.baseline = approve(s.baseline, s.now)
	}
	if len(s.order.Leave) == 0 {
		return
	}
	for _, c := range s.changes() {
		if slices.Contains(s.order.Leave, c.Field) {
			s.kept = append(s.kept, c)
		}
	}
	s.baseline = trail.Adopt(s.baseline, s.now, s.order.Leave...)
}

// changes are how the trail, as it was last read, differs from its baseline.
func (s *sight) changes() []trail.Change { return s.differ.Diff(s.baseline, s.now) }

func (s *sight) weakened() bool { return len(trail.Weakened(s.changes())) > 0 }

// anyOpen reports whether one of the fields is not known to be as the baseline has it.
func (s *sight) anyOpen(fields []trail.Field) bool { return slices.ContainsFunc(fields, s.open) }

// open reports whether a field is not known to be as the baseline has it. What cannot be seen is not taken for
// restored. What was written to a new trail must record exactly what the baseline does; otherwise more than the
// baseline is as good.
func (s *sight) open(f trail.Field) bool {
	if s.assumed || s.missing || s.unseen[f.Part()] != "" || f == trail.FieldLogging && !s.freshlyStarted() {
		return true
	}
	return slices.ContainsFunc(s.changes(), func(c trail.Change) bool {
		exact := s.created && f == trail.FieldSelectors && c.Effect == trail.Strengthens
		return c.Field == f && !reserved(c) && (c.Effect.Worse() || exact)
	})
}

// freshlyStarted reports whether the status shows a start after the stop that the first read showed, or one since this
// run began. CloudTrail's reads lag behind its writes: a "logging" that may be older than the stop is no proof. A
// status without times is taken at its word.
func (s *sight) freshlyStarted() bool {
	started := s.now.Delivery.Started
	switch {
	case started.IsZero():
		return s.now.Delivery.Stopped.IsZero()
	case started.Before(s.now.Delivery.Stopped):
		return false
	}
	return !started.Before(s.began.Add(-skew)) || !s.stopped.IsZero() && !started.Before(s.stopped)
}

// betweenThrottled is the least pause before the next reading where the account's reads are used up: each reading adds
// to that.
const betweenThrottled = 6 * time.Second

// verify reads the trail until it shows all that was written, and returns when it did; zero: it did not.
func verify(ctx context.Context, s *sight, sent []trail.Field) time.Time {
	if len(sent) == 0 {
		return time.Time{}
	}
	end := earlier(s.order.Until, s.clock.Now().Add(maxVerifying))
	again := backoff{s.clock, end, firstPause}
	for {
		err := s.read(ctx, end)
		s.missing = errors.Is(err, trail.ErrNotFound) && !s.created
		s.silent = err != nil && mayPass(err)
		switch {
		case s.missing:
			return time.Time{}
		case err == nil && !s.anyOpen(sent):
			return s.clock.Now()
		case s.silent || err == nil && s.now.Passing:
			again.next = max(again.next, betweenThrottled)
		}
		if !again.wait(ctx, false) {
			return time.Time{}
		}
	}
}
