package remediate

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/trail"
)

// RestoreAPI is the part of CloudTrail that putting a trail back needs, in the trail's home Region. The client must not retry by itself.
type RestoreAPI interface {
	startLoggingAPI
	updateTrailAPI
	putEventSelectorsAPI
	putInsightSelectorsAPI
	addTagsAPI
	createTrailAPI
}

type reader interface {
	// Read returns the trail's state, or trail.ErrNotFound.
	Read(ctx context.Context, arn string) (trail.State, error)
}

const (
	// betweenWrites keeps to CloudTrail's quota of one write a second for an account and Region, which cannot be raised.
	betweenWrites = 1100 * time.Millisecond
	// settling is how long a trail that shows no weakening is looked at again: CloudTrail's reads lag behind its writes, and the event may
	// be faster than the read.
	settling = 3 * time.Second
	// mostReading bounds one reading of a trail, which is up to six calls.
	mostReading = 2 * mostCall
)

// Restorer puts a trail back as its baseline has it, and verifies it by reading the trail again.
type Restorer struct {
	// Client returns the API of a Region.
	Client func(region string) RestoreAPI
	Reader reader
	// Allow is the attempt cap, which ends a fight over a trail. It is asked once in a run, before the first write other than StartLogging,
	// which is never capped. nil allows everything.
	Allow func(ctx context.Context, arn string) bool
	Clock clock.Clock
	Log   *slog.Logger
}

// Restore compares the trail with its baseline and puts back what weakens it: StartLogging first, then UpdateTrail with exactly the weakened
// fields, the event selectors, the Insights selectors and the tags. A step that fails does not keep the next from being tried. It returns
// when reading the trail again shows none of it any more, or when the time is up: at the latest `until` and a moment for the last call. A
// trail that is gone stays so: see Recreate.
//
// settled says that the trail's state is no news, as after a call of the guard's own: then one look is enough to find nothing.
func (r *Restorer) Restore(ctx context.Context, baseline trail.State, kind trail.Kind, settled bool, until time.Time) RestoreResult {
	run, err := r.start(baseline, kind, until)
	if err != nil {
		return noTrail(err)
	}
	if err := run.look(ctx, settled); err != nil {
		return run.cannotRead(err)
	}
	return run.putBack(ctx)
}

// restoration is one run.
type restoration struct {
	*Restorer
	api      RestoreAPI
	id       events.Trail
	baseline trail.State
	kind     trail.Kind
	began    time.Time
	until    time.Time // of the run
	end      time.Time // of the writes

	now     trail.State // as last read
	model   bool        // now is what CreateTrail should have made: the trail was not read yet
	stopped time.Time   // when the trail was stopped, as the first read says

	plan    trail.Repair
	created bool // CreateTrail was accepted, or was not answered and the trail is there
	lost    bool // a CreateTrail was not answered
	// stuck are the fields that are given up, with the reason. sent are those that a write has set, with its name.
	stuck map[trail.Field]string
	sent  map[trail.Field]string
	// unsure are the writes that were not answered: they may have arrived.
	unsure map[string]failure

	asked, allowed       bool
	firstCall, lastWrite time.Time // the start of our first write, the end of our last
	failures             []failure
	result               RestoreResult
}

// failure is a write that was not accepted in the end.
type failure struct {
	err       error
	retryable bool
	reason    string
}

func (r *Restorer) start(baseline trail.State, kind trail.Kind, until time.Time) (*restoration, error) {
	id, err := events.ParseTrailARN(baseline.ARN)
	if err != nil {
		return nil, err
	}
	now := r.Clock.Now()
	return &restoration{
		Restorer: r, api: r.Client(id.Region), id: id, baseline: baseline, kind: kind,
		began: now, until: until, end: earlier(until, now.Add(mostCalling)),
		stuck: map[trail.Field]string{}, sent: map[trail.Field]string{}, unsure: map[string]failure{},
	}, nil
}

func noTrail(err error) RestoreResult {
	return RestoreResult{
		Err: fmt.Errorf("restore from a baseline: %w", err), Detail: "The baseline names no trail.", NextStep: "Correct trail.arn in the baseline, and deploy.",
	}
}

// putBack plans the repair of what was found, carries it out, and verifies it.
func (r *restoration) putBack(ctx context.Context) RestoreResult {
	r.stopped = r.now.Delivery.Stopped
	r.result.Before = trail.Diff(r.baseline, r.now)
	r.plan = trail.PlanRepair(r.baseline, r.now, r.kind)
	if r.created {
		r.planNew()
	}
	r.carryOut(ctx)
	if len(r.sent) > 0 {
		r.verify(ctx)
	}
	return r.finish()
}
