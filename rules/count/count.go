// Package count counts the events of one rule with a threshold, and says when there are enough of them for a finding.
//
// It counts by the times that the events have, in whatever order they arrive, and each once. It reads no clock, keeps
// nothing, and knows no rule or record: who asks keeps one Window for each rule and each key that the rule counts by.
package count

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"
)

// Limit is how many events make a finding.
type Limit struct {
	Count    int           // events, or different values of them with Distinct
	Within   time.Duration // the longest time between the first and the last of them; exactly so long still counts
	Distinct bool          // count different values; an event without a value does not count
}

// Event is an event as it is counted.
type Event struct {
	Time  time.Time // when it happened, to the millisecond
	ID    string    // the same of an event that arrives again
	Value string    // what must differ, where the limit is Distinct
}

// Lateness is how much later than a newer one an event may arrive and still be counted as if it had come in time. One
// that is older than that and the limit's Within together is not counted.
const Lateness = 6 * time.Hour

// maxMarks bounds a window. Of more events in the time that it covers, those go first that another of the same value
// stands for, and may count when they come again; then the oldest, and no event as old as they are counts any more. A
// limit may ask for 10,000.
const maxMarks = 11_000

// Window is what is remembered of the events of one rule and key. The zero value has none. It encodes to JSON of at
// most 300 KB, which has hashes and no text of any event.
//
// An event must not be ahead of the clock of who adds it: what is newest says what is too old.
type Window struct {
	marks []mark // by time
	floor int64  // events before this time, in milliseconds, do not count
}

// mark is one event.
type mark struct {
	at        int64 // milliseconds
	id, value uint64
	use
}

// use says whether a mark counts.
type use uint8

const (
	open  use = iota // it counts
	spent            // a finding has counted it
	spare            // wherever it would count, an open mark of the same value does
	uses
)

// Add counts an event, and reports whether there are enough for a finding now: if as many events as the limit asks for,
// this one among them and none of them counted by a finding before, are within its time of each other. All events that
// are within the time of the finding are counted by it then. An event that was added before changes nothing.
//
// In any order of the same events there is a finding if there are enough of them, as long as none arrives later than
// Lateness. How many findings there are may depend on the order.
func (w *Window) Add(limit Limit, e Event) (reached bool) {
	m := mark{at: e.Time.UnixMilli(), id: hash(e.ID), value: hash(e.Value)}
	if m.at < w.floor || limit.Distinct && e.Value == "" || w.has(m.id) {
		return false
	}
	at, _ := slices.BinarySearchFunc(w.marks, m.at, func(other mark, at int64) int { return cmp.Compare(other.at, at+1) })
	w.marks = slices.Insert(w.marks, at, m)
	from, to := w.enough(limit, at)
	for i := from; i < to; i++ {
		w.marks[i].use = spent
	}
	if from == to && limit.Distinct {
		w.thin(limit, at)
	}
	w.forget(limit)
	return from < to
}

func (w *Window) has(id uint64) bool {
	return slices.ContainsFunc(w.marks, func(m mark) bool { return m.id == id })
}

// enough finds the earliest marks, one of which is that at an index, that make a finding. Without any, from is to.
func (w *Window) enough(limit Limit, at int) (from, to int) {
	within := limit.Within.Milliseconds()
	first, last := w.start(at, within), w.end(at, within)
	opened := 0
	for _, m := range w.marks[first:last] {
		if m.use == open {
			opened++
		}
	}
	if opened < limit.Count {
		return at, at
	}
	counted, values := 0, map[uint64]int{}
	for from, to = first, first; to < last; to++ {
		for ; w.marks[to].at-w.marks[from].at > within; from++ {
			counted -= w.marks[from].leave(limit, values)
		}
		if counted += w.marks[to].enter(limit, values); counted >= limit.Count && to >= at {
			return from, w.end(from, within)
		}
	}
	return at, at
}

// start is the first mark within a time before the one at an index, and end is behind the last within a time after it.
func (w *Window) start(at int, within int64) int {
	first := at
	for first > 0 && w.marks[at].at-w.marks[first-1].at <= within {
		first--
	}
	return first
}

func (w *Window) end(at int, within int64) int {
	end := at
	for end < len(w.marks) && w.marks[end].at-w.marks[at].at <= within {
		end++
	}
	return end
}

// thin spares what counts nowhere alone, so that many events of one value are no burden: between two open marks of its
// value that are within the limit's time of each other, another is in no finding that has neither.
func (w *Window) thin(limit Limit, at int) {
	within := limit.Within.Milliseconds()
	var same []int
	for i, last := w.start(at, within), w.end(at, within); i < last; i++ {
		if m := w.marks[i]; m.use == open && m.value == w.marks[at].value {
			same = append(same, i)
		}
		if n := len(same); n > 2 && w.marks[same[n-1]].at-w.marks[same[n-3]].at <= within {
			w.marks[same[n-2]].use = spare
			same = append(same[:n-2], same[n-1])
		}
	}
}

// enter and leave are by how much a mark raises and lowers what is counted.
func (m mark) enter(limit Limit, values map[uint64]int) int {
	if m.use != open {
		return 0
	}
	if !limit.Distinct {
		return 1
	}
	if values[m.value]++; values[m.value] == 1 {
		return 1
	}
	return 0
}

func (m mark) leave(limit Limit, values map[uint64]int) int {
	if m.use != open {
		return 0
	}
	if !limit.Distinct {
		return 1
	}
	if values[m.value]--; values[m.value] == 0 {
		return 1
	}
	return 0
}

// forget drops what is too old to count with anything that still may arrive, and what is too much.
func (w *Window) forget(limit Limit) {
	if len(w.marks) == 0 {
		return
	}
	newest := w.marks[len(w.marks)-1].at
	w.floor = max(w.floor, newest-(Lateness+limit.Within).Milliseconds())
	if len(w.marks) > maxMarks {
		w.marks = slices.DeleteFunc(w.marks, func(m mark) bool { return m.use == spare })
	}
	if more := len(w.marks) - maxMarks; more > 0 {
		w.floor = max(w.floor, w.marks[more-1].at+1)
	}
	old := 0
	for old < len(w.marks) && w.marks[old].at < w.floor {
		old++
	}
	w.marks = w.marks[old:]
}

// hash is short, and hard to meet with another text.
func hash(text string) uint64 {
	sum := sha256.Sum256([]byte(text))
	return binary.BigEndian.Uint64(sum[:])
}
