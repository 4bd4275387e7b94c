package producertest

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/state/statetest"
	"trailkeeper/lambda/internal/trail"
)

// Table is the state table. What was reported is in documents, written by what keeps it; what is known of a trail is as
// a test puts it, and what is written about trails is noted.
type Table struct {
	Documents statetest.Memory
	Known     map[string]known.Trail
	Attempts  int
	Noted     []string // what was written, in order
	Err       error    // of every call

	mu sync.Mutex
}

// NewTable makes an empty one.
func NewTable() *Table {
	m := &Table{Known: map[string]known.Trail{}}
	m.Documents.Fail = func(context.Context, string, state.Key) error { return m.Err }
	return m
}

// Kept are the documents of a kind, by their IDs.
func Kept[T any](tb testing.TB, m *Table, kind string) map[string]T {
	tb.Helper()
	all, err := state.Of[T]{Documents: &m.Documents, Kind: kind}.All(tb.Context(), "list "+kind)
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

// Keep writes a document.
func Keep(tb testing.TB, m *Table, kind, id string, fields map[string]any) {
	tb.Helper()
	of := state.Of[map[string]any]{Documents: &m.Documents, Kind: kind}
	err := of.Change(tb.Context(), "keep "+kind, id, func(e *state.Entry[map[string]any]) bool {
		e.Value = fields
		return true
	})
	if err != nil {
		tb.Fatal(err)
	}
}

func (m *Table) note(what string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Noted = append(m.Noted, what)
	return m.Err
}

// Trail is that of known.Book.
func (m *Table) Trail(_ context.Context, arn string) (known.Trail, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.Known[arn]
	t.ARN = arn
	return t, m.Err
}

// Discover is that of known.Book.
func (m *Table) Discover(context.Context) error { return m.note("discover") }

// MarkHealthy is that of known.Book.
func (m *Table) MarkHealthy(context.Context, string) error { return m.note("seen") }

// Forget is that of known.Book.
func (m *Table) Forget(context.Context, string) error { return m.note("forget") }

// RecordTampering is that of known.Book.
func (m *Table) RecordTampering(context.Context, string) error { return m.note("disturb") }

// AddPending is that of known.Book.
func (m *Table) AddPending(_ context.Context, _ string, p known.Pending) error {
	return m.note("await " + p.EventName)
}

// ResolvePending is that of known.Book.
func (m *Table) ResolvePending(context.Context, string, known.Pending) (bool, error) {
	return true, m.note("settle")
}

// Attempt is that of known.Book.
func (m *Table) Attempt(context.Context, string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Attempts++
	return m.Err
}

// Record is that of known.Book.
func (m *Table) Record(_ context.Context, s trail.State, last *known.Recorded) (known.Recorded, bool, error) {
	what := map[bool]string{true: "record first", false: "record again"}[last == nil]
	return known.Recorded{State: s}, true, m.note(what)
}

// Approvals is the table, as far as it knows approvals.
func (m *Table) Approvals() *Approvals { return &Approvals{m} }

// Approvals notes what is written about approvals.
type Approvals struct{ table *Table }

// Approve is that of known.Approvals.
func (a *Approvals) Approve(_ context.Context, c known.Approved) error {
	return a.table.note("approve " + c.EventName + " " + strings.Join(c.Fields, ","))
}

// Unapprove is that of known.Approvals.
func (a *Approvals) Unapprove(_ context.Context, c known.Approved) error {
	return a.table.note("unapprove " + c.EventName)
}

// Hold is that of known.Approvals.
func (a *Approvals) Hold(_ context.Context, noted known.Trail) (time.Time, error) {
	if !noted.Held.IsZero() {
		return noted.Held, a.table.Err
	}
	return Now, a.table.note("hold")
}

// Release is that of known.Approvals.
func (a *Approvals) Release(context.Context, string) error { return a.table.note("release") }
