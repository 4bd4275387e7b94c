package store

import (
	"context"
	"errors"
	"time"

	"trailkeeper/lambda/internal/state"
)

// Kept is a text that is kept under a name, with its version.
type Kept struct {
	Text    string
	Version state.Version
}

const (
	kindIncident = "incident"
	// keepingIncidents is how long an incident is remembered after it was last touched.
	keepingIncidents = 90 * 24 * time.Hour
)

// Incident returns what KeepIncident kept of a trail's last incident.
func (s *Store) Incident(ctx context.Context, trail string) (Kept, error) {
	d, err := s.documents.Get(ctx, state.Key{Kind: kindIncident, ID: trail})
	return Kept{Text: string(d.Body), Version: d.Version}, state.When("read the trail's incident", err)
}

// Incidents returns what is kept of every trail's last incident, by the trail's ARN.
func (s *Store) Incidents(ctx context.Context) (map[string]Kept, error) {
	found, err := s.documents.List(ctx, kindIncident)
	all := make(map[string]Kept, len(found))
	for _, d := range found {
		all[d.Key.ID] = Kept{Text: string(d.Body), Version: d.Version}
	}
	return all, state.When("read the incidents", err)
}

// KeepIncident replaces what was read with this version. It reports false where another run was first: then nothing is
// written.
func (s *Store) KeepIncident(ctx context.Context, trail string, read state.Version, content string) (bool, error) {
	_, err := s.documents.PutIf(ctx, state.Document{
		Key:     state.Key{Kind: kindIncident, ID: trail},
		Body:    []byte(content),
		Expires: s.clock.Now().Add(keepingIncidents),
		Version: read,
	})
	if errors.Is(err, state.ErrChanged) {
		return false, nil
	}
	return err == nil, state.When("note the trail's incident", err)
}
