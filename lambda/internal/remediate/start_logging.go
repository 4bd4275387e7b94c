// Package remediate puts right what a call did to a trail, one file for each action, and checks that it held.
//
// An outcome is what CloudTrail says afterwards, never an API's 200. The package notifies nobody and stores nothing; it
// does not decide whether to act.
package remediate

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/trail"
)

type startLoggingAPI interface {
	StartLogging(
		context.Context,
		*cloudtrail.StartLoggingInput,
		...func(*cloudtrail.Options),
	) (*cloudtrail.StartLoggingOutput, error)
}

type getTrailStatusAPI interface {
	GetTrailStatus(
		context.Context,
		*cloudtrail.GetTrailStatusInput,
		...func(*cloudtrail.Options),
	) (*cloudtrail.GetTrailStatusOutput, error)
}

// API is the part of CloudTrail that restarting needs, in the trail's home Region. The client must not retry by itself.
type API interface {
	startLoggingAPI
	getTrailStatusAPI
}

const (
	// maxCall bounds one call of the CloudTrail API; minCall is what one gets even when the time is up.
	maxCall = 5 * time.Second
	minCall = time.Second
	// maxCalling and maxVerifying bound the two halves of a restart; both end earlier when the time that is left does.
	maxCalling   = 20 * time.Second
	maxVerifying = 20 * time.Second
	// skew is how far CloudTrail's clock and ours may be apart.
	skew = 2 * time.Second
)

// Restarter calls StartLogging and verifies that the trail logs.
type Restarter struct {
	// Client returns the API of a Region.
	Client func(region string) API
	Clock  clock.Clock
	Log    *slog.Logger
}

// Restart calls StartLogging on the trail at once, verifies with GetTrailStatus, and returns when logging is confirmed,
// when it cannot be restarted, or when the time is up: at the latest `until`. StartLogging is called at least once.
//
// stoppedAt is the time of the StopLogging event, or zero where it is not known. It tells a status that shows the stop
// from one that is still the old one, since CloudTrail's reads lag behind its writes.
func (r *Restarter) Restart(ctx context.Context, t events.Trail, stoppedAt, until time.Time) Result {
	run := &restart{
		clock:     r.Clock,
		log:       r.Log,
		api:       r.Client(t.Region),
		trail:     t,
		stoppedAt: stoppedAt,
		until:     until,
		called:    r.Clock.Now(),
	}
	if res, done := run.call(ctx); done {
		return res
	}
	return run.verify(ctx)
}

// restart is one run of Restart.
type restart struct {
	clock     clock.Clock
	log       *slog.Logger
	api       API
	trail     events.Trail
	stoppedAt time.Time
	until     time.Time
	called    time.Time // our first StartLogging
	stopped   time.Time // the last stop, as the last status shows it
	// accepted: CloudTrail took a StartLogging of ours, at acceptedAt. unanswered: one may have arrived although its
	// answer did not.
	accepted, unanswered bool
	acceptedAt           time.Time
}

// call calls StartLogging until it is accepted. Between two calls it reads the status, because somebody else may have
// been faster, or a call without an answer may have arrived; done is true where that or an error ends the restart.
func (r *restart) call(ctx context.Context) (res Result, done bool) {
	end := earlier(r.until, r.called.Add(maxCalling))
	again := backoff{r.clock, end, firstPause}
	for {
		err := r.startLogging(ctx, end)
		if err == nil {
			r.accepted, r.acceptedAt = true, r.clock.Now()
			return Result{}, false
		}
		problem := explain(trail.CallStartLogging, err, r.trail)
		r.log.WarnContext(ctx, "start logging refused",
			"trail", r.trail.ARN(), "error", err.Error(), "retryable", problem.retryable)
		if !problem.retryable {
			return r.failed(finding.OutcomeCannotRestore, problem, err), true
		}
		r.unanswered = r.unanswered || !answered(err)
		status, statusErr := r.status(ctx, end)
		if got := r.reading(status, statusErr); got == byUs || got == bySomeoneElse {
			return r.confirmed(status, got), true
		}
		if !again.wait(ctx, awscall.Closed(err)) {
			return r.failed(finding.OutcomeRetrying, problem, err), true
		}
	}
}

func (r *restart) failed(outcome finding.Outcome, p problem, err error) Result {
	return Result{
		Outcome:   outcome,
		Notes:     []finding.Note{p.says},
		Next:      p.steps(),
		Retryable: p.retryable,
		Stopped:   r.stopped,
		Err:       fmt.Errorf("start logging on %s: %w", r.trail.ARN(), err),
	}
}

func (r *restart) startLogging(ctx context.Context, end time.Time) error {
	ctx, cancel := r.oneCall(ctx, end)
	defer cancel()
	_, err := r.api.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: aws.String(r.trail.ARN())})
	return err
}

func (r *restart) status(ctx context.Context, end time.Time) (*cloudtrail.GetTrailStatusOutput, error) {
	ctx, cancel := r.oneCall(ctx, end)
	defer cancel()
	status, err := getTrailStatus(ctx, r.api, r.trail)
	if err == nil {
		r.stopped = aws.ToTime(status.StopLoggingTime)
	}
	return status, err
}

