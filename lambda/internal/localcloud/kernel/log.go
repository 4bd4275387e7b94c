package kernel

import (
	"bytes"
	"slices"
	"sync"

	"trailkeeper/lambda/internal/localcloud/vtime"
)

// Log is everything that happened.
type Log struct {
	clock *vtime.Clock
	// observe gets each entry as it happens; nil: nobody does.
	observe func(Entry)

	mu      sync.Mutex
	entries []Entry
	step    int
	leaks   bytes.Buffer // everything that left the functions or the cloud as text, for the search for secrets
}

// Note adds an entry.
func (l *Log) Note(e Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.At = l.clock.Now()
	e.step, e.seq = l.step, len(l.entries)
	l.entries = append(l.entries, e)
	if l.observe != nil {
		l.observe(e)
	}
}

// Step says that something new begins: what happens side by side belongs to one step.
func (l *Log) Step() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.step++
}

// Leak keeps a text that left the functions or the cloud.
func (l *Log) Leak(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leaks.WriteString(text)
	l.leaks.WriteByte('\n')
}

// Entries returns what happened, in order.
func (l *Log) Entries() []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	entries := slices.Clone(l.entries)
	slices.SortStableFunc(entries, Entry.compare)
	return entries
}

// Emitted returns every text that left the functions or the cloud: logs, messages and queued bodies. No secret may be
// in it.
func (l *Log) Emitted() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.leaks.String()
}
