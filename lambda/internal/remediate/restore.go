package remediate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/awscall"
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

// Restorer puts a trail back as its baseline has it, and verifies it by reading the trail again.
type Restorer struct {
	// Client returns the API of a Region.
	Client func(region string) RestoreAPI
	Reader reader
	Clock  clock.Clock
	Log    *slog.Logger
}

// RestoreResult is what became of a restore.
type RestoreResult struct {
	// Before is every change that was found, weakening ones first.
	Before []trail.Change
	// Restored are the weakening changes that reading the trail again no longer shows; Left are the others, each with the reason.
	Restored []trail.Change
	Left     []trail.Left
	Unseen   map[trail.Part]string // parts that could not be read
	// Created says that the trail was created again.
	Created bool
	// AfterCall is the time from our first write to the confirmation; RestoredAt when that was. Zero where nothing was written.
	AfterCall  time.Duration
	RestoredAt time.Time
	// Err is set where something is not restored; Retryable says that another run may help. Detail and NextStep say it in plain sentences.
	Err              error
	Retryable        bool
	Detail, NextStep string
}

// Done reports whether nothing that weakens is left, as far as could be seen.
func (r RestoreResult) Done() bool { return r.Err == nil && len(r.Left) == 0 && len(r.Unseen) == 0 }

const (
	// betweenWrites keeps to CloudTrail's quota of one write a second for an account and Region.
	betweenWrites = 1100 * time.Millisecond
	// settling is how long a trail that shows no weakening is looked at again: CloudTrail's reads lag behind its writes, and the event may
	// be faster than the read.
	settling = 3 * time.Second
)

// Restore compares the trail with its baseline and puts back what weakens it: StartLogging first, then UpdateTrail with exactly the weakened
// fields, the event selectors, the Insights selectors and the tags. A step that fails does not keep the next from being tried. It returns
// when reading the trail again shows no weakening, or when the time is up: at the latest `until`.
//
// settled says that the trail's state is no news, as after a call of the guard's own: then one look is enough to find nothing.
func (r *Restorer) Restore(ctx context.Context, baseline trail.State, kind trail.Kind, settled bool, until time.Time) RestoreResult {
	run := r.start(baseline, kind, until)
	now, err := run.look(ctx, settled)
	if err != nil {
		return run.unread(err)
	}
	run.result.Before, run.result.Unseen = trail.Diff(baseline, now), now.Unseen
	return run.putBack(ctx, now)
}

// restoration is one run.
type restoration struct {
	*Restorer
	api       RestoreAPI
	id        events.Trail
	baseline  trail.State
	kind      trail.Kind
	until     time.Time
	firstCall time.Time // our first write
	lastWrite time.Time
	// failed are the fields that could not be put back, with what went wrong.
	failed map[trail.Field]Problem
	result RestoreResult
}

func (r *Restorer) start(baseline trail.State, kind trail.Kind, until time.Time) *restoration {
	id, _ := events.ParseTrailARN(baseline.ARN) // a baseline that was parsed has one
	return &restoration{
		Restorer: r, api: r.Client(id.Region), id: id, baseline: baseline, kind: kind, until: until, failed: map[trail.Field]Problem{},
	}
}

// look reads the trail; one that shows no weakening is read again for a moment.
func (r *restoration) look(ctx context.Context, settled bool) (trail.State, error) {
	end, pause := earlier(r.until, r.Clock.Now().Add(settling)), 2*firstPause
	for {
		now, err := r.read(ctx)
		if err != nil || settled || len(trail.Weakened(trail.Diff(r.baseline, now))) > 0 {
			return now, err
		}
		if !r.wait(ctx, pause, end) {
			return now, err
		}
		pause *= 2
	}
}

// read reads the trail. It ends with the time that there is, so that a service that hangs leaves enough for telling.
func (r *restoration) read(ctx context.Context) (trail.State, error) {
	ctx, cancel := context.WithTimeout(ctx, max(leastCall, r.until.Sub(r.Clock.Now())))
	defer cancel()
	return r.Reader.Read(ctx, r.baseline.ARN)
}

// wait sleeps, and reports false when the time is up.
func (r *restoration) wait(ctx context.Context, pause time.Duration, end time.Time) bool {
	return r.Clock.Now().Add(pause).Before(end) && r.Clock.Sleep(ctx, pause) == nil
}

// unread is the result where not even the settings could be read.
func (r *restoration) unread(err error) RestoreResult {
	if errors.Is(err, trail.ErrNotFound) {
		r.result.Detail = "No such trail: " + r.id.ARN() + ". It was deleted, and mode recreate alone creates it again."
		r.result.NextStep = "Create it again with the settings of its baseline, then run start-logging."
	} else {
		p := Explain(err, r.id)
		r.result.Detail, r.result.NextStep, r.result.Retryable = p.Sentence+" So the trail could not be read.", p.NextStep, p.Retryable
	}
	r.result.Err = fmt.Errorf("restore %s: %w", r.id.ARN(), err)
	return r.result
}

// putBack carries out the repair of what a look has shown, and verifies it.
func (r *restoration) putBack(ctx context.Context, now trail.State) RestoreResult {
	repair := trail.PlanRepair(r.baseline, now, r.kind)
	r.result.Left = append(r.result.Left, repair.Left...)
	if repair.Empty() {
		return r.result
	}
	if repair.StartLogging {
		r.step(ctx, []trail.Field{trail.FieldLogging}, r.startLogging)
	}
	if repair.Update != nil {
		for f := range r.failed {
			drop(repair.Update, f) // creating the trail has shown that it is gone
		}
		r.update(ctx, *repair.Update)
	}
	if repair.Selectors {
		r.step(ctx, []trail.Field{trail.FieldSelectors}, r.putSelectors)
	}
	if repair.Insights {
		r.step(ctx, []trail.Field{trail.FieldInsights}, r.putInsights)
	}
	if len(repair.AddTags) > 0 {
		r.step(ctx, []trail.Field{trail.FieldTags}, func(ctx context.Context) error { return r.addTags(ctx, repair.AddTags) })
	}
	return r.verify(ctx, trail.Weakened(trail.Diff(r.baseline, now)))
}

