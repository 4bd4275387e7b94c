package respond

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/baselines"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/trail"
)

type (
	table       = producertest.Table
	restartFunc = producertest.RestartFunc
	orderFunc   = producertest.OrderFunc
	readFunc    = producertest.ReadFunc
	past        = producertest.Past
)

const (
	deployer = producertest.Deployer
	mallory  = producertest.Mallory
)

var (
	now        = producertest.Now
	management = producertest.Management
	fit        = producertest.Fit
	newTable   = producertest.NewTable
	payload    = producertest.Payload
	blind      = producertest.Blind
	moved      = producertest.Moved
	extra      = producertest.Extra
	left       = producertest.Left
)

var (
	restored = remediate.Result{
		Outcome:    finding.OutcomeRestored,
		AfterCall:  230 * time.Millisecond,
		RestoredAt: now.Add(230 * time.Millisecond),
		Notes:      producertest.Because("ok."),
	}
	throttle = remediate.Result{
		Outcome:   finding.OutcomeRetrying,
		Notes:     producertest.Because("CloudTrail throttled the call."),
		Err:       errors.New("throttled"),
		Retryable: true,
	}
	final = remediate.Result{
		Outcome: finding.OutcomeCannotRestore,
		Notes:   producertest.Because("No such trail."),
		Next:    producertest.Because("Create it."),
		Err:     errors.New("not found"),
	}
)

// world is what answers records, with its surroundings. What is nil is not there.
type world struct {
	*producertest.World
	exceptions exception.List
	restarts   restarter
	restores   Restorer
	baseline   func(arn string) (baseline.Baseline, error)
	memory     *table
	recorded   bool
	judge      *approval.Judge
	reads      Reader
	noSweep    bool
	sweptFor   []events.Event
	sweepErr   error
	retries    Retries
}

type restarter interface {
	Restarter
	Logging(ctx context.Context, t events.Trail) (bool, error)
}

// newWorld makes one whose restart gives res, and whose channels and queue fail with the given errors.
func newWorld(res remediate.Result, slackErr, snsErr, parkErr error) *world {
	w := &world{World: producertest.New(slackErr, snsErr, parkErr)}
	w.restarts = restartFunc(func(events.Trail, time.Time, time.Time) remediate.Result {
		w.Note("restart")
		return res
	})
	return w
}

// remember gives it a table, but no incidents and no claims to single messages.
func (w *world) remember(m *table) {
	w.memory = m
	w.Remember(m)
}

// reportWith makes anew what reports.
func (w *world) reportWith() { w.ReportWith(w.memory, !w.noSweep) }

// remembering is a world with a table, incidents, claims and summaries.
func remembering(res remediate.Result, slackErr, snsErr error) (*world, *table) {
	w, m := newWorld(res, slackErr, snsErr, nil), newTable()
	w.memory = m
	w.reportWith()
	return w, m
}

func (w *world) scope() assess.Scope {
	return assess.Scope{
		Mode:       w.Config.Mode,
		Accounts:   w.Config.Accounts,
		Partition:  w.Config.Partition,
		RoleARN:    w.Config.RoleARN,
		Stack:      w.Config.Stack,
		Exceptions: w.exceptions,
	}
}

// responder is what answers records, as the world has it now.
func (w *world) responder() *Responder {
	w.retries.Async = w.Config.AsyncRetries
	from := &baselines.Source{Files: w.baseline}
	results := &Results{Reporter: w.Reporter, Clock: w.Clock, Log: w.Log}
	claims := &Claims{Judge: w.judge}
	approvals := &Approvals{
		Scope:        w.scope(),
		Judge:        w.judge,
		Baselines:    from,
		Stops:        Stops{Claims: claims, Reader: w.reads, Log: w.Log},
		SweepMinutes: w.Config.SweepMinutes,
		Clock:        w.Clock,
	}
	unnamed := &Unnamed{Once: w.Once, Clock: w.Clock, Sweep: func(_ context.Context, ev events.Event) error {
		w.Note("sweep")
		w.sweptFor = append(w.sweptFor, ev)
		return w.sweepErr
	}}
	if w.noSweep {
		unnamed.Sweep, approvals.SweepMinutes = nil, 0
	}
	if w.memory != nil {
		results.Table, claims.Table, approvals.Table = w.memory, w.memory, w.memory.Approvals()
		if w.recorded {
			from.Recorded = w.memory
		}
	}
	return &Responder{
		Scope:     w.scope(),
		Approvals: approvals,
		Restarts: &Restarts{
			Scope:     w.scope(),
			Restarter: w.restarts,
			Retries:   &w.retries,
			Results:   results,
			Clock:     w.Clock,
		},
		Restores: &Restores{
			Scope:     w.scope(),
			Restorer:  w.restores,
			Baselines: from,
			Claims:    claims,
			Retries:   &w.retries,
			Escalates: &Escalates{Once: w.Once, SweepMinutes: w.Config.SweepMinutes},
			Results:   results,
			Clock:     w.Clock,
		},
		OwnCalls: &OwnCalls{
			Scope:   w.scope(),
			Logging: w.restarts.Logging,
			Once:    w.Once,
			Clock:   w.Clock,
			Log:     w.Log,
		},
		Unnamed: unnamed,
		Results: results,
	}
}

// Invoke hands it a record, as Lambda does.
func (w *world) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return nil, w.respond(ctx, payload, false)
}

// handle hands it a record out of a queue.
func (w *world) handle(ctx context.Context, payload []byte) error {
	return w.respond(ctx, payload, true)
}

func (w *world) respond(ctx context.Context, payload []byte, fromQueue bool) error {
	ev, err := events.Parse(payload)
	if err != nil {
		return err
	}
	id := ""
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		id = lc.AwsRequestID
	}
	return w.responder().Respond(ctx, Request{Event: ev, ID: id, FromQueue: fromQueue})
}

// restoring is a world in mode recreate whose restore gives res; made lists what was asked for.
func restoring(res remediate.Result, found error) (w *world, made *[]string) {
	w, made = newWorld(restored, nil, nil, nil), new([]string)
	w.Config.Mode = config.ModeRecreate
	w.restores = producertest.RestorerFuncs{
		Restores: func(_ trail.State, settled bool) remediate.Result {
			w.Note("restore")
			*made = append(*made, map[bool]string{true: "restore, settled", false: "restore"}[settled])
			return res
		},
		Recreates: func(trail.State) remediate.Result {
			w.Note("recreate")
			*made = append(*made, "recreate")
			return res
		},
	}
	w.baseline = func(arn string) (baseline.Baseline, error) {
		return baseline.Baseline{CapturedAt: now.AddDate(0, 0, -10), Trail: baseline.State{ARN: arn, Logging: true}}, found
	}
	return w, made
}
