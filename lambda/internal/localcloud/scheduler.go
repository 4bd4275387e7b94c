package localcloud

import (
	"fmt"
	"strings"
	"time"
)

// firing is one invocation of a schedule's target, with its retries.
type firing struct {
	schedule  *schedule
	id        string    // aws.scheduler.execution-id
	scheduled time.Time // aws.scheduler.scheduled-time
	tries     int
}

// FireSchedules has every schedule that is enabled and invokes a function fire once now, and returns how many there are. As Deliver, it only makes the
// firing due: Run or Serve plays it.
func (c *Cloud) FireSchedules() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, s := range c.stack.schedules {
		if s.enabled && !s.putsEvents() {
			n++
			c.fire(s, c.time.Now())
		}
	}
	return n
}

// fire puts a firing on the list.
func (c *Cloud) fire(s *schedule, at time.Time) {
	f := &firing{schedule: s, id: c.id("execution"), scheduled: at}
	c.time.at(at, func() { c.attempt(f) })
}

// startSchedules has the schedules fire by their rates while the cloud serves. The stack has been there for long: the first firing is due when
// one period has passed.
func (c *Cloud) startSchedules() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ticking {
		return
	}
	c.ticking = true
	c.passing++
	now := c.time.Now()
	for _, s := range c.stack.schedules {
		if at := c.following(s, now); !at.IsZero() {
			c.tick(s, at)
		}
	}
	for _, a := range c.lookers() {
		c.look(a, now.Truncate(a.period()).Add(a.period()))
	}
}

// look evaluates an alarm at the end of a period, and of each one after it, until the cloud is closed.
func (c *Cloud) look(a *alarm, end time.Time) {
	c.time.at(end.Add(settleTime), func() {
		if !c.closed {
			c.evaluate(a, end)
			c.look(a, end.Add(a.period()))
		}
	})
}

// following is the firing after a time in real time. SchedulesEvery is for rates only: a time of the day stays one.
func (c *Cloud) following(s *schedule, t time.Time) time.Time {
	if c.opts.SchedulesEvery > 0 && s.cron == nil {
		return t.Add(c.opts.SchedulesEvery)
	}
	return s.after(t, t)
}

// universalTarget is the end of the ARN by which Scheduler calls PutEvents ("Using universal targets").
const universalTarget = ":scheduler:::aws-sdk:eventbridge:putEvents"

func (s *schedule) putsEvents() bool { return strings.HasSuffix(s.Target.Arn, universalTarget) }

// tick fires a schedule at a time, and again after each period until the cloud is closed.
func (c *Cloud) tick(s *schedule, at time.Time) {
	c.time.at(at, func() {
		if c.closed {
			return
		}
		if s.enabled {
			c.fire(s, at)
		}
		if next := c.following(s, at); !next.IsZero() {
			c.tick(s, next)
		}
	})
}

// attempt invokes the target once, and plans the next try or gives up.
func (c *Cloud) attempt(f *firing) {
	f.tries++
	s := f.schedule
	c.measure("AWS/Scheduler", "InvocationAttemptCount", 1, dim{"ScheduleGroup", s.group})
	err := c.invokeScheduled(f)
	e := Entry{Kind: KindFired, Subject: shortID(s.id), EventID: f.id}
	if err == nil {
		c.note(e)
		return
	}
	e.Err = err.Error()
	c.note(e)
	c.measure("AWS/Scheduler", "TargetErrorCount", 1, dim{"ScheduleGroup", s.group})
	attempts, age := defaultAttempts, defaultAge
	if n := s.Target.RetryPolicy.MaximumRetryAttempts; n != nil {
		attempts = *n
	}
	if n := s.Target.RetryPolicy.MaximumEventAgeInSeconds; n != nil {
		age = time.Duration(*n) * time.Second
	}
	pause := min(firstBackoff<<min(f.tries-1, 20), longestBackoff)
	switch {
	case !err.retry:
		c.drop(f, err, "")
	case f.tries > attempts:
		c.drop(f, err, "MaximumRetryAttempts")
	case c.time.Now().Add(pause).Sub(f.scheduled) > age:
		c.drop(f, err, "MaximumEventAgeInSeconds")
	default:
		c.time.after(pause, func() { c.attempt(f) })
	}
}

