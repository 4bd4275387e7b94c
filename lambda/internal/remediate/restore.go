package remediate

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/trail"
)

// RestoreAPI is the part of CloudTrail that putting a trail back needs, in the trail's home Region. The client must not
// retry by itself.
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
	// settling is how long a trail that shows no weakening is looked at again: CloudTrail's reads lag behind its writes,
	// and the event may be faster than the read.
	settling = 3 * time.Second
	// mostReading bounds one reading of a trail, which is up to six calls.
	mostReading = 2 * mostCall
)

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
	if err := run.look(ctx, o.Settled); err != nil && !run.blind(err) {
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
	model   bool        // now is what CreateTrail should have made, or the baseline: the trail was not read yet
	stopped time.Time   // when the trail was stopped, as the first read says

	differ  trail.Differ // works out what differs once, however often the run asks
	plan    trail.Repair
	created bool // CreateTrail was accepted, or was not answered and the trail is there
	lost    bool // a CreateTrail was not answered
	// stuck are the fields that are given up, with the reason. sent are those that a write has set, with its name.
	stuck map[trail.Field]string
	sent  map[trail.Field]string
	// unsure are the writes that were not answered: they may have arrived.
	unsure map[string]failure

	recall               func() Recalled // waits for what is remembered; nil: it is taken in
	approve              func(baseline, now trail.State) trail.State
	leaveAlone           []trail.Field
	asked                []trail.Change // for the worse, by the call
	wanted               trail.State    // by the call
	unread               []trail.Field  // what is written without reading
	fitted               bool           // the baseline has what is approved and left alone in it
	silent               bool           // the last reading after the writes failed for a reason that may pass: now is from before them
	capped               bool
	firstCall, lastWrite time.Time // the start of our first write, the end of our last
	failures             []failure
	result               Result
}

// failure is a write that was not accepted in the end.
type failure struct {
	err       error
	retryable bool
	reason    string
}

func (r *Restorer) start(ctx context.Context, o Request) (*restoration, error) {
	id, err := events.ParseTrailARN(o.Baseline.ARN)
	if err != nil {
		return nil, err
	}
	now := r.Clock.Now()
	run := &restoration{
		Restorer:   r,
		api:        r.Client(id.Region),
		id:         id,
		baseline:   o.Baseline,
		kind:       o.Kind,
		began:      now,
		until:      o.Until,
		end:        earlier(o.Until, now.Add(mostCalling)),
		stuck:      map[trail.Field]string{},
		sent:       map[trail.Field]string{},
		unsure:     map[string]failure{},
		recall:     func() Recalled { return Recalled{} },
		leaveAlone: o.Leave,
		asked:      o.Asked,
		wanted:     o.Wanted,
	}
	if o.Recall != nil {
		answer := make(chan Recalled, 1)
		go func() { answer <- o.Recall(ctx) }()
		run.recall = func() Recalled { return <-answer }
	}
	return run, nil
}

// remember takes in what is remembered of the trail, once.
func (r *restoration) remember() {
	if r.recall == nil {
		return
	}
	recalled := r.recall()
	r.recall = nil
	r.capped, r.approve = recalled.Capped, recalled.Approve
}

// fit takes what is approved and what is left alone into the baseline, when the trail was first read.
func (r *restoration) fit() {
	r.remember()
	if r.fitted || r.now.ARN == "" || r.model {
		return
	}
	r.fitted = true
	if r.approve != nil {
		r.baseline = r.approve(r.baseline, r.now)
	}
	if len(r.leaveAlone) == 0 {
		return
	}
	for _, c := range r.differ.Diff(r.baseline, r.now) {
		if slices.Contains(r.leaveAlone, c.Field) {
			r.result.Kept = append(r.result.Kept, c)
		}
	}
	r.baseline = trail.Adopt(r.baseline, r.now, r.leaveAlone...)
}

func noTrail(err error) Result {
	return Result{
		Err: fmt.Errorf(
			"restore from a baseline: %w",
			err,
		),
		Detail:   "The baseline names no trail.",
		NextStep: "Correct trail.arn in the baseline, and deploy.",
	}
}

// putBack plans the repair of what was found, carries it out, and verifies it.
func (r *restoration) putBack(ctx context.Context) Result {
	r.stopped = r.now.Delivery.Stopped
	r.result.Before = r.differ.Diff(r.baseline, r.now)
	r.result.Dark = r.differ.Dark(r.baseline, r.now, r.result.Before)
	if !r.created {
		r.addUnread()
	}
	r.result.Dark = append(r.result.Dark, r.mayBlind()...)
	r.plan = trail.Plan(r.baseline, r.seenState(), r.result.Before, r.kind)
	if r.created {
		r.planNew()
	}
	r.carryOut(ctx)
	if len(r.sent) > 0 {
		r.verify(ctx)
	}
	return r.finish()
}

type updateTrailAPI interface {
	UpdateTrail(
		context.Context,
		*cloudtrail.UpdateTrailInput,
		...func(*cloudtrail.Options),
	) (*cloudtrail.UpdateTrailOutput, error)
}

type putEventSelectorsAPI interface {
	PutEventSelectors(
		context.Context,
		*cloudtrail.PutEventSelectorsInput,
		...func(*cloudtrail.Options),
	) (*cloudtrail.PutEventSelectorsOutput, error)
}

type putInsightSelectorsAPI interface {
	PutInsightSelectors(
		context.Context,
		*cloudtrail.PutInsightSelectorsInput,
		...func(*cloudtrail.Options),
	) (*cloudtrail.PutInsightSelectorsOutput, error)
}

type addTagsAPI interface {
	AddTags(context.Context, *cloudtrail.AddTagsInput, ...func(*cloudtrail.Options)) (*cloudtrail.AddTagsOutput, error)
}

type createTrailAPI interface {
	CreateTrail(
		context.Context,
		*cloudtrail.CreateTrailInput,
		...func(*cloudtrail.Options),
	) (*cloudtrail.CreateTrailOutput, error)
}
