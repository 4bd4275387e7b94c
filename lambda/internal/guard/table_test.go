package guard

import (
	"context"
	"maps"
	"strings"
	"sync"
	"time"

	"trailkeeper/lambda/internal/bearing"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/store"
	"trailkeeper/lambda/internal/trail"
)

// table is the state table as the guard sees it.
type table struct {
	mu        sync.Mutex
	trails    map[string]store.Trail
	told      map[string]string
	claimed   map[string]bool   // claimed and not sent
	sent      map[string]bool   // messages about events
	parked    map[string]string // digests of what is in the failure queue, by subject
	attempts  int
	noted     []string
	err       error
	repeats   []store.Repeat
	happened  map[string]string
	spent     map[string]int64
	incidents map[string]store.Kept
}

// remember gives the handler a table, but no incidents and no claims to single messages.
func (w *world) remember(m memory) { w.memory, w.once.Table = m, m }

// withIncidents gives it incidents alone.
func (w *world) withIncidents(m *table) {
	w.book = &incident.Book{Table: m, Clock: w.clock, Log: w.log}
	w.reporter.(bearing.Reporter).Next.(*report.Reporter).Incidents = w.book
}

func newTable() *table {
	return &table{trails: map[string]store.Trail{}, told: map[string]string{}, claimed: map[string]bool{}, sent: map[string]bool{}, parked: map[string]string{}}
}

func (m *table) note(what string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.noted = append(m.noted, what)
	return m.err
}

func (m *table) Trail(_ context.Context, arn string) (store.Trail, error) {
	m.mu.Lock()
	defer m.mu.Unlock()

	t := m.trails[arn]
	t.ARN = arn
	return t, m.err
}

func (m *table) Trails(context.Context) ([]store.Trail, error) { return nil, m.err }

func (m *table) Discovered(context.Context) (time.Time, error) { return now, m.err }

func (m *table) Discover(context.Context) error { return m.note("discover") }

func (m *table) MarkHealthy(context.Context, string) error { return m.note("seen") }

func (m *table) RecordTampering(context.Context, string) error { return m.note("disturb") }

func (m *table) AddPending(_ context.Context, _ string, p store.Pending) error {
	return m.note("await " + p.EventName)
}

func (m *table) ResolvePending(context.Context, string, store.Pending) (bool, error) {
	return true, m.note("settle")
}

func (m *table) Record(_ context.Context, s trail.State, known *store.Recorded) (store.Recorded, bool, error) {
	return store.Recorded{State: s}, true, m.note(map[bool]string{true: "record first", false: "record again"}[known == nil])
}

func (m *table) Unapprove(_ context.Context, a store.Approved) error {
	return m.note("unapprove " + a.EventName)
}

func (m *table) Hold(_ context.Context, known store.Trail) (time.Time, error) {
	if !known.Held.IsZero() {
		return known.Held, m.err
	}
	return now, m.note("hold")
}

func (m *table) Release(context.Context, string) error { return m.note("release") }

func (m *table) Forget(context.Context, string) error { return m.note("forget") }

func (m *table) Approve(_ context.Context, a store.Approved) error {
	return m.note("approve " + a.EventName + " " + strings.Join(a.Fields, ","))
}

func (m *table) Attempt(context.Context, string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.attempts++
	return m.err
}

func (m *table) Told(context.Context) (map[string]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.told), m.err
}

func (m *table) ClaimEvent(_ context.Context, subject string, _ time.Duration, digest string) (store.Turn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch noted := m.parked[subject]; {
	case digest != "" && noted != digest:
		return store.TurnUnknown, m.err
	case m.sent[subject], digest == "" && noted != "":
		return store.TurnTold, m.err
	}
	return store.TurnOurs, m.err
}

func (m *table) EventSent(_ context.Context, subject string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent[subject] = true
	return m.err
}

func (m *table) EventParked(_ context.Context, subject, digest string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.parked[subject] = digest
	return m.err
}

func (m *table) EventReleased(context.Context, string) error { return m.err }

func (m *table) Incident(_ context.Context, trail string) (store.Kept, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.incidents[trail], m.err
}

func (m *table) Incidents(context.Context) (map[string]store.Kept, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.incidents), m.err
}

func (m *table) KeepIncident(_ context.Context, trail string, read int64, content string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.incidents == nil {
		m.incidents = map[string]store.Kept{}
	}
	m.incidents[trail] = store.Kept{Text: content, Version: read + 1}
	return true, m.err
}

func (m *table) Thread(context.Context, string, string) (string, bool, error) { return "", true, m.err }

func (m *table) Opened(context.Context, string, string, string) error { return m.err }

func (m *table) Failed(context.Context, string, string) error { return m.err }

func (m *table) Repeated(_ context.Context, key, event, _ string, _ time.Duration) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.happened == nil {
		m.happened = map[string]string{}
	}
	was, ok := m.happened[key]
	if !ok {
		m.happened[key] = event
	}
	return ok && was != event, m.err
}

func (m *table) Beyond(_ context.Context, key, _ string, _ time.Duration, most int64) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.spent == nil {
		m.spent = map[string]int64{}
	}
	m.spent[key]++
	return m.spent[key] > most, m.err
}

func (m *table) Repeats(context.Context) ([]store.Repeat, error) { return m.repeats, m.err }

func (m *table) Summed(_ context.Context, r store.Repeat) error { return m.note("summed " + r.Key) }

func (m *table) Claim(_ context.Context, subject, sign string, _ time.Duration) (store.Turn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()

	switch {
	case m.err != nil || m.told[subject] != sign:
		m.told[subject], m.claimed[subject] = sign, true
		return store.TurnOurs, m.err
	case m.claimed[subject]:
		return store.TurnBusy, nil
	}
	return store.TurnTold, nil
}

func (m *table) Sent(_ context.Context, subject, _ string) error {
	m.mu.Lock()
	defer m.mu.Unlock()

	m.claimed[subject] = false
	return m.err
}

func (m *table) Clear(_ context.Context, subject, sign string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()

	ours := m.told[subject] == sign
	delete(m.told, subject)
	return ours, m.err
}