// oneCall bounds a call, so that one that hangs ends in time. A call that is due when the time is up still gets a
// moment.
func (r *restart) oneCall(ctx context.Context, end time.Time) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, max(minCall, min(maxCall, end.Sub(r.clock.Now()))))
}

// Logging reads whether the trail is logging, once.
func (r *Restarter) Logging(ctx context.Context, t events.Trail) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, maxCall)
	defer cancel()
	status, err := getTrailStatus(ctx, r.Client(t.Region), t)
	if err != nil {
		return false, fmt.Errorf("get trail status of %s: %w", t.ARN(), err)
	}
	return aws.ToBool(status.IsLogging), nil
}

func getTrailStatus(
	ctx context.Context, api getTrailStatusAPI, t events.Trail,
) (*cloudtrail.GetTrailStatusOutput, error) {
	return api.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: aws.String(t.ARN())})
}

// reading is what one status says about the stop and about our call.
type reading int

const (
	notLogging    reading = iota // off, or not read
	stillOld                     // "logging", but the status shows no start after the stop: it may be older than the stop
	byUs                         // logging since a call of ours
	bySomeoneElse                // logging again since after the stop, and not by a call of this run
)

// reading interprets a status. CloudTrail's reads lag behind its writes, and so "logging" counts only with a start that
// comes after the stop.
func (r *restart) reading(s *cloudtrail.GetTrailStatusOutput, err error) reading {
	switch {
	case err != nil || !aws.ToBool(s.IsLogging):
		return notLogging
	case s.StartLoggingTime == nil || !r.afterTheStop(*s.StartLoggingTime, s.StopLoggingTime):
		return stillOld
	case (r.accepted || r.unanswered) && !s.StartLoggingTime.Before(r.called.Add(-skew)):
		return byUs
	default:
		return bySomeoneElse
	}
}

// afterTheStop reports whether a status shows a start after the stop that the event reports. One that knows of that
// stop must show a start no earlier than it. One that does not must show a start that is later than the event by a
// second, as events have no fractions. Without the time of the event, only a start since our own call is sure.
func (r *restart) afterTheStop(start time.Time, stop *time.Time) bool {
	switch {
	case stop != nil && start.Before(*stop):
		return false
	case r.stoppedAt.IsZero():
		return !start.Before(r.called.Add(-skew))
	case stop != nil && !stop.Before(r.stoppedAt.Truncate(time.Second)):
		return true
	default:
		return !start.Before(r.stoppedAt.Add(time.Second))
	}
}

// verify polls the status until it shows that the trail logs.
func (r *restart) verify(ctx context.Context) Result {
	end := earlier(r.until, r.clock.Now().Add(maxVerifying))
	again := backoff{r.clock, end, firstPause}
	for {
		status, err := r.status(ctx, end)
		last := r.reading(status, err)
		if last == byUs || last == bySomeoneElse {
			return r.confirmed(status, last)
		}
		if err != nil {
			if problem := explain(trail.CallStartLogging, err, r.trail); !problem.retryable {
				return r.unconfirmed(problem.steps(), finding.Say(finding.NoteStatusNotRead), problem.says)
			}
		}
		if !again.wait(ctx, awscall.Closed(err)) {
			return r.unconfirmed(nil, finding.Say(lastWord(last, err)))
		}
	}
}

// lastWord says why an accepted StartLogging was not confirmed.
func lastWord(last reading, err error) finding.NoteID {
	switch {
	case err != nil:
		return finding.NoteStatusUnread
	case last == stillOld:
		return finding.NoteStatusOld
	}
	return finding.NoteStatusOff
}

// confirmed is the result of a status that shows the trail logging since after the stop.
func (r *restart) confirmed(s *cloudtrail.GetTrailStatusOutput, got reading) Result {
	now := r.clock.Now()
	if got == byUs && r.acceptedAt.IsZero() { // it was not answered, and arrived
		r.acceptedAt = r.called
	}
	if got == byUs {
		return Result{
			Outcome:    finding.OutcomeRestored,
			AfterCall:  now.Sub(r.called),
			RestoredAt: now,
			Stopped:    r.stopped,
			Started:    now,
			Accepted:   r.acceptedAt,
			Notes:      []finding.Note{finding.Say(finding.NoteLogging)},
		}
	}
	return Result{
		Outcome:  finding.OutcomeAlreadyLogging,
		Stopped:  r.stopped,
		Started:  *s.StartLoggingTime,
		Accepted: r.acceptedAt,
		Notes:    []finding.Note{finding.Say(finding.NoteLoggingSince, *s.StartLoggingTime)},
	}
}

// unconfirmed is the result of an accepted StartLogging that no status has confirmed.
func (r *restart) unconfirmed(next []finding.Note, notes ...finding.Note) Result {
	if next == nil {
		next = []finding.Note{finding.Say(finding.NextStartIfOff, r.trail.Region, r.trail.ARN())}
	}
	return Result{
		Outcome:  finding.OutcomeAccepted,
		Notes:    notes,
		Next:     next,
		Stopped:  r.stopped,
		Accepted: r.acceptedAt,
	}
}
