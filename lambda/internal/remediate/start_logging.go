// Package remediate puts right what a call did to a trail, one file for each action, and checks that it held.
//
// An outcome is what CloudTrail says afterwards, never an API's 200. The package tells nobody and stores nothing; it
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
	// mostCall bounds one call of the CloudTrail API; leastCall is what one gets even when the time is up.
	mostCall  = 5 * time.Second
	leastCall = time.Second
	// mostCalling and mostVerifying bound the two halves of a restart; both end earlier when the time that is left does.
	mostCalling   = 20 * time.Second
	mostVerifying = 20 * time.Second
	firstPause    = 200 * time.Millisecond
	longestPause  = 3 * time.Second
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
func (r *Restarter) Restart(ctx context.Context, trail events.Trail, stoppedAt, until time.Time) Result {
	run := &restart{
		clock:     r.Clock,
		log:       r.Log,
		api:       r.Client(trail.Region),
		trail:     trail,
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
	end := earlier(r.until, r.called.Add(mostCalling))
	pause := firstPause
	for {
		err := r.startLogging(ctx, end)
		if err == nil {
			r.accepted, r.acceptedAt = true, r.clock.Now()
			return Result{}, false
		}
		problem := Explain(err, r.trail)
		r.log.WarnContext(
			ctx,
			"start logging refused",
			"trail",
			r.trail.ARN(),
			"error",
			err.Error(),
			"retryable",
			problem.Retryable,
		)
		if !problem.Retryable {
			return r.failed(finding.OutcomeCannotRestore, problem, err), true
		}
		r.unanswered = r.unanswered || !answered(err)
		status, statusErr := r.status(ctx, end)
		if got := r.reading(status, statusErr); got == byUs || got == bySomeoneElse {
			return r.confirmed(status, got), true
		}
		if !r.pause(ctx, &pause, end, awscall.Closed(err)) {
			return r.failed(finding.OutcomeRetrying, problem, err), true
		}
	}
}

func (r *restart) failed(outcome finding.Outcome, p Problem, err error) Result {
	return Result{
		Outcome:   outcome,
		Detail:    p.Sentence,
		NextStep:  p.NextStep,
		Retryable: p.Retryable,
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
	return context.WithTimeout(ctx, max(leastCall, min(mostCall, end.Sub(r.clock.Now()))))
}

// Logging reads whether the trail is logging, once.
func (r *Restarter) Logging(ctx context.Context, trail events.Trail) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, mostCall)
	defer cancel()
	status, err := getTrailStatus(ctx, r.Client(trail.Region), trail)
	if err != nil {
		return false, fmt.Errorf("get trail status of %s: %w", trail.ARN(), err)
	}
	return aws.ToBool(status.IsLogging), nil
}

func getTrailStatus(
	ctx context.Context,
	api getTrailStatusAPI,
	trail events.Trail,
) (*cloudtrail.GetTrailStatusOutput, error) {
	return api.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: aws.String(trail.ARN())})
}

// pause waits before the next try and doubles the wait; at once skips the first wait, and no other: a connection that
// is always closed must not be tried without end. It reports false when the time is up.
func (r *restart) pause(ctx context.Context, wait *time.Duration, end time.Time, atOnce bool) bool {
	d := *wait
	*wait = min(2*d, longestPause)
	if !r.clock.Now().Add(d).Before(end) {
		return false
	}
	return atOnce && d == firstPause || r.clock.Sleep(ctx, d) == nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