// step makes one write, again while that may help. A write that may have arrived is made again, too: each sets what it says.
func (r *restoration) step(ctx context.Context, fields []trail.Field, write func(context.Context) error) {
	if err := r.write(ctx, write); err != nil {
		r.fail(fields, err)
	}
}

func (r *restoration) fail(fields []trail.Field, err error) {
	p := Explain(err, r.id)
	r.Log.WarnContext(context.Background(), "restore step failed", "trail", r.id.ARN(), "field", string(fields[0]), "error", err.Error(), "retryable", p.Retryable)
	for _, f := range fields {
		r.failed[f] = p
	}
	r.result.Retryable = r.result.Retryable || p.Retryable
	r.result.Err = errors.Join(r.result.Err, fmt.Errorf("put back %s of %s: %w", fields[0], r.id.ARN(), err))
}

func (r *restoration) write(ctx context.Context, write func(context.Context) error) error {
	if !r.firstCall.IsZero() && !r.Clock.Now().Before(r.until) {
		return context.DeadlineExceeded // the first write is made in any case
	}
	pause := firstPause
	for {
		if wait := betweenWrites - r.Clock.Now().Sub(r.lastWrite); !r.lastWrite.IsZero() && wait > 0 {
			if err := r.Clock.Sleep(ctx, wait); err != nil {
				return err
			}
		}
		r.lastWrite = r.Clock.Now()
		if r.firstCall.IsZero() {
			r.firstCall = r.lastWrite
		}
		call, cancel := context.WithTimeout(ctx, max(leastCall, min(mostCall, r.until.Sub(r.Clock.Now()))))
		err := write(call)
		cancel()
		if err == nil || !Explain(err, r.id).Retryable || !r.Clock.Now().Add(pause+betweenWrites).Before(r.until) {
			return err
		}
		if !awscall.Closed(err) && r.Clock.Sleep(ctx, pause) != nil {
			return err
		}
		pause = min(2*pause, longestPause)
	}
}

func (r *restoration) startLogging(ctx context.Context) error {
	_, err := r.api.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: aws.String(r.id.ARN())})
	return err
}

// verify reads the trail until none of what was tried is weakened any more, and says what came of each change.
func (r *restoration) verify(ctx context.Context, wanted []trail.Change) RestoreResult {
	end, pause := earlier(r.until, r.Clock.Now().Add(mostVerifying)), firstPause
	var still []trail.Change
	for {
		now, err := r.read(ctx)
		still = wanted
		if err == nil {
			still = trail.Weakened(trail.Diff(r.baseline, now))
			r.result.Unseen = now.Unseen
			for _, c := range wanted { // what cannot be seen is not taken for restored
				if now.Unseen[c.Part()] != "" {
					still = append(still, c)
				}
			}
		}
		if !slices.ContainsFunc(still, r.mayCome) || !r.wait(ctx, pause, end) {
			break
		}
		pause = min(2*pause, longestPause)
	}
	r.result.RestoredAt = r.Clock.Now()
	r.result.AfterCall = r.result.RestoredAt.Sub(r.firstCall)
	for _, c := range wanted {
		switch {
		case r.isLeft(c):
		case slices.ContainsFunc(still, func(s trail.Change) bool { return s.Field == c.Field && s.Sentence == c.Sentence }):
			r.result.Left = append(r.result.Left, trail.Left{Change: c, Reason: r.reason(c)})
		default:
			r.result.Restored = append(r.result.Restored, c)
		}
	}
	if len(r.result.Left) == 0 {
		r.result.Err, r.result.Retryable = nil, false // somebody else, or a call whose answer was lost, put it back
	}
	return r.result
}

// mayCome reports whether a change that is still seen was asked to be put back.
func (r *restoration) mayCome(c trail.Change) bool {
	_, failed := r.failed[c.Field]
	return !failed && !r.isLeft(c)
}

func (r *restoration) isLeft(c trail.Change) bool {
	return slices.ContainsFunc(r.result.Left, func(l trail.Left) bool { return l.Change == c })
}

// reason says why a change is still there.
func (r *restoration) reason(c trail.Change) string {
	f := c.Field
	p, failed := r.failed[f]
	if !failed {
		if r.result.Err == nil {
			r.result.Err = fmt.Errorf("put back %s of %s: not confirmed", f, r.id.ARN())
		}
		if why := r.result.Unseen[c.Part()]; why != "" {
			return "CloudTrail accepted the change, but it could not be verified. " + why
		}
		return "CloudTrail accepted the change, but reading the trail again does not show it."
	}
	if p.NextStep == "" {
		return p.Sentence
	}
	return p.Sentence + " " + p.NextStep
}

// addTags puts the baseline's tags back, in the order of their keys.
func (r *restoration) addTags(ctx context.Context, tags map[string]string) error {
	in := &cloudtrail.AddTagsInput{ResourceId: aws.String(r.id.ARN())}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		in.TagsList = append(in.TagsList, tagOf(key, tags[key]))
	}
	_, err := r.api.AddTags(ctx, in)
	return err
}