// invokeScheduled calls the target with the schedule's role. A function is invoked asynchronously: Lambda queues the event and retries by itself.
func (c *Cloud) invokeScheduled(f *firing) *targetError {
	s := f.schedule
	fn := c.stack.functions[s.Target.Arn]
	role, ok := c.scheduleRole(s)
	if !ok {
		return &targetError{code: "AccessDeniedException", message: "EventBridge Scheduler may not assume the schedule's role"}
	}
	if s.putsEvents() {
		return c.putScheduled(f, role)
	}
	if why, ok := c.authorize(role, access{action: "lambda:InvokeFunction", resource: fn.arn}, nil); !ok {
		return &targetError{code: "AWSLambda.AccessDeniedException", message: "the schedule's role may not invoke the function: " + why}
	}
	if fault := c.own("scheduler", "Invoke", "Scheduler", s.arn); fault != nil {
		return &targetError{code: fault.Code, message: fault.Message, retry: fault.Status >= 500 || fault.Status == 429}
	}
	c.queueInvocation(fn, []byte(f.input()))
	return nil
}

// scheduleRole is the schedule's role, where Scheduler may assume it: aws:SourceArn is the schedule's group ("Confused deputy prevention").
func (c *Cloud) scheduleRole(s *schedule) (Principal, bool) {
	r := c.stack.roles[s.Target.RoleArn]
	group := c.stack.arn("scheduler", "schedule-group/"+s.group)
	if r == nil || !r.trusts("scheduler.amazonaws.com", sourceOf(group, c.opts.Account), c.opts.Account) {
		return Principal{}, false
	}
	return Principal{Account: c.opts.Account, role: r}, true
}

// input is the target's input with Scheduler's own values ("Adding context attributes").
func (f *firing) input() string {
	return strings.NewReplacer(
		"<aws.scheduler.schedule-arn>", f.schedule.arn, "<aws.scheduler.scheduled-time>", f.scheduled.UTC().Format("2006-01-02T15:04:05Z"),
		"<aws.scheduler.execution-id>", f.id, "<aws.scheduler.attempt-number>", fmt.Sprint(f.tries),
	).Replace(f.schedule.Target.Input)
}

// drop sends the event to the schedule's dead-letter queue, which the schedule's role must be allowed ("Configuring a schedule's dead-letter
// queue").
func (c *Cloud) drop(f *firing, err *targetError, exhausted string) {
	s := f.schedule
	group := dim{"ScheduleGroup", s.group}
	target := "PutEvents"
	if fn := c.stack.functions[s.Target.Arn]; fn != nil {
		target = shortID(fn.id)
	}
	lost := func(why string) {
		c.note(Entry{Kind: KindLost, Subject: target, EventID: f.id, Via: shortID(s.id), Err: err.Error() + "; " + why})
	}
	c.measure("AWS/Scheduler", "InvocationDroppedCount", 1, group)
	q := c.stack.queues[s.Target.DeadLetterConfig.Arn]
	if q == nil {
		lost("the schedule has no dead-letter queue")
		return
	}
	role, ok := c.scheduleRole(s)
	if ok {
		_, ok = c.authorize(role, access{action: "sqs:SendMessage", resource: q.arn}, q.policies)
	}
	if ok {
		_, ok = c.authorizeKey(role, q.key, nil)
	}
	if !ok {
		c.measure("AWS/Scheduler", "InvocationsFailedToBeSentToDeadLetterCount", 1, group)
		lost("the schedule's role may not send to the dead-letter queue")
		return
	}
	attributes := map[string]string{
		"SCHEDULE_ARN": s.arn, "TARGET_ARN": s.Target.Arn, "EXECUTION_ID": f.id, "SCHEDULED_TIME": f.scheduled.UTC().Format("2006-01-02T15:04:05Z"),
		"ERROR_CODE": err.code, "ERROR_MESSAGE": err.message, "RETRY_ATTEMPTS": fmt.Sprint(f.tries - 1),
		"IS_PAYLOAD_TRUNCATED": "false", // our inputs are far below what a queue takes
	}
	if exhausted != "" {
		attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted
	}
	c.measure("AWS/Scheduler", "InvocationsSentToDeadLetterCount", 1, group)
	c.enqueue(q, Message{Body: f.input(), Attributes: attributes}, role.iamARN(c.opts.Partition))
	c.note(Entry{Kind: KindParked, Subject: shortID(q.id), EventID: f.id, Via: target, Text: after(f.tries, "try", "tries"), Err: err.message})
}
