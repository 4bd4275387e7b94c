package producertest

import (
	"context"
	"maps"
	"strings"
	"sync"
	"time"

	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/claims"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/state/repeats"
	"trailkeeper/lambda/internal/state/store"
	"trailkeeper/lambda/internal/trail"
)

// Table is the state table, as a test fills it and looks into it. Its methods are those of store.Store.
type Table struct {
	mu        sync.Mutex
	Known     map[string]known.Trail
	Signs     map[string]string // what was reported, by subject
	Claimed   map[string]bool   // claimed and not reported, by subject
	Delivered map[string]bool   // messages about events
	InQueue   map[string]string // digests of what is in the failure queue, by subject
	Attempts  int
	Noted     []string // what was written, in order
	Err       error    // of every call
	Left      []repeats.Repeat
	happened  map[string]string
	spent     map[string]int64
	Kept      map[string]store.Kept
}

// NewTable makes an empty one.
func NewTable() *Table {
	return &Table{
		Known:     map[string]known.Trail{},
		Signs:     map[string]string{},
		Claimed:   map[string]bool{},
		Delivered: map[string]bool{},
		InQueue:   map[string]string{},
	}
}

func (m *Table) note(what string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Noted = append(m.Noted, what)
	return m.Err
}

// Trail is that of store.Store.
func (m *Table) Trail(_ context.Context, arn string) (known.Trail, error) {
	m.mu.Lock()
	defer m.mu.Unlock()

	t := m.Known[arn]
	t.ARN = arn
	return t, m.Err
}

// Trails is that of store.Store.
func (m *Table) Trails(context.Context) ([]known.Trail, error) { return nil, m.Err }

// Discovered is that of store.Store.
func (m *Table) Discovered(context.Context) (time.Time, error) { return Now, m.Err }

// Discover is that of store.Store.
func (m *Table) Discover(context.Context) error { return m.note("discover") }

// MarkHealthy is that of store.Store.
func (m *Table) MarkHealthy(context.Context, string) error { return m.note("seen") }

// RecordTampering is that of store.Store.
func (m *Table) RecordTampering(context.Context, string) error { return m.note("disturb") }

// AddPending is that of store.Store.
func (m *Table) AddPending(_ context.Context, _ string, p known.Pending) error {
	return m.note("await " + p.EventName)
}

// ResolvePending is that of store.Store.
func (m *Table) ResolvePending(context.Context, string, known.Pending) (bool, error) {
	return true, m.note("settle")
}

// Record is that of store.Store.
func (m *Table) Record(_ context.Context, s trail.State, last *known.Recorded) (known.Recorded, bool, error) {
	what := map[bool]string{true: "record first", false: "record again"}[last == nil]
	return known.Recorded{State: s}, true, m.note(what)
}

// Unapprove is that of store.Store.
func (m *Table) Unapprove(_ context.Context, a known.Approved) error {
	return m.note("unapprove " + a.EventName)
}

// Hold is that of store.Store.
func (m *Table) Hold(_ context.Context, noted known.Trail) (time.Time, error) {
	if !noted.Held.IsZero() {
		return noted.Held, m.Err
	}
	return Now, m.note("hold")
}

// Release is that of store.Store.
func (m *Table) Release(context.Context, string) error { return m.note("release") }

// Forget is that of store.Store.
func (m *Table) Forget(context.Context, string) error { return m.note("forget") }

// Approve is that of store.Store.
func (m *Table) Approve(_ context.Context, a known.Approved) error {
	return m.note("approve " + a.EventName + " " + strings.Join(a.Fields, ","))
}

// Attempt is that of store.Store.
func (m *Table) Attempt(context.Context, string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Attempts++
	return m.Err
}

// Told is that of store.Store.
func (m *Table) Told(context.Context) (map[string]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.Signs), m.Err
}

// ClaimEvent is that of store.Store.
func (m *Table) ClaimEvent(_ context.Context, subject string, _ time.Duration, digest string) (claims.State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch noted := m.InQueue[subject]; {
	case digest != "" && noted != digest:
		return claims.Unknown, m.Err
	case m.Delivered[subject], digest == "" && noted != "":
		return claims.Delivered, m.Err
	}
	return claims.Claimed, m.Err
}

// EventSent is that of store.Store.
func (m *Table) EventSent(_ context.Context, subject string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Delivered[subject] = true
	return m.Err
}

// EventParked is that of store.Store.
func (m *Table) EventParked(_ context.Context, subject, digest string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.InQueue[subject] = digest
	return m.Err
}

// EventReleased is that of store.Store.
func (m *Table) EventReleased(context.Context, string) error { return m.Err }

// Incident is that of store.Store.
func (m *Table) Incident(_ context.Context, trail string) (store.Kept, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.Kept[trail], m.Err
}

// Incidents is that of store.Store.
func (m *Table) Incidents(context.Context) (map[string]store.Kept, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.Kept), m.Err
}

// KeepIncident is that of store.Store.
func (m *Table) KeepIncident(_ context.Context, trail string, read state.Version, content string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Kept == nil {
		m.Kept = map[string]store.Kept{}
	}
	m.Kept[trail] = store.Kept{Text: content, Version: read + "+"}
	return true, m.Err
}

// Thread is that of store.Store.
func (m *Table) Thread(context.Context, string, string) (string, bool, error) { return "", true, m.Err }

// Opened is that of store.Store.
func (m *Table) Opened(context.Context, string, string, string) error { return m.Err }

// Failed is that of store.Store.
func (m *Table) Failed(context.Context, string, string) error { return m.Err }

// Repeated is that of store.Store.
func (m *Table) Repeated(_ context.Context, key, event, _ string, _ time.Duration) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.happened == nil {
		m.happened = map[string]string{}
	}
	was, ok := m.happened[key]
	if !ok {
		m.happened[key] = event
	}
	return ok && was != event, m.Err
}

// Beyond is that of store.Store.
func (m *Table) Beyond(_ context.Context, key, _ string, _ time.Duration, most int64) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.spent == nil {
		m.spent = map[string]int64{}
	}
	m.spent[key]++
	return m.spent[key] > most, m.Err
}

// Repeats is that of store.Store.
func (m *Table) Repeats(context.Context) ([]repeats.Repeat, error) { return m.Left, m.Err }

// Summed is that of store.Store.
func (m *Table) Summed(_ context.Context, r repeats.Repeat) error { return m.note("summed " + r.Key) }

// Claim is that of store.Store.
func (m *Table) Claim(_ context.Context, subject, sign string, _ time.Duration) (claims.State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()

	switch {
	case m.Err != nil || m.Signs[subject] != sign:
		m.Signs[subject], m.Claimed[subject] = sign, true
		return claims.Claimed, m.Err
	case m.Claimed[subject]:
		return claims.InFlight, nil
	}
	return claims.Delivered, nil
}

// Sent is that of store.Store.
func (m *Table) Sent(_ context.Context, subject, _ string) error {
	m.mu.Lock()
	defer m.mu.Unlock()

	m.Claimed[subject] = false
	return m.Err
}

// Clear is that of store.Store.
func (m *Table) Clear(_ context.Context, subject, sign string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()

	ours := m.Signs[subject] == sign
	delete(m.Signs, subject)
	return ours, m.Err
}
