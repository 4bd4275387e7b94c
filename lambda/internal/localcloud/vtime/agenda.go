package vtime

import (
	"container/heap"
	"slices"
	"sync"
	"time"
)

// Task is something that is due at a time.
type Task struct {
	Due     time.Time
	Run     func()
	Invokes bool // runs a function
	looks   bool // only looks at what is there: an alarm, or a queue's depth
	seq     int
}

// Agenda is the list of what is due.
type Agenda struct {
	clock *Clock
	mu    sync.Mutex
	tasks taskHeap
	seq   int
	spans int           // how often over, time passes with what is to happen in it
	added chan struct{} // wakes the loop of a real clock
}

// NewAgenda returns an empty list that goes by a clock.
func NewAgenda(c *Clock) *Agenda { return &Agenda{clock: c, added: make(chan struct{}, 1)} }

// Added wakes whoever waits for the next task in real time.
func (a *Agenda) Added() <-chan struct{} { return a.added }

// Span says that time begins to pass with what is to happen in it, and returns what ends that.
func (a *Agenda) Span() func() {
	add := func(n int) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.spans += n
	}
	add(1)
	return func() { add(-1) }
}

// Passing reports whether time passes with what is to happen in it, as in a deployment, and not only until the next
// thing that is due.
func (a *Agenda) Passing() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.spans > 0
}

// After puts a task on the list.
func (a *Agenda) After(d time.Duration, run func()) { a.At(a.clock.Now().Add(d), run) }

// At puts a task for a time on the list.
func (a *Agenda) At(due time.Time, run func()) { a.add(Task{Due: due, Run: run}) }

// Invoke puts a run of a function on the list.
func (a *Agenda) Invoke(d time.Duration, run func()) {
	a.add(Task{Due: a.clock.Now().Add(d), Run: run, Invokes: true})
}

// Look puts a look at what is there on the list.
func (a *Agenda) Look(due time.Time, run func()) { a.add(Task{Due: due, Run: run, looks: true}) }

// Acts reports whether anything but looks is due.
func (a *Agenda) Acts() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.ContainsFunc(a.tasks, func(t Task) bool { return !t.looks })
}

func (a *Agenda) add(t Task) {
	a.mu.Lock()
	a.seq++
	t.seq = a.seq
	heap.Push(&a.tasks, t)
	a.mu.Unlock()
	select {
	case a.added <- struct{}{}:
	default:
	}
}

// Next takes the first task off the list, and reports false when there is none.
func (a *Agenda) Next() (Task, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.tasks) == 0 {
		return Task{}, false
	}
	t, _ := heap.Pop(&a.tasks).(Task)
	return t, true
}

// NextUntil is next for what is due at that time or before.
func (a *Agenda) NextUntil(end time.Time) (Task, bool) {
	a.mu.Lock()
	if len(a.tasks) > 0 && a.tasks[0].Due.After(end) {
		a.mu.Unlock()
		return Task{}, false
	}
	a.mu.Unlock()
	return a.Next()
}

// NextRun takes the next run of a function off the list that is due at that time or before, whatever else is due.
func (a *Agenda) NextRun(due time.Time) (Task, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	first := -1
	for i, t := range a.tasks {
		if t.Invokes && !t.Due.After(due) && (first < 0 || t.seq < a.tasks[first].seq) {
			first = i
		}
	}
	if first < 0 {
		return Task{}, false
	}
	t, _ := heap.Remove(&a.tasks, first).(Task)
	return t, true
}

// Wait returns how long it is to the first task, and false when there is none.
func (a *Agenda) Wait() (time.Duration, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.tasks) == 0 {
		return 0, false
	}
	return time.Until(a.tasks[0].Due), true
}

type taskHeap []Task

func (h taskHeap) Len() int { return len(h) }
func (h taskHeap) Less(i, j int) bool {
	if !h[i].Due.Equal(h[j].Due) {
		return h[i].Due.Before(h[j].Due)
	}
	return h[i].seq < h[j].seq
}
func (h taskHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *taskHeap) Push(v any) {
	if t, ok := v.(Task); ok {
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
