package remediate

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/finding"
)

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

// afterTheStop reports whether a status shows a start after the stop that the event tells of. One that knows of that
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
	end := earlier(r.until, r.clock.Now().Add(mostVerifying))
	pause := firstPause
	for {
		status, err := r.status(ctx, end)
		last := r.reading(status, err)
		if last == byUs || last == bySomeoneElse {
			return r.confirmed(status, last)
		}
		if err != nil {
			if problem := Explain(err, r.trail); !problem.Retryable {
				return r.unconfirmed("The status could not be read: "+problem.Sentence, problem.NextStep)
			}
		}
		if !r.pause(ctx, &pause, end, awscall.Closed(err)) {
			return r.unconfirmed(lastWord(last, err), "")
		}
	}
}

// lastWord says why an accepted StartLogging was not confirmed.
func lastWord(last reading, err error) string {
	switch {
	case err != nil:
		return "CloudTrail accepted StartLogging, but its status could not be read in time."
	case last == stillOld:
		return "CloudTrail accepted StartLogging. Its status says that the trail is logging, but shows no start after the " +
			"stop, so it may be old."
	default:
		return "CloudTrail accepted StartLogging, but its status still says that the trail is not logging."
	}
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
			Detail:     "GetTrailStatus confirms that the trail is logging again.",
		}
	}
	return Result{
		Outcome:  finding.OutcomeAlreadyLogging,
		Stopped:  r.stopped,
		Started:  *s.StartLoggingTime,
		Accepted: r.acceptedAt,
		Detail: "GetTrailStatus says that the trail is logging again since " + s.StartLoggingTime.UTC().Format(time.RFC3339) +
			", after the stop and before this run's call: somebody else, or an earlier run of the guard, had started it.",
	}
}

// unconfirmed is the result of an accepted StartLogging that no status has confirmed.
func (r *restart) unconfirmed(detail, next string) Result {
	if next == "" {
		next = "Run aws cloudtrail get-trail-status --region " + r.trail.Region + " --name " + r.trail.ARN() +
			" and, if IsLogging is false, start-logging with the same name."
	}
	return Result{
		Outcome:  finding.OutcomeAccepted,
		Detail:   detail,
		NextStep: next,
		Stopped:  r.stopped,
		Accepted: r.acceptedAt,
	}
}
