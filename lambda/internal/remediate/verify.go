package remediate

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/notify"
)

// reading is what one status says about the stop and about our call.
type reading int

const (
	notLogging    reading = iota
	stillOld              // logging, but the status does not know of the stop yet, or the stop never was
	byUs                  // logging since our call
	bySomeoneElse         // logging since before our call, and after the stop
)

// reading interprets a status. CloudTrail's reads lag behind its writes: "logging" counts only if the status is younger than the stop.
func (r *restart) reading(s *cloudtrail.GetTrailStatusOutput, err error) reading {
	switch {
	case err != nil || !aws.ToBool(s.IsLogging):
		return notLogging
	case s.StartLoggingTime == nil || !s.StartLoggingTime.Before(r.called.Add(-skew)):
		if r.accepted || r.unanswered {
			return byUs
		}
		return bySomeoneElse
	case s.StopLoggingTime != nil && !r.stoppedAt.IsZero() && !s.StopLoggingTime.Before(r.stoppedAt.Add(-skew)):
		return bySomeoneElse
	default:
		return stillOld
	}
}

// verify polls the status until it shows that the trail logs.
func (r *restart) verify(ctx context.Context) Result {
	end := earlier(r.until, r.Clock.Now().Add(mostVerifying))
	pause := firstPause
	var last *cloudtrail.GetTrailStatusOutput
	for {
		status, err := r.status(ctx)
		if err == nil {
			last = status
			if got := r.reading(status, nil); got == byUs || got == bySomeoneElse {
				return r.confirmed(status)
			}
		} else if problem := Explain(err, r.trail); !problem.Retryable {
			return r.unconfirmed("The status could not be read: "+problem.Sentence, problem.NextStep)
		}
		if !r.pause(ctx, &pause, end, awscall.Closed(err)) {
			break
		}
	}
	switch {
	case last == nil:
		return r.unconfirmed("The status could not be read in time.", "")
	case r.reading(last, nil) == stillOld:
		return r.confirmed(last)
	}
	return r.unconfirmed("CloudTrail accepted StartLogging, but its status still says that the trail is not logging.", "")
}

// confirmed is the result of a status that says "logging".
func (r *restart) confirmed(s *cloudtrail.GetTrailStatusOutput) Result {
	now := r.Clock.Now()
	if r.reading(s, nil) == byUs {
		return Result{
			Outcome: notify.OutcomeRestored, AfterCall: now.Sub(r.called), Restored: now,
			Detail: "GetTrailStatus confirms that the trail is logging again.",
		}
	}
	detail := "GetTrailStatus says that the trail is logging"
	if s.StartLoggingTime != nil {
		detail += ", since " + s.StartLoggingTime.UTC().Format(time.RFC3339)
	}
	return Result{Outcome: notify.OutcomeAlreadyLogging, Detail: detail + ", and not by our call."}
}

// unconfirmed is the result of an accepted StartLogging that no status has confirmed.
func (r *restart) unconfirmed(detail, next string) Result {
	if next == "" {
		next = "Run aws cloudtrail get-trail-status --region " + r.trail.Region + " --name " + r.trail.ARN() +
			" and, if IsLogging is false, start-logging with the same name."
	}
	return Result{Outcome: notify.OutcomeAccepted, Detail: detail, NextStep: next}
}
