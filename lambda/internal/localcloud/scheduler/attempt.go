package scheduler

import (
	"net/http"
	"strconv"
	"strings"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

func (s *Schedules) count(of *schedule, metric string) {
	s.kernel.Count(of.arn, "AWS/Scheduler", metric, kernel.Dim{Name: "ScheduleGroup", Value: of.group})
}

// attempt invokes the target once, and plans the next try or gives up.
func (s *Schedules) attempt(f *firing) {
	f.tries++
	of := f.schedule
	s.count(of, "InvocationAttemptCount")
	err := s.invoke(f)
	e := kernel.Entry{Kind: kernel.KindFired, Subject: s.kernel.NameOf(of.arn), EventID: f.id}
	if err == nil {
		s.kernel.Note(e)
		return
	}
	e.Err = err.Error()
	s.kernel.Note(e)
	s.count(of, "TargetErrorCount")
	if !err.Again() {
		s.drop(f, err, "")
		return
	}
	pause, exhausted := of.Target.RetryPolicy.Next(f.tries, f.scheduled, s.kernel.Now())
	if exhausted != "" {
		s.drop(f, err, exhausted)
		return
	}
	s.kernel.After(pause, func() { s.attempt(f) })
}

// invoke calls the target with the schedule's role. A function is invoked asynchronously: Lambda queues the event and
// retries by itself.
func (s *Schedules) invoke(f *firing) *kernel.Error {
	of := f.schedule
	role, failed := s.assumed(of)
	if failed != nil {
		return kernel.Refuse("AccessDeniedException", "EventBridge Scheduler may not assume the schedule's role")
	}
	d := kernel.Delivery{
		To:      of.Target.Arn,
		Source:  of.arn,
		Who:     &role,
		Body:    []byte(f.input()),
		Via:     "Scheduler",
		EventID: f.id,
	}
	op := "PutEvents"
	if !of.putsEvents() {
		op = "Invoke"
		d.Probe = true
		if failed := s.kernel.Deliver(d); failed != nil {
			return kernel.Refuse("AWSLambda.AccessDeniedException", "the schedule's role may not invoke the function: %s",
				failed.Message)
		}
		d.Probe = false
	}
	if fault := s.kernel.Own(kernel.Step{
		Service: "scheduler",
		Op:      op,
		By:      "Scheduler",
		About:   of.arn,
	}); fault != nil {
		if fault.Status == http.StatusTooManyRequests {
			fault.Status = http.StatusServiceUnavailable // is tried again as well
		}
		return fault.Error()
	}
	return s.kernel.Deliver(d)
}

// assumed is the schedule's role, where Scheduler may assume it: aws:SourceArn is the schedule's group ("Confused
// deputy prevention").
func (s *Schedules) assumed(of *schedule) (kernel.Principal, *kernel.Error) {
	place := kernel.ARN(of.arn).Place
	group := place.ARN("scheduler", "schedule-group/"+of.group)
	return s.kernel.Assume("scheduler.amazonaws.com", of.Target.RoleArn, policy.Source(group, place.Account))
}

// input is the target's input with Scheduler's own values ("Adding context attributes").
func (f *firing) input() string {
	return strings.NewReplacer(
		"<aws.scheduler.schedule-arn>", f.schedule.arn,
		"<aws.scheduler.scheduled-time>", f.time(),
		"<aws.scheduler.execution-id>", f.id,
		"<aws.scheduler.attempt-number>", strconv.Itoa(f.tries),
	).Replace(f.schedule.Target.Input)
}

func (f *firing) time() string { return f.scheduled.UTC().Format("2006-01-02T15:04:05Z") }

// drop sends the event to the schedule's dead-letter queue, which the schedule's role must be allowed ("Configuring a
// schedule's dead-letter queue").
func (s *Schedules) drop(f *firing, err *kernel.Error, exhausted string) {
	of := f.schedule
	target := "PutEvents"
	if !of.putsEvents() {
		target = s.kernel.NameOf(of.Target.Arn)
	}
	lost := func(why string) {
		s.kernel.Note(kernel.Entry{
			Kind:    kernel.KindLost,
			Subject: target,
			EventID: f.id,
			Via:     s.kernel.NameOf(of.arn),
			Err:     err.Error() + "; " + why,
		})
	}
	s.count(of, "InvocationDroppedCount")
	queue := of.Target.DeadLetterConfig.Arn
	if queue == "" {
		lost("the schedule has no dead-letter queue")
		return
	}
	attributes := map[string]string{
		"SCHEDULE_ARN":         of.arn,
		"TARGET_ARN":           of.Target.Arn,
		"EXECUTION_ID":         f.id,
		"SCHEDULED_TIME":       f.time(),
		"ERROR_CODE":           err.Code,
		"ERROR_MESSAGE":        err.Message,
		"RETRY_ATTEMPTS":       strconv.Itoa(f.tries - 1),
		"IS_PAYLOAD_TRUNCATED": "false", // our inputs are far below what a queue takes
	}
	if exhausted != "" {
		attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted
	}
	role, failed := s.assumed(of)
	if failed == nil {
		failed = s.kernel.Deliver(kernel.Delivery{
			To:         queue,
			Who:        &role,
			Body:       []byte(f.input()),
			Attributes: attributes,
		})
	}
	if failed != nil {
		s.count(of, "InvocationsFailedToBeSentToDeadLetterCount")
		lost("the schedule's role may not send to the dead-letter queue")
		return
	}
	s.count(of, "InvocationsSentToDeadLetterCount")
	s.kernel.Note(kernel.Entry{
		Kind:    kernel.KindParked,
		Subject: s.kernel.NameOf(queue),
		EventID: f.id,
		Via:     target,
		Text:    kernel.After(f.tries, "try", "tries"),
		Err:     err.Message,
	})
}
