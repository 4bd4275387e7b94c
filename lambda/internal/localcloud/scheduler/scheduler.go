// Package scheduler is EventBridge Scheduler: schedules fire by their rates and times, and invoke their targets with
// retries and dead-letter queues. It knows nothing of what a target does with its input.
package scheduler

import (
	"slices"
	"strings"
	"sync"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// Schedules are all schedules of the cloud.
type Schedules struct {
	kernel *kernel.Kernel
	wire.Front
	every time.Duration // how often those with a rate fire in real time; 0: by their rates

	mu        sync.Mutex
	schedules []*schedule
	until     time.Time // of the plan; zero: there is none
	ticks     bool      // in real time
}

type schedule struct {
	scheduleSpec
	name, arn, group string
	every            time.Duration // of a rate
	cron             *cron         // nil: a rate
	enabled          bool
	since            time.Time // from when a rate counts; zero: from the beginning of the run
	start, end       time.Time // zero: none
	gone             bool      // it was deleted, or another one has taken its place
	made, changed    time.Time
}

// New returns a scheduler without a schedule. In real time, schedules with a rate fire by theirs, or by every.
func New(k *kernel.Kernel, every time.Duration) *Schedules {
	s := &Schedules{kernel: k, every: every}
	s.Front = wire.New(k, "scheduler", s.answer, wire.Named("Name"))
	s.Bounds = true
	return s
}

// universalTarget is the end of the ARN by which Scheduler calls PutEvents ("Using universal targets").
const universalTarget = ":scheduler:::aws-sdk:eventbridge:putEvents"

func (s *schedule) putsEvents() bool { return strings.HasSuffix(s.Target.Arn, universalTarget) }

// firing is one invocation of a schedule's target, with its retries.
type firing struct {
	schedule  *schedule
	id        string    // aws.scheduler.execution-id
	scheduled time.Time // aws.scheduler.scheduled-time
	tries     int
}

// fire puts a firing on the list, if the schedule is enabled.
func (s *Schedules) fire(of *schedule, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	outside := !of.start.IsZero() && at.Before(of.start) || !of.end.IsZero() && !at.Before(of.end)
	if of.enabled && !of.gone && !outside {
		f := &firing{schedule: of, id: s.kernel.ID("execution"), scheduled: at}
		s.kernel.At(at, func() { s.attempt(f) })
	}
}

// Plan has the schedules fire by their rates and times until end. A rate counts from the beginning of the run.
func (s *Schedules) Plan(end time.Time) {
	for _, of := range s.where(func(*schedule) bool { return true }) {
		s.plan(of, end)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until = end
}

func (s *Schedules) plan(of *schedule, end time.Time) {
	now, since := s.kernel.Now(), of.since
	if since.IsZero() {
		since = s.kernel.Began
	}
	for at := of.after(since, now); !at.After(end) && !at.IsZero(); at = of.after(since, at) {
		s.kernel.At(at, func() { s.fire(of, at) })
	}
}

// Start has the schedules fire for ever, in real time. The stack has been there for long: the first firing is due when
// one period has passed.
func (s *Schedules) Start() {
	s.mu.Lock()
	s.ticks = true
	s.mu.Unlock()
	now := s.kernel.Now()
	for _, of := range s.where(func(*schedule) bool { return true }) {
		s.tick(of, s.following(of, now))
	}
}

// tick fires a schedule at a time, and again after each period; the zero time: never.
func (s *Schedules) tick(of *schedule, at time.Time) {
	if at.IsZero() {
		return
	}
	s.kernel.At(at, func() {
		s.fire(of, at)
		s.mu.Lock()
		gone := of.gone
		s.mu.Unlock()
		if !gone {
			s.tick(of, s.following(of, at))
		}
	})
}

// following is the firing after a time in real time: a time of the day stays one.
func (s *Schedules) following(of *schedule, t time.Time) time.Time {
	if s.every > 0 && of.cron == nil {
		return t.Add(s.every)
	}
	return of.after(t, t)
}

// after is the first firing after a time; the zero time: there is none within a year.
func (s *schedule) after(start, t time.Time) time.Time {
	if s.cron == nil {
		passed := t.Sub(start)
		return start.Add(passed.Truncate(s.every) + s.every)
	}
	const year = 366 * 24 * time.Hour
	for at := t.Truncate(time.Minute).Add(time.Minute); at.Sub(t) < year; at = at.Add(time.Minute) {
		if s.cron.at(at) {
			return at
		}
	}
	return time.Time{}
}

// where returns the schedules that are wanted.
func (s *Schedules) where(wanted func(*schedule) bool) []*schedule {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.schedules), func(of *schedule) bool { return !wanted(of) })
}

// FireSchedules has every schedule that is enabled and invokes a function fire once now, and returns how many there
// are; with names, those of these logical IDs without CDK's hash. It only makes the firing due: a run plays it.
func (s *Schedules) FireSchedules(names ...string) int {
	all := s.where(func(of *schedule) bool {
		return of.enabled && !of.putsEvents() && (len(names) == 0 || slices.Contains(names, s.kernel.NameOf(of.arn)))
	})
	for _, of := range all {
		s.fire(of, s.kernel.Now())
	}
	return len(all)
}

// DisableSchedules disables the schedules of a logical ID without CDK's hash or of a name, or all where it is empty,
// and returns how many. A schedule that is deleted behaves the same.
func (s *Schedules) DisableSchedules(name string) int { return s.set(name, false) }

// EnableSchedules undoes DisableSchedules.
func (s *Schedules) EnableSchedules(name string) int { return s.set(name, true) }

func (s *Schedules) set(name string, enabled bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, of := range s.schedules {
		if name == "" || name == of.name || name == s.kernel.NameOf(of.arn) {
			of.enabled = enabled
			n++
		}
	}
	return n
}
