package cloudtrail

import (
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
)

// trailState is what CloudTrail keeps of a trail. It is a value: a change makes a new one.
type trailState struct {
	Settings  map[string]any // CreateTrail's members by their API names, without Name and TagsList
	Selectors []any          // EventSelectors
	Advanced  []any          // AdvancedEventSelectors
	Insights  []any          // InsightSelectors
	// Aggregations are the AggregationConfigurations of PutEventConfiguration.
	Aggregations []any
	Tags         map[string]string
	Logging      bool
	Started      time.Time
	Stopped      time.Time
	Deleted      bool
}

func (s trailState) on(name string) bool {
	b, _ := s.Settings[name].(bool)
	return b
}

func (s trailState) with(settings map[string]any) trailState {
	merged := make(map[string]any, len(s.Settings)+len(settings))
	for k, v := range s.Settings {
		merged[k] = v
	}
	for k, v := range settings {
		if v == "" {
			delete(merged, k) // an empty text removes (CloudTrail API reference, UpdateTrail)
			continue
		}
		merged[k] = v
	}
	s.Settings = merged
	return s
}

// trail is one trail with its past, since reads lag behind writes.
type trail struct {
	events.Trail
	versions []version // in order; the last is the truth
	busy     time.Time // until then, another change is refused with ConflictException
	health   health
}

type version struct {
	visible time.Time
	state   trailState
}

func (t *trail) state() trailState { return t.versions[len(t.versions)-1].state }

// seen returns what a read shows, and false where it shows no trail yet or no more.
func (t *trail) seen(now time.Time) (trailState, bool) {
	for i := len(t.versions) - 1; i >= 0; i-- {
		if v := t.versions[i]; !v.visible.After(now) {
			return v.state, !v.state.Deleted
		}
	}
	return trailState{}, false
}

func (t *trail) change(s trailState, visible time.Time) {
	t.versions = append(t.versions, version{visible, s})
}

// logsWrites reports whether the trail feeds EventBridge with write management events: it logs, and its selectors take
// them.
func (s trailState) logsWrites() bool {
	return s.Logging && !s.Deleted && baseline.Records(s.asBaseline("", "")).ManagementWrites
}
