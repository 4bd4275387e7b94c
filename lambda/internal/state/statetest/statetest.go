// Package statetest keeps documents in memory, for tests. It refuses to know DynamoDB: what that refuses is tested
// against the loopback cloud.
package statetest

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"trailkeeper/lambda/internal/state"
)

// Memory is a state.Documents. Its zero value holds nothing.
type Memory struct {
	Now func() time.Time // nil: nothing expires
	// Fail is asked before each call, with its name and key, and fails it; nil: none fails. With state.ErrChanged another
	// run is first.
	Fail func(ctx context.Context, call string, key state.Key) error

	mu       sync.Mutex
	writes   int
	document map[state.Key]state.Document
}

// Get implements state.Documents.
func (m *Memory) Get(ctx context.Context, key state.Key) (state.Document, error) {
	if err := m.fails(ctx, "Get", key); err != nil {
		return state.Document{Key: key}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.get(key), nil
}

func (m *Memory) fails(ctx context.Context, call string, key state.Key) error {
	if m.Fail == nil {
		return nil
	}
	return m.Fail(ctx, call, key)
}

func (m *Memory) get(key state.Key) state.Document {
	d := m.document[key]
	d.Key = key
	if m.Now != nil && !d.Expires.IsZero() && !d.Expires.After(m.Now()) {
		d.Body, d.Expires = nil, time.Time{}
	}
	return d
}

// PutIf implements state.Documents.
func (m *Memory) PutIf(ctx context.Context, d state.Document) (state.Document, error) {
	err := m.fails(ctx, "PutIf", d.Key)
	if err != nil && !errors.Is(err, state.ErrChanged) {
		return d, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if there := m.get(d.Key); err != nil || there.Version != d.Version {
		return there, state.ErrChanged
	}
	m.writes++
	d.Version = state.Version(strconv.Itoa(m.writes))
	if m.document == nil {
		m.document = map[state.Key]state.Document{}
	}
	m.document[d.Key] = d
	return d, nil
}

// Last implements state.Documents: nothing is remembered.
func (m *Memory) Last(key state.Key) state.Document { return state.Document{Key: key} }

// List implements state.Documents.
func (m *Memory) List(ctx context.Context, kind string) ([]state.Document, error) {
	if err := m.fails(ctx, "List", state.Key{Kind: kind}); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []state.Document
	for key := range m.document {
		if d := m.get(key); key.Kind == kind && len(d.Body) > 0 {
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b state.Document) int { return strings.Compare(a.Key.ID, b.Key.ID) })
	return all, nil
}
