package localcloud

import (
	"container/heap"
	"context"
	"slices"
	"sync"
	"time"

	"trailkeeper/lambda/internal/clock"
)

// The virtual clock moves on for those who sleep when nothing has happened for calmPolls looks, one every pollPause of real time. That
// covers the way from one call of the function to the next, so that what is done side by side is done at the same virtual time. Looks
// are counted, and not time, because a busy machine may not run the process at all for a while.
const (
	pollPause = time.Millisecond
	calmPolls = 12
)

// timekeeper is the cloud's clock and the list of what is due. It is virtual, and moves only when somebody sleeps or a call takes its
// time, or real.
type timekeeper struct {
	mu     sync.Mutex
	real   bool
	now    time.Time
	signs  int // of life so far
	busy   int // requests on their way
	sleeps []time.Time
	// budgets are the virtual times at which requests give up, by the real deadlines of their contexts; spent are those that were waited for.
	budgets map[time.Time]time.Time
	spent   map[time.Time]bool

	tasks taskHeap
	seq   int
	added chan struct{} // wakes the loop of a real clock
}

func newTimekeeper(start time.Time, real bool) *timekeeper {
	return &timekeeper{
		real: real, now: start, added: make(chan struct{}, 1), budgets: make(map[time.Time]time.Time), spent: make(map[time.Time]bool),
	}
}

// Now returns the cloud's time.
func (k *timekeeper) Now() time.Time {
	if k.real {
		return time.Now().UTC()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.signs++
	return k.now
}

// pass lets virtual time pass for what takes its time.
func (k *timekeeper) pass(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.signs++
	k.now = k.now.Add(d)
}

// reach moves the virtual clock on to t, never back.
func (k *timekeeper) reach(t time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if t.After(k.now) {
		k.now = t
	}
}

// request marks the start of a request of the function; the returned function marks its end.
func (k *timekeeper) request() func() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.busy++
	k.signs++
	return func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.busy--
		k.signs++
	}
}

// deadlineKey holds the virtual deadline of an invocation in its context.
type deadlineKey struct{}

func deadlineOf(ctx context.Context) (time.Time, bool) {
	t, ok := ctx.Value(deadlineKey{}).(time.Time)
	return t, ok
}

// clock returns the clock that the function goes by.
func (k *timekeeper) clock() clock.Clock {
	if k.real {
		return clock.Real()
	}
	return clock.Clock{Now: k.Now, Sleep: k.sleep, Deadline: deadlineOf}
}

// sleep waits in virtual time: when nothing else happens, the sleeper who wakes first moves the clock.
func (k *timekeeper) sleep(ctx context.Context, d time.Duration) error {
	k.mu.Lock()
	if k.usedUp(ctx) {
		k.mu.Unlock()
		return context.DeadlineExceeded
	}
	until, late := k.now.Add(d), false
	if deadline, ok := deadlineOf(ctx); ok && until.After(deadline) {
		until, late = deadline, true
	}
	k.sleeps = append(k.sleeps, until)
	k.signs++
	k.mu.Unlock()
	for seen, calm := -1, 0; !k.woken(until, &seen, &calm); {
		select {
		case <-ctx.Done():
			k.mu.Lock()
			k.forget(until)
			k.mu.Unlock()
			return ctx.Err()
		case <-time.After(pollPause):
		}
	}
	if late {
		return context.DeadlineExceeded
	}
	return nil
}

// woken moves the clock to `until` if that is the next thing to happen. The sleeper keeps what it saw last, and for how many looks.
func (k *timekeeper) woken(until time.Time, seen, calm *int) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if *calm++; k.busy > 0 || k.signs != *seen {
		*seen, *calm = k.signs, 0
	}
	if *calm < calmPolls {
		return false
	}
	for _, other := range k.sleeps {
		if other.Before(until) {
			return false
		}
	}
	k.forget(until)
	k.signs++
	if until.After(k.now) {
		k.now = until
	}
	return true
}

func (k *timekeeper) forget(until time.Time) {
	for i, t := range k.sleeps {
		if t.Equal(until) {
			k.sleeps = append(k.sleeps[:i], k.sleeps[i+1:]...)
			return
		}
	}
}

// task is something that is due at a time.
type task struct {
	due     time.Time
	seq     int
	run     func()
	invokes bool // runs a function
	looks   bool // only looks at what is there: an alarm, or a queue's depth
}

// after puts a task on the list.
func (k *timekeeper) after(d time.Duration, run func()) { k.at(k.Now().Add(d), run) }

func (k *timekeeper) at(due time.Time, run func()) { k.add(task{due: due, run: run}) }

// invoke puts a run of a function on the list.
func (k *timekeeper) invoke(d time.Duration, run func()) {
	k.add(task{due: k.Now().Add(d), run: run, invokes: true})
}

// look puts a look at what is there on the list.
func (k *timekeeper) look(due time.Time, run func()) { k.add(task{due: due, run: run, looks: true}) }

// acts reports whether anything but looks is due.
func (k *timekeeper) acts() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.ContainsFunc(k.tasks, func(t task) bool { return !t.looks })
}

func (k *timekeeper) add(t task) {
	k.mu.Lock()
	k.seq++
	t.seq = k.seq
	heap.Push(&k.tasks, t)
	k.mu.Unlock()
	select {
	case k.added <- struct{}{}:
	default:
	}
}

// next takes the first task off the list, and reports false when there is none.
func (k *timekeeper) next() (task, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.tasks) == 0 {
		return task{}, false
	}
	t, _ := heap.Pop(&k.tasks).(task)
	return t, true
}

// nextUntil is next for what is due at that time or before.
func (k *timekeeper) nextUntil(end time.Time) (task, bool) {
	k.mu.Lock()
	if len(k.tasks) > 0 && k.tasks[0].due.After(end) {
		k.mu.Unlock()
		return task{}, false
	}
	k.mu.Unlock()
	return k.next()
}

// nextRun takes the next run of a function off the list that is due at that time or before, whatever else is due.
func (k *timekeeper) nextRun(due time.Time) (task, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	first := -1
	for i, t := range k.tasks {
		if t.invokes && !t.due.After(due) && (first < 0 || t.seq < k.tasks[first].seq) {
			first = i
		}
	}
	if first < 0 {
		return task{}, false
	}
	t, _ := heap.Remove(&k.tasks, first).(task)
	return t, true
}

// wait returns how long it is to the first task, and false when there is none.
func (k *timekeeper) wait() (time.Duration, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.tasks) == 0 {
		return 0, false
	}
	return time.Until(k.tasks[0].due), true
}

type taskHeap []task

func (h taskHeap) Len() int { return len(h) }
func (h taskHeap) Less(i, j int) bool {
	if !h[i].due.Equal(h[j].due) {
		return h[i].due.Before(h[j].due)
	}
	return h[i].seq < h[j].seq
}
func (h taskHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *taskHeap) Push(v any) {
	if t, ok := v.(task); ok {
		*h = append(*h, t)
	}
}

// Pop implements heap.Interface.
func (h *taskHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
